# `make demo` and `make test` are the whole set-up. PYTHON chooses the interpreter, PORT the address of the demo.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo up test check bench clean browser

install: $(STAMP)

# Only when a dependency has changed. The CPU build of torch is enough for everything that is not a GPU worker;
# where pip knows an index with it (PIP_EXTRA_INDEX_URL), pip prefers it to the much larger one.
$(STAMP): pyproject.toml constraints.txt .ci/requirements.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Concord needs Python 3.11 or newer; try make PYTHON=python3.11 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: install python3-venv."; exit 1; }
	$(BIN)/python .ci/requirements.py > $(VENV)/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --requirement $(VENV)/requirements.txt
	@touch $@

demo: $(STAMP)
	$(BIN)/python manage.py up --demo --port $(PORT)

up: $(STAMP)
	$(BIN)/python manage.py up --port $(PORT)

browser: $(STAMP)
	@.ci/browser $(BIN)/python

test: browser
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup $(TESTS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=platform:. $(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	.ci/migrations $(BIN)/python

bench: $(STAMP)
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
