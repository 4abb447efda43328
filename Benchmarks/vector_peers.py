"""Sets up what the vector races need, in the peers' cache: libraries, data, and indexes that are built once.

    vectors-venv/                  hnswlib, faiss, usearch and chromadb, pinned by vector_requirements.txt
    vectors/NAME/                  vectors with exact answers, made by vector_data.py
    vectors/NAME-KIND.index, .json what a peer built of them, and what it told of building
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from contestants import PythonPeer
from peers import HERE, SetupError, call, say

# Texts of fewer words say too little to be searched for.
LEAST_WORDS = 6


class VectorContestant(PythonPeer):
    """A process that answers the requests of vector_peer.py."""

    def __init__(self, *command):
        self.store = command[-1]
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                        text=True)
        greeting = self.answer()
        self.name, self.version = greeting["name"], greeting["version"]


class VectorPeers:
    """Data sets by their names, and contestants that work on them. `program` is martlet, `driver` runs its store."""

    def __init__(self, peers, program, driver):
        self.peers, self.program, self.driver = peers, program, driver
        self.venv = os.path.join(peers.root, "vectors-venv")
        self.python = os.path.join(self.venv, "bin", "python")
        self.folder = os.path.join(peers.root, "vectors")
        self.requirements = os.path.join(HERE, "vector_requirements.txt")
        os.makedirs(self.folder, exist_ok=True)
        peers.step("vectors-venv", self.make_venv, recipe=self.requirements)

    def make_venv(self):
        call([sys.executable, "-m", "venv", self.venv])
        call([self.python, "-m", "pip", "install", "--quiet", "-r", self.requirements])

    # Data.

    def clustered(self, count, dimension):
        return self.data(f"clustered_{count}_{dimension}", lambda: ["clustered", str(count), str(dimension)])

    def gaussian(self, count, dimension):
        return self.hard(f"gaussian_{count}_{dimension}", ["gaussian", str(count), str(dimension)])

    def lowdim(self, count, dimension, inner):
        return self.hard(f"lowdim_{count}_{dimension}_{inner}", ["lowdim", str(count), str(dimension), str(inner)])

    def hard(self, name, arguments):
        return self.data(name, lambda: arguments, "vector_hard_data.py")

    def truth(self, data, count):
        """A file with the `count` nearest of a data folder's queries."""
        name = f"{os.path.basename(data)}-nearest{count}"
        path = os.path.join(self.folder, name + ".ivecs")
        script = os.path.join(HERE, "vector_hard_data.py")
        with open(script) as file, open(os.path.join(data, "sums.json")) as sums:
            recipe = file.read() + sums.read()
        self.peers.step("vectors-" + name, lambda: call([self.python, script, "nearest", data, str(count), path]),
                        recipe_text=recipe)
        return path

    def embedded(self):
        """MiniLM's vectors of the sentences of the corpus, made by `martlet embed`."""
        return self.data("embedded", self.embed_sentences)

    def embed_sentences(self):
        with open(os.path.join(self.peers.corpus, "corpus.txt"), encoding="utf-8") as file:
            # A sentence may go over several lines; each is one line for the program.
            parts = [" ".join(part.split()) for part in re.split(r"(?<=[.!?])\s+", file.read())]
        texts = list(dict.fromkeys(part for part in parts if len(part.split()) >= LEAST_WORDS))
        path = os.path.join(self.folder, "sentences.npy")
        done = subprocess.run([self.program, "embed", "-m", self.peers.minilm, "-o", path],
                              input="\n".join(texts) + "\n", capture_output=True, text=True)
        if done.returncode:
            raise SetupError(f"martlet embed failed with status {done.returncode}: {done.stderr[-400:]}")
        return ["embedded", path]

    def data(self, name, arguments, script="vector_data.py"):
        """The folder of a data set, made where it is missing and held to its checksums."""
        folder = os.path.join(self.folder, name)
        script = os.path.join(HERE, script)

        def make():
            shutil.rmtree(folder, ignore_errors=True)
            call([self.python, script, *arguments(), folder])

        self.peers.step("vectors-" + name, make, recipe=script)
        if not is_whole(folder):
            say(f"bench: {folder} is damaged, and made anew")
            os.remove(os.path.join(self.peers.root, f".vectors-{name}.done"))
            self.peers.step("vectors-" + name, make, recipe=script)
        return folder

    # Contestants.

    def start(self, kind, data, store):
        return VectorContestant(self.python, os.path.join(HERE, "vector_peer.py"), kind, data, store)

    def start_martlet(self, data, store):
        if not os.path.exists(self.driver):
            raise SetupError(f"{self.driver} is missing: run `make bench`, which builds it.")
        return VectorContestant(self.driver, data, store)

    def built_once(self, kind, data, threads, **request):
        """A peer with the index that it built of the data, now or in an earlier run, and what it told of building."""
        name = f"{os.path.basename(data)}-{kind}"
        store = os.path.join(self.folder, name + ".index")
        with open(self.requirements) as file, open(os.path.join(data, "sums.json")) as sums:
            recipe = file.read() + sums.read() + f"{threads} {sorted(request.items())}"

        def build():
            peer = self.start(kind, data, store)
            facts = peer.ask("build", threads=threads, **request)
            peer.close()
            with open(store + ".json", "w") as file:
                json.dump(facts, file)

        self.peers.step("vectors-" + name, build, recipe_text=recipe)
        with open(store + ".json") as file:
            facts = json.load(file)
        peer = self.start(kind, data, store)
        facts["open_seconds"] = peer.ask("load")["seconds"]
        return peer, facts


def is_whole(folder):
    """Whether every file has the checksum that was noted when it was made."""
    try:
        with open(os.path.join(folder, "sums.json")) as file:
            sums = json.load(file)
        for name, expected in sums.items():
            with open(os.path.join(folder, name), "rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                    return False
    except OSError:
        return False
    return True
