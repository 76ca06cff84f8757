#!/bin/sh
# Retrains a model on a growing collection of texts and deploys it for rnn-serve only if it is better.
# Why rnn-eval decides: it measures both models on the same held-out text, so a worse one never goes live.
#
# usage: nightly.sh TEXTS-FOLDER SERVED-FOLDER      (run by nightly.cron; serve with rnn-serve -m SERVED-FOLDER)
set -eu

texts=$1 served=$2
mkdir -p "$served"
work=$(mktemp -d "$served/.nightly.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Keep the vocabulary of the served model, so that both models can be measured on the same tokens.
vocabulary=
if [ -e "$served/model.safetensors" ]; then vocabulary="--vocab $served"; fi
# shellcheck disable=SC2086
rnn-prep -q $vocabulary "$texts"/*.txt -o "$work/tokens"
rnn-train -q "$work/tokens" -o "$work/new"

# The loss on the held-out part, in nats per token.
loss() {
    rnn-eval -q -m "$1" --json "$work/tokens" | sed -n 's/.*"loss":\([0-9.]*\).*/\1/p' | tail -n 1
}

new=$(loss "$work/new")
if [ -n "$vocabulary" ]; then
    old=$(loss "$served")
    if ! awk -v new="$new" -v old="$old" 'BEGIN { exit !(new + 0 < old + 0) }'; then
        echo "nightly: $new is not better than $old, keeping the old model" >&2
        exit 0
    fi
    echo "nightly: loss improved from $old to $new" >&2
fi
# Within one file system, mv is atomic, so the server never sees a partial model.
mv "$work/new/model.safetensors" "$served/model.safetensors"
