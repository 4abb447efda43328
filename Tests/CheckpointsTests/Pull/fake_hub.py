"""A model hub that misbehaves on request, and the server that keeps its large files.

    fake_hub.py FOLDER

FOLDER holds the files that there are, and gets a line of JSON in "log" for each request. Prints the ports of both, then serves until its standard input ends. The name of the repository says what happens
to a request for /OWNER/NAME/resolve/REVISION/FILE; its words are joined by dots:

    ok              the file, with ranges and ETag
    no-ranges       the file, always from its beginning, with status 200
    drop            the connection ends after 100,000 bytes, each time
    drop-once       ... the first time
    stall-once      after 100,000 bytes nothing comes any more, the first time
    moved           302 to the other server, which keeps the file
    misstated       ... with another SHA-256 than the file has, stated as the hub states it
    gated           401 without the token "secret", 403 with another
    missing         404
    busy-once       503 the first time
    patience        429 the first time, with Retry-After: 1
    patience-long   429, with Retry-After: 3600
    flipped         the file with one bit changed
    changing        drops after 100,000 bytes of an older file the first time, then has the file under another ETag
    untagged        drops once, and has no ETag
    chunked         the file in chunks, without its length
    too-long        the file and one byte more, in chunks
    loop            302 to itself
    wrong-range     206 with another range than was asked for

At /kept/FILE the file lies as it is.
"""
import hashlib
import http.server
import json
import pathlib
import sys
import threading

LIMIT = 100_000
FOLDER = pathlib.Path(sys.argv[1])
counts, lock = {}, threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, fields=(), body=b"", drop=None, stall=False):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if drop is None else body[:drop])
        self.wfile.flush()
        if stall:
            # Until the client has gone.
            self.connection.settimeout(60)
            try:
                self.connection.recv(1)
            except OSError:
                pass
        if drop is not None:
            self.close_connection = True

    def do_GET(self):
        names = {"range": "Range", "ifRange": "If-Range", "authorization": "Authorization"}
        with lock:
            entry = {key: self.headers[name] for key, name in names.items() if self.headers[name]}
            with open(FOLDER / "log", "a") as log:
                log.write(json.dumps({"server": self.server.title, "path": self.path, **entry}) + "\n")
            first = counts.setdefault(self.path, 0) == 0
            counts[self.path] += 1
        try:
            self.serve(self.path.split("?")[0].split("/"), first)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def serve(self, parts, first):
        if parts[1] == "kept":
            kind, name = "ok", parts[2]
        else:
            kind, name = parts[2], parts[5]
        body, tag, drop, stall = (FOLDER / name).read_bytes(), '"current"', None, False
        if kind == "missing":
            return self.answer(404, [("X-Error-Code", "EntryNotFound")])
        if kind == "gated" and self.headers["Authorization"] != "Bearer secret":
            status = 403 if self.headers["Authorization"] else 401
            return self.answer(status, [("X-Error-Code", "GatedRepo")])
        if kind == "busy-once" and first:
            return self.answer(503)
        if kind == "patience" and first:
            return self.answer(429, [("Retry-After", "1")])
        if kind == "patience-long":
            return self.answer(429, [("Retry-After", "3600")])
        if kind == "loop":
            return self.answer(302, [("Location", self.path)])
        if kind in ("moved", "misstated"):
            fields = [("Location", f"http://127.0.0.1:{self.server.other}/kept/{name}?signature=1")]
            if kind == "misstated":
                fields += [("X-Linked-Etag", f'"{hashlib.sha256(body + b"!").hexdigest()}"')]
            return self.answer(302, fields)
        if kind == "flipped":
            body = bytes([body[0] ^ 1]) + body[1:]
        if kind == "changing" and first:
            body, tag = body[::-1], '"old"'
        if kind == "drop" or first and kind in ("drop-once", "stall-once", "changing", "untagged"):
            drop, stall = LIMIT, kind == "stall-once"
        if kind in ("chunked", "too-long"):
            return self.chunks(body + (b"!" if kind == "too-long" else b""))
        fields = [] if kind == "untagged" else [("ETag", tag)]
        if kind == "ok":
            fields.append(("X-Repo-Commit", "0123456789" * 4))
        asked = self.headers["Range"]
        held = self.headers["If-Range"] in (None, tag)
        if asked and held and kind != "no-ranges":
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                return self.answer(416, fields + [("Content-Range", f"bytes */{len(body)}")])
            start += kind == "wrong-range"
            fields.append(("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}"))
            return self.answer(206, fields, body[start:], drop, stall)
        if kind == "wrong-range":
            drop = LIMIT
        return self.answer(200, fields, body, drop, stall)

    def chunks(self, body):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), 30_000):
            part = body[start:start + 30_000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *arguments):
        """Clients that are killed are what this is for."""


def start(title):
    server = Server(("127.0.0.1", 0), Handler)
    server.title = title
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


hub, storage = start("hub"), start("storage")
hub.other, storage.other = storage.server_port, hub.server_port
print(f"{hub.server_port} {storage.server_port}", flush=True)
sys.stdin.read()
