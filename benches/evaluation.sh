#!/bin/sh
# Compares the evaluation speed of rnn-eval, including startup, with that of benches/evaluation.py, excluding file
# loading (if python3 has torch and safetensors). The runs alternate on the same training split and cores.
# usage: evaluation.sh BIN-FOLDER MODEL TOKENS. PYTHON overrides python3.
set -eu

bin=$1
model=$2
tokens=$3
python=${PYTHON:-python3}
rounds=5

has_torch=no
if "$python" -c 'import torch, safetensors' 2>/dev/null; then has_torch=yes; fi
count=$("$bin/rnn-eval" -m "$model" --split train "$tokens" | awk -F '\t' 'NR == 2 { print $4 }')

# compare NAME STREAMS OPTION
compare() {
    ours=0
    theirs=0
    for _ in $(seq "$rounds"); do
        begun=$(date +%s%N)
        "$bin/rnn-eval" -m "$model" --split train --no-ngrams $3 "$tokens" >/dev/null
        ours=$(echo "$ours $count $begun $(date +%s%N)" | awk '{ s = $2 / (($4 - $3) / 1e9); print (s > $1) ? s : $1 }')
        [ $has_torch = yes ] || continue
        line=$("$python" benches/evaluation.py "$model/model.safetensors" "$tokens" train "$2")
        theirs=$(echo "$theirs ${line##*\"tokens_per_second\": }" | awk '{ print ($2 + 0 > $1) ? $2 + 0 : $1 }')
    done
    printf 'evaluation, %s: %.0f tokens/s (best of %s)\n' "$1" "$ours" "$rounds"
    [ $has_torch = no ] || printf 'libtorch, %s stream(s): %.0f tokens/s; ratio %.2f\n' "$2" "$theirs" \
        "$(echo "$ours $theirs" | awk '{ print $1 / $2 }')"
}

compare 'parallel chunks' 32 ''
compare 'one stream, --exact' 1 --exact
