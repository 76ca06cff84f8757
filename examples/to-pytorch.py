#!/usr/bin/env python3
"""A model of rnn-train as a PyTorch state_dict, to go on with in Python: to-pytorch.py MODEL TOKENS OUT.pt
Why TOKENS: the token file's held-out part is read by both, and each probability must be the same.

Needs torch, numpy and safetensors, and rnn-eval in PATH.
"""

import sys

import torch
from safetensors.numpy import load_file

import model_file
import network

model, tokens, out = sys.argv[1:]
config, weights = model_file.read(model)
only = {"cell": "lstm", "last_size": None, "skip_connections": False, "attention": 0, "cutoffs": []}
assert all(config[name] == value for name, value in only.items()), f"network.py lacks something of {config}"
net = network.Network(config)
if config["tie_weights"]:
    weights["output.weight"] = weights["embedding.weight"]
net.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})
model_file.check(model_file.log_likelihoods(model, tokens), network.log_likelihoods(net.eval(), load_file(tokens)["valid"]))
torch.save(net.state_dict(), out)
