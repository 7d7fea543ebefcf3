# `make demo` and `make test` are the whole set-up. PYTHON chooses the interpreter, PORT the address of the demo.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed
TOOLS := $(VENV)/.installed-tests
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
WANTED := pyproject.toml constraints.txt .ci/requirements.py

.PHONY: install demo up test check bench mutants clean browser

install: $(TOOLS)

# Only when a dependency has changed. The CPU build of torch is enough for everything that is not a GPU worker;
# where pip knows an index with it (PIP_EXTRA_INDEX_URL), pip prefers it to the much larger one.
# The .pth file lets a notebook of this environment `import concord.stats` from any folder.
$(RUN): $(WANTED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Concord needs Python 3.11 or newer; try make PYTHON=python3.11 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: install python3-venv."; exit 1; }
	$(BIN)/python .ci/requirements.py run > $(VENV)/run.txt
	$(PIP) --requirement $(VENV)/run.txt
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "concord.pth").write_text(str(pathlib.Path("platform").resolve()) + "\n")'
	@touch $@

# The product and its demonstration do without these.
$(TOOLS): $(RUN)
	$(BIN)/python .ci/requirements.py test > $(VENV)/test.txt
	$(BIN)/python .ci/requirements.py no-deps > $(VENV)/no-deps.txt
	$(PIP) --requirement $(VENV)/test.txt
	$(PIP) --no-deps --requirement $(VENV)/no-deps.txt
	@touch $@

demo: $(RUN)
	$(BIN)/python manage.py up --demo --port $(PORT)

up: $(RUN)
	$(BIN)/python manage.py up --port $(PORT)

browser: $(TOOLS)
	@.ci/browser $(BIN)/python

# Both workers, and each process that a test starts, compile once: an empty value allows what some machines forbid.
test: export PYTHONDONTWRITEBYTECODE =
test: browser
	$(BIN)/python -m pytest -q -n 2 --dist loadscope $(TESTS)

check: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=platform:. $(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	.ci/migrations $(BIN)/python
	$(BIN)/python .ci/lines.py
	$(BIN)/python .ci/advisories.py

bench: $(TOOLS)
	@for script in $(filter-out bench/mutants.py,$(wildcard bench/*.py)); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# An hour: how many wrong operators the fast tests find. MUTANTS takes options, say MUTANTS='--seed 2 --rooms estimates'.
mutants: $(TOOLS)
	$(BIN)/python bench/mutants.py $(MUTANTS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
