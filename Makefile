# `make demo` and `make test` need Python 3.11 or newer and nothing else: they build .venv when it is missing or stale.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Whatever the tests start finds its modules compiled.
unexport PYTHONDONTWRITEBYTECODE
# Two processes; a file of tests stays in one of them, with what it shares.
TWO := -n 2 --dist loadfile

.PHONY: demo test test-all lint map count example clean

demo: $(READY)
	$(BIN)/estimation demo

test: $(READY)
	$(BIN)/python -m pytest $(TWO) -m "not slow and not browser"

test-all: $(READY)
	$(BIN)/python -m pytest $(TWO)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/python -m pytest tests/test_notebooks_are_clean.py

map: $(READY)
	$(BIN)/python docs/house.py

count: $(READY)
	$(BIN)/python docs/house.py --count

example: $(READY)
	$(BIN)/python data/example/make_example.py

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache
