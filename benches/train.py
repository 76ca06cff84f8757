"""A straightforward PyTorch trainer of an LSTM with Adam, for comparison with rnn-train --preset classic.

usage: train.py TOKENS EPOCHS EMBEDDING HIDDEN BATCH LENGTH: prints one line of JSON per epoch, with the fields of
rnn-train --json.
"""

import json
import sys
import time

import torch
from safetensors import safe_open
from torch import nn

NUM_LAYERS, DROPOUT, LEARNING_RATE = 2, 0.2, 1e-3


class Network(nn.Module):
    def __init__(self, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size, NUM_LAYERS, dropout=DROPOUT)
        self.dropout = nn.Dropout(DROPOUT)
        self.output = nn.Linear(hidden_size, vocab_size)

    def forward(self, tokens, state=None):
        hidden, state = self.lstm(self.embedding(tokens), state)
        return self.output(self.dropout(hidden)), state


def main():
    path, (epochs, embedding_size, hidden_size, batch_size, seq_length) = sys.argv[1], map(int, sys.argv[2:])
    with safe_open(path, "pt") as file:
        vocab_size = len(json.loads(file.metadata()["tokenizer"])["model"]["vocab"])
        tokens = file.get_tensor("train").long()
    torch.manual_seed(1)
    length = len(tokens) // batch_size
    streams = tokens[: length * batch_size].view(batch_size, length).t().contiguous()
    model = Network(vocab_size, embedding_size, hidden_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for epoch in range(1, epochs + 1):
        begun, state, loss_sum, correct, count = time.perf_counter(), None, 0.0, 0, 0
        for start in range(0, length - 1, seq_length):
            size = min(seq_length, length - 1 - start)
            inputs, targets = streams[start : start + size], streams[start + 1 : start + 1 + size].reshape(-1)
            optimizer.zero_grad()
            logits, state = model(inputs, state)
            logits = logits.view(-1, vocab_size)
            loss = criterion(logits, targets)
            loss.backward()
            optimizer.step()
            state = tuple(part.detach() for part in state)
            loss_sum += loss.item() * len(targets)
            correct += (logits.argmax(-1) == targets).sum().item()
            count += len(targets)
        seconds = time.perf_counter() - begun
        record = {"epoch": epoch, "loss": loss_sum / count, "accuracy": correct / count, "tokens_per_second": count / seconds}
        print(json.dumps(record), flush=True)


main()
