# mingtang: `make extract` writes the tables, `make test` checks everything.
# Said with the call: VENV= puts the environment elsewhere, PIP= is the release of pip it gets instead
# of the one its Python brings. Variables of the shell that are called so are not meant.
VENV := .venv
PIP :=
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
READY := $(VENV)/.ready
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links --no-emit-package pip --quiet

# The first that is new enough and can make an environment; PYTHON= names another.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
        $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
        done; echo $$python)

# What the lock says and nothing else. Dependencies are not resolved: no later release can interfere.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.DEFAULT_GOAL := help
.PHONY: help extract site test lint golden accuracy compare bench docs pictures lock clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

extract: $(RUNTIME) ## the tables of all witnesses, into output/
	$(BIN)/mingtang extract corpus -o output
	@echo "What every witness says of a point:       $(BIN)/mingtang show 足三里"
	@echo "What one edition has otherwise:           $(BIN)/mingtang diff jiayi suwen-wang"
	@echo "What a scholar should look at in a text:  $(BIN)/mingtang check corpus -w jiayi-j3"

site: extract ## pages to look at, into site/: open site/index.html
	$(BIN)/mingtang site --in output -o site

test: lint ## lint, types and all tests
	$(BIN)/pytest -n auto --cov=pipeline --cov-report=term:skip-covered

lint: $(READY) ## style and types only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

golden: $(READY) ## write tests/golden anew; then read the diff
	$(BIN)/python -m tests.golden

accuracy: $(READY) ## measure the tables against what readers saw, into docs/accuracy.md
	$(BIN)/python -m tests.accuracy

compare: $(READY) ## what differs in the tables from those of the revision REV
	$(BIN)/python -m tests.difference $(or $(REV),HEAD)

bench: $(READY) ## speed, beside what one would use instead
	$(BIN)/python -m bench

docs: $(READY) ## the pages of docs/, into build/docs/
	$(BIN)/python -m sphinx -W --keep-going -q docs build/docs

pictures: $(READY) ## the pictures in docs/pictures anew, with a browser
	MINGTANG_BROWSER=required MINGTANG_PICTURES=docs/pictures $(BIN)/pytest -n 0 tests/test_browser.py -k picture

lock: $(READY) ## newest versions into requirements.txt and requirements-dev.txt
	$(LOCK) --upgrade --extra dev -o requirements-dev.txt
	$(LOCK) --upgrade --extra build --constraint requirements-dev.txt -o requirements.txt

clean: ## remove .venv, caches, builds and made tables
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	rm -rf site
	find output -mindepth 1 ! -name README.md -delete

NEEDS := mingtang needs Python 3.11 or newer (PYTHON=... names one)

# The pinned packages that the program needs, and the program. An environment without this stamp
# was not finished, and is made anew.
$(RUNTIME): requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(NEEDS): there is no $(PYTHON)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(NEEDS): $(PYTHON) is %d.%d" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) lacks venv: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(if $(wildcard $@),,--clear) $(VENV)
	$(if $(PIP),$(INSTALL) pip==$(PIP))
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) --no-build-isolation -e .
	touch $@

# The packages for tests, documents and other work on the program besides.
$(READY): requirements-dev.txt $(RUNTIME)
	$(INSTALL) --require-hashes -r requirements-dev.txt
	touch $@
