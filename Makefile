# The commands of the house. Each brings what it needs; only Python 3.11 or newer must be there (PYTHON= names one).

BIN := .venv/bin
# As many as there are processors, two at least and eight at most.
PYTEST_WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((n < 2 ? 2 : n > 8 ? 8 : n)))
PYTEST = $(BIN)/pytest -n $(PYTEST_WORKERS) --dist worksteal
# What was compiled once is kept, also where the environment says otherwise: tests start dozens of servers.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help serve demo test check fix bench prove
.NOTPARALLEL:

help:
	@echo "make serve   run Postil on http://127.0.0.1:8000"
	@echo "make demo    the same with a throw-away class in it, to try out: prints links that sign you in"
	@echo "make test    run every test on SQLite, in a real browser too, and those of the database on PostgreSQL (of grids a part)"
	@echo "make check   format, lint, types, import layers, templates, then make test (what CI runs)"
	@echo "make fix     mend what the formatter and the linter can mend"
	@echo "make bench   measure, each figure beside its floor"
	@echo "make prove   the long campaigns in full, with a report in docs/proof/"

serve:
	@.ci/install
	@exec $(BIN)/postil serve

demo:
	@.ci/install
	@exec $(BIN)/postil demo

test:
	@.ci/install --dev
	@$(BIN)/python -m tests.support.chromium || true
	$(PYTEST) --database sqlite
	$(PYTEST) --database postgres -m database

check:
	@.ci/install --dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	@$(MAKE) --no-print-directory test

fix:
	@.ci/install --dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench:
	@.ci/install --dev
	$(BIN)/python -m benchmarks

prove:
	@.ci/install --dev
	@$(BIN)/python -m tests.support.chromium || true
	$(PYTEST) --database sqlite --prove
	$(PYTEST) --database postgres -m database --prove
