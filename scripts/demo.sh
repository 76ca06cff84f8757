#!/bin/sh
# Demonstrates the main commands on the built-in book, without a network.
# usage: demo.sh BIN-FOLDER OUTPUT-FOLDER
set -eu

bin=$1
out=$2
PATH=$bin:$PATH
mkdir -p "$out"

step() {
    printf '\n\033[1m$ %s\033[0m\n' "$*" >&2
}

step "rnn-fetch ferry -o $out/ferry.txt"
rnn-fetch ferry -o "$out/ferry.txt"

step "rnn-prep $out/ferry.txt -o $out/ferry.tokens"
rnn-prep "$out/ferry.txt" -o "$out/ferry.tokens"

step "rnn-train $out/ferry.tokens -o $out/ferry"
rnn-train "$out/ferry.tokens" -o "$out/ferry"

step "rnn-plot history $out/ferry -o $out/history.png"
rnn-plot history "$out/ferry" -o "$out/history.png"

step "rnn-plot architecture $out/ferry -o $out/architecture.png"
rnn-plot architecture "$out/ferry" -o "$out/architecture.png"

step "rnn-gen -m $out/ferry --seed 'The bell rang' -n 120"
rnn-gen -m "$out/ferry" --seed 'The bell rang' -n 120

cat >&2 <<END

A network that was just trained on this machine wrote this text. See $out/history.png and
$out/architecture.png, then try:

  $bin/rnn-gen -m $out/ferry --seed 'Once there was a goat' -n 80 --top-p 0.9
  $bin/rnn-serve -m $out/ferry          then open http://127.0.0.1:8000 in a browser
  $bin/rnn-fetch alice -o alice.txt     or use your own text file, then
  $bin/rnn-prep alice.txt -o alice.tokens && $bin/rnn-train alice.tokens -o alice
  $bin/rnn-gen -m alice --seed 'the white rabbit'
END
