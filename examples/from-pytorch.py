#!/usr/bin/env python3
"""Convert an LSTM trained in PyTorch to a model file: from-pytorch.py STATE_DICT.pt TOKENS OUT.safetensors
Why: rnn-gen and rnn-serve start in milliseconds and need no Python. TOKENS supplies the vocabulary and a test text.

The state_dict is from network.py or any module with `embedding`, `lstm` and `output`.
Needs torch, numpy and safetensors, and rnn-eval in PATH.
"""

import json
import sys

import torch
from safetensors.numpy import load_file

import model_file
import network

state_dict, tokens, out = sys.argv[1:]
weights = torch.load(state_dict, weights_only=True)
if torch.equal(weights["output.weight"], weights["embedding.weight"]):
    del weights["output.weight"]
model_file.write(out, {name: weight.numpy() for name, weight in weights.items()}, model_file.metadata(tokens)["tokenizer"])

net = network.Network(json.loads(model_file.metadata(out)["config"]))
net.load_state_dict(torch.load(state_dict, weights_only=True))
model_file.check(model_file.log_likelihoods(out, tokens), network.log_likelihoods(net.eval(), load_file(tokens)["valid"]))
