"""A data server that misbehaves on request.

    fake_data_server.py FOLDER

Prints its port, then serves until its standard input ends. FOLDER gets a line of JSON in "log" for each request, and its
files lie at /file/NAME. The data set's name says what happens to a request for /rows; it has 250 rows
{"number": N, "text": …} unless said otherwise:

    ok              the rows
    cut-once        the first answer for each page ends in its middle
    busy-once       500 the first time for each page
    patience        429 the first time, with Retry-After: 1
    broken          500 from offset 200 on, until FOLDER has a file "mended"
    wrong-count     it says that there are 251 rows
    changing        from offset 100 on it says that there are 260 rows
    short           a page of 99 rows
    unordered       two rows of a page have changed places
    truncated       a cell is cut
    nonsense        an answer that is no JSON
    missing         404
"""
import http.server
import json
import pathlib
import sys
import threading
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])
ROWS = 250
counts, lock = {}, threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", fields=(), cut=None):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        with lock:
            with open(FOLDER / "log", "a") as log:
                entry = {"path": address.path, **query, "token": self.headers["Authorization"] or ""}
                log.write(json.dumps(entry) + "\n")
            first = counts.setdefault(self.path, 0) == 0
            counts[self.path] += 1
        if address.path.startswith("/file/"):
            return self.answer(200, (FOLDER / address.path.removeprefix("/file/")).read_bytes())
        self.rows(query["dataset"].split("/")[-1], int(query["offset"]), int(query["length"]), first)

    def rows(self, kind, offset, length, first):
        if kind == "missing":
            return self.answer(404, b"{}")
        if kind == "busy-once" and first:
            return self.answer(500)
        if kind == "patience" and first and offset == 0:
            return self.answer(429, b"", [("Retry-After", "1")])
        if kind == "broken" and offset >= 200 and not (FOLDER / "mended").exists():
            return self.answer(500)
        if kind == "nonsense":
            return self.answer(200, b"<html>")
        total = ROWS + (kind == "wrong-count") + 10 * (kind == "changing" and offset >= 100)
        numbers = list(range(offset, min(ROWS, offset + length)))
        if kind == "short":
            numbers = numbers[:99]
        if kind == "unordered":
            numbers[3], numbers[4] = numbers[4], numbers[3]
        cut = ["text"] if kind == "truncated" else []
        rows = [
            {"row_idx": n, "row": {"number": n, "text": f"ro\u00e9w {n}\n", "score": 1.50}, "truncated_cells": cut if n == 7 else []}
            for n in numbers
        ]
        page = {"features": [], "rows": rows, "num_rows_total": total, "num_rows_per_page": 100, "partial": False}
        body = json.dumps(page, ensure_ascii=False).replace("1.5}", "1.50}").encode()
        self.answer(200, body, cut=len(body) // 2 if kind == "cut-once" and first else None)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *arguments):
        """Clients that are killed are what this is for."""


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
