# Everything builds its own environment in .venv from the versions in constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PAGE := src/fathometer/app/assets/index.html
# A worker that crashes ends the run: pytest-xdist 3 waits for ever for one that was put in its place.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt $(CURDIR)/constraints-torch.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help tour app page wheel test test-all test-slow test-torch test-app coverage untouched mutants lint format picture docs clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

tour: $(VENV)/core.done ## run the tour and write report/index.html
	$(BIN)/fathometer tour

app: $(VENV)/app.done page ## build the live page and open it
	$(BIN)/fathometer app --open

page: $(PAGE) ## build the live page into src/fathometer/app/assets

$(PAGE): $(VENV)/build-app.done tools/build_page.py $(shell find frontend -path frontend/node_modules -prune -o -type f -print)
	$(BIN)/python tools/build_page.py
	@touch $@

wheel: page ## build a wheel that holds the live page into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

test: $(VENV)/test.done ## run the tests but those marked slow, in a few minutes
	$(PYTEST) -m "not slow and not torch and not browser"

test-all: $(VENV)/test.done ## run all tests but those that need torch
	$(PYTEST) -m "not torch and not browser"

test-slow: $(VENV)/test.done ## run the tests marked slow: those of test-all that test leaves out
	$(PYTEST) -m "slow and not torch and not browser"

test-torch: $(VENV)/torch-test.done ## install torch and onnx and run the tests that need them
	$(BIN)/fathometer network fetch .models
	$(PYTEST) -m torch

test-app: $(VENV)/browser-test.done page ## build the page and run the tests that need a browser
	@command -v chromium > /dev/null || { apt-get update -qq && apt-get install -y -qq chromium > /dev/null; }
	$(BIN)/python -m pytest -n 1 --max-worker-restart 0 -m browser

coverage: $(VENV)/test.done ## run all tests and list the lines that none reaches; takes half as long again
	$(PYTEST) -m "not torch and not browser" --cov

untouched: $(VENV)/test.done $(VENV)/torch-test.done ## list the public functions that make test and test-torch do not call
	$(BIN)/fathometer network fetch .models
	$(PYTEST) -m "(not slow or torch) and not browser" --cov --cov-report=
	$(BIN)/python tools/untouched.py

mutants: $(VENV)/mutants.done ## change evidence and bounds in small ways and see whether tests notice; takes hours
	$(BIN)/python tools/mutants.py evidence
	$(BIN)/python tools/mutants.py bounds

lint: $(VENV)/lint.done $(VENV)/torch-test.done ## check format, style, types, import directions and docstrings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/python tools/docstrings.py

format: $(VENV)/lint.done ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

picture: $(VENV)/test.done ## draw docs/architecture.svg from the imports
	$(BIN)/python tools/picture.py

docs: $(VENV)/docs.done page ## build the site of guides, theorems, reference and gallery into build/site; needs no network
	$(BIN)/python -m docs.site.assemble build/site-source
	rm -rf build/site
	$(BIN)/python -m sphinx --builder html --fresh-env --fail-on-warning --keep-going --quiet --conf-dir docs/site --doctree-dir build/site-doctrees build/site-source build/site
	$(BIN)/fathometer app --export build/site/live.html
	$(BIN)/python -m docs.site.outbound build/site

clean: ## remove the environment and the report
	rm -rf $(VENV) report build dist frontend/node_modules src/fathometer/app/assets

$(VENV)/core.done: pyproject.toml constraints.txt constraints-torch.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "fathometer needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/%.done: $(VENV)/core.done
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	@touch $@
