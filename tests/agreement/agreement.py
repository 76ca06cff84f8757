"""Checks that Python's safetensors reads token files and that Python's tokenizers returns the same ids.

usage: agreement.py TOKENS TEXT DECODED [...]: each token file was made from the text after it, without held-out parts;
DECODED is its text according to rnn-prep --decode.
"""

import json
import sys

from safetensors import safe_open
from safetensors.numpy import load_file
from tokenizers import Tokenizer

failed = False
def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


for path, text_path, decoded_path in zip(sys.argv[1::3], sys.argv[2::3], sys.argv[3::3]):
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
        ours = file.get_tensor("train").tolist()
    assert load_file(path)["train"].tolist() == ours
    json.loads(metadata["prep"])
    tokenizer = Tokenizer.from_str(metadata["tokenizer"])
    theirs = tokenizer.encode(read(text_path)).ids
    # Documents are enclosed in special tokens, which no text contains.
    if theirs != ours and tokenizer.token_to_id("<bos>") is None:
        failed = True
        at = next((i for i, (a, b) in enumerate(zip(theirs, ours)) if a != b), min(len(theirs), len(ours)))
        name = tokenizer.id_to_token
        print(f"{path}: token {at}: theirs {[name(i) for i in theirs[at:at + 6]]}, ours {[name(i) for i in ours[at:at + 6]]}")
    decoded = read(decoded_path)
    for skip in (False, True):
        text = tokenizer.decode(ours, skip_special_tokens=skip)
        if text != decoded:
            failed = True
            at = next((i for i, (a, b) in enumerate(zip(text, decoded)) if a != b), min(len(text), len(decoded)))
            print(f"{path}: character {at}: theirs {text[at - 9:at + 9]!r}, ours {decoded[at - 9:at + 9]!r}")
sys.exit(failed)
