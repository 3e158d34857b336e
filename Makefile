# Two commands do it all on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := bot engine demo bench tests

.PHONY: help demo test test-all format lint types tests bench clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.demo  ## Paint a first picture in a Discord stand-in (ONCE=1: and exit)
	$(BIN)/python -m demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

test: lint types tests  ## What CI runs: format, lint, types, tests

lint: $(VENV)/.dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)

types: $(VENV)/.dev
	$(BIN)/mypy

tests: $(VENV)/.dev
	$(BIN)/pytest -m "not slow"

test-all: lint types $(VENV)/.dev  ## The same, with the tests that take minutes
	$(BIN)/pytest

format: $(VENV)/.dev  ## Format and fix what can be fixed
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

bench: $(VENV)/.dev  ## Measure: see bench/README.md
	$(BIN)/python -m bench.service
	$(BIN)/python -m bench.quality

clean:  ## Remove what these commands made
	rm -rf $(VENV) demo-output .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[engine,demo]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/.demo

$(VENV):
	$(PYTHON) -m venv $(VENV)
