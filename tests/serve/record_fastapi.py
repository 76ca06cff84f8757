"""Records FastAPI's responses to bodies of POST /generate, to test rnn-serve's own validation.

usage: python3 record_fastapi.py > new.jsonl      (pip install fastapi httpx)
The bodies are those of src/bin/rnn-serve/generate/fastapi.jsonl and those below; new.jsonl replaces that file. Recorded
JSON syntax errors are kept: their messages and positions are serde_json's, not Python's.
"""

import io
import json
import pathlib
import sys
from typing import List, Optional, Union

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, field_validator


class Request(BaseModel):
    model_config = {"protected_namespaces": ()}
    seed_text: str = Field(max_length=10_000)
    num_words: int = Field(50, ge=1, le=1000)
    temperature: float = Field(1.0, ge=0.0, le=10.0)
    random_seed: Optional[int] = Field(None, ge=0, le=2**64 - 1)
    top_k: Optional[int] = Field(None, ge=1)
    top_p: Optional[float] = Field(None, gt=0.0, le=1.0)
    min_p: Optional[float] = Field(None, ge=0.0, le=1.0)
    repetition_penalty: Optional[float] = Field(None, gt=0.0, le=10.0)
    stop: Optional[Union[str, List[str]]] = None
    num_samples: int = Field(1, ge=1, le=16)
    stream: bool = False
    model: Optional[str] = None

    @field_validator("stop")
    @classmethod
    def few_and_short(cls, stop):
        texts = [stop] if isinstance(stop, str) else stop or []
        if len(texts) > 16 or any(len(text) > 200 for text in texts):
            raise ValueError("at most 16 texts of at most 200 characters")
        return texts if stop is not None else None


NUMBERS = ["0.5", "1", "0", "-1", "1.5", "11", '"0.25"', '"x"', "true", "null", "[]", "{}", "1e400", '" 1 "', '"1_0"']
MORE = [f'{{"seed_text":"a","{name}":{value}}}' for name in ("min_p", "repetition_penalty") for value in NUMBERS]
MORE += [
    f'{{"seed_text":"a","num_samples":{value}}}'
    for value in ["1", "16", "17", "0", "-3", "2.0", "2.5", '"4"', '"x"', "true", "false", "null", "[]"]
]
MORE += [
    f'{{"seed_text":"a","stop":{value}}}'
    for value in [
        '"x"', '""', "[]", '["x"]', '["x","y"]', "null", "5", "true", "{}", '[5]', '["x",5,null]', '[["x"]]', "1.5",
        json.dumps(["x"] * 16), json.dumps(["x"] * 17), json.dumps("é" * 200), json.dumps(["é" * 201]), '{"a":"b"}',
    ]
]
MORE += [f'{{"seed_text":"a","model":{value}}}' for value in ['"alice"', '""', "null", "5", "true", "[]", '["a"]']]
MORE += ['{"model":5,"stop":5,"num_samples":0,"min_p":2}', '{"seed_text":5,"stop":[5],"repetition_penalty":0}']

app = FastAPI()


@app.post("/generate")
def generate(request: Request):
    return request.model_dump()


client = TestClient(app, raise_server_exceptions=False)
recorded = pathlib.Path(__file__).parent / "../../src/bin/rnn-serve/generate/fastapi.jsonl"
lines = [json.loads(line) for line in recorded.read_text().splitlines()]
bodies = [line["body"] for line in lines]
syntax_errors = {line["body"]: line for line in lines if "json_invalid" in str(line["answer"])}
out = io.StringIO()
for body in dict.fromkeys(bodies + MORE):
    answer = client.post("/generate", content=body.encode(), headers={"Content-Type": "application/json"})
    if answer.status_code == 500:
        continue  # FastAPI cannot serialize its own response
    line = syntax_errors.get(body) or {"body": body, "status": answer.status_code, "answer": answer.json()}
    out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
sys.stdout.write(out.getvalue())
