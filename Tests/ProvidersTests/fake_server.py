"""What the fakes of both APIs share: a server on this machine that records requests and misbehaves on demand.

A model's name says how its server behaves; words are separated by dashes:
  fail-STATUS-TIMES[-FIELD=VALUE]  answers so often with the status (and the header field, such as retry-after=1), then well
  cut-TIMES         so often ends the stream before the first text
  half-TIMES        so often ends the stream after the first text
  error-TIMES       so often reports an error in the stream before the first text
  halferror-TIMES   the same after the first text
  leak              refuses the key with an error that repeats it
  slow              sends a piece of text every 20 ms, 2,000 of them
  malformed         sends an event that is no JSON
  html              answers with a page, status 200
  nousage           does not say what the request took
  words=N           answers with so many words
Any other name answers well. Each request is a line of JSON in FOLDER/log, without the key.
"""

import http.server
import json
import sys
import threading
import time


class Broken(Exception):
    """The connection is to be closed without an end of the answer."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        json_body = json.loads(body) if body else None
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or self.headers.get("x-api-key")
        secret = {"authorization", "x-api-key"}
        fields = {name.lower(): value for name, value in self.headers.items() if name.lower() not in secret}
        server = self.server
        with server.lock:
            server.running += 1
            entry = {"method": self.command, "path": self.path, "body": json_body, "has_key": bool(key),
                     "running": server.running, "time": time.time(), "fields": fields}
            with open(f"{server.folder}/log", "a") as log:
                log.write(json.dumps(entry) + "\n")
        try:
            self.dispatch(json_body or {}, key)
        except (Broken, OSError):
            self.close_connection = True
        finally:
            with server.lock:
                server.running -= 1

    do_GET = do_POST = handle_any

    def dispatch(self, body, key):
        model = body.get("model", "")
        words = model.split("-")
        if words[0] == "fail" and self.turn(model, int(words[2])):
            fields = dict([words[3].split("=", 1)]) if len(words) == 4 else {}
            if len(words) > 4:  # a field's name may have dashes
                fields = dict(["-".join(words[3:]).split("=", 1)])
            return self.error(int(words[1]), "the fake fails as asked", fields)
        if model == "leak":
            return self.error(401, f"Incorrect API key provided: {key}. Find yours at the provider's page.")
        if model == "html":
            return self.whole(200, b"<html>Welcome</html>", "text/html; charset=utf-8")
        self.route(body)

    def turn(self, model, times):
        """Whether this request is among the first ones for a model."""
        with self.server.lock:
            count = self.server.turns[model] = self.server.turns.get(model, 0) + 1
        return count <= times

    def breaks(self, model, kind):
        """Whether the stream of this request is to break in this way."""
        words = model.split("-")
        return words[0] == kind and self.turn(model, int(words[1]))

    def whole(self, status, data, kind="application/json", fields={}):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def json(self, value, status=200, fields={}):
        self.whole(status, json.dumps(value).encode(), fields=fields)

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def event(self, value, name=None):
        text = value if isinstance(value, str) else json.dumps(value)
        data = ((f"event: {name}\n" if name else "") + f"data: {text}\n\n").encode()
        # In two pieces, so that a client's parser meets an event that is cut.
        for piece in (data[:7], data[7:]):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()

    def end_stream(self):
        self.wfile.write(b"0\r\n\r\n")


def reply(model, prompt, schema):
    """The text that a model answers with."""
    for word in model.split("-"):
        if word.startswith("words="):
            return "word " * int(word[6:])
    if schema is not None:
        return json.dumps(instance(schema))
    return f"You said: {prompt}"


def instance(schema):
    """A value that a simple schema accepts."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: instance(member) for name, member in schema.get("properties", {}).items()}
    return {"array": [], "string": "text", "integer": 1, "number": 0.5, "boolean": True}.get(kind)


def pieces(text):
    """A text cut before each space: what the fakes take for tokens."""
    words = text.split(" ")
    return [words[0]] + [" " + word for word in words[1:]]


def serve(handler):
    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

    server = Server(("127.0.0.1", 0), handler)
    server.folder, server.lock, server.running, server.turns = sys.argv[1], threading.Lock(), 0, {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
