# make train   set-up, then the quick start
# make serve   set-up, then the newest model, or the one in the box, over REST and gRPC, until Ctrl-C
# make test    set-up, then the tests
# make quick   set-up, then the tests that are not slow: under two minutes on two cores
# make long    set-up, then the tests that take minutes each, and are in neither of the others
# make durations   set-up, then the tests, which writes down how long they take: tests/durations.json
# make lint    set-up, then the style checks
# make lock    writes requirements-ci.txt anew: versions and hashes of what CI installs
# make docs    set-up with Sphinx, then the book: all recipes are run for it, some minutes
# make benchmark   set-up with the peers, then all benchmarks: about three quarters of an hour on two idle cores

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCK := requirements-ci.txt
READY := $(VENV)/.ready
PEERS := $(VENV)/.peers
SPHINX := $(VENV)/.sphinx
# Files in the order that tests/durations.json gives: those that take longest begin.
PYTEST := $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder
# A run goes where the recipe puts it, or, if one is there, beside it.
NAME := phrasebook-tiny
RUN ?= runs/$(NAME)$(if $(wildcard runs/$(NAME)),-$(shell date +%Y%m%d-%H%M%S))

.PHONY: setup train serve test quick long durations lint lock docs benchmark clean

setup: $(READY)

# Installs again only when the declared dependencies change. With LOCKED=1, as in CI, it installs the
# versions that the lock file names, and checks their hashes.
$(READY): pyproject.toml $(if $(LOCKED),$(LOCK))
	$(PYTHON) -m venv $(VENV)
ifdef LOCKED
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
else
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
endif
	touch $@

train: $(READY)
	$(BIN)/python recipes/05_train_translator.py --dataset=phrasebook --data_dir=data \
	  --preset=tiny --run_dir=$(RUN) --export_dir=saved_models/$(NAME)

serve: $(READY)
	$(BIN)/python recipes/12_serve.py

test: $(READY)
	$(PYTEST)

quick: $(READY)
	$(PYTEST) -m "not slow"

long: $(READY)
	$(PYTEST) -m long

durations: $(READY)
	$(PYTEST) --write-durations

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
	  --no-annotate --custom-compile-command 'make lock' --extra dev pyproject.toml --output-file $(LOCK)

$(SPHINX): $(READY)
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	touch $@

docs: $(SPHINX)
	$(BIN)/python docs/make_pages.py
	$(BIN)/python -m sphinx --quiet --fail-on-warning --builder html docs docs/_build/html
	@echo The book is docs/_build/html/index.html.

# PyTorch's wheels for CPU alone are a tenth as large: PIP_EXTRA_INDEX_URL takes pip to them.
$(PEERS): $(READY)
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	touch $@

# TED talks are read from data or from $$TFDS_DATA_DIR; where they are absent, the phrasebook is.
benchmark: $(PEERS)
	$(BIN)/python -m benchmarks.train_step
	$(BIN)/python -m benchmarks.decode
	$(BIN)/python -m benchmarks.pipeline
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.language_model
	$(BIN)/python -m benchmarks.report

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache
