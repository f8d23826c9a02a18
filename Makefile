# make demo   environment, kernels, and an incident investigated
# make test   the same plus Debian's tools, then every test, compiled and interpreted
# make check  what CI runs first: style, types, who imports whom, documentation
# make bench  figures side by side with the peers, into benchmarks/results/
# make lab    labelled captures from real tools (as root)
# make lab-guard  each attack on a guarded phone system: what got through (as root)
# make judge  detection against the labelled captures
# make deb    the Debian package, into dist/
# make clean  away with all of it

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := test
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# One pip for all: quiet, and never into the user's own places.
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
CODE := src tests $(wildcard benchmarks deb fuzz lab)

KERNEL_FILES := $(shell find src -name '_*.py' ! -name '__init__.py') $(shell find src -name '*.pxd')

.PHONY: demo test tools check bench lab lab-guard judge deb fuzz yellow requirements packages install clean FORCE

# ---- environment ----------------------------------------------------------

# Each stamp is newer than what it was made from, or is made again.
$(VENV)/.made:
	@.ci/make-venv $(VENV)
	@touch $@

$(VENV)/.required: requirements/dev.txt $(VENV)/.made
	@echo "installing requirements"
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@

$(VENV)/.linked: pyproject.toml src/ringfence/__init__.py $(VENV)/.required
	@RINGFENCE_PURE=1 $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

# Written again when a compiler came or went since.
$(VENV)/.compiler: $(VENV)/.made FORCE
	@.ci/compiler $(BIN)/python | cmp --silent - $@ || .ci/compiler $(BIN)/python >$@

# In place, so that only kernels which changed are compiled again.
$(VENV)/.installed: setup.py $(KERNEL_FILES) $(VENV)/.linked $(VENV)/.compiler
	@echo "compiling the kernels, where a C compiler is at hand"
	@env -u RINGFENCE_PURE $$(<$(VENV)/.compiler) $(BIN)/python setup.py --quiet build_ext --inplace --parallel 4
	@$(BIN)/python -c 'import ringfence; print("kernels:", "compiled" if ringfence.compiled() else "interpreted, and slower")'
	@touch $@

install: $(VENV)/.installed

packages:
	@.ci/debian-packages packages.txt

# ---- what people ask for --------------------------------------------------

demo: $(VENV)/.installed
	@.ci/demo $(BIN)/ringfence examples/attack.pcap

# Tools first: a compiler that arrives with them is used by the installation.
# Both runs, even when the first fails: a fault of one twin only says where it is. What decodes
# and weighs no message has no twin, and runs once. What failed is run once more by itself: tests
# with real firewalls, tunnels and attacks have seconds for what a busy machine does in ten.
ONCE := attribute audit cases deb model remote reports respond store flow/drill flow/install lab \
	test_under_systemd.py
AGAIN := --last-failed --last-failed-no-failures none

test: packages
	@$(MAKE) --no-print-directory install
	@failed=0; \
	run() { "$$@" || { echo "== what failed, once more"; "$$@" $(AGAIN); } || failed=1; }; \
	echo "== compiled"; run env -u RINGFENCE_PURE $$(<$(VENV)/.compiler) $(PYTEST) $(ARGS); \
	echo "== interpreted"; run env RINGFENCE_PURE=1 $(PYTEST) $(ONCE:%=--ignore=tests/%) $(ARGS); \
	exit $$failed

check: $(VENV)/.installed
	@$(BIN)/ruff check --quiet --output-format concise $(CODE) setup.py
	@$(BIN)/ruff format --quiet --check $(CODE) setup.py
	@$(BIN)/mypy $(CODE)
	@$(BIN)/lint-imports --no-logo
	@$(PYTEST) --quiet tests/test_house.py

bench: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.run $(ARGS)

lab: $(VENV)/.installed
	@.ci/debian-packages lab/packages.txt
	@$(BIN)/python -m lab $(ARGS)

lab-guard: $(VENV)/.installed
	@.ci/debian-packages lab/packages.txt
	@$(BIN)/python -m lab.guard $(ARGS)

judge: $(VENV)/.installed
	@$(BIN)/python -m lab.judge $(ARGS)

deb: $(VENV)/.installed
	@$(BIN)/python -m deb.build $(ARGS)

fuzz: $(VENV)/.installed
	@$(PIP) install atheris
	@$(BIN)/python -m fuzz $(ARGS)

# ---- for who changes things -----------------------------------------------

# Which lines of the kernels talk to Python: open build/src/ringfence/wire/*.html.
yellow: $(VENV)/.required
	@RINGFENCE_ANNOTATE=1 RINGFENCE_REQUIRE_COMPILED=1 $(BIN)/python setup.py --quiet build_ext --inplace
	@find build -name '*.html'

requirements:
	@$(PIP) install uv
	@$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header \
	    --upgrade --group dev --extra alerts --extra geo --extra parquet --extra pdf --extra postgres --extra timestamp pyproject.toml --output-file requirements/dev.txt
	@sed -i '1i # Pinned and hashed: what the project and its checks run on. Made by `make requirements`.' requirements/dev.txt

clean:
	@rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests -name '*.so' -delete -o -name __pycache__ -prune -exec rm -rf {} +
