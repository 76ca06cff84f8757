"""rnn-train's network in PyTorch, which defines the names and shapes in a model file."""

import torch
from torch import nn


class Network(nn.Module):
    """Embedding, LSTM and output layer, whose weight is the embedding if weights are tied."""

    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config["vocab_size"], config["embedding_size"])
        self.lstm = nn.LSTM(config["embedding_size"], config["hidden_size"], config["num_layers"], batch_first=True)
        self.output = nn.Linear(config["hidden_size"], config["vocab_size"])
        if config["tie_weights"]:
            self.output.weight = self.embedding.weight

    def forward(self, ids, state=None):
        """Return the logits (batch, steps, vocab_size) for ids (batch, steps), and the final state."""
        hidden, state = self.lstm(self.embedding(ids), state)
        return self.output(hidden), state


@torch.no_grad()
def log_likelihoods(network, ids):
    """Return the log-likelihood of each id except the first, given the preceding ones."""
    logits, _ = network(torch.tensor(ids[None, :-1].astype("int64")))
    chosen = torch.tensor(ids[1:].astype("int64"))
    return logits[0].log_softmax(-1)[torch.arange(len(chosen)), chosen].numpy()
