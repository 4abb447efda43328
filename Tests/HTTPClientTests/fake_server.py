"""A server on this machine with every misbehaviour that the client's tests need. Python's standard library alone.

Prints its port, and ends when its standard input does. Each request is a line of JSON in FOLDER/log.
"""

import http.server
import itertools
import json
import sys
import threading
import time
import urllib.parse

folder = sys.argv[1]
lock = threading.Lock()


def note(entry):
    with lock, open(f"{folder}/log", "a") as log:
        log.write(json.dumps(entry) + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        fields = {name.lower(): value for name, value in self.headers.items()}
        note({"method": self.command, "path": url.path, "fields": fields, "body": body,
              "port": self.client_address[1]})
        getattr(self, "answer_" + url.path.strip("/").replace("-", "_"), self.answer_missing)(query, fields, body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

    def whole(self, body, status=200, kind="text/plain", **more):
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def chunked(self, pieces, pause=0.0, kind="text/event-stream"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in pieces:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
                time.sleep(pause)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            note({"gone": True})
            self.close_connection = True

    def answer_missing(self, query, fields, body):
        self.whole("there is nothing here", 404)

    def answer_hello(self, query, fields, body):
        self.whole("hello")

    def answer_echo(self, query, fields, body):
        self.whole(json.dumps({"method": self.command, "fields": fields, "body": body}), kind="application/json")

    def answer_big(self, query, fields, body):
        self.whole(b"x" * int(query["bytes"]))

    def answer_redirect(self, query, fields, body):
        self.whole("elsewhere", int(query.get("status", 302)), Location=query["to"])

    def answer_retry(self, query, fields, body):
        self.whole("later", 429, **{query["name"]: query["value"]})

    def answer_cut(self, query, fields, body):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def answer_silent(self, query, fields, body):
        for _ in range(600):
            time.sleep(0.1)
            try:
                self.connection.settimeout(0)
                if self.connection.recv(1) == b"":
                    note({"gone": True})
                    break
            except BlockingIOError:
                continue
            except OSError:
                break
        self.close_connection = True

    def answer_slow(self, query, fields, body):
        # Until the client goes: a busy machine may take long to do so.
        self.chunked(itertools.repeat(b"drop"), 0.02, "text/plain")

    def answer_events(self, query, fields, body):
        text = "\ufeff: hello\r\n\r\nevent: one\r\ndata: größe\r\ndata: two\r\n\r\ndata: last\n\n"
        self.chunked([bytes([byte]) for byte in text.encode()])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
