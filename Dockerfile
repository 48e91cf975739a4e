# No compiler anywhere: every wheel comes whole, and with its hash.
FROM python:3.11-slim AS build

WORKDIR /srv/backoffice
COPY requirements.txt .
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt

COPY manage.py ./
COPY backoffice backoffice
COPY orders orders
COPY stores stores
# The two values sign and encrypt nothing that is kept: static files need settings.
RUN /opt/venv/bin/python -m backoffice.compile_messages \
    && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" TOKEN_ENCRYPTION_KEYS=build /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 --skip-checks

FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/venv/bin:$PATH
WORKDIR /srv/backoffice
# Nothing is installed later, and the program cannot write to itself.
RUN pip uninstall --yes --quiet --root-user-action ignore setuptools wheel pip \
    && useradd --create-home --uid 10001 backoffice
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/backoffice /srv/backoffice

USER backoffice
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["gunicorn", "backoffice.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--timeout", "120"]
