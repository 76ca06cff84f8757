"""Evaluates a network with libtorch on a split of a token file, for comparison with rnn-eval.

usage: evaluation.py MODEL TOKENS SPLIT STREAMS: reads the split as STREAMS parallel streams and prints a line of JSON:
the loss in nats per token, the top-5 accuracy, and the tokens per second of the fastest round, excluding file loading.
"""

import json
import sys
import time

import torch
from safetensors import safe_open
from torch import nn

ROUNDS = 5
# Positions whose logits are computed together: enough for all cores, few enough to stay in the cache.
ROWS = 512


def main():
    path, tokens, split, streams = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    with safe_open(path, "pt") as file:
        config = json.loads(file.metadata()["config"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    with safe_open(tokens, "pt") as file:
        tokens = file.get_tensor(split).long()
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
            nats, correct = 0.0, 0
            for rows, target in zip(hidden.split(ROWS), targets.split(ROWS)):
                logits = torch.addmm(bias, rows, output.t())
                nats += nn.functional.cross_entropy(logits, target, reduction="sum").item()
                ranks = (logits > logits.gather(1, target[:, None])).sum(1)
                correct += (ranks < 5).sum().item()
            best = min(best, time.perf_counter() - begun)
    print(json.dumps({"loss": nats / len(targets), "top5_accuracy": correct / len(targets), "tokens_per_second": len(targets) / best}))


main()
