#!/bin/sh
# Compares the training speed of rnn-train with that of benches/train.py (if python3 has torch and safetensors) for the
# classic model, for characters, and for a vocabulary of 10,000 words. The runs alternate on the same tokens and
# cores.
# usage: training.sh BIN-FOLDER TEXT-FILE WORK-FOLDER. PYTHON overrides python3.
set -eu

bin=$1
text=$2
work=$3
python=${PYTHON:-python3}

# field NAME FILE: prints a field of JSON lines for every epoch except the first, in which libraries warm up.
field() {
    sed -n "s/.*\"epoch\":[ ]*\([0-9]*\).*\"$1\":[ ]*\([0-9.]*\).*/\1 \2/p" "$2" | awk '$1 > 1 { print $2 }'
}
median() {
    sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

has_torch=no
if "$python" -c 'import torch, safetensors' 2>/dev/null; then has_torch=yes; fi
if [ $has_torch = no ]; then
    echo 'PyTorch skipped: python3 has no torch and safetensors (pip install torch==2.11.0 safetensors numpy)'
fi

# compare NAME TOKENS ROUNDS EPOCHS EMBEDDING HIDDEN BATCH LENGTH
compare() {
    name=$1
    tokens=$2
    rounds=$3
    epochs=$4
    : >"$work/ours" && : >"$work/theirs"
    for _ in $(seq "$rounds"); do
        "$bin/rnn-train" -q "$tokens" -o "$work/model-$name" --overwrite --preset classic --epochs "$epochs" --patience 0 --ngram 0 \
            --embedding-size "$5" --hidden-size "$6" --batch-size "$7" --seq-length "$8" --device cpu --random-seed 1 \
            --json >"$work/ours.json"
        field tokens_per_second "$work/ours.json" >>"$work/ours"
        [ $has_torch = yes ] || continue
        "$python" benches/train.py "$tokens" "$epochs" "$5" "$6" "$7" "$8" >"$work/theirs.json"
        field tokens_per_second "$work/theirs.json" >>"$work/theirs"
    done
    printf 'training, %s (%s / 2 x %s, batch %s x %s): %.0f tokens/s, loss %s after %s epochs\n' "$name" "$5" "$6" "$7" "$8" \
        "$(median <"$work/ours")" "$(field loss "$work/ours.json" | tail -n 1)" "$epochs"
    [ $has_torch = yes ] || return 0
    printf 'PyTorch, same model: %.0f tokens/s, loss %s; ratio %.2f\n' "$(median <"$work/theirs")" \
        "$(field loss "$work/theirs.json" | tail -n 1)" \
        "$(echo "$(median <"$work/ours") $(median <"$work/theirs")" | awk '{ print $1 / $2 }')"
}

"$bin/rnn-prep" -q --classic "$text" -o "$work/words.tokens"
"$bin/rnn-prep" -q --level char "$text" -o "$work/chars.tokens"
# 24,000 words, whose frequencies are about 1 / rank: the vocabulary of a long text.
awk 'BEGIN { srand(1); for (i = 1; i <= 10000; i++) print "w" i; for (i = 0; i < 14000; i++) print "w" int(exp(rand() * log(10000))) }' \
    >"$work/many"
"$bin/rnn-prep" -q --classic --valid 0.02 "$work/many" -o "$work/many.tokens"

compare classic "$work/words.tokens" 3 4 100 150 32 50
compare characters "$work/chars.tokens" 1 2 128 512 32 100
compare words-10k "$work/many.tokens" 1 2 650 650 20 35
