#!/bin/sh
# Trains on short texts from a column of a table. Each row is a separate document, and so is each generated text.
# Why --column: without it, each tweet would continue into the next, and the network would learn transitions that mean nothing.
#
# usage: tweets.sh [CSV] [COLUMN] [FOLDER]      use at least a few thousand rows
set -eu

table=${1:-$(dirname "$0")/tweets.csv} column=${2:-text} out=${3:-tweets}
mkdir -p "$out"
rnn-prep --column "$column" --split-by document --valid 0.2 "$table" -o "$out/tokens"
rnn-train "$out/tokens" -o "$out" --overwrite --batch-size "${BATCH_SIZE:-4}" --epochs "${EPOCHS:-30}"
# Five texts, each of at most forty words.
rnn-gen -q -m "$out" -n 40 --samples 5 --random-seed 1
