# make run   installs everything and starts the back office with a practice store
# make test  installs everything and runs the tests
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
TESTS ?= tests

.PHONY: run test lint setup installed

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
	@$(BIN)/python -m backoffice.first_env

.stamps/messages: $(wildcard backoffice/locale/*/LC_MESSAGES/*.po) | installed
	@$(BIN)/python -m backoffice.compile_messages
	@mkdir -p .stamps && touch $@
