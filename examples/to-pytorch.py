#!/usr/bin/env python3
"""Convert a model to a PyTorch state_dict: to-pytorch.py MODEL TOKENS OUT.pt
Why TOKENS: both networks must assign equal probabilities to the held-out part of the token file.

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
assert all(config[name] == value for name, value in only.items()), f"network.py does not support {config}"
net = network.Network(config)
if config["tie_weights"]:
    weights["output.weight"] = weights["embedding.weight"]
net.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})
model_file.check(model_file.log_likelihoods(model, tokens), network.log_likelihoods(net.eval(), load_file(tokens)["valid"]))
torch.save(net.state_dict(), out)
