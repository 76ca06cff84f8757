"""Read and write rnn-tools' files, for from-pytorch.py, to-pytorch.py and from-keras.py. Needs numpy and safetensors."""

import json
import subprocess

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

# The training metadata, which is unknown for weights from elsewhere.
UNKNOWN_TRAINING = {
    "best_epoch": 0, "epochs": 0, "val_loss": 0.0, "val_accuracy": 0.0, "mixed_val_loss": None,
    "loss": 0.0, "accuracy": 0.0, "seed": 0, "data": "", "settings": {},
}


def metadata(path):
    """Return the metadata: `config`, `tokenizer` and `training` of a model, `tokenizer` of a token file."""
    with safe_open(path, "numpy") as file:
        return file.metadata()


def read(path):
    """Return the config of a model, and its weights under PyTorch's names."""
    config = json.loads(metadata(path)["config"])
    return config, {name: tensor for name, tensor in load_file(path).items() if not name.startswith("ngram.")}


def write(path, weights, tokenizer):
    """Write a model; its config follows from the weights of embedding, lstm and output."""
    vocab_size, embedding_size = weights["embedding.weight"].shape
    config = {
        "cell": "lstm",
        "vocab_size": vocab_size,
        "embedding_size": embedding_size,
        "hidden_size": weights["lstm.weight_hh_l0"].shape[1],
        "num_layers": sum(name.startswith("lstm.weight_hh") for name in weights),
        "last_size": None,
        "skip_connections": False,
        "attention": 0,
        "tie_weights": "output.weight" not in weights,
        "cutoffs": [],
    }
    texts = {"config": json.dumps(config), "tokenizer": tokenizer, "training": json.dumps(UNKNOWN_TRAINING)}
    weights = {name: np.ascontiguousarray(weight, np.float32) for name, weight in weights.items()}
    save_file(weights, path, {"format": "pt", **texts})


def log_likelihoods(model, tokens):
    """Return rnn-eval's log-likelihood of each token of the held-out part of a token file, except the first."""
    command = ["rnn-eval", "-q", "-m", model, "--exact", "--no-ngrams", "--per", "token", "--json", tokens]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    return np.array([row["log_likelihood"] for row in rows if "position" in row])


def check(ours, theirs):
    """Fail unless both agree to 1e-3 nats, which allows for single precision over hundreds of steps."""
    assert len(ours) == len(theirs) > 0, (len(ours), len(theirs))
    worst = np.abs(ours - theirs).max()
    print(f"{len(ours)} log-probabilities differ by {worst:.1e} at most")
    assert worst < 1e-3, "the networks differ"
