"""Measures the words per second of a stateful PyTorch loop, one text at a time on one core, for comparison with
`cargo bench --bench engine` on the same model files.

usage: generate.py MODEL...
"""

import json
import sys
import time

import torch
from safetensors import safe_open
from torch import nn

torch.set_num_threads(1)
for path in sys.argv[1:]:
    with safe_open(path, "pt") as file:
        config = json.loads(file.metadata()["config"])
        weights = {name: file.get_tensor(name) for name in file.keys()}
    hidden, layers, last = config["hidden_size"], config["num_layers"], config["last_size"] or config["hidden_size"]
    embedding = nn.Embedding(config["vocab_size"], config["embedding_size"])
    network = {"embedding": embedding, "output": nn.Linear(last, config["vocab_size"])}
    if config["tie_weights"]:
        weights["output.weight"] = weights["embedding.weight"]
    network["lstm"] = nn.LSTM(config["embedding_size"], hidden, layers - (last != hidden))
    if last != hidden:
        network["lstm_last"] = nn.LSTM(hidden, last)
    network = nn.ModuleDict(network)
    network.load_state_dict(weights)
    lstms = [network[name] for name in ("lstm", "lstm_last") if name in network]
    states = [None] * len(lstms)
    token = torch.zeros(1, 1, dtype=torch.long)
    best = float("inf")
    with torch.inference_mode():
        begin = time.perf_counter()
        while time.perf_counter() - begin < 3:
            start = time.perf_counter()
            x = embedding(token)
            for i, lstm in enumerate(lstms):
                x, states[i] = lstm(x, states[i])
            token = network["output"](x).argmax(-1)
            best = min(best, time.perf_counter() - start)
    print(f"{path}: PyTorch {torch.__version__}: {1 / best:.0f} words/s")
