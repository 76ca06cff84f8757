#!/bin/sh
# A grid search: trains every combination of three lists, one run per core at a time.
# Why xargs: each run is a separate single-threaded process, so one computer needs no scheduler.
#
# usage: sweep.sh NAME.tokens FOLDER      writes FOLDER/results.csv and prints the best row
set -eu

tokens=$1 out=$2
sizes=${SIZES:-'200 300'} rates=${RATES:-'0.003 0.006'} dropouts=${DROPOUTS:-'0.3 0.5'}
epochs=${EPOCHS:-8} jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
mkdir -p "$out"

for size in $sizes; do for rate in $rates; do for dropout in $dropouts; do
    echo "$size $rate $dropout"
done; done; done |
    xargs -n 3 -P "$jobs" sh -c '
        rnn-train -q "$0" -o "$1/size$3-rate$4-dropout$5" --epochs "$2" --threads 1 --random-seed 1 --resume=auto \
            --hidden-size "$3" --embedding-size "$3" --learning-rate "$4" --dropout-output "$5"
    ' "$tokens" "$out" "$epochs"

# The best validation loss of each history, regardless of the order of its columns.
{
    echo hidden_size,learning_rate,dropout_output,val_loss
    for history in "$out"/size*/history.csv; do
        settings=$(echo "$history" | sed 's/.*size\(.*\)-rate\(.*\)-dropout\(.*\)\/history.csv/\1,\2,\3/')
        loss=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "val_loss") column = i; next }
            best == "" || $column < best { best = $column } END { print best }' "$history")
        echo "$settings,$loss"
    done
} >"$out/results.csv"
tail -n +2 "$out/results.csv" | sort -t , -k 4 -g | head -n 1
