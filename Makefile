# Everything that a person or CI does here; `make help` lists it.
VENV ?= .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip install -q --disable-pip-version-check
LOCK = $(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --extra postgres --extra oidc
DATA ?= demo-data
OFFICE ?= office
PORT ?= 8000
# The language of what `make run` says: vi or en.
SPEAK ?= vi
# Test processes at once: one more than two cores, for many a test waits for a page or a server.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help run start test check lint format types contracts bench lock wheel sysdeps

help: ## Show these lines
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/\1 \2/' | while read n t; do printf '%-10s %s\n' $$n "$$t"; done

$(VENV)/run.ok: requirements.lock pyproject.toml
	@echo "Cài đặt vào thư mục $(VENV): khoảng 2 phút, tải khoảng 300 MB, chiếm khoảng 1 GB đĩa."
	@echo "Setting up in the folder $(VENV): about 2 minutes, 300 MB to load, 1 GB of disk."
	@echo "1/3 môi trường Python / Python environment"
	@python3 -m venv $(VENV)
	@echo "2/3 các thư viện / libraries"
	@$(PY) -m pip install --disable-pip-version-check --require-hashes -r requirements.lock \
	  | sed -uE -n 's/^Collecting ([^ ]+).*/    \1/p; s/^(Installing) .*/    \1…/p' \
	  ; $(PIP) --require-hashes -r requirements.lock
	@echo "3/3 Hài Lòng"
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.ok: requirements-dev.lock $(VENV)/run.ok
	@echo "installing what developing needs into $(VENV) (700 MB more, one to three minutes)"
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/run.ok ## Set everything up and serve the demonstration office
	@$(VENV)/bin/hailong --lang $(SPEAK) demo --data $(DATA) --port $(PORT)

start: $(VENV)/run.ok ## Set everything up and serve the office of the folder office, set up in the browser
	@$(VENV)/bin/hailong --lang $(SPEAK) serve --data $(OFFICE) --open

# What the tests need from the system: a browser, a database server, Java, Caddy, Node.js.
sysdeps:
	@sh .ci/sysdeps

test: sysdeps $(VENV)/dev.ok ## Set up what the tests need and run them all
	@echo "running all tests in $(WORKERS) processes: at most 25 minutes on two processors"
	$(PY) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=25

check: lint types contracts ## Every check that needs no running

# Only for checking the JavaScript: nothing that runs or is tested needs these packages.
node_modules/lint.ok: package-lock.json package.json .npmrc
	@command -v npm >/dev/null || { \
	  echo "make lint needs Node.js 20.19 or later with npm: https://nodejs.org, or on Debian 13: apt-get install npm" >&2; \
	  exit 1; }
	npm ci --no-progress
	@touch $@

lint: $(VENV)/dev.ok node_modules/lint.ok ## ruff, djlint, eslint and tsc
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djlint --lint --quiet survey/web kiosk analysis
	npm run --silent lint
	npm run --silent types

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
	$(PY) -m benchmarks.country --published
	$(PY) -m benchmarks.kill
	$(PY) -m benchmarks.comments
	$(PY) -m benchmarks.stuffing
	$(PY) -m benchmarks.fuzz
	$(PY) -m benchmarks.start
	$(PY) -m benchmarks.hostile_files
	$(PY) -m benchmarks.offices --postgres
	$(PY) -m benchmarks.kiosk_start
	$(PY) -m benchmarks.kiosk_faults
	$(PY) -m benchmarks.report

wheel: $(VENV)/dev.ok ## Build the wheel into dist/
	$(PY) -m build --wheel --no-isolation

lock: $(VENV)/dev.ok ## Write the hash-locked requirements again
	$(PIP) uv
	$(LOCK) --group build pyproject.toml -o requirements.lock
	$(LOCK) --extra notebook -c requirements.lock pyproject.toml -o requirements-notebook.lock
	$(LOCK) --extra notebook --group dev -c requirements.lock -c requirements-notebook.lock \
	  pyproject.toml -o requirements-dev.lock
