# `make help` lists the targets. Everything is installed into .venv; remove it and it is made again.

DEMO_MODELS := qwen2.5-coder-1.5b
TEST_MODELS := qwen2.5-coder-0.5b qwen2.5-coder-1.5b
BIN := .venv/bin
BUILD_DOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
PLUGINS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))

export PYTHON

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-vllm check docs bench api constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv with everything pinned, and the sample database
	@scripts/setup.sh

demo: ## set up, then ask three questions of the sample database
	@scripts/setup.sh --models $(DEMO_MODELS)
	@$(BIN)/python examples/demo.py

test: ## set up, then run every test that needs minutes at most
	@scripts/setup.sh --models $(TEST_MODELS)
	$(BIN)/python -m pytest
	@set -e; for plugin in $(PLUGINS); do \
		echo "tests of $$plugin"; (cd $$plugin && ../../$(BIN)/python -m pytest); done

test-vllm: ## run the tests that need minutes or a real vLLM, which is made for the CPU in build/vllm
	@scripts/setup.sh --models $(TEST_MODELS)
	@scripts/vllm_cpu.sh
	$(BIN)/python -m pytest -m slow

check: ## lint, format, types, import rules and the documentation
	@scripts/setup.sh
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@set -e; for plugin in $(PLUGINS); do (cd $$plugin && echo "mypy $$plugin" && ../../$(BIN)/mypy); done
	$(BIN)/lint-imports
	$(BUILD_DOCS)

docs: ## build the documentation into build/site; any broken link is an error
	@scripts/setup.sh
	$(BUILD_DOCS)
	@echo build/site/index.html

bench: ## run the measurements and write benchmarks/results/
	@scripts/setup.sh --models $(TEST_MODELS)
	@scripts/vllm_cpu.sh
	@set -e; for measurement in benchmarks/[a-z]*.py; do echo "$$measurement"; $(BIN)/python $$measurement; done

api: ## record the public surface, where it changed on purpose, in public_api.txt
	@scripts/setup.sh
	$(BIN)/python scripts/public_api.py --record

constraints: ## pin every package anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	@scripts/pin.sh $(UPGRADE)

clean: ## remove what set-up and the tests made, except model files
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache examples/*.sqlite
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
