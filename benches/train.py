"""A straightforward PyTorch trainer of the classic model, to measure rnn-train against.

usage: train.py TOKENS EPOCHS: prints one line of JSON an epoch, with the fields of rnn-train --json.
"""

import json
import sys
import time

import torch
from safetensors import safe_open
from torch import nn

EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, DROPOUT = 100, 150, 2, 0.2
BATCH_SIZE, SEQ_LENGTH, LEARNING_RATE = 32, 50, 1e-3


class Classic(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, EMBEDDING_SIZE)
        self.lstm = nn.LSTM(EMBEDDING_SIZE, HIDDEN_SIZE, NUM_LAYERS, dropout=DROPOUT)
        self.dropout = nn.Dropout(DROPOUT)
        self.output = nn.Linear(HIDDEN_SIZE, vocab_size)

    def forward(self, tokens, state=None):
        hidden, state = self.lstm(self.embedding(tokens), state)
        return self.output(self.dropout(hidden)), state


def main():
    path, epochs = sys.argv[1], int(sys.argv[2])
    with safe_open(path, "pt") as file:
        vocab_size = len(json.loads(file.metadata()["tokenizer"])["model"]["vocab"])
        tokens = file.get_tensor("train").long()
    torch.manual_seed(1)
    length = len(tokens) // BATCH_SIZE
    streams = tokens[: length * BATCH_SIZE].view(BATCH_SIZE, length).t().contiguous()
    model = Classic(vocab_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for epoch in range(1, epochs + 1):
        begun, state, loss_sum, right, count = time.perf_counter(), None, 0.0, 0, 0
        for start in range(0, length - 1, SEQ_LENGTH):
            size = min(SEQ_LENGTH, length - 1 - start)
            inputs, targets = streams[start : start + size], streams[start + 1 : start + 1 + size].reshape(-1)
            optimizer.zero_grad()
            logits, state = model(inputs, state)
            logits = logits.view(-1, vocab_size)
            loss = criterion(logits, targets)
            loss.backward()
            optimizer.step()
            state = tuple(part.detach() for part in state)
            loss_sum += loss.item() * len(targets)
            right += (logits.argmax(-1) == targets).sum().item()
            count += len(targets)
        seconds = time.perf_counter() - begun
        record = {"epoch": epoch, "loss": loss_sum / count, "accuracy": right / count, "tokens_per_second": count / seconds}
        print(json.dumps(record), flush=True)


main()
