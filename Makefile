# Everything that a person or CI does here; `make help` lists it.
VENV ?= .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip install -q --disable-pip-version-check
LOCK = $(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --extra postgres --extra notebook
DATA ?= demo-data
PORT ?= 8000
# Test processes at once: one more than two cores, for many a test waits for a page or a server.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help run test check lint format types contracts bench lock wheel sysdeps

help: ## Show these lines
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/\1 \2/' | while read n t; do printf '%-10s %s\n' $$n "$$t"; done

$(VENV)/run.ok: requirements.lock pyproject.toml
	python3 -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.ok: requirements-dev.lock $(VENV)/run.ok
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/run.ok ## Set everything up and serve the demonstration office
	$(VENV)/bin/hailong demo --data $(DATA) --port $(PORT)

# What the tests need from the system: a browser, its runtime, a database server.
sysdeps:
	@sh .ci/sysdeps

test: sysdeps $(VENV)/dev.ok ## Set up what the tests need and run them all
	$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

check: lint types contracts ## Every check that needs no running

lint: $(VENV)/dev.ok ## ruff and djlint
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djlint --lint --quiet survey/web kiosk

format: $(VENV)/dev.ok ## Put the code in our layout
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

types: $(VENV)/dev.ok ## mypy, strict
	$(VENV)/bin/mypy

contracts: $(VENV)/dev.ok ## import-linter: who may import whom
	$(VENV)/bin/lint-imports

bench: $(VENV)/dev.ok ## Print the figures of docs/MEASUREMENTS.md
	$(PY) -m benchmarks.first_visit
	$(PY) -m benchmarks.responses
	$(PY) -m benchmarks.engines
	$(PY) -m benchmarks.kill
	$(PY) -m benchmarks.start
	$(PY) -m benchmarks.offices --postgres
	$(PY) -m benchmarks.kiosk_start
	$(PY) -m benchmarks.kiosk_faults

wheel: $(VENV)/dev.ok ## Build the wheel into dist/
	$(PY) -m build --wheel --no-isolation

lock: $(VENV)/dev.ok ## Write the hash-locked requirements again
	$(PIP) uv
	$(LOCK) --group build pyproject.toml -o requirements.lock
	$(LOCK) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
