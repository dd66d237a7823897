# mingtang: `make extract` writes the tables, `make test` checks everything.
PYTHON ?= $(shell python3.11 -V >/dev/null 2>&1 && echo python3.11 || echo python3)
BIN := .venv/bin
READY := .venv/.ready
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
        --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet

.DEFAULT_GOAL := help
.PHONY: help extract test lint golden compare bench docs lock clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

extract: $(READY) ## the tables of all witnesses, into output/
	$(BIN)/mingtang extract corpus -o output

test: lint ## lint, types and all tests
	$(BIN)/pytest -n auto --cov=pipeline --cov-report=term:skip-covered

lint: $(READY) ## style and types only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

golden: $(READY) ## write tests/golden anew; then read the diff
	$(BIN)/python -m tests.golden

compare: $(READY) ## what differs in the tables from those of the revision REV
	$(BIN)/python -m tests.difference $(or $(REV),HEAD)

bench: $(READY) ## speed, beside what one would use instead
	$(BIN)/python -m bench

docs: $(READY) ## the pages of docs/, into build/docs/
	$(BIN)/python -m sphinx -W --keep-going -q docs build/docs

lock: $(READY) ## newest versions into requirements.txt and requirements-dev.txt
	$(LOCK) --upgrade --extra dev -o requirements-dev.txt
	$(LOCK) --upgrade --constraint requirements-dev.txt -o requirements.txt

clean: ## remove .venv, caches, builds and made tables
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find output -mindepth 1 ! -name README.md -delete

# A virtual environment with exactly the pinned packages; made again only when the pins change.
$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
