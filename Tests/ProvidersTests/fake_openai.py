"""A server with OpenAI's API for the tests: chats, completions, embeddings, the list of models. fake_server.py says how it
misbehaves; further names of models:
  llamacpp, vllm    as the list of models names their owners
  noecho            ignores echo, as llama.cpp's server does
  plain             gives embeddings as lists of numbers
"""

import base64
import hashlib
import struct
import time

import fake_server
from fake_server import Broken, pieces, reply


def logprob(token):
    return -((sum(token.encode()) % 97) + 1) / 10


def probability(token, count):
    item = {"token": token, "bytes": list(token.encode()), "logprob": logprob(token)}
    top = [dict(item, token=token + "!" * n, bytes=list((token + "!" * n).encode()), logprob=item["logprob"] - n)
           for n in range(count)]
    return dict(item, top_logprobs=top)


class OpenAI(fake_server.Handler):
    def error(self, status, message, fields={}):
        kind = {401: "authentication_error", 429: "rate_limit_error"}.get(status, "invalid_request_error" if status < 500 else "server_error")
        self.json({"error": {"message": message, "type": kind, "param": None, "code": None}}, status, fields)

    def route(self, body):
        path = self.path.split("?")[0]
        if path == "/v1/models":
            owners = {"llamacpp": "llamacpp", "vllm": "vllm"}
            models = ["echo", "llamacpp", "vllm"]
            return self.json({"object": "list", "data": [
                {"id": name, "object": "model", "created": 0, "owned_by": owners.get(name, "fake")} for name in models]})
        handler = {"/v1/chat/completions": self.chat, "/v1/completions": self.completion,
                   "/v1/embeddings": self.embeddings}.get(path)
        if handler is None:
            return self.error(404, f"there is no {path}")
        handler(body)

    def usage(self, prompt, tokens):
        count = len(prompt.split())
        return {"prompt_tokens": count, "completion_tokens": tokens, "total_tokens": count + tokens,
                "prompt_tokens_details": {"cached_tokens": count // 2}}

    def chat(self, body):
        model, messages = body["model"], body["messages"]
        prompt = messages[-1]["content"]
        form = body.get("response_format") or {}
        schema = form["json_schema"]["schema"] if form.get("type") == "json_schema" else {} if form.get("type") == "json_object" else None
        text = reply(model, prompt, schema)
        tokens, reason = self.limited(text, body, body.get("max_completion_tokens") or body.get("max_tokens"))
        text = "".join(tokens)
        everything = " ".join(message["content"] or "" for message in messages)
        head = {"id": "chatcmpl-1", "created": int(time.time()), "model": model}
        count = body.get("top_logprobs", 0) if body.get("logprobs") else None
        usage = self.usage(everything, len(tokens))
        if not body.get("stream"):
            logprobs = {"content": [probability(token, count) for token in tokens]} if count is not None else None
            return self.json(dict(head, object="chat.completion", usage=usage, choices=[{
                "index": 0, "message": {"role": "assistant", "content": text, "refusal": None}, "logprobs": logprobs,
                "finish_reason": reason}]))

        def chunk(delta, reason=None, logprobs=None):
            return dict(head, object="chat.completion.chunk", choices=[
                {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason}], usage=None)

        self.stream(body, usage, head, "chat.completion.chunk", chunk({"role": "assistant", "content": ""}),
                    [chunk({"content": token}, None, {"content": [probability(token, count)]} if count is not None else None)
                     for token in tokens], chunk({}, reason))

    def limited(self, text, body, limit):
        """The tokens of a text before a stop text, and not more than the limit."""
        reason = "stop"
        stop = body.get("stop") or []
        for end in [stop] if isinstance(stop, str) else stop:
            text = text.split(end)[0]
        tokens = pieces(text)
        if limit and len(tokens) > limit:
            tokens, reason = tokens[:limit], "length"
        return tokens, reason

    def stream(self, body, usage, head, kind, first, chunks, last):
        model = body["model"]
        # One turn of each: the first break that the name asks for.
        broken = next((name for name in ("cut", "half", "error", "halferror") if self.breaks(model, name)), None)
        self.begin_stream()
        if first:
            self.event(first)
        error = {"error": {"message": "the fake fails in the stream", "type": "server_error", "code": None}}
        if broken == "cut":
            raise Broken
        if broken == "error":
            self.event(error)
            return self.end_stream()
        if model == "malformed":
            self.event("{this is no JSON")
        if model == "slow":
            while True:
                self.event(chunks[0])
                time.sleep(0.02)
        for chunk in chunks:
            self.event(chunk)
            if broken == "half":
                raise Broken
            if broken == "halferror":
                self.event(error)
                return self.end_stream()
        self.event(last)
        if (body.get("stream_options") or {}).get("include_usage") and model != "nousage":
            self.event(dict(head, object=kind, choices=[], usage=usage))
        self.event("[DONE]")
        self.end_stream()

    def completion(self, body):
        model = body["model"]
        prompts = body["prompt"]
        if isinstance(prompts, str) or (prompts and isinstance(prompts[0], int)):
            prompts = [prompts]
        texts = [prompt if isinstance(prompt, str) else "".join(f" t{number}" for number in prompt) for prompt in prompts]
        head = {"id": "cmpl-1", "created": int(time.time()), "model": model}
        limit = body.get("max_tokens", 16)
        if body.get("stream"):
            tokens, reason = self.limited(reply(model, texts[0], None), body, limit)

            def chunk(text, reason=None, logprobs=None):
                return dict(head, object="text_completion", choices=[
                    {"index": 0, "text": text, "logprobs": logprobs, "finish_reason": reason}])

            return self.stream(body, self.usage(texts[0], len(tokens)), head, "text_completion", None,
                               [chunk(token, None, self.legacy([token], body)) for token in tokens], chunk("", reason))
        choices = []
        for index, text in enumerate(texts):
            generated = pieces(reply(model, text, None))[:limit]
            echoes = body.get("echo") and model != "noecho"
            tokens = (pieces(text) if echoes else []) + generated
            logprobs = self.legacy(tokens, body, echoes)
            choices.append({"index": index, "text": "".join(tokens), "logprobs": logprobs, "finish_reason": "length"})
        self.json(dict(head, object="text_completion", choices=choices, usage=self.usage(" ".join(texts), limit)))

    def legacy(self, tokens, body, echoes=False):
        count = body.get("logprobs")
        if count is None:
            return None
        values = [None if echoes and index == 0 else logprob(token) for index, token in enumerate(tokens)]
        # A token with a vowel at its end is not the most probable one.
        top = [None if value is None else
               {token: value, "?": value + (1 if token[-1:] in "aeiou" else -1)} for token, value in zip(tokens, values)]
        offsets = [sum(len(token) for token in tokens[:index]) for index in range(len(tokens))]
        return {"tokens": tokens, "token_logprobs": values, "top_logprobs": top, "text_offset": offsets}

    def embeddings(self, body):
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        data = []
        for index, text in enumerate(texts):
            digest = hashlib.sha256(text.encode()).digest()
            vector = [byte / 256 for byte in digest[:body.get("dimensions", 8)]]
            coded = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
            is_coded = body.get("encoding_format") == "base64" and body["model"] != "plain"
            data.append({"object": "embedding", "index": index, "embedding": coded if is_coded else vector})
        # In another order: the index says whose vector it is.
        self.json({"object": "list", "data": data[::-1], "model": body["model"],
                   "usage": {"prompt_tokens": sum(len(text.split()) for text in texts), "total_tokens": 0}})


fake_server.serve(OpenAI)
