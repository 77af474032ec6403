# Every target does its own set-up: only Python 3.11+ and make need to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED := data/seed

.PHONY: run test install check benchmarks clean

run: $(VENV)/.run
	@$(BIN)/python -m ingest load --if-empty --products $(SEED)/products.csv \
		--reviews $(SEED)/reviews.csv --ingredients $(SEED)/ingredients.csv
	@exec $(BIN)/python -m bot

install: $(VENV)/.run

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests benchmarks
	$(BIN)/lint-imports

benchmarks: $(VENV)/.test
	$(BIN)/python -m benchmarks

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 이상이 필요해요: make PYTHON=python3.11 run처럼 알려 주세요."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "가상 환경을 만들 수 없어요. Debian과 Ubuntu에서는 python3-venv를 먼저 설치해 주세요."; exit 1; }
	@touch $@

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/.python
	@echo "뽀야미를 준비하고 있어요. 처음에는 1~3분쯤 걸려요…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/.python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,ocr,postgres]'
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
