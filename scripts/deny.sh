#!/bin/sh
# Licences, sources and known faults of the crates that are used, by cargo-deny (deny.toml); without it, or without
# its database, that is said, and no fault. usage: deny.sh CARGO
set -eu

if ! "$1" deny --version >/dev/null 2>&1; then
    echo 'make lint: cargo-deny is not installed, crates are not checked (cargo install cargo-deny)' >&2
    exit
fi
"$1" deny --all-features --log-level error check bans licenses sources
if "$1" deny --all-features fetch db >/dev/null 2>&1; then
    "$1" deny --all-features --log-level error check --disable-fetch advisories
else
    echo 'make lint: the database of known faults could not be fetched, crates are checked for licences only' >&2
fi
