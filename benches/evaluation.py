"""Evaluates a model with libtorch, to measure rnn-eval against: the network alone, on a part of a token file.

usage: evaluation.py MODEL TOKENS PART STREAMS: reads the part as STREAMS side by side (1: as one) and prints a line of
JSON: loss in nats a token, and the best of some rounds in tokens a second, the loading of files left out.
"""

import json
import sys
import time

import torch
from safetensors import safe_open
from torch import nn

ROUNDS = 5
# Places whose logits are computed at once: enough for every core, few enough to stay in the cache.
ROWS = 512


def main():
    path, tokens, part, streams = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    with safe_open(path, "pt") as file:
        config = json.loads(file.metadata()["config"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    with safe_open(tokens, "pt") as file:
        tokens = file.get_tensor(part).long()
    lstm = nn.LSTM(config["embedding_size"], config["hidden_size"], config["num_layers"])
    lstm.load_state_dict({name: tensors[f"lstm.{name}"] for name, _ in lstm.named_parameters()})
    embedding = tensors["embedding.weight"]
    output = embedding if config["tie_weights"] else tensors["output.weight"]
    bias = tensors["output.bias"]
    length = len(tokens) // streams
    tokens = tokens[: length * streams].view(streams, length).t().contiguous()
    best = float("inf")
    with torch.inference_mode():
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            hidden, _ = lstm(embedding[tokens[:-1]])
            hidden, targets = hidden.reshape(-1, hidden.shape[-1]), tokens[1:].reshape(-1)
            nats, right = 0.0, 0
            for rows, target in zip(hidden.split(ROWS), targets.split(ROWS)):
                logits = torch.addmm(bias, rows, output.t())
                nats += nn.functional.cross_entropy(logits, target, reduction="sum").item()
                ranks = (logits > logits.gather(1, target[:, None])).sum(1)
                right += (ranks < 5).sum().item()
            best = min(best, time.perf_counter() - begun)
    print(json.dumps({"loss": nats / len(targets), "top5_accuracy": right / len(targets), "tokens_per_second": len(targets) / best}))


main()
