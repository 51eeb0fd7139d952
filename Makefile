# Everything a person types. Only make and Python 3.11 (or newer) have to be there first.
.DEFAULT_GOAL := help
.PHONY: help demo dev test test-llm test-browser fuzz spike crash resets chaos rolling simulate walk bench lint lock clean

PYTHON := $(shell for candidate in python3.11 python3; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$candidate && break; \
	done)
BIN := .venv/bin
# pip install of a lock, with a counter; what to expect was measured on Linux.
INSTALL := @$(BIN)/python .ci/install.py
# Two more than there are cores, because a third of the time the tests wait for a server.
AT_ONCE = $(shell $(BIN)/python -c 'import os; print(min(2 + (os.cpu_count() or 1), 4))')
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	--no-emit-index-url --no-header $(if $(KEEP),,--upgrade)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

demo: .venv/installed ## run the scenario on the local stack; DEMO_EXIT=1 to end with it
	@$(BIN)/python -m sandbox demo

dev: .venv/installed ## local stack and worker in the foreground, to work by hand
	@$(BIN)/python -m sandbox dev

# Whatever the environment says: hundreds of processes would compile the project anew.
test: export PYTHONDONTWRITEBYTECODE =
test: .venv/installed-dev ## run the whole suite
	$(BIN)/python -m pytest -n $(AT_ONCE) --dist loadfile --no-loadscope-reorder --ignore tests/browser

test-llm: .venv/installed-llm ## the language-model parsers against a real llama.cpp server
	$(BIN)/python -m pytest tests/llm

test-browser: .venv/installed-browser ## the desk in the system's Chromium; PICTURES=folder saves what it shows
	$(if $(PICTURES),PICTURES=$(PICTURES) )$(BIN)/python -m pytest tests/browser

fuzz: .venv/installed-dev ## thousands of calls to the HTTP door, and of inputs to every parser
	@$(BIN)/python -m tests.fuzz
	@$(BIN)/python -m tests.fuzz.parsers

crash: .venv/installed-dev ## kill every part at every moment of every step; ONLY=worker/effect/charge, ONLY=stripe
	@$(BIN)/python -m tests.crash $(ONLY)

resets: .venv/installed-dev ## reset runs of every kind to every point, then audit; ONLY=order_paused
	@$(BIN)/python -m tests.resets $(ONLY)

chaos: .venv/installed-dev ## random kills under load, then an audit; ORDERS=300 RECEIPTS=30 SEED=1 PAYMENT=stripe
	@$(BIN)/python -m tests.crash.chaos $(if $(ORDERS),--orders $(ORDERS)) \
		$(if $(RECEIPTS),--receipts $(RECEIPTS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(PAYMENT),--payment $(PAYMENT))

rolling: .venv/installed-dev ## SIGTERM to three workers in turn with 200 orders in flight; ORDERS=200 BY_ROLE=1
	@$(BIN)/python -m tests.crash.rolling $(if $(ORDERS),--orders $(ORDERS)) $(if $(BY_ROLE),--by-role)

walk: .venv/installed-dev ## walk the road of docs/production.md on this machine, write docs/production-walk.md
	@$(BIN)/python -m tests.walk

simulate: .venv/installed-dev ## bad days of operators, deploys and providers, by one seed; SEED=1 ORDERS=300
	@$(BIN)/python -m tests.simulation $(if $(ORDERS),--orders $(ORDERS)) $(if $(SEED),--seed $(SEED))

bench: .venv/installed-bench ## what orders and receipts cost beside references, about ten minutes; SAVE=file
	@$(BIN)/python -m benchmarks $(if $(SAVE),--save $(SAVE))

spike: .venv/installed ## 5,000 orders from 200 connections to the HTTP door; ORDERS=5000
	@$(BIN)/python -m benchmarks.spike $(if $(ORDERS),--orders $(ORDERS))

lint: .venv/installed-dev ## ruff and mypy, both strict, and the import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy . .ci/install.py
	$(BIN)/lint-imports --no-logo --no-cache

lock: .venv/installed-dev ## write the newest allowed versions and their hashes; KEEP=1 keeps versions
	$(LOCK) pyproject.toml --output-file requirements.txt
	$(LOCK) pyproject.toml --group sandbox --constraint requirements.txt \
		--output-file requirements-sandbox.txt
	$(LOCK) pyproject.toml --group dev --constraint requirements-sandbox.txt \
		--output-file requirements-dev.txt
	$(LOCK) pyproject.toml --group dev --group bench --constraint requirements-dev.txt \
		--output-file requirements-bench.txt
	$(LOCK) pyproject.toml --group dev --group browser --constraint requirements-dev.txt \
		--output-file requirements-browser.txt
	$(LOCK) --group llm --no-deps --output-file requirements-llm.txt

clean: ## delete everything the local stack stored (.state) and all caches; keeps .venv
	rm -rf .state .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: neither python3.11 nor python3 is" >&2; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/installed: requirements-sandbox.txt | .venv/bin/python
	$(INSTALL) requirements-sandbox.txt "360 MB, one to two minutes"
	@touch $@

.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	$(INSTALL) requirements-dev.txt "480 MB, two to three minutes"
	@touch $@

.venv/installed-browser: requirements-browser.txt .venv/installed-dev
	$(INSTALL) requirements-browser.txt "45 MB, half a minute"
	@touch $@

.venv/installed-llm: requirements-llm.txt .venv/installed-dev
	$(INSTALL) requirements-llm.txt "120 MB, half a minute" --no-deps
	@touch $@

.venv/installed-bench: requirements-bench.txt | .venv/bin/python
	$(INSTALL) requirements-bench.txt "500 MB, two to three minutes"
	@touch $@
