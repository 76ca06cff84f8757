#!/bin/sh
# Training speed: the classic model with rnn-train and, where python3 has torch and safetensors, with
# benches/train.py, in turn (A B A B A B) on the same tokens and cores. Generation: time to the first word, words a second.
# Preparation: rnn-prep against Python and Hugging Face's tokenizers, on the text repeated to 20 MB.
# usage: bench.sh BIN-FOLDER [TEXT]; the built-in book if no text is named. PYTHON names another python3.
set -eu

bin=$1
text=${2:-}
python=${PYTHON:-python3}
epochs=4
rounds=3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

"$bin/rnn-fetch" -q "${text:-ferry}" >"$work/text"
"$bin/rnn-prep" -q --classic "$work/text" -o "$work/tokens"
printf 'text: %s words; CPU: %s, %s cores\n' "$(wc -w <"$work/text")" \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(getconf _NPROCESSORS_ONLN)"

# speeds FILE: the tokens a second of every epoch but the first, in which libraries warm up.
speeds() {
    sed -n 's/.*"epoch":[ ]*\([0-9]*\).*"tokens_per_second":[ ]*\([0-9.]*\).*/\1 \2/p' "$1" | awk '$1 > 1 { print $2 }'
}
median() {
    sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

has_torch=no
if "$python" -c 'import torch, safetensors' 2>/dev/null; then has_torch=yes; fi
for _ in $(seq $rounds); do
    "$bin/rnn-train" -q "$work/tokens" -o "$work/model" --preset classic --epochs $epochs --patience 0 --device cpu \
        --random-seed 1 --json >"$work/json"
    speeds "$work/json" >>"$work/ours"
    [ $has_torch = no ] || "$python" benches/train.py "$work/tokens" $epochs >"$work/json"
    [ $has_torch = no ] || speeds "$work/json" >>"$work/theirs"
done
ours=$(median <"$work/ours")
printf 'rnn-train, classic model: %.0f tokens/s (median of %d epochs)\n' "$ours" "$(wc -l <"$work/ours")"
if [ $has_torch = yes ]; then
    theirs=$(median <"$work/theirs")
    printf 'PyTorch %s, the same:  %.0f tokens/s; ratio %.2f\n' "$("$python" -c 'import torch; print(torch.__version__)')" \
        "$theirs" "$(echo "$ours $theirs" | awk '{ print $1 / $2 }')"
else
    echo 'PyTorch: python3 has no torch and safetensors (pip install torch==2.11.0 safetensors numpy), left out'
fi

now() { date +%s%N; }
for _ in 1 2 3 4 5 6 7 8 9; do
    begun=$(now)
    "$bin/rnn-gen" -q -m "$work/model" -n 0 -r 1 2>/dev/null | head -c 1 >/dev/null
    echo $((($(now) - begun) / 1000)) >>"$work/first"
done
printf 'rnn-gen, first word: %.1f ms from the start of the program (median of 9)\n' "$(median <"$work/first" | awk '{ print $1 / 1000 }')"
begun=$(now)
"$bin/rnn-gen" -q -m "$work/model" -n 20000 -r 1 >/dev/null
printf 'rnn-gen: %.0f words/s\n' "$(echo "$begun $(now)" | awk '{ print 20000 / (($2 - $1) / 1e9) }')"

while [ "$(wc -c <"$work/text")" -lt 20000000 ]; do
    cat "$work/text" "$work/text" >"$work/twice"
    mv "$work/twice" "$work/text"
done
if command -v "$python" >/dev/null; then "$python" benches/tokenization.py "$bin/rnn-prep" "$work/text"; fi
