"""Compares word-level rnn-prep with Python, in alternating rounds on one core.

usage: tokenization.py RNN-PREP TEXT [ROUNDS]

Each program reads the file, splits it into words and punctuation, counts them, chooses the vocabulary, and encodes the
text. The alternatives are `re.findall` with a `Counter` and, if installed, Hugging Face's `tokenizers` with a WordLevel
model and the fastest comparable pre-tokenizer (`Whitespace`).
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

try:
    import tokenizers
except ImportError:
    tokenizers = None


def rnn_prep(program, path):
    with tempfile.NamedTemporaryFile(suffix=".tokens") as out:
        subprocess.run([program, "-q", path, "-o", out.name], check=True)


def findall(_, path):
    with open(path, encoding="utf-8") as file:
        pieces = re.findall(r"\w+|\n|[^\w\s]", file.read())
    vocab = {piece: id for id, (piece, _) in enumerate(Counter(pieces).most_common(), 1)}
    return [vocab[piece] for piece in pieces]


def hugging_face(_, path):
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    trainer = tokenizers.trainers.WordLevelTrainer(vocab_size=1 << 30, special_tokens=["<unk>"], show_progress=False)
    tokenizer.train([path], trainer)
    with open(path, encoding="utf-8") as file:
        return [id for line in tokenizer.encode_batch(file.readlines()) for id in line.ids]


def main():
    program, path = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    programs = {"rnn-prep": rnn_prep, "Python, re.findall and Counter": findall}
    if tokenizers:
        programs[f"tokenizers {tokenizers.__version__}, WordLevel"] = hugging_face
    seconds = {name: [] for name in programs}
    for _ in range(rounds):
        for name, run in programs.items():
            begun = time.perf_counter()
            run(program, path)
            seconds[name].append(time.perf_counter() - begun)
    megabytes = os.path.getsize(path) / 1e6
    ours = statistics.median(seconds["rnn-prep"])
    print(f"{megabytes:.1f} MB of text, one core, median of {rounds}:")
    for name, times in seconds.items():
        median = statistics.median(times)
        print(f"{name}: {megabytes / median:.1f} MB/s ({median / ours:.1f} times the duration of rnn-prep)")


main()
