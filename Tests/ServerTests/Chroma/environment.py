"""Makes a virtual environment with the packages of requirements.txt, or of the file named, in the user's cache, once, and
prints its Python."""
import fcntl
import hashlib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = os.path.join(HERE, sys.argv[1] if len(sys.argv) > 1 else "requirements.txt")


def main():
    with open(REQUIREMENTS, "rb") as file:
        key = hashlib.sha256(file.read()).hexdigest()[:12]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "martlet-tests", f"chroma-{key}")
    python, done = os.path.join(folder, "bin", "python"), os.path.join(folder, "done")
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(done):
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, stdout=sys.stderr)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                            "-r", REQUIREMENTS], check=True, stdout=sys.stderr)
            open(done, "w").close()
    print(python)


main()
