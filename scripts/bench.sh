#!/bin/sh
# Runs all benchmarks: training (benches/training.sh), generation (time to the first word, words per second,
# benches/generation.sh), evaluation (benches/evaluation.sh), serving (benches/serving.sh), and tokenization (rnn-prep
# compared with Python and Hugging Face's tokenizers, on the text repeated to 20 MB).
# usage: bench.sh BIN-FOLDER [TEXT]   TEXT defaults to the built-in book; PYTHON is the python3 to use.
set -eu

bin=$1
text=${2:-}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

"$bin/rnn-fetch" -q "${text:-ferry}" >"$work/text"
printf 'text: %s words; CPU: %s, %s cores\n' "$(wc -w <"$work/text")" \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(getconf _NPROCESSORS_ONLN)"

median() {
    sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

PYTHON=$python benches/training.sh "$bin" "$work/text" "$work"

now() { date +%s%N; }
for _ in 1 2 3 4 5 6 7 8 9; do
    begun=$(now)
    "$bin/rnn-gen" -q -m "$work/model-classic" -n 0 -r 1 2>/dev/null | head -c 1 >/dev/null
    echo $((($(now) - begun) / 1000)) >>"$work/first"
done
printf 'rnn-gen, first word: %.1f ms after the start of the program (median of 9)\n' "$(median <"$work/first" | awk '{ print $1 / 1000 }')"
begun=$(now)
"$bin/rnn-gen" -q -m "$work/model-classic" -n 20000 -r 1 >/dev/null
printf 'rnn-gen: %.0f words/s\n' "$(echo "$begun $(now)" | awk '{ print 20000 / (($2 - $1) / 1e9) }')"

PYTHON=$python benches/generation.sh "$bin" "$work"
PYTHON=$python benches/evaluation.sh "$bin" "$work/model-classic" "$work/words.tokens"
PYTHON=$python benches/serving.sh "$bin" "$work"

while [ "$(wc -c <"$work/text")" -lt 20000000 ]; do
    cat "$work/text" "$work/text" >"$work/twice"
    mv "$work/twice" "$work/text"
done
if command -v "$python" >/dev/null; then "$python" benches/tokenization.py "$bin/rnn-prep" "$work/text"; fi
