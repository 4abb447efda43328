"""Makes the calls of calls.py to two servers of Martlet's, on the ports given, and to Chroma's own, and compares. The
second one allows a reset.

Prints one JSON object: {"calls": how many, "methods": those of Collection that were called, "missed": those that were
not, "differences": [{"call", "martlet", "chroma"}]}. Differences that docs/chroma.md explains are in `EXPLAINED`, and
are reported only where there is none any more. Needs the packages of requirements.txt.
"""
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid

import chromadb
import numpy
from chromadb.api import AdminAPI, ClientAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings

import calls

# The calls whose answers may differ, with the heading of docs/chroma.md that says why.
EXPLAINED = {
    "tenants_7": "Encoded slashes in names",
    "databases_13": "Databases and tenants that are not there",
    "databases_14": "Databases and tenants that are not there",
    "databases_15": "Databases and tenants that are not there",
    "databases_22": "Databases and tenants that are not there",
    "reset_17": "Databases and tenants that are not there",
    "query_11": "Queries among unknown ids",
    "modify_7": "Renaming to a name that is taken",
    "hosted_1": "Indexing status",
}
TOLERANCE = 1e-5


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, numpy.ndarray):
        return plain(value.tolist())
    if isinstance(value, numpy.generic):
        return value.item()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, uuid.UUID):
        return "a UUID"
    if hasattr(value, "__dict__"):
        return plain({key: item for key, item in vars(value).items() if not key.startswith("_")})
    return repr(value)


def sorted_ties(answer):
    """A query's answer with records of equal distance in the order of their ids: which comes first is chance."""
    if not isinstance(answer, dict) or not answer.get("distances"):
        return answer
    answer = dict(answer)
    columns = [name for name in ("ids", "distances", "documents", "metadatas", "uris", "embeddings") if answer.get(name)]
    for row, distances in enumerate(answer["distances"]):
        order = sorted(range(len(distances)), key=lambda i: (float(f"{distances[i]:.5e}"), answer["ids"][row][i]))
        for name in columns:
            answer[name] = list(answer[name])
            answer[name][row] = [answer[name][row][i] for i in order]
    return answer


def equal(a, b):
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        # Whole numbers stay whole, and others stay others.
        return type(a) is type(b) and math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-6)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


def answers(port, made):
    settings = Settings(anonymized_telemetry=False)
    client = chromadb.HttpClient(host="127.0.0.1", port=port, settings=settings)
    admin = chromadb.AdminClient(Settings(
        chroma_api_impl="chromadb.api.fastapi.FastAPI", chroma_server_host="127.0.0.1", chroma_server_http_port=port,
        anonymized_telemetry=False))
    world = calls.World(client, admin, port)
    for call in made:
        try:
            yield sorted_ties(plain(call(world)))
        except Exception as error:
            yield {"raised": type(error).__name__, "text": str(error)}


def agree(ours, theirs):
    if isinstance(ours, dict) and isinstance(theirs, dict) and "raised" in ours and "raised" in theirs:
        return ours["raised"] == theirs["raised"]
    return equal(ours, theirs)


def called_methods():
    """The public methods of Collection and of the clients that calls.py names."""
    with open(calls.__file__) as file:
        source = file.read()
    methods = {name for name in dir(Collection) if not name.startswith("_") and callable(getattr(Collection, name))}
    methods |= {name for kind in (ClientAPI, AdminAPI) for name in kind.__abstractmethods__ if not name.startswith("_")}
    methods = sorted(methods)
    named = [name for name in methods if f".{name}(" in source]
    return named, [name for name in methods if name not in named]


class ChromaServer:
    """Chroma's own server, on a free port and in a folder of its own."""

    def __init__(self, allows_reset=False):
        self.allows_reset = allows_reset

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        configuration = os.path.join(self.folder.name, "chroma.yaml")
        with open(configuration, "w") as file:
            json.dump({"port": self.port, "listen_address": "127.0.0.1", "persist_path": self.folder.name,
                       "allow_reset": self.allows_reset}, file)
        command = [sys.executable, "-c", "from chromadb.cli.cli import app; app()", "run", configuration]
        environment = dict(os.environ, ANONYMIZED_TELEMETRY="False")
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise SystemExit("Chroma's server did not start")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def main():
    pairs = []
    for made, port, allows_reset in [(calls.CALLS, sys.argv[1], False), (calls.RESET_CALLS, sys.argv[2], True)]:
        with ChromaServer(allows_reset) as server:
            pairs += zip(made, answers(int(port), made), answers(server.port, made))
    differences = []
    for call, ours, theirs in pairs:
        is_explained = call.__name__ in EXPLAINED
        if agree(ours, theirs) == is_explained:
            differences.append({"call": call.__name__, "martlet": ours, "chroma": theirs, "explained": is_explained})
    methods, missed = called_methods()
    print(json.dumps({"calls": len(pairs), "methods": methods, "missed": missed, "differences": differences,
                      "explained": EXPLAINED}))


if __name__ == "__main__":
    main()
