#!/bin/sh
# Trains a character-level network on verse: it learns spelling, line breaks, and the order of speakers.
# Why characters: the network can invent names and words, which a word-level network cannot; training takes longer.
#
# usage: shakespeare.sh [TEXT] [FOLDER]      without TEXT, downloads the sonnets
set -eu

text=${1:-} out=${2:-shakespeare}
mkdir -p "$out"
if [ -z "$text" ]; then
    text=$out/sonnets.txt
    [ -e "$text" ] || rnn-fetch 1041 -o "$text"
fi
rnn-prep --level char "$text" -o "$out/tokens"
rnn-train --preset char "$out/tokens" -o "$out" --overwrite --epochs "${EPOCHS:-14}"
rnn-eval -m "$out" "$out/tokens"
rnn-gen -m "$out" -n 600 --temperature 0.8 --top-p 1
