#!/usr/bin/env python3
"""Use rnn-serve through OpenAI's completions API: openai-client.py [URL] [PROMPT]
Why no library: the calls are plain HTTP. With the `openai` package, set base_url=URL + "/v1" and any api_key.
"""

import json
import os
import sys
import urllib.request

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
prompt = sys.argv[2] if len(sys.argv) > 2 else "the bell"


def call(path, body=None):
    """Send a request and return the open response."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ.get('RNN_API_KEY', 'none')}"}
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(urllib.request.Request(url + path, data, headers))


models = [model["id"] for model in json.load(call("/v1/models"))["data"]]
print("models:", ", ".join(models), file=sys.stderr)

request = {"model": models[0], "prompt": prompt, "max_tokens": 30, "temperature": 0.8, "seed": 1}
print(prompt + json.load(call("/v1/completions", request))["choices"][0]["text"])

# The same request, streamed.
print(prompt, end="")
for line in call("/v1/completions", {**request, "stream": True}):
    event = line.decode().removeprefix("data: ").strip()
    if event and event != "[DONE]":
        print(json.loads(event)["choices"][0]["text"], end="", flush=True)
print()
