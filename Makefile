PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
TESTS ?= tests
# What goes through all of something, or takes long, is left to CI, unless it is named.
UNNAMED := $(if $(filter file,$(origin TESTS)),-m "not sweep")
BENCH ?= imports pages tasks sending stores export
TOOLS := .stamps/tools/bin
LOCK := requirements.txt
TOOLS_LOCK := .ci/tools.txt

.PHONY: help run test fast bench lint types format messages setup installed lock lock-check audit sbom

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*  ## /make \1\t/p' Makefile | expand -t 20

run: setup  ## install everything and start the back office with a practice store
	@$(BIN)/python manage.py demo --port $(PORT)

test: setup  ## install everything and run the tests (TESTS=tests: all of them)
	@# What hundreds of programs import is compiled once, whatever the environment says.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal -q -rs $(UNNAMED) $(TESTS)

fast: setup  ## run the tests of rules alone: no page, marketplace, browser or program
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal -q -m "not http and not browser and not servers and not slow and not sweep" $(TESTS)

bench: setup  ## measure speed and memory, for hours (BENCH=pages: one of them)
	@mkdir -p .bench
	@for one in $(BENCH); do \
	  $(BIN)/python tests/benchmarks/$$one.py --json .bench/$$one.json || exit 1; \
	done

lint: setup types  ## check style, types, the direction of imports, and migrations
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/lint-imports --no-logo
	@# It warns of each mark beside which a second thing was looked at, too.
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml backoffice orders stores 2>/dev/null
	$(BIN)/python manage.py makemigrations --check --dry-run

types: setup  ## check the types
	$(BIN)/python -m mypy

format: setup  ## put imports and layout in order
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

messages: setup  ## take new texts into the French catalogue (needs gettext)
	$(BIN)/python manage.py makemessages --locale fr --no-location --no-obsolete
	$(BIN)/python -m backoffice.compile_messages

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

lock: $(TOOLS)/uv  ## make requirements.txt anew from pyproject.toml, keeping what still fits
	@$(TOOLS)/uv $(COMPILE) --extra dev --output-file "$(LOCK)" pyproject.toml
	@$(TOOLS)/uv $(COMPILE) --output-file "$(TOOLS_LOCK)" .ci/tools.in

COMPILE := pip compile --quiet --universal --generate-hashes --python-version 3.11.0 \
  --no-header --no-emit-index-url --no-emit-find-links

lock-check: $(TOOLS)/uv  ## can every Python and platform install requirements.txt?
	@.ci/lock-check

audit: $(TOOLS)/uv  ## has a package a known fault? (asks PyPI)
	@"$(PYTHON)" .ci/audit

sbom: setup $(TOOLS)/uv  ## write sbom.json: each installed package, its licence, what needs it
	@$(TOOLS)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml \
	  --output-reproducible --output-format JSON --output-file sbom.json

$(TOOLS)/uv: .ci/tools.txt
	@"$(PYTHON)" -m venv --clear .stamps/tools
	@$(TOOLS)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  --only-binary :all: -r .ci/tools.txt
	@touch $@
