#!/bin/sh
# Packs the result of `make build` as target/dist/rnn-tools-VERSION-TARGET.tar.gz, laid out like a PREFIX and without
# libtorch, which scripts/libtorch.sh, run in lib/rnn-tools, downloads. If Rust has the musl target, also packs a static
# build of the commands that do not need libtorch.
# usage: dist.sh CARGO
set -eu

cargo=$1
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
host=$(rustc -vV | sed -n 's/^host: //p')
dist=target/dist
rm -rf "$dist"
mkdir -p "$dist"

# pack BIN-FOLDER TARGET: packs the commands in BIN-FOLDER.
pack() {
    name=rnn-tools-$version-$2
    commands=$(for file in completions/*.fish; do basename "$file" .fish; done)
    # shellcheck disable=SC2086
    LIBTORCH_AS=none scripts/install.sh install "$1" "$dist/$name" $commands 2>/dev/null
    if [ -d "$dist/$name/lib/rnn-tools" ]; then install -m 755 scripts/libtorch.sh "$dist/$name/lib/rnn-tools"; fi
    if command -v strip >/dev/null; then
        find "$dist/$name/bin" "$dist/$name/lib" -type f -name 'rnn-*' -exec strip {} + 2>/dev/null || true
    fi
    tar -C "$dist" -czf "$dist/$name.tar.gz" "$name"
    rm -r "${dist:?}/$name"
    printf '%s, %s\n' "$dist/$name.tar.gz" "$(du -h "$dist/$name.tar.gz" | cut -f 1)"
}

pack target/release "$host"

musl=$(uname -m)-unknown-linux-musl
sysroot=$(rustc --print sysroot)
if [ ! -d "$sysroot/lib/rustlib/$musl" ] && command -v rustup >/dev/null; then
    rustup target add "$musl" >/dev/null 2>&1 || true
fi
if [ ! -d "$sysroot/lib/rustlib/$musl" ]; then
    echo "make dist: skipping the static build: the Rust target $musl is not installed" >&2
    exit
fi
if ! command -v musl-gcc >/dev/null; then
    echo 'make dist: skipping the static build: musl-gcc is not installed (Debian: apt-get install musl-tools)' >&2
    exit
fi
env -u LIBTORCH CC=musl-gcc "$cargo" build --release --target "$musl"
pack "target/$musl/release" "$musl"
