# make run   installs everything and starts the back office with a practice store
# make test  installs everything and runs the tests
# make lock  makes requirements.txt anew from pyproject.toml, keeping what still fits
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
TESTS ?= tests
UV := .stamps/uv/bin/uv
LOCK := requirements.txt

.PHONY: run test lint setup installed lock lock-check

run: setup
	@$(BIN)/python manage.py demo --port $(PORT)

test: setup
	@$(BIN)/python -m pytest -n auto --dist worksteal -q -rs $(TESTS)

lint: setup
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python manage.py makemigrations --check --dry-run

setup: installed .env .stamps/messages

installed:
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "Python 3.11 or newer is needed; on Debian: apt-get install python3 python3-venv"; \
	  exit 1; }
	@"$(PYTHON)" -m backoffice.set_up

.env: | installed
	@$(BIN)/python -m backoffice.demo.first_env

.stamps/messages: $(wildcard backoffice/locale/*/LC_MESSAGES/*.po) | installed
	@$(BIN)/python -m backoffice.compile_messages
	@mkdir -p .stamps && touch $@

lock: $(UV)
	@$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11.0 \
	  --extra dev --no-header --no-emit-index-url --no-emit-find-links \
	  --output-file "$(LOCK)" pyproject.toml

lock-check: $(UV)
	@.ci/lock-check

$(UV):
	@"$(PYTHON)" -m venv --clear .stamps/uv
	@.stamps/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
