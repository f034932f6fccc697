# The commands of this project. `make demo` and `make test` need nothing but Rust, a C compiler and,
# for the tests, Python 3.11 or later.

.PHONY: demo test check build deploy destroy bench soak venv venv-infra
.DEFAULT_GOAL := help

CARGO_FLAGS ?= --locked
VENV := .venv
VENV_INFRA := .venv-infra
ARCH ?= x86_64
HAS_VENV := command -v python3 >/dev/null && python3 -c 'import venv, ensurepip, tomllib' 2>/dev/null
version = $(shell cksum < $(1) | cut -d ' ' -f 1)
# Tests write here what they had to skip for want of a program; in CI they fail instead.
SKIPS := $(CURDIR)/target/skipped-tests

help: ## Shows this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Everything on this machine: first load, changes, a nightly run, each compared with the truth; SERVE=1 stays up.
	cargo run $(CARGO_FLAGS) --quiet --bin dynamics-sync -- demo $(if $(SERVE),--serve)

test: venv venv-infra ## Sets up what the tests need, and runs all of them.
	@rm -f $(SKIPS)
	cargo build $(CARGO_FLAGS) --workspace --bins
	TEST_SKIPS=$(SKIPS) cargo test $(CARGO_FLAGS) --workspace --no-fail-fast
	@if [ -s $(SKIPS) ]; then echo; echo "Not run on this machine:"; sort -u $(SKIPS); fi

# What the licences of all that is built into the programs may be made of.
LICENCES := 0BSD|Apache-2\.0|BSD-3-Clause|BSL-1\.0|CC0-1\.0|ISC|LLVM-exception|MIT|MIT-0|Unicode-3\.0|Unlicense|Zlib

check: venv ## Format, lints, documentation, licences, spelling.
	cargo fmt --all -- --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(CARGO_FLAGS) --workspace --no-deps --document-private-items --quiet
	@! cargo tree $(CARGO_FLAGS) --workspace --edges normal,build --prefix none --format '{l}' \
	  | tr '/() ' '\n' | grep -vxE '$(LICENCES)|OR|AND|WITH|\*|' | grep . || { echo "is a licence that is not in the Makefile's list"; exit 1; }
	@if [ -x $(VENV)/bin/typos ]; then $(VENV)/bin/typos; else echo "spelling was not checked: there is no $(VENV)/bin/typos"; fi

build: $(VENV_INFRA)/cargo-lambda-$(call version,infra/build-requirements.txt) ## The functions for Lambda, one zip each, in target/lambda; ARCH=arm64.
	infra/build.sh $(ARCH)

deploy: venv-infra ## Deploys what was built: STAGE=development, test or production.
	$(VENV_INFRA)/bin/python infra/deploy.py "$(STAGE)"

destroy: venv-infra ## Takes a deployed STAGE away, after asking; tables and secrets stay.
	CONFIRM="$(CONFIRM)" $(VENV_INFRA)/bin/python infra/destroy.py "$(STAGE)"

bench: ## How fast pulls of ROWS rows and exports are, against a floor, how the functions start, how writes keep to the limits.
	cargo build $(CARGO_FLAGS) --release --package bench --package '*-function'
	cargo run $(CARGO_FLAGS) --release --quiet --package bench

# Optimised, in a folder of its own, so that `make test` need not build everything again afterwards.
soak: ## A pull killed at every single call; SOAK_MINUTES (10) of anything that may befall pulls, and both sides.
	CARGO_PROFILE_DEV_OPT_LEVEL=1 cargo test $(CARGO_FLAGS) --target-dir target/soak \
	  --package faults --test faults -- --ignored --nocapture soak

# The emulators of AWS and Microsoft's SDK, in a folder of their own; made again when their versions change.
venv: $(VENV)/made-of-$(call version,tests/end-to-end/requirements.txt)

$(VENV)/made-of-%:
	@if $(HAS_VENV); then \
	  rm -rf $(VENV) && python3 -m venv $(VENV) \
	  && $(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/end-to-end/requirements.txt \
	  && touch $@; \
	else echo "Python 3.11 or later with venv is missing: the tests that need an emulated AWS or Microsoft's SDK will be skipped"; fi

# What deploys the template and checks it, likewise.
venv-infra: $(VENV_INFRA)/made-of-$(call version,infra/requirements.txt)

$(VENV_INFRA)/made-of-%:
	@if $(HAS_VENV); then \
	  rm -rf $(VENV_INFRA) && python3 -m venv $(VENV_INFRA) \
	  && $(VENV_INFRA)/bin/pip install --quiet --disable-pip-version-check --no-deps -r infra/requirements.txt \
	  && touch $@; \
	else echo "Python 3.11 or later with venv is missing: nothing can be deployed, and the tests of the template will be skipped"; fi

# Only to build, because zig is large.
$(VENV_INFRA)/cargo-lambda-%: | venv-infra
	$(VENV_INFRA)/bin/pip install --quiet --disable-pip-version-check -r infra/build-requirements.txt
	@touch $@
