#!/bin/sh
# Short texts from a column of a table: each row is a text with a begin and an end, and so is what is written.
# Why --column: without it one tweet runs into the next, and the network learns that a cow is followed by a piano.
#
# usage: tweets.sh [CSV] [COLUMN] [FOLDER]      a few thousand rows make it worth while
set -eu

table=${1:-$(dirname "$0")/tweets.csv} column=${2:-text} out=${3:-tweets}
mkdir -p "$out"
rnn-prep --column "$column" --split-by document --valid 0.2 "$table" -o "$out/tokens"
rnn-train "$out/tokens" -o "$out" --batch-size "${BATCH_SIZE:-4}" --epochs "${EPOCHS:-30}"
# Five of them, each to its own end, or to forty words.
rnn-gen -q -m "$out" -n 40 --samples 5 --random-seed 1
