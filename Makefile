# Builds, tests and installs rnn-tools.
#
# Variables: CARGO (default: cargo), LIBTORCH (a libtorch 2.11.0 folder to use instead of downloading it),
# PREFIX (default: /usr/local) and DESTDIR (a staging folder for packagers) for `make install`,
# LIBTORCH_AS=link to install a link to libtorch instead of a copy.
# Cargo tracks what is out of date; all targets here are phony.

# Only `make libtorch` uses the user's LIBTORCH; the build uses the folder that it fills (.cargo/config.toml).
CARGO ?= cargo
BUILD = env -u LIBTORCH $(CARGO)
DEMO = demo
BIN = target/release
PREFIX ?= /usr/local
COMMANDS = $(patsubst completions/%.fish,%,$(wildcard completions/*.fish))
INSTALL = scripts/install.sh

.DELETE_ON_ERROR:
.PHONY: help build libtorch demo test lint fuzz bench docs install uninstall dist clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.* ## /\1: /p' Makefile | awk -F': ' '{ printf "make %-10s %s\n", $$1, $$2 }'

libtorch: ## Set up libtorch 2.11.0 in ./libtorch (does nothing if it is complete)
	@scripts/libtorch.sh

build: compiler libtorch ## Build every command, rnn-train with libtorch
	@$(BUILD) build --release --features train

compiler:
	@command -v $(CARGO) >/dev/null || { echo 'make: cargo is not installed (hint: install Rust, https://rustup.rs)' >&2; exit 1; }
	@command -v c++ >/dev/null || { echo 'make: no C++ compiler is installed (hint: apt-get install g++ on Debian)' >&2; exit 1; }
.PHONY: compiler

demo: build ## Train on the built-in book and generate text, in about a minute
	@scripts/demo.sh $(BIN) $(DEMO)

lint: compiler libtorch ## Check formatting, run clippy, and cargo deny if it is installed
	$(CARGO) fmt --check
	$(BUILD) clippy --quiet --all-targets -- --deny warnings
	$(BUILD) clippy --quiet --all-targets --features train -- --deny warnings
	@scripts/deny.sh $(CARGO)

# clippy checks the build without libtorch; the tests run only once, in the build with it.
test: lint ## Run all checks and all tests
	$(BUILD) test --quiet --features train

fuzz: compiler ## Fuzz every parser for a minute, with cargo-fuzz if a nightly compiler is installed
	@scripts/fuzz.sh

bench: build ## Run all benchmarks (TEXT=FILE sets the text), compared with PyTorch if python3 has it
	@scripts/bench.sh $(BIN) $(TEXT)

docs: compiler ## Regenerate man pages, completions and the library documentation
	UPDATE=1 $(BUILD) test --quiet --test documents
	$(BUILD) doc --quiet --no-deps --lib
	@echo 'man/, completions/ and target/doc/rnn_tools/index.html are up to date'

install: ## Install the built files below PREFIX (make && sudo make install)
	@$(INSTALL) install $(BIN) '$(DESTDIR)$(PREFIX)' $(COMMANDS)

uninstall: ## Remove the installed files below PREFIX
	@$(INSTALL) uninstall $(BIN) '$(DESTDIR)$(PREFIX)' $(COMMANDS)

dist: build ## Pack stripped binaries, man pages and completions in target/dist
	@scripts/dist.sh $(CARGO)

clean: ## Remove the build output (keeps libtorch)
	$(CARGO) clean
	rm -rf $(DEMO)
