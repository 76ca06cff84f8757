"""Tests a running rnn-serve with OpenAI's client, Prometheus's parser and an OpenAPI validator.

usage: python3 clients.py http://HOST:PORT
"""

import json
import sys
import urllib.request

import openai
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families

url = sys.argv[1]


def get(path):
    with urllib.request.urlopen(url + path) as answer:
        return answer.read().decode()


client = openai.OpenAI(base_url=url + "/v1", api_key="any", max_retries=0)
(model,) = [model.id for model in client.models.list()]
request = {"model": model, "prompt": ["the cat", "on"], "max_tokens": 12, "seed": 1, "n": 2, "logprobs": 2}
whole = client.completions.create(**request)
assert whole.usage.completion_tokens == 48, whole.usage
assert [choice.finish_reason for choice in whole.choices] == ["length"] * 4
assert all(len(choice.logprobs.token_logprobs) == 12 for choice in whole.choices)

texts, usage = [""] * 4, None
for part in client.completions.create(**request, stream=True, stream_options={"include_usage": True}):
    for choice in part.choices:
        texts[choice.index] += choice.text
    usage = part.usage
assert texts == [choice.text for choice in whole.choices]
assert usage == whole.usage

for wrong, error in [({"model": "missing"}, openai.NotFoundError), ({"max_tokens": -1}, openai.BadRequestError)]:
    try:
        client.completions.create(**(request | wrong))
        raise SystemExit(f"{wrong} was accepted")
    except error as refusal:
        assert refusal.param == next(iter(wrong)), refusal

families = {family.name: family for family in text_string_to_metric_families(get("/metrics"))}
requests = {
    (sample.labels["route"], sample.labels["status"]): sample.value
    for sample in families["rnn_http_requests"].samples
}
assert requests["/v1/completions", "200"] == 2, requests
assert families["rnn_http_request_duration_seconds"].type == "histogram"
# Two requests for two prompts with two samples each; refused requests generate nothing.
assert families["rnn_generated_tokens"].samples[0].value == 96

validate(json.loads(get("/openapi.json")))
