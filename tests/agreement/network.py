"""Reads model files with torch.nn and prints, as JSON, the logits after each token and the greedy continuation.

usage: network.py TOKENS MODEL...: TOKENS is a JSON list of token ids.
"""

import json
import math
import sys

import torch
from torch import nn


class Network(nn.Module):
    """The network, with modules named like the tensors in the model file."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        vocab, width, hidden = config["vocab_size"], config["embedding_size"], config["hidden_size"]
        layers, last = config["num_layers"], config["last_size"] or hidden
        name, make = {
            "lstm": ("lstm", nn.LSTM),
            "gru": ("gru", nn.GRU),
            "rnn-tanh": ("rnn", lambda *sizes: nn.RNN(*sizes, nonlinearity="tanh")),
            "rnn-relu": ("rnn", lambda *sizes: nn.RNN(*sizes, nonlinearity="relu")),
        }[config["cell"]]
        self.embedding = nn.Embedding(vocab, width)
        self.names = []
        if layers - (last != hidden) > 0:
            setattr(self, name, make(width, hidden, layers - (last != hidden)))
            self.names.append(name)
        if last != hidden:
            setattr(self, f"{name}_last", make(hidden if layers > 1 else width, last, 1))
            self.names.append(f"{name}_last")
        features = width + hidden * (layers - 1) + last if config["skip_connections"] else last
        if config["attention"]:
            self.attention = nn.Linear(features, features, bias=False)
        if config["cutoffs"]:
            self.output = nn.AdaptiveLogSoftmaxWithLoss(features, vocab, config["cutoffs"], head_bias=True)
        else:
            self.output = nn.Linear(features, vocab)
            if config["tie_weights"]:
                self.output.weight = self.embedding.weight
        self.states = {name: None for name in self.names}
        self.past = []

    def read(self, token):
        x = self.embedding(torch.tensor([token]))
        kept = [x]
        for name in self.names:
            module = getattr(self, name)
            x, self.states[name] = module(x, self.states[name])
            state = self.states[name][0] if isinstance(module, nn.LSTM) else self.states[name]
            kept.extend(state)  # the hidden state of each layer
        features = (torch.cat([k.view(-1) for k in kept]) if self.config["skip_connections"] else x.view(-1))
        self.past.append(features)
        if self.config["attention"]:
            last = torch.stack(self.past[-self.config["attention"]:])
            scores = last @ self.attention(features) / math.sqrt(len(features))
            features = features + scores.softmax(0) @ last
        if self.config["cutoffs"]:
            return self.output.log_prob(features[None])[0]
        return self.output(features)


def load(path):
    """Returns the metadata and the tensors of a safetensors file of 32-bit floats."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", entry
        numbers = torch.frombuffer(
            data, dtype=torch.float32, count=math.prod(entry["shape"]), offset=start + entry["data_offsets"][0]
        )
        tensors[name] = numbers.view(entry["shape"])
    return metadata, tensors


tokens = json.loads(sys.argv[1])
answers = []
for path in sys.argv[2:]:
    metadata, weights = load(path)
    network = Network(json.loads(metadata["config"]))
    if network.config["tie_weights"]:
        weights["output.weight"] = weights["embedding.weight"]
    network.load_state_dict(weights)
    with torch.no_grad():
        logits = [network.read(token) for token in tokens]
        greedy, last = [], logits[-1]
        for _ in range(20):
            greedy.append(int(last.argmax()))
            last = network.read(greedy[-1])
    rows = [[float(f"{logit:.7g}") for logit in row.tolist()] for row in logits]
    answers.append({"tokens": tokens, "logits": rows, "greedy": greedy})
print("[" + ",\n".join(map(json.dumps, answers)) + "]")
