"""A typical server for such a model, for comparison with rnn-serve: FastAPI and PyTorch's LSTM, whose state is kept
from word to word, so that each word costs one step.

usage: python3 fastapi_server.py MODEL.safetensors PORT     (pip install fastapi uvicorn torch safetensors numpy)
"""

import json
import sys

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field
from safetensors import safe_open

torch.set_num_threads(1)  # one word at a time is too little work for two threads
torch.set_grad_enabled(False)
file, port = sys.argv[1], int(sys.argv[2])
with safe_open(file, "pt") as model:
    config = json.loads(model.metadata()["config"])
    vocabulary = json.loads(model.metadata()["tokenizer"])["model"]["vocab"]
    tensors = {name: model.get_tensor(name) for name in model.keys()}
words = {number: word for word, number in vocabulary.items()}

embedding = torch.nn.Embedding(config["vocab_size"], config["embedding_size"])
lstm = torch.nn.LSTM(config["embedding_size"], config["hidden_size"], config["num_layers"], batch_first=True)
output = torch.nn.Linear(config["hidden_size"], config["vocab_size"])
embedding.weight.copy_(tensors["embedding.weight"])
lstm.load_state_dict({name[5:]: tensor for name, tensor in tensors.items() if name.startswith("lstm.")})
output.load_state_dict({"weight": tensors["output.weight"], "bias": tensors["output.bias"]})


class GenerateRequest(BaseModel):
    seed_text: str
    num_words: int = Field(50, ge=1, le=1000)
    temperature: float = Field(1.0, ge=0.0, le=10.0)
    random_seed: int = 0


app = FastAPI()


@app.post("/generate")
def generate(request: GenerateRequest):
    random = torch.Generator().manual_seed(request.random_seed)
    text = request.seed_text.lower().split()
    ids = torch.tensor([[vocabulary.get(word, 0) for word in text] or [0]])
    out, state = lstm(embedding(ids))
    for _ in range(request.num_words):
        logits = output(out[:, -1]) / request.temperature
        logits[:, 0] = -torch.inf  # the unknown word
        ids = torch.multinomial(torch.softmax(logits, -1), 1, generator=random)
        text.append(words[ids.item()])
        out, state = lstm(embedding(ids), state)
    return {
        "seed_text": request.seed_text,
        "generated_text": " ".join(text),
        "num_words_generated": request.num_words,
        "temperature": request.temperature,
    }


uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
