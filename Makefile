# Everything runs from .venv, which is made from the lock files: exact versions, checked by hash. uv, from a lock of its
# own, installs them in seconds; where there is no uv for the platform, or uv fails, pip installs the same in minutes.
PYTHON ?= python3
BIN := .venv/bin
WORKSPACE ?= workspace
HOST ?= 127.0.0.1
PORT ?= 3000

# Sources are compiled once, not in each process of a test run, though the machine says to keep no bytecode.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install run quick test thorough evaluate bench lint hooks lock bento clean

install: .venv/.installed

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "Tercet needs Python 3.11 to 3.13; name one with: make install PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
WITH_PIP := pip installs instead; this takes minutes
install_from = if test -x $(BIN)/uv; then $(UV) $(1) || { echo "uv failed: $(WITH_PIP)"; $(PIP) $(1); }; else $(PIP) $(1); fi

.venv/.installed: requirements-uv.lock requirements.lock pyproject.toml | .venv/bin/python
	@$(PIP) --only-binary :all: --require-hashes -r requirements-uv.lock || echo "No uv here: $(WITH_PIP)"
	@$(call install_from,--require-hashes -r requirements.lock)
	@$(call install_from,--no-deps --editable .)
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@$(call install_from,--require-hashes -r requirements-dev.lock)
	@touch $@

# The example shop: made, trained and promoted the first time, served at once every other time.
run: install
	@test -f $(WORKSPACE)/tercet.toml || $(BIN)/tercet init $(WORKSPACE) --example shop
	@test -f $(WORKSPACE)/bundles/champion.json || { \
		$(BIN)/tercet train --workspace $(WORKSPACE) && $(BIN)/tercet promote --workspace $(WORKSPACE); }
	TERCET_DEV=1 $(BIN)/tercet serve --workspace $(WORKSPACE) --host $(HOST) --port $(PORT)

# Groups of tests, the longest first: see tests/conftest.py.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

test: .venv/.installed-dev
	$(PYTEST)

# For all day: every part of the code and of the documentation that needs neither a service, nor a training, nor seconds.
quick: .venv/.installed-dev
	$(PYTEST) -m "not slow" tests/unit tests/contract

# The property tests, with thirty times as many examples.
thorough: .venv/.installed-dev
	$(PYTEST) --hypothesis-profile thorough tests/property

# The public protocols, beside what the field would otherwise use; their data lie where TERCET_DATA says.
evaluate: .venv/.installed
	$(BIN)/python -m benchmarks.evaluate --write docs/evaluation.md

# Speed and memory beside the named peers; about twenty minutes on a quiet machine of two cores.
bench: .venv/.installed-dev
	$(BIN)/python -m benchmarks

lint: .venv/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The linters before each commit, once a clone.
hooks: .venv/.installed-dev
	$(BIN)/pre-commit install

bento: install
	$(BIN)/bentoml build

# Versions that are locked already stay, unless the lock is deleted first. The development lock stands on the runtime lock.
LOCK = $(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-annotate --no-header -q
lock: install
	$(LOCK) --group uv -o requirements-uv.lock
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) -c requirements.lock --group dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv $(WORKSPACE)
