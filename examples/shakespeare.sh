#!/bin/sh
# Verse, letter by letter: a network of characters learns to spell, to break lines, and who speaks when.
# Why characters: names and words of its own come out, which a network of words cannot write; it takes longer to learn.
#
# usage: shakespeare.sh [TEXT] [FOLDER]      without TEXT, the sonnets from the network
set -eu

text=${1:-} out=${2:-shakespeare}
mkdir -p "$out"
if [ -z "$text" ]; then
    text=$out/sonnets.txt
    [ -e "$text" ] || rnn-fetch 1041 -o "$text"
fi
rnn-prep --level char "$text" -o "$out/tokens"
rnn-train --preset char "$out/tokens" -o "$out" --epochs "${EPOCHS:-14}"
rnn-eval -m "$out" "$out/tokens"
rnn-gen -m "$out" -n 600 --temperature 0.8 --top-p 1
