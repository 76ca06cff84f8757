"""Checks that Python's safetensors reads token files and that Python's tokenizers returns the same ids.

usage: agreement.py TOKENS TEXT [TOKENS TEXT ...]: each token file was made from the text after it, without held-out parts.
"""

import json
import sys

from safetensors import safe_open
from safetensors.numpy import load_file
from tokenizers import Tokenizer

failed = False
for path, text_path in zip(sys.argv[1::2], sys.argv[2::2]):
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
        ours = file.get_tensor("train").tolist()
    assert load_file(path)["train"].tolist() == ours
    json.loads(metadata["prep"])
    tokenizer = Tokenizer.from_str(metadata["tokenizer"])
    with open(text_path, encoding="utf-8", newline="") as file:
        text = file.read()
    theirs = tokenizer.encode(text).ids
    if theirs != ours:
        failed = True
        at = next((i for i, (a, b) in enumerate(zip(theirs, ours)) if a != b), min(len(theirs), len(ours)))
        name = tokenizer.id_to_token
        print(f"{path}: token {at}: theirs {[name(i) for i in theirs[at:at + 6]]}, ours {[name(i) for i in ours[at:at + 6]]}")
    elif tokenizer.decoder is not None and 0 not in ours:
        assert tokenizer.decode(theirs) == text, f"{path}: Python decodes the ids to a different text"
sys.exit(failed)
