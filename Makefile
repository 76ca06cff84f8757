# rnn-tools: from a book to generated text.
#
# Variables: CARGO (cargo), LIBTORCH (a libtorch 2.11.0 folder to use instead of a download),
# PREFIX (/usr/local) and DESTDIR (where a packager collects files) of `make install`,
# LIBTORCH_AS=link to install a link to libtorch instead of a copy.
# Cargo knows what is stale; every target here only names a task.

# A LIBTORCH of the user is for `make libtorch`; the build takes the folder that it fills (.cargo/config.toml).
CARGO ?= cargo
BUILD = env -u LIBTORCH $(CARGO)
DEMO = demo
BIN = target/release
PREFIX ?= /usr/local
COMMANDS = $(patsubst completions/%.fish,%,$(wildcard completions/*.fish))
INSTALL = scripts/install.sh

.DELETE_ON_ERROR:
.PHONY: help build libtorch demo test lint bench docs install uninstall dist clean

help: ## Show what can be made
	@sed -n 's/^\([a-z]*\):.* ## /\1: /p' Makefile | awk -F': ' '{ printf "make %-10s %s\n", $$1, $$2 }'

libtorch: ## Put libtorch 2.11.0 in ./libtorch (a no-op when it is there)
	@scripts/libtorch.sh

build: compiler libtorch ## Build every command, rnn-train with libtorch
	@$(BUILD) build --release --features train

compiler:
	@command -v $(CARGO) >/dev/null || { echo 'make: cargo is not there (hint: install Rust, https://rustup.rs)' >&2; exit 1; }
	@command -v c++ >/dev/null || { echo 'make: no C++ compiler (hint: Debian: apt-get install g++)' >&2; exit 1; }
.PHONY: compiler

demo: build ## From the built-in book to generated text, in two minutes
	@scripts/demo.sh $(BIN) $(DEMO)

lint: compiler libtorch ## Check formatting, run clippy, and cargo deny where it is installed
	$(CARGO) fmt --check
	$(BUILD) clippy --quiet --all-targets -- --deny warnings
	$(BUILD) clippy --quiet --all-targets --features train -- --deny warnings
	@scripts/deny.sh $(CARGO)

# clippy has checked the build without libtorch; each test runs once, in the build with it.
test: lint ## Run all checks and all tests
	$(BUILD) test --quiet --features train

bench: build ## Time training and generation (TEXT=FILE; against PyTorch, where python3 has it)
	@scripts/bench.sh $(BIN) $(TEXT)

docs: compiler ## Write man pages and completions anew, and the library's documentation
	UPDATE=1 $(BUILD) test --quiet --test documents
	$(BUILD) doc --quiet --no-deps --lib
	@echo 'man/, completions/ and target/doc/rnn_tools/index.html are fresh'

install: ## Install what was built below PREFIX (make && sudo make install)
	@$(INSTALL) install $(BIN) '$(DESTDIR)$(PREFIX)' $(COMMANDS)

uninstall: ## Remove what was installed below PREFIX
	@$(INSTALL) uninstall $(BIN) '$(DESTDIR)$(PREFIX)' $(COMMANDS)

dist: build ## Pack stripped binaries, with pages and completions, in target/dist
	@scripts/dist.sh $(CARGO)

clean: ## Remove what was built (libtorch stays)
	$(CARGO) clean
	rm -rf $(DEMO)
