#!/usr/bin/env python3
"""Convert a word model from a Keras tutorial to a model file: from-keras.py MODEL.keras WORDS.json OUT.safetensors
Why: a program of a few megabytes can then serve the network.

The model consists of Embedding, LSTM layers, Dropout, and Dense with softmax, as in many tutorials; WORDS.json is the
`word_index` of Keras's Tokenizer: {"the": 1, "and": 2, ...}. from-keras.py --try OUT-FOLDER creates both first, untrained.
Needs tensorflow, numpy and safetensors, and rnn-prep and rnn-eval in PATH.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import keras
import numpy as np
from safetensors.numpy import load_file

import model_file


def build(folder):
    """Build a model with embedding size 100, two layers of 150, and dropout 0.2, for the words of a sentence."""
    words = "the cat sat on the mat and the dog ran to the river where a boat lay in the sun all day long".split()
    index = {word: i + 1 for i, word in enumerate(dict.fromkeys(words))}
    layers = [
        keras.layers.Embedding(len(index) + 1, 100),
        keras.layers.LSTM(150, return_sequences=True),
        keras.layers.Dropout(0.2),
        keras.layers.LSTM(150),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(len(index) + 1, activation="softmax"),
    ]
    model = keras.Sequential(layers)
    model.build((None, None))
    # Larger weights make mistakes visible.
    model.set_weights([weight * 3 for weight in model.get_weights()])
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "tutorial.keras")
    (folder / "words.json").write_text(json.dumps(index))
    return folder / "tutorial.keras", folder / "words.json", folder / "model.safetensors"


def convert(model):
    """Convert the weights: Keras stores (inputs, 4 * units) with gates i, f, c, o and one bias, PyTorch the transpose and two."""
    weights, layer_number = {}, 0
    for layer in model.layers:
        values = layer.get_weights()
        if isinstance(layer, keras.layers.Embedding):
            weights["embedding.weight"] = values[0]
        elif isinstance(layer, keras.layers.LSTM):
            kernel, recurrent, bias = values
            weights[f"lstm.weight_ih_l{layer_number}"] = kernel.T
            weights[f"lstm.weight_hh_l{layer_number}"] = recurrent.T
            weights[f"lstm.bias_ih_l{layer_number}"] = bias
            weights[f"lstm.bias_hh_l{layer_number}"] = np.zeros_like(bias)
            layer_number += 1
        elif isinstance(layer, keras.layers.Dense):
            weights["output.weight"], weights["output.bias"] = values[0].T, values[1]
        else:
            assert not values, f"{layer.name} has weights that a model file cannot represent"
    return weights


if sys.argv[1] == "--try":
    path, index, out = build(pathlib.Path(sys.argv[2]))
else:
    path, index, out = map(pathlib.Path, sys.argv[1:])
model = keras.models.load_model(path)
words = json.loads(index.read_text())
words = sorted(words, key=words.get)
weights = convert(model)
# Keras's id 0 is padding, ours is the unknown word. The order of all other words stays the same.
words = words[: weights["embedding.weight"].shape[0] - 1]
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    (folder / "words").write_text("\n".join(words) + "\n")
    text = " ".join(words * (2 + 120 // len(words)))
    (folder / "text").write_text(text)
    tokens = str(folder / "tokens")
    command = ["rnn-prep", "-q", "--classic", "--vocab", folder / "words", "--valid", "0.5", folder / "text", "-o", tokens]
    subprocess.run(command, check=True)
    model_file.write(out, weights, model_file.metadata(tokens)["tokenizer"])
    ids = load_file(tokens)["valid"][:41].astype("int64")
    ours = model_file.log_likelihoods(out, tokens)[:40]
    # The tutorial's network predicts only the word after the last one, so it reads each prefix.
    theirs = [np.log(model.predict(ids[None, :n], verbose=0)[0, ids[n]]) for n in range(1, 41)]
    model_file.check(ours, np.array(theirs))
