# Two commands do it all on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
GPU_VENV := .venv-gpu
SUBJECT_VENV := .venv-subject
BIN := $(VENV)/bin
# For two cores: three, as many tests wait. As nice as what paints makes itself: its tests would wait for all the others.
PYTEST := nice -n 19 $(BIN)/pytest --numprocesses 3 --dist loadgroup --no-loadscope-reorder
SOURCES := bot engine demo bench tests

# Dozens of processes start in the tests. What they import is compiled once, by the first that does: not by each of them,
# as where this variable is set, nor at an installation, of which they import a third.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-all test-faults test-hostile soak format lint types contracts tests unit bench bench-gpu bench-subject clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.demo  ## Paint a first picture in a Discord stand-in (ONCE=1: and exit)
	$(BIN)/python -m demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

test: lint types contracts tests  ## What CI runs: format, lint, types, contracts, tests

lint: $(VENV)/.dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)

# Its workers give up where they have not started within 3 s, as on a busy machine.
types: $(VENV)/.dev
	$(BIN)/mypy --num-workers 2 || $(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

tests: $(VENV)/.dev
	$(PYTEST) -m "not slow"

unit: $(VENV)/.dev  ## Only the tests that are quick, for while you work
	$(PYTEST) -m "not slow and not integration"

test-all: lint types contracts $(VENV)/.dev  ## The same, with the tests that take minutes
	$(PYTEST)

test-faults: $(VENV)/.dev  ## Kill, stop, fill and damage by the hundred, and count what is lost
	$(BIN)/python -m tests.faults

test-hostile: $(VENV)/.dev  ## Files and requests that break others, by the ten thousand (MUTATIONS=...: of each format; OFFLINE=1: fetch no suites)
	$(BIN)/python -m tests.hostile.files --mutations $(or $(MUTATIONS),10000) $(if $(OFFLINE),--offline) $(FOLDER)
	$(BIN)/python -m tests.hostile.http

soak: $(VENV)/.dev  ## An hour of members and troubles (MINUTES=...: fewer)
	$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),60)

format: $(VENV)/.dev  ## Format and fix what can be fixed
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

bench: $(VENV)/.dev  ## Measure, see bench/README.md (SMALL=1: in minutes)
	$(BIN)/python -m bench.service $(if $(SMALL),--small)
	$(BIN)/python -m bench.queue $(if $(SMALL),--small)
	$(BIN)/python -m bench.crowd $(if $(SMALL),--small)
	$(BIN)/python -m bench.quality $(if $(SMALL),--small)
	$(BIN)/python -m bench.objective $(if $(SMALL),--small)
	$(BIN)/python -m bench.throughput $(if $(SMALL),--small)

bench-gpu: $(GPU_VENV)/.bench  ## What a GPU paints in what time, against the processor
	$(GPU_VENV)/bin/python -m bench.gpu

bench-subject: $(SUBJECT_VENV)/.bench  ## Judge what is seen in pictures (FOLDER=...: yours)
	$(SUBJECT_VENV)/bin/python -m bench.subject $(or $(FOLDER),bench/kept --only 1000)

clean:  ## Remove what these commands made
	rm -rf $(VENV) $(GPU_VENV) $(SUBJECT_VENV) demo-output .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)
	$(BIN)/pip install --quiet --no-compile --constraint constraints.txt --editable '.[engine,demo]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)
	$(BIN)/pip install --quiet --no-compile --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/.demo

# By itself: TensorFlow for GPUs and the one for processors are the same files.
$(GPU_VENV)/.bench: pyproject.toml constraints.txt constraints-gpu.txt | $(GPU_VENV)
	$(GPU_VENV)/bin/pip install --quiet --constraint constraints-gpu.txt --editable '.[engine-gpu]'
	touch $@

# Of mediapipe only the networks in its wheel are used; the packages that it wants are other versions than ours.
$(SUBJECT_VENV)/.bench: pyproject.toml constraints.txt | $(SUBJECT_VENV)
	$(SUBJECT_VENV)/bin/pip install --quiet --constraint constraints.txt --editable '.[bench-subject]'
	$(SUBJECT_VENV)/bin/pip install --quiet --constraint constraints.txt --no-deps mediapipe
	touch $@

$(VENV) $(GPU_VENV) $(SUBJECT_VENV):
	$(PYTHON) -m venv $@
