"""Checks the fakes with the makers' own clients: what these read is what the tests of Providers rely on.

  python3 -m venv venv && venv/bin/pip install openai anthropic && venv/bin/python check_fakes.py

Checked with openai 3.57.0 and anthropic 2.14.0.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import anthropic
import openai

here = pathlib.Path(__file__).parent
schema = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
          "required": ["name", "age"], "additionalProperties": False}


def check(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: {got!r} instead of {wanted!r}")


def start(script, folder):
    process = subprocess.Popen([sys.executable, here / script, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, f"http://127.0.0.1:{process.stdout.readline().strip()}"


def check_openai(address, key):
    client = openai.OpenAI(base_url=address + "/v1", api_key=key, max_retries=2)
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "swifts sleep"}]
    whole = client.chat.completions.create(model="echo", messages=messages, logprobs=True, top_logprobs=2)
    check("chat", whole.choices[0].message.content, "You said: swifts sleep")
    check("usage", (whole.usage.prompt_tokens, whole.usage.prompt_tokens_details.cached_tokens), (4, 2))
    check("logprobs", [len(item.top_logprobs) for item in whole.choices[0].logprobs.content], [2, 2, 2, 2])
    chunks = list(client.chat.completions.create(
        model="echo", messages=messages, stream=True, stream_options={"include_usage": True}, max_completion_tokens=3))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    check("streamed chat", text, "You said: swifts")
    check("finish_reason", chunks[-2].choices[0].finish_reason, "length")
    check("streamed usage", chunks[-1].usage.completion_tokens, 3)
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema, "strict": True}}
    answer = client.chat.completions.create(model="echo", messages=messages, response_format=form)
    check("schema", json.loads(answer.choices[0].message.content), {"name": "text", "age": 1})
    scored = client.completions.create(model="echo", prompt=["a b c"], max_tokens=1, echo=True, logprobs=1)
    check("echo", scored.choices[0].logprobs.tokens[:3], ["a", " b", " c"])
    check("first logprob", scored.choices[0].logprobs.token_logprobs[0], None)
    coded = client.embeddings.create(model="echo", input=["a", "b"])
    plain = client.embeddings.create(model="plain", input=["a", "b"], encoding_format="float")
    vectors = [[round(number, 4) for number in item.embedding] for item in sorted(coded.data, key=lambda item: item.index)]
    listed = [[round(number, 4) for number in item.embedding] for item in sorted(plain.data, key=lambda item: item.index)]
    check("embeddings", vectors, listed)
    check("models", [model.owned_by for model in client.models.list()], ["fake", "llamacpp", "vllm"])
    retried = client.chat.completions.create(model="fail-429-1-retry-after-ms=10", messages=messages)
    check("a retry", retried.choices[0].message.content, "You said: swifts sleep")
    for model, kind in [("fail-400-9", openai.BadRequestError), ("leak", openai.AuthenticationError)]:
        try:
            client.chat.completions.create(model=model, messages=messages)
            sys.exit(f"{model} did not fail")
        except kind:
            pass
    try:
        list(client.chat.completions.create(model="error-1", messages=messages, stream=True))
        sys.exit("an error in the stream went unseen")
    except openai.APIError as error:
        check("an error in the stream", error.message, "the fake fails in the stream")


def check_anthropic(address, key):
    client = anthropic.Anthropic(base_url=address, api_key=key, max_retries=2)
    asked = dict(model="echo", max_tokens=20, system="Be brief.", messages=[{"role": "user", "content": "swifts sleep"}])
    whole = client.messages.create(**asked)
    check("message", whole.content[0].text, "You said: swifts sleep")
    with client.messages.stream(**asked) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    check("streamed message", text, "You said: swifts sleep")
    check("stop_reason", final.stop_reason, "end_turn")
    check("usage", (final.usage.input_tokens, final.usage.cache_read_input_tokens, final.usage.output_tokens), (4, 2, 4))
    counted = client.messages.count_tokens(model="echo", system="Be brief.", messages=asked["messages"])
    check("count_tokens", counted.input_tokens, 4)
    prefilled = client.messages.create(**dict(asked, messages=asked["messages"] + [{"role": "assistant", "content": "Well"}]))
    check("prefill", prefilled.content[0].text, " and so on")
    stopped = client.messages.create(**dict(asked, stop_sequences=[": swifts"]))
    check("stop", (stopped.content[0].text, stopped.stop_sequence), ("You said", ": swifts"))
    formed = client.messages.create(**asked, output_config={"format": {"type": "json_schema", "schema": schema}})
    check("schema", json.loads(formed.content[0].text), {"name": "text", "age": 1})
    retried = client.messages.create(**dict(asked, model="fail-529-1-retry-after=0"))
    check("a retry", retried.content[0].text, "You said: swifts sleep")
    for model, kind in [("fail-404-9", anthropic.NotFoundError), ("leak", anthropic.AuthenticationError)]:
        try:
            client.messages.create(**dict(asked, model=model))
            sys.exit(f"{model} did not fail")
        except kind:
            pass
    try:
        with client.messages.stream(**dict(asked, model="halferror-1")) as stream:
            list(stream.text_stream)
        sys.exit("an error in the stream went unseen")
    except anthropic.APIStatusError as error:
        check("an error in the stream", error.body["error"]["type"], "overloaded_error")


with tempfile.TemporaryDirectory() as folder:
    servers = [start("fake_openai.py", folder), start("fake_anthropic.py", folder)]
    try:
        check_openai(servers[0][1], "sk-check")
        check_anthropic(servers[1][1], "sk-check")
    finally:
        for process, _ in servers:
            process.stdin.close()
            process.wait()
print(f"the fakes agree with openai {openai.__version__} and anthropic {anthropic.__version__}")
