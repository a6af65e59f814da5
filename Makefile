# Everything that is run by hand or in CI. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
# What a recipe runs uses all cores by itself.
.NOTPARALLEL:
.DEFAULT_GOAL := help

# An interpreter of 3.11 or later; whatever else is needed of Python lives in target/venv.
PYTHON ?= python3

# Tests and examples look for the libraries here, so a setting of the caller must not move them.
export CARGO_TARGET_DIR := $(CURDIR)/target
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYO3_PYTHON := $(PYTHON)

venv := target/venv
stamps := target/stamps
trace := target/traces/automerge-paper.json.gz
# Programs ask for the library under its SONAME.
soname := target/release/libsync.so.0
typist := target/demo/typist

rust_sources := Cargo.toml Cargo.lock core/Cargo.toml bindings/python/Cargo.toml \
	$(shell find core/src bindings/python/src -name '*.rs')
python_package := bindings/python/pyproject.toml bindings/python/README.md \
	$(shell find bindings/python/python -name '*.py' -o -name '*.pyi' -o -name py.typed)

step := $(PYTHON) scripts/step.py

.PHONY: help
help: ## Lists what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(stamps)/python $(typist) $(trace) ## Replays a real writing history, in C and Python at once
	@echo "==> the demo"
	@$(venv)/bin/python examples/demo/demo.py --trace $(trace) --typist $(typist)

.PHONY: test
test: forget test-rust test-fuzz test-c test-python test-demo test-readme ## Runs all tests
	@echo "==> all tests"
	@$(PYTHON) scripts/summary.py

.PHONY: test-rust
test-rust: $(stamps)/setup ## Tests in Rust: units, properties, documentation, examples
	@$(step) rust "core, C boundary, examples" cargo -- cargo test --workspace --locked --no-fail-fast

.PHONY: test-fuzz
test-fuzz: $(stamps)/setup ## Feeds the fuzz targets what they were fed before: corpus and regressions
	@$(step) rust "fuzz corpus and regressions" cargo -- cargo test \
		--manifest-path fuzz/Cargo.toml --target-dir target/fuzz --locked --no-fail-fast

.PHONY: test-c
test-c: $(soname) ## Tests in C: plain, under valgrind and with sanitizers
	@$(step) c "programs that use the C ABI" plain -- tests/c/run.sh

.PHONY: test-python
test-python: $(stamps)/python $(soname) ## Tests in Python, and of C and Python together
	@$(step) python "the package, and C and Python together" pytest -- $(venv)/bin/pytest

.PHONY: test-demo
test-demo: $(stamps)/python $(typist) $(trace)
	@$(step) python "the demo, on a tenth of its input" pytest -- $(venv)/bin/pytest examples/demo

.PHONY: test-readme
test-readme: $(stamps)/python $(soname)
	@$(step) python "examples of the README" plain -- \
		$(venv)/bin/python scripts/readme_examples.py python
	@$(step) c "examples of the README" plain -- \
		$(venv)/bin/python scripts/readme_examples.py c

# Counts of an earlier run don't belong to this one.
.PHONY: forget
forget:
	@rm -rf target/tests

.PHONY: lint
lint: $(stamps)/python lint-rust lint-python msrv ## Checks form, lints, types, docs, the C header, the MSRV

.PHONY: lint-rust
lint-rust: $(stamps)/setup
	@echo "==> rust: format"
	@cargo fmt --all --check
	@cargo fmt --manifest-path bench/Cargo.toml --check
	@cargo fmt --manifest-path bench/peers/Cargo.toml --check
	@cargo fmt --manifest-path fuzz/Cargo.toml --check
	@echo "==> rust: clippy"
	@cargo clippy --quiet --workspace --all-targets --locked -- -D warnings
	@cargo clippy --quiet --manifest-path bench/Cargo.toml --target-dir target/bench --all-targets \
		--locked -- -D warnings
	@cargo clippy --quiet --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --all-targets \
		--locked -- -D warnings
	@echo "==> rust: documentation"
	@RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --locked
	@echo "==> rust: the C header is the one that the crate makes"
	@output=$$(cargo test --quiet --package libsync-ffi --test header --locked 2>&1) || \
		{ echo "$$output"; exit 1; }

# Apart, because the peers take minutes to be checked for the first time.
.PHONY: lint-peers
lint-peers: $(stamps)/setup ## Lints the comparison with the peers
	@cargo clippy --quiet --manifest-path bench/peers/Cargo.toml --target-dir target/bench-peers \
		--all-targets --locked -- -D warnings

.PHONY: lint-python
lint-python: $(stamps)/python
	@echo "==> python: format and lints"
	@$(venv)/bin/ruff format --quiet --check .
	@$(venv)/bin/ruff check --quiet .
	@echo "==> python: types"
	@$(venv)/bin/mypy
	@$(venv)/bin/mypy examples/demo
	@$(venv)/bin/mypy scripts bench/traces
	@$(venv)/bin/stubtest libsync

.PHONY: msrv
msrv: $(stamps)/setup ## Checks the minimum supported Rust version
	@echo "==> rust: minimum supported version"
	@$(PYTHON) scripts/msrv.py

# Which simulations, and how long each target is fuzzed.
SEEDS ?= 1000
FROM ?= 0
PROGRAM ?=
SECONDS ?= 60
fuzz_targets := apply load acknowledgement version receive compressed packed forged path json cursor presence program

simulate := cargo run --quiet --release --locked --package libsync-simulation --bin simulate --

.PHONY: simulate
simulate: $(stamps)/setup ## Simulates SEEDS=n runs FROM=m, of PROGRAM=name or of all programs
	@$(simulate) --seeds $(SEEDS) --from $(FROM) $(if $(PROGRAM),--program $(PROGRAM))

.PHONY: soak
soak: $(stamps)/setup ## Simulates 100,000 runs
	@$(simulate) --seeds 100000 --from $(FROM)

# The larger bounds; `make test` goes through the small ones.
.PHONY: model
model: $(stamps)/setup ## Checks the model of the pruning protocol with larger bounds, for minutes
	@cargo run --quiet --release --locked --package libsync-model --bin explore -- \
		$(if $(FROM),--seed $(FROM))

.PHONY: shapes
shapes: $(stamps)/setup ## Makes each adversarial shape of the simulation in full size, timed
	@cargo build --quiet --release --locked --package libsync-simulation --bin shape
	@for shape in $$(target/release/shape | cut -d' ' -f1); do \
		echo "==> $$shape"; \
		(time target/release/shape $$shape) 2>&1 | grep real; \
	done

# The code is safe Rust, so no sanitizer; and tracing comparisons costs more than it finds here.
.PHONY: fuzz
fuzz: $(stamps)/setup ## Fuzzes decoders and programs, each target for SECONDS=n (needs cargo-fuzz)
	@cargo +nightly fuzz --version >/dev/null 2>&1 || { echo "make fuzz needs a nightly toolchain:" \
		"rustup toolchain install nightly; cargo install cargo-fuzz --locked"; exit 1; }
	@for target in $(fuzz_targets); do \
		echo "==> fuzz: $$target, $(SECONDS) s"; \
		mkdir -p target/fuzz/{corpus,found}/$$target fuzz/regressions/$$target; \
		cargo +nightly fuzz run --fuzz-dir fuzz --target-dir target/fuzz --features libfuzzer \
			--sanitizer none --no-trace-compares $$target target/fuzz/corpus/$$target \
			fuzz/corpus/$$target fuzz/regressions/$$target -- -max_total_time=$(SECONDS) \
			-timeout=10 -rss_limit_mb=2048 -max_len=8192 -len_control=0 -verbosity=0 \
			-artifact_prefix=$(CURDIR)/target/fuzz/found/$$target/ || exit 1; \
	done

.PHONY: bench
bench: $(trace) ## Measures the core, part by part, and on a real writing history: time and bytes
	@echo "==> bytes"
	@cargo run --quiet --release --manifest-path bench/Cargo.toml --target-dir target/bench \
		--locked --bin sizes
	@echo "==> time"
	@cargo bench --manifest-path bench/Cargo.toml --target-dir target/bench --locked

# More traces, as files; and one engine alone, the others' numbers being those of the last run.
TRACES ?=
ENGINE ?=

.PHONY: bench-peers
bench-peers: $(trace) ## Measures libsync beside its peers, with TRACES="file ..." too, or only ENGINE=name
	@cargo run --quiet --release --manifest-path bench/peers/Cargo.toml \
		--target-dir target/bench-peers --locked -- \
		$(addprefix --trace ,$(TRACES)) $(addprefix --engine ,$(ENGINE))

.PHONY: bench-pruning
bench-pruning: ## Measures what pruning gains and costs, beside the peers, and over a year
	@cargo run --quiet --release --manifest-path bench/peers/Cargo.toml \
		--target-dir target/bench-peers --locked --bin pruning

.PHONY: header
header: ## Generates include/sync.h from the crate ffi
	@cargo run --quiet --package libsync-ffi --example header --locked

.PHONY: setup
setup: ## Installs what is missing of the system's packages (by apt-get), or names it
	@PYTHON=$(PYTHON) scripts/setup.sh
	@mkdir -p $(stamps) && touch $(stamps)/setup

.PHONY: clean
clean: ## Removes everything that was built
	@rm -rf target bench/target bench/peers/target bench/traces/target fuzz/target

# What is built -----------------------------------------------------------------------------------

$(stamps)/setup: scripts/setup.sh
	@echo "==> setup: what the system has to have"
	@PYTHON=$(PYTHON) scripts/setup.sh
	@mkdir -p $(@D) && touch $@

$(stamps)/venv: bindings/python/requirements-dev.txt $(stamps)/setup
	@echo "==> python: tools, in $(venv)"
	@$(PYTHON) -m venv $(venv)
	@$(venv)/bin/pip install --quiet --requirement $<
	@touch $@

$(stamps)/python: $(rust_sources) $(python_package) $(stamps)/venv
	@echo "==> python: the package"
	@PATH="$(CURDIR)/$(venv)/bin:$$PATH" $(venv)/bin/pip install --quiet --no-deps \
		--no-build-isolation ./bindings/python
	@touch $@

# Cargo knows best what has changed.
.PHONY: library
library: $(stamps)/setup
	@echo "==> c: the library"
	@cargo build --quiet --release --package libsync-ffi --locked

$(soname): library
	@ln -sfn libsync.so $@

$(typist): examples/demo/typist.c include/sync.h $(soname)
	@mkdir -p $(@D)
	@gcc -std=c99 -O2 -Wall -Wextra -Werror -pedantic -Iinclude -o $@ $< \
		$(soname) -Wl,-rpath,$(CURDIR)/target/release

$(trace): bench/traces/fetch.py bench/traces/Cargo.toml bench/traces/Cargo.lock
	@echo "==> the writing history, from the package registry"
	@$(PYTHON) bench/traces/fetch.py $@ >/dev/null
	@touch $@
