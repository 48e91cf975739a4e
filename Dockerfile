FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/backoffice

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

COPY manage.py ./
COPY backoffice backoffice
COPY orders orders
COPY stores stores
# The two values sign and encrypt nothing that is kept: static files need settings.
RUN python -m backoffice.compile_messages \
    && SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') TOKEN_ENCRYPTION_KEYS=build python manage.py collectstatic --noinput --verbosity 0 --skip-checks \
    && useradd --create-home --uid 10001 backoffice

USER backoffice
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["gunicorn", "backoffice.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--timeout", "120"]
