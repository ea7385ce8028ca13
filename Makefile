# `make demo` and `make test` do all the set-up on a machine with Python >= 3.12 and make.

HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

VENV := .venv
BIN := $(VENV)/bin
ORACLES := var/oracles
STATIC_FILES := $(shell find static -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo run test oracles lint format types messages requirements sbom clean \
  setup setup-dev database

help:
	@echo "make demo          serve a workshop to look at, on PORT (default 8000)"
	@echo "make run           serve this installation, on HOST and PORT"
	@echo "make test          check the code and run all tests"
	@echo "make oracles       compare the figures with those of other programs"
	@echo "make lint          check the code only; make format mends what it can"
	@echo "make types         check the types"
	@echo "make messages      collect the texts that translators work on"
	@echo "make requirements  choose versions again, after a change to pyproject.toml"
	@echo "make sbom          list what is installed as var/sbom.json (CycloneDX)"
	@echo "make clean         remove what can be made again; answers and .env stay"

demo: setup
	@$(BIN)/python manage.py demo

run: setup database
	@$(BIN)/python manage.py check --database default
	@echo "Serving on http://$(HOST):$(PORT) until stopped with Ctrl-C."
	@$(BIN)/python -m config.server --host "$(HOST)" --port "$(PORT)" \
	  --processes "$${WEB_PROCESSES:-1}"

test: lint
	@$(BIN)/python .ci/test.py

oracles: $(ORACLES)/.installed
	@$(ORACLES)/bin/python -m pytest -c tests/oracles/pytest.ini \
	  --confcutdir tests/oracles -n 2 -q tests/oracles

lint: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/bandit --quiet -ll -c pyproject.toml -r config workshops deliberation .ci
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 6.1 --check {} +
	@DEBUG=true $(BIN)/python -W error manage.py check
	@DEBUG=true $(BIN)/python manage.py makemigrations --check --dry-run

format: setup-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 6.1 {} +

types: setup-dev
	@$(BIN)/mypy config workshops deliberation

messages: setup-dev
	@DEBUG=true $(BIN)/python manage.py makemessages --all --no-location --ignore "$(VENV)/*"

requirements: $(BIN)/python
	@test -x var/pip-tools/bin/pip-compile || { \
	  $(BIN)/python -m venv var/pip-tools && \
	  var/pip-tools/bin/pip install --quiet pip-tools==7.6.2; }
	@compile() { \
	  var/pip-tools/bin/pip-compile --quiet --generate-hashes --strip-extras \
	    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	    --no-emit-options --no-header --no-annotate --allow-unsafe \
	    --output-file "var/$$@" && \
	  { echo '# Made by `make requirements` from pyproject.toml. Exact versions with'; \
	    echo '# their hashes: an install that finds anything else stops.'; \
	    cat "var/$$1"; } > "$$1"; }; \
	  cp requirements*.txt var/ && \
	  compile requirements.txt pyproject.toml && \
	  compile requirements-dev.txt pyproject.toml --extra dev && \
	  $(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["oracles"], sep="\n")' \
	    > var/oracles.in && \
	  compile requirements-oracles.txt var/oracles.in --constraint requirements-dev.txt

# Of what a server installs, with versions and hashes.
sbom: setup
	@test -x var/sbom-tools/bin/cyclonedx-py || { \
	  $(BIN)/python -m venv var/sbom-tools && \
	  var/sbom-tools/bin/pip install --quiet cyclonedx-bom==7.5.0; }
	@PYTHONWARNINGS=ignore var/sbom-tools/bin/cyclonedx-py requirements requirements.txt \
	  --pyproject pyproject.toml --mc-type application --output-reproducible \
	  --output-file var/sbom.json
	@echo "Written: var/sbom.json"

clean:
	rm -rf $(VENV) var .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- set-up ----

setup: $(VENV)/.installed .env var/static/.collected

setup-dev: $(VENV)/.installed-dev .env var/static/.collected

database:
	@$(BIN)/python manage.py migrate --verbosity 0

$(BIN)/python:
	@.ci/make-venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what Rapporteur needs (about a minute, only the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what the tests need (about a minute, only the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r requirements-dev.txt
	@touch $(VENV)/.installed $@

# By itself, so that nothing of ours can come to need it.
$(ORACLES)/.installed: requirements-oracles.txt
	@.ci/make-venv $(ORACLES)
	@echo "Installing what the figures are compared with (a minute, only the first time) ..."
	@$(ORACLES)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r requirements-oracles.txt
	@touch $@

# A laptop's own settings, with a secret key that nobody else has.
.env: | $(BIN)/python
	@umask 077 && { \
	  echo '# Read when the environment itself names no SECRET_KEY. See docs/deploy.md.'; \
	  echo 'LOCAL_NETWORK=true'; \
	  echo "SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(48))')"; \
	} > $@

var/static/.collected: $(STATIC_FILES) $(VENV)/.installed | .env
	@$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@
