"""Runs Chroma's own server until standard input ends, and prints its port when it takes connections.

Needs the packages of Tests/ServerTests/Chroma/requirements.txt, in the environment that its environment.py makes. The
server is of the kind that a free port has to be found for: where another takes it first, it is tried again.
"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time


def start(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from chromadb.cli.cli import app; app()", "run", "--path", folder,
               "--host", "127.0.0.1", "--port", str(port)]
    environment = dict(os.environ, ANONYMIZED_TELEMETRY="False")
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            if process.poll() is None:
                return process, port
        except OSError:
            time.sleep(0.05)
    process.kill()
    process.wait()
    return None, port


def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="martlet-chroma-") as folder:
        process = None
        try:
            for _ in range(3):
                process, port = start(folder)
                if process is not None:
                    break
            else:
                sys.exit("Chroma's server did not start")
            print(port, flush=True)
            # Whoever started this holds the other end; it closes when they end, in whatever way.
            sys.stdin.buffer.read()
        finally:
            if process is not None:
                process.kill()
                process.wait()


main()
