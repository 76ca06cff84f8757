#!/bin/sh
# Measures the quality reported in BENCHMARKS.md: trains on the first part of a text and evaluates on the last.
# usage: quality.sh BIN-FOLDER WORK-FOLDER alice FILE             words of one book, two vocabularies
#        quality.sh BIN-FOLDER WORK-FOLDER tinyshakespeare FILE   characters
#        quality.sh BIN-FOLDER WORK-FOLDER ptb FOLDER             Penn Treebank: ptb.{train,valid,test}.txt; needs a GPU
# TRAIN: additional rnn-train options. SEEDS: the random seeds.
set -eu

bin=$1
work=$2
what=$3
text=$4
mkdir -p "$work"

# train NAME SEED OPTION...: trains a model on NAME.tokens and prints the duration.
train() {
    tokens=$work/$1.tokens
    seed=$2
    model=$work/$1-$seed
    shift 2
    begun=$(date +%s)
    # shellcheck disable=SC2086
    "$bin/rnn-train" -q "$tokens" -o "$model" --overwrite -r "$seed" "$@" ${TRAIN:-}
    printf '%s, seed %s: %s s of training\n' "$(basename "$model")" "$seed" $(($(date +%s) - begun))
}

case $what in
alice)
    "$bin/rnn-prep" -q --classic "$text" --valid 0 -o "$work/all.tokens"
    "$bin/rnn-prep" -q --classic "$text" --vocab "$work/all.tokens" -o "$work/whole.tokens"
    "$bin/rnn-prep" -q --classic "$text" -o "$work/honest.tokens"
    for seed in ${SEEDS:-1 2 3}; do
        for name in whole honest; do
            train $name "$seed"
            "$bin/rnn-eval" -q -m "$model" --split valid "$tokens"
            "$bin/rnn-eval" -q -m "$model" --split valid "$tokens" --cache 2000 | tail -n 1
            "$bin/rnn-eval" -q -m "$model" --split valid "$tokens" --cache 2000 --dynamic | tail -n 1
        done
    done
    ;;
tinyshakespeare)
    "$bin/rnn-prep" -q --level char "$text" -o "$work/characters.tokens"
    for seed in ${SEEDS:-1}; do
        train characters "$seed" --preset char
        "$bin/rnn-eval" -q -m "$model" --split valid --exact "$tokens"
    done
    ;;
ptb)
    # Each word, and each end of line, is encoded as a word of letters, so that the tokens match the literature.
    encode='{ for (i = 1; i <= NF; i++) printf "%s ", word($i); print word("<eos>") }
        function word(w,    n, s) {
            if (!(w in code)) {
                n = count++; s = ""
                do { s = sprintf("%c", 97 + n % 26) s; n = int(n / 26) } while (n > 0)
                code[w] = "w" s
            }
            return code[w]
        }'
    cat "$text/ptb.train.txt" "$text/ptb.valid.txt" "$text/ptb.test.txt" | awk "$encode" >"$work/ptb.all"
    lines() { wc -l <"$text/ptb.$1.txt"; }
    head -n "$(lines train)" "$work/ptb.all" | tr '\n' ' ' >"$work/ptb.train"
    tail -n +"$(($(lines train) + 1))" "$work/ptb.all" | head -n "$(lines valid)" | tr '\n' ' ' >"$work/ptb.valid"
    tail -n "$(lines test)" "$work/ptb.all" | tr '\n' ' ' >"$work/ptb.test"
    "$bin/rnn-prep" --classic "$work/ptb.train" --valid-file "$work/ptb.valid" --test-file "$work/ptb.test" -o "$work/ptb.tokens"
    for seed in ${SEEDS:-1}; do
        train ptb "$seed" --preset awd --batch-size 40 --dropout-input 0.4 --dropout-hidden 0.25 --ngram 0
        "$bin/rnn-eval" -q -m "$model" --split test --exact "$tokens"
        "$bin/rnn-eval" -q -m "$model" --split test --exact "$tokens" --cache 2000 | tail -n 1
    done
    ;;
*)
    echo "quality.sh: the corpus must be alice, tinyshakespeare or ptb, got '$what'" >&2
    exit 2
    ;;
esac
