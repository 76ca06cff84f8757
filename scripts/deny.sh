#!/bin/sh
# Checks licences, sources and vulnerabilities of all dependencies with cargo-deny (deny.toml). Only warns if cargo-deny
# or its database is missing. usage: deny.sh CARGO
set -eu

if ! "$1" deny --version >/dev/null 2>&1; then
    echo 'make lint: cargo-deny is not installed, skipping the dependency check (cargo install cargo-deny)' >&2
    exit
fi
"$1" deny --all-features --log-level error check bans licenses sources
if "$1" deny --all-features fetch db >/dev/null 2>&1; then
    "$1" deny --all-features --log-level error check --disable-fetch advisories
else
    echo 'make lint: cannot fetch the advisory database, checked licences and sources only' >&2
fi
