#!/bin/sh
# Trains a model anew on texts that have grown, and puts it where rnn-serve reads it only if it is better.
# Why rnn-eval decides: both models are measured on the same held-out text, and a worse one never goes live.
#
# usage: nightly.sh TEXTS-FOLDER SERVED-FOLDER      (nightly.cron calls it; rnn-serve -m SERVED-FOLDER)
set -eu

texts=$1 served=$2
mkdir -p "$served"
work=$(mktemp -d "$served/.nightly.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The served model's vocabulary stays as long as it serves, so that both can be measured on the same tokens.
vocabulary=
if [ -e "$served/model.safetensors" ]; then vocabulary="--vocab $served"; fi
# shellcheck disable=SC2086
rnn-prep -q $vocabulary "$texts"/*.txt -o "$work/tokens"
rnn-train -q "$work/tokens" -o "$work/new"

# The loss on the held-out part, in nats a token.
loss() {
    rnn-eval -q -m "$1" --json "$work/tokens" | sed -n 's/.*"loss":\([0-9.]*\).*/\1/p' | tail -n 1
}

new=$(loss "$work/new")
if [ -n "$vocabulary" ]; then
    old=$(loss "$served")
    if ! awk -v new="$new" -v old="$old" 'BEGIN { exit !(new + 0 < old + 0) }'; then
        echo "nightly: $new is not better than $old, the old model stays" >&2
        exit 0
    fi
    echo "nightly: $new instead of $old" >&2
fi
# In the same file system, so that the server sees the old model or the new one, never half of one.
mv "$work/new/model.safetensors" "$served/model.safetensors"
