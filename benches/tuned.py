"""Random search for the best result of nn.LSTM and nn.Dropout on a small book, as a baseline for rnn-train's defaults.

usage: tuned.py TOKENS MINUTES [SEED]: tries random settings from the ranges of tutorials and pytorch/examples, keeps
the best epoch of each (selected on the reported validation split, which benefits this baseline), and prints one line
per trial.
"""

import json
import math
import random
import sys
import time

import torch
from safetensors import safe_open
from torch import nn

BATCH_SIZE, SEQ_LENGTH, PATIENCE, MAX_EPOCHS = 20, 35, 4, 60
CHOICES = {
    "size": [100, 200, 300, 400],
    "layers": [1, 2],
    "dropout": [0.2, 0.35, 0.5, 0.65],
    "tied": [True, False],
    "learning_rate": [1e-3, 2e-3, 3e-3, 5e-3],
    "weight_decay": [0.0, 1e-5, 1e-4, 1e-3],
}


class Network(nn.Module):
    def __init__(self, vocab_size, size, layers, dropout, tied):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, size)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.lstm = nn.LSTM(size, size, layers, dropout=dropout if layers > 1 else 0.0)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(size, vocab_size)
        if tied:
            self.output.weight = self.embedding.weight

    def forward(self, tokens, state=None):
        hidden, state = self.lstm(self.dropout(self.embedding(tokens)), state)
        return self.output(self.dropout(hidden)), state


def streams(tokens, count):
    length = len(tokens) // count
    return tokens[: length * count].view(count, length).t().contiguous()


def run(network, part, criterion, optimizer=None):
    """Runs one epoch; returns the loss in nats per token."""
    state, total, count = None, 0.0, 0
    for start in range(0, len(part) - 1, SEQ_LENGTH):
        size = min(SEQ_LENGTH, len(part) - 1 - start)
        logits, state = network(part[start : start + size], state)
        state = tuple(s.detach() for s in state)
        target = part[start + 1 : start + 1 + size].reshape(-1)
        loss = criterion(logits.view(len(target), -1), target)
        if optimizer:
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 0.25)
            optimizer.step()
        total, count = total + loss.item() * len(target), count + len(target)
    return total / count


def main():
    path, minutes, seed = sys.argv[1], float(sys.argv[2]), int((sys.argv[3:] or ["1"])[0])
    with safe_open(path, "pt") as file:
        vocab_size = len(json.loads(file.metadata()["tokenizer"])["model"]["vocab"])
        train, valid = (file.get_tensor(name).long() for name in ("train", "valid"))
    train, valid = streams(train, BATCH_SIZE), streams(valid, 1)
    rng = random.Random(seed)
    criterion, best, begun = nn.CrossEntropyLoss(), math.inf, time.time()
    while time.time() - begun < 60 * minutes:
        s = {name: rng.choice(values) for name, values in CHOICES.items()}
        torch.manual_seed(seed)
        network = Network(vocab_size, s["size"], s["layers"], s["dropout"], s["tied"])
        optimizer = torch.optim.Adam(network.parameters(), lr=s["learning_rate"], weight_decay=s["weight_decay"])
        losses = []
        for _ in range(MAX_EPOCHS):
            network.train()
            run(network, train, criterion, optimizer)
            network.eval()
            with torch.no_grad():
                losses.append(run(network, valid, criterion))
            if min(losses) not in losses[-PATIENCE:]:
                break
        best = min(best, min(losses))
        print(json.dumps({**s, "epochs": len(losses), "perplexity": math.exp(min(losses)), "best": math.exp(best)}), flush=True)


main()
