"""A server with Anthropic's Messages API for the tests. fake_server.py says how it misbehaves."""

import time

import fake_server
from fake_server import Broken, pieces, reply


class Anthropic(fake_server.Handler):
    def error(self, status, message, fields={}):
        kinds = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
                 404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error"}
        self.json({"type": "error", "error": {"type": kinds.get(status, "api_error"), "message": message}}, status, fields)

    def route(self, body):
        path = self.path.split("?")[0]
        if self.headers.get("anthropic-version") not in ("2023-06-01", "2026-10-21"):
            return self.error(400, "anthropic-version: header is required")
        if path == "/v1/messages/count_tokens":
            return self.json({"input_tokens": self.count(body)})
        if path != "/v1/messages":
            return self.error(404, f"there is no {path}")
        if "max_tokens" not in body:
            return self.error(400, "max_tokens: Field required")
        self.messages(body)

    def count(self, body):
        texts = [body.get("system") or ""] + [self.text(message) for message in body["messages"]]
        return sum(len(text.split()) for text in texts)

    def text(self, message):
        content = message["content"]
        return content if isinstance(content, str) else "".join(block["text"] for block in content)

    def messages(self, body):
        model, messages = body["model"], body["messages"]
        form = (body.get("output_config") or {}).get("format")
        text = reply(model, self.text(messages[-1]), form["schema"] if form else None)
        if messages[-1]["role"] == "assistant":
            text = " and so on"
        reason, matched = "end_turn", None
        for end in body.get("stop_sequences") or []:
            if end in text:
                text, reason, matched = text.split(end)[0], "stop_sequence", end
        tokens = pieces(text)
        if len(tokens) > body["max_tokens"]:
            tokens, reason = tokens[:body["max_tokens"]], "max_tokens"
        usage = {"input_tokens": self.count(body), "cache_creation_input_tokens": 0, "cache_read_input_tokens": 2,
                 "output_tokens": len(tokens)}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [],
                   "stop_reason": None, "stop_sequence": None, "usage": dict(usage, output_tokens=1)}
        if not body.get("stream"):
            return self.json(dict(message, usage=usage, stop_reason=reason, stop_sequence=matched,
                                  content=[{"type": "text", "text": "".join(tokens)}]))
        broken = next((name for name in ("cut", "half", "error", "halferror") if self.breaks(model, name)), None)
        error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        self.begin_stream()

        def send(kind, **members):
            self.event(dict(members, type=kind), kind)

        if model == "nousage":
            message.pop("usage")
        send("message_start", message=message)
        send("ping")
        if broken == "cut":
            raise Broken
        if broken == "error":
            self.event(error, "error")
            return self.end_stream()
        send("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""})
        send("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hm."})
        send("content_block_stop", index=0)
        send("content_block_start", index=1, content_block={"type": "text", "text": ""})
        if model == "malformed":
            self.event("{this is no JSON", "content_block_delta")
        if model == "slow":
            while True:
                send("content_block_delta", index=1, delta={"type": "text_delta", "text": "drop "})
                time.sleep(0.02)
        for token in tokens:
            send("content_block_delta", index=1, delta={"type": "text_delta", "text": token})
            if broken == "half":
                raise Broken
            if broken == "halferror":
                self.event(error, "error")
                return self.end_stream()
        send("content_block_stop", index=1)
        final = {} if model == "nousage" else {"usage": {"output_tokens": len(tokens)}}
        send("message_delta", delta={"stop_reason": reason, "stop_sequence": matched}, **final)
        send("message_stop")
        self.end_stream()


fake_server.serve(Anthropic)
