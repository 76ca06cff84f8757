#!/bin/sh
# The native engine: words per second compared with the limit set by memory bandwidth and with PyTorch, and the time to
# rnn-gen's first word.
# usage: generation.sh BIN-FOLDER WORK-FOLDER. PYTHON and CARGO override python3 and cargo.
set -eu

bin=$1
work=$2
python=${PYTHON:-python3}

mkdir -p "$work/engine"
env -u LIBTORCH "${CARGO:-cargo}" bench --quiet --bench engine -- "$work/engine"
if "$python" -c 'import torch, safetensors' 2>/dev/null; then
    "$python" benches/generate.py "$work"/engine/*.safetensors
else
    echo 'PyTorch skipped: python3 has no torch and safetensors (pip install torch==2.11.0 safetensors numpy)'
fi

now() { date +%s%N; }
for model in "$work"/engine/*.safetensors; do
    rm -f "$work/first"
    for _ in 1 2 3 4 5 6 7 8 9; do
        begun=$(now)
        "$bin/rnn-gen" -q -m "$model" -n 0 -r 1 2>/dev/null | head -c 1 >/dev/null
        echo $((($(now) - begun) / 1000)) >>"$work/first"
    done
    sort -n "$work/first" | awk -v name="$(basename "$model" .safetensors)" -v bytes="$(wc -c <"$model")" \
        '{ v[NR] = $1 / 1000 } END { printf "rnn-gen, %s (%.0f MB), first word: %.1f ms, best %.1f ms\n", name, bytes / 1e6, v[5], v[1] }'
done
