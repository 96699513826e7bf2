# make train   set-up, then the quick start
# make test    set-up, then the tests
# make lint    set-up, then the style checks

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RUN ?= runs/phrasebook-$(shell date +%Y%m%d-%H%M%S)

.PHONY: setup train test lint clean

setup: $(READY)

# Installs again only when the declared dependencies change.
$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

train: $(READY)
	$(BIN)/python recipes/05_train_translator.py --dataset=phrasebook --data_dir=data \
	  --preset=tiny --run_dir=$(RUN) --export_dir=saved_models/pt_en

test: $(READY)
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadscope

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache
