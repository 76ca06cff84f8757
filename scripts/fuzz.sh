#!/bin/sh
# Fuzzes each target, or those named, for a minute (SECONDS_EACH=N: N seconds). With a nightly compiler, cargo-fuzz does
# it, guided by coverage; without, the tests' own mutations. The parsers inside rnn-serve and rnn-prep always use the latter.
set -eu
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-60}

if ! cargo +nightly --version >/dev/null 2>&1; then
    echo 'fuzz: no nightly compiler is installed, so inputs are mutated without coverage (hint: rustup toolchain install nightly)' >&2
elif ! cargo +nightly fuzz --version >/dev/null 2>&1 && ! cargo install --quiet --locked cargo-fuzz; then
    echo 'fuzz: cargo-fuzz cannot be installed, so inputs are mutated without coverage' >&2
else
    [ $# -gt 0 ] || set -- $(sed -n 's/^    ("\([a-z]*\)", .*),$/\1/p' fuzz/targets.rs)
    for target in "$@"; do
        echo "$target"
        found=target/fuzz-corpus/$target # new inputs go here, not to the seeds
        mkdir -p "$found"
        cargo +nightly fuzz run --target-dir target/fuzz "$target" "$found" "fuzz/corpus/$target" -- \
            -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=8192 -verbosity=0 -print_final_stats=1
    done
    set -- fuzzed
fi
export RNN_FUZZ_SECONDS="$seconds" RNN_FUZZ_SEED="$(date +%s)"
case ${1-} in
fuzzed) ;;
*) cargo test --quiet --test fuzz -- --nocapture "$@" ;;
esac
exec cargo test --quiet --bin rnn-serve --bin rnn-prep fuzzed -- --nocapture
