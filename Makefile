# make run   installs everything and starts the back office with a practice store
# make test  installs everything and runs the tests
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests

.PHONY: run test lint setup

run: setup
	@$(BIN)/python manage.py demo --port $(PORT)

test: setup
	@$(BIN)/python -m pytest -n auto --dist worksteal -q -rs $(TESTS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python manage.py makemigrations --check --dry-run

setup: .stamps/installed .env .stamps/messages

.stamps/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV), this takes a minute the first time."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@mkdir -p .stamps && touch $@

.env: | .stamps/installed
	@$(BIN)/python -m backoffice.first_env

.stamps/messages: $(wildcard backoffice/locale/*/LC_MESSAGES/*.po) | .stamps/installed
	@$(BIN)/python -m backoffice.compile_messages
	@mkdir -p .stamps && touch $@
