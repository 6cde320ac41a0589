# Each target sets up what it needs; a second run installs nothing. Set-up talks on stderr, so that
# `printf 'hi\n' | make chat` prints her replies and nothing else.
#
#   PYTHON=python3.12   the Python that .venv is made with (3.11 or newer)
#   TORCH=gpu           PyTorch with CUDA, as PyPI ships it for Linux; default: its CPU build
#   ARGS="--lang en"    arguments for bot.py

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
ARGS ?=

VENV := .venv
# Once chosen, it stays until another one is named.
ifndef TORCH
TORCH := $(or $(patsubst $(VENV)/.torch-%,%,$(firstword $(wildcard $(VENV)/.torch-*))),cpu)
endif
PY := $(VENV)/bin/python
ROOMS := bot core adapters db models migrations tests
MAX_MB := 60
CPU_INDEX := https://download.pytorch.org/whl/cpu
TORCH_PIN = $(shell sed -n 's/^torch==.*/&/p' constraints.txt)
TORCH_READY := $(VENV)/.torch-$(TORCH)
# Nothing of the set-up may read what is piped in, or write to stdout.
QUIET := </dev/null 1>&2
PIP := $(PY) -m pip --disable-pip-version-check install --quiet

.PHONY: help chat run test test-slow check fix clean check-size

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

chat: $(VENV)/.runtime ## talk to her in the terminal
	@$(PY) bot.py chat $(ARGS)

run: $(VENV)/.runtime ## serve every platform that is configured
	@$(PY) bot.py run $(ARGS)

# Tests start hundreds of Pythons and four collect the same files: none compiles what another one has.
test test-slow: export PYTHONDONTWRITEBYTECODE :=

# What talks over sockets with clocks may be starved by its neighbours on a busy machine; a fault fails twice.
test: $(VENV)/.dev ## the quick tests
	@$(PY) -m pytest -n 4 --dist worksteal $(ARGS) || { code=$$?; [ $$code = 1 ] || exit $$code; \
	  echo "Again, one by one: what failed beside three others" >&2; $(PY) -m pytest --lf --lfnf=none; }

test-slow: $(VENV)/.dev ## the slow tests
	@$(PY) -m pytest -m slow $(ARGS)

check: $(VENV)/.dev check-size ## style, types, import rules, size
	@$(PY) -m ruff check .
	@$(PY) -m mypy bot.py
	@$(PY) -m mypy $(ROOMS)
	@$(VENV)/bin/lint-imports --no-cache

fix: $(VENV)/.dev ## mend what ruff can mend
	@$(PY) -m ruff check --fix .

clean: ## remove .venv and caches; var/ stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	@find $(ROOMS) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

check-size: $(PY)
	@git ls-files -z | $(PY) -c 'import os, sys; \
	  files = [f for f in sys.stdin.buffer.read().split(b"\0") if os.path.isfile(f)]; \
	  size = sum(map(os.path.getsize, files)) / 1e6; \
	  print(f"tracked files: {size:.1f} MB of $(MAX_MB)"); sys.exit(size > $(MAX_MB))'

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' $(QUIET) || { \
	  echo "Oh-LoRA needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | tail -n 1)." >&2; \
	  echo "Name a newer one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Setting up .venv (once; a few minutes) ..." >&2
	@$(PYTHON) -m venv $(VENV) $(QUIET) || { rm -rf $(VENV); \
	  echo "No virtual environment could be made; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# PyPI's PyTorch for Linux brings gigabytes of CUDA, so the CPU build is taken from PyTorch's own
# index. Where that index cannot be reached, whatever pip finds by itself is used.
$(TORCH_READY): | $(PY)
	@if ls $(VENV)/.torch-* >/dev/null 2>&1; then $(PY) -m pip uninstall --quiet --yes torch $(QUIET); fi
	@rm -f $(VENV)/.torch-*
	@echo "Installing $(TORCH_PIN) ($(TORCH)) ..." >&2
	@if [ "$(TORCH)" = cpu ] && \
	  $(PY) -c 'import urllib.request as u; u.urlopen("$(CPU_INDEX)/torch/", timeout=4)' >/dev/null 2>&1 </dev/null && \
	  $(PIP) --timeout 20 --retries 1 --extra-index-url $(CPU_INDEX) -c constraints.txt $(TORCH_PIN) $(QUIET); \
	then :; else $(PIP) -c constraints.txt $(TORCH_PIN) $(QUIET); fi
	@touch $@

$(VENV)/.runtime: pyproject.toml constraints.txt $(TORCH_READY)
	@echo "Installing what the chat needs ..." >&2
	@$(PIP) -c constraints.txt -e . $(QUIET)
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(VENV)/.runtime
	@echo "Installing what training and tests need ..." >&2
	@$(PIP) -c constraints.txt -e '.[train,scale,dev]' $(QUIET)
	@touch $@
