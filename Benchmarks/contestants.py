"""One run of each contestant: the real `martlet` program, and each peer by its own benchmark tool."""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

# Each word is one token, with a blank before it, in the vocabularies of SmolLM2 and Qwen.
WORDS = ("the people of the city were in the house and the water was on the road "
         "so that he could see all the books from his room when they came back").split()


def words(count):
    """A prompt of exactly `count` tokens."""
    return " ".join(WORDS[i % len(WORDS)] for i in range(count))


class RunError(Exception):
    """A contestant that did not finish its run, with the end of what it said."""


def output(command, stdin=None, **options):
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, **options)
    if done.returncode:
        shown = " ".join(part if len(part) < 60 else part[:57] + "..." for part in command)
        raise RunError(f"{shown}: status {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


@contextlib.contextmanager
def busy_core():
    """A loop without end, pinned to the first of our cores."""
    core = min(os.sched_getaffinity(0))
    loop = subprocess.Popen([sys.executable, "-c", f"import os; os.sched_setaffinity(0, [{core}])\nwhile True: pass"])
    time.sleep(0.3)
    try:
        yield
    finally:
        loop.kill()
        loop.wait()


class Martlet:
    """The `martlet` program, always as a process of its own."""

    def __init__(self, program, threads):
        self.program, self.threads = program, threads

    def version(self):
        return output([self.program, "--version"]).strip()

    def kernels(self):
        """The kernels that `martlet doctor` says it has chosen."""
        done = subprocess.run([self.program, "doctor"], capture_output=True, text=True)
        for line in done.stdout.splitlines():
            if "kernel" in line.lower():
                return " ".join(line.split())
        return "unknown"

    def generate(self, model, prompt_tokens, count, threads=None):
        text = output([self.program, "generate", "-m", model, "--json", "--raw", "--ignore-eos", "--temperature", "0",
                       "--no-log", "--threads", str(threads or self.threads), "--max-tokens", str(count), words(prompt_tokens)])
        record = json.loads(text)
        if record["prompt_tokens"] != prompt_tokens or record["completion_tokens"] != count:
            raise RunError(f"martlet counted {record['prompt_tokens']} prompt tokens and {record['completion_tokens']} "
                           f"new ones where {prompt_tokens} and {count} were asked for")
        return record

    def decode_rate(self, model, prompt_tokens, count, threads=None):
        record = self.generate(model, prompt_tokens, count, threads)
        return (count - 1) / record["completion_seconds"]

    def formed_rate(self, model, schema, count):
        """Tokens a second of an answer that a schema holds to its form, and that is longer than `count` tokens."""
        text = output([self.program, "generate", "-m", model, "--json", "--raw", "--temperature", "0", "--no-log",
                       "--threads", str(self.threads), "--max-tokens", str(count), "--json-schema", json.dumps(schema),
                       words(4)])
        record = json.loads(text)
        if record["completion_tokens"] != count:
            raise RunError(f"martlet made {record['completion_tokens']} tokens where {count} were asked for")
        return (count - 1) / record["completion_seconds"]

    def prefill_rate(self, model, prompt_tokens):
        return prompt_tokens / self.generate(model, prompt_tokens, 1)["prompt_seconds"]

    def parallel_rate(self, model, sequences, prompt_tokens, count):
        """New tokens a second of all sequences; loading and prompts are taken off by a run of one token each."""
        lines = "".join(json.dumps(dict(prompt=words(prompt_tokens + i).split(" ", i)[i])) + "\n"
                        for i in range(sequences))

        def seconds(tokens):
            start = time.perf_counter()
            text = output([self.program, "generate", "-m", model, "--format", "jsonl", "--parallel", str(sequences),
                           "--raw", "--ignore-eos", "--temperature", "0", "--no-log", "--threads",
                           str(self.threads), "--max-tokens", str(tokens)], stdin=lines)
            elapsed = time.perf_counter() - start
            made = sum(json.loads(line)["completion_tokens"] for line in text.splitlines())
            if made != sequences * tokens:
                raise RunError(f"martlet made {made} tokens where {sequences * tokens} were asked for")
            return elapsed

        return sequences * (count - 1) / (seconds(count) - seconds(1))

    def first_token_seconds(self, model, prompt_tokens):
        start = time.perf_counter()
        output([self.program, "generate", "-m", model, "--raw", "--temperature", "0", "--no-log", "--max-tokens", "1",
                words(prompt_tokens)])
        return time.perf_counter() - start

    def embed_rate(self, model, texts, precision, save):
        """Texts of a list a second; start and loading are taken off by a run of one text."""
        lines = [json.dumps(dict(text=text)) + "\n" for text in texts]
        command = [self.program, "embed", "-m", model, "--format", "jsonl", "--precision", precision, "-o", save]

        def seconds(chosen):
            start = time.perf_counter()
            output(command, stdin="".join(chosen))
            return time.perf_counter() - start

        alone = seconds(lines[:1])
        return (len(lines) - 1) / (seconds(lines) - alone)

    def choices(self, model, questions, precision, scratch):
        """The choices of a run of HellaSwag's task, and the seconds that the model worked on it."""
        runs = os.path.join(scratch, "runs.sqlite")
        text = output([self.program, "eval", "run", "hellaswag", "--data", questions, "-m", model, "--json", "--fresh",
                       "--precision", precision, "--threads", str(self.threads), "--runs", runs])
        record = json.loads(text)
        return [item["choice"] for item in record["items"]], record["seconds"]

    def tokenize_rate(self, model, path):
        """Megabytes a second on one thread; start and loading are taken off by a run over a single word."""
        with open(path, encoding="utf-8") as file:
            text = file.read()

        def seconds(chosen):
            start = time.perf_counter()
            output([self.program, "tokens", "-m", model, "--count"], stdin=chosen)
            return time.perf_counter() - start

        alone = min(seconds("word") for _ in range(3))
        return len(text.encode()) / 1e6 / (seconds(text) - alone)

    def index(self, store, folder):
        """The report of `martlet index`, and its seconds from start to exit."""
        start = time.perf_counter()
        report = json.loads(output([self.program, "index", "--json", "--threads", str(self.threads), "--store", store,
                                    folder]))
        return report, time.perf_counter() - start

    def index_rate(self, folder):
        """Chunks a second that are added to an empty store."""
        with tempfile.TemporaryDirectory() as store:
            report, seconds = self.index(store, folder)
            return report["total_chunks"] / seconds

    def drop_rate(self, folder):
        """Chunks a second that are dropped when all files of an index are gone."""
        with tempfile.TemporaryDirectory() as scratch:
            copy, store = os.path.join(scratch, "documents"), os.path.join(scratch, "store")
            shutil.copytree(folder, copy)
            added, _ = self.index(store, copy)
            shutil.rmtree(copy)
            os.mkdir(copy)
            dropped, seconds = self.index(store, copy)
            if dropped["total_chunks"] or len(dropped["removed"]) != added["added"]:
                raise RunError(f"martlet left {dropped['total_chunks']} chunks of files that are gone")
            return added["total_chunks"] / seconds

    def chunks(self, folder):
        """The texts that `martlet index` would embed."""
        text = output([self.program, "index", "--preview", "--json", folder])
        return [chunk["text"] for line in text.splitlines() for chunk in json.loads(line)["chunks"]]


class LlamaCpp:
    """llama.cpp by its own tools."""

    def __init__(self, peers, threads):
        self.peers, self.threads = peers, threads
        self.name, self.version = "llama.cpp", peers.llama_cpp_version()

    def bench(self, model, prompt=0, count=0, depth=0, threads=None):
        """One repetition of llama-bench (after its own warm-up), tokens a second."""
        text = output([self.peers.program("llama-bench"), "-m", model, "-t", str(threads or self.threads),
                       "-p", str(prompt), "-n", str(count), "-d", str(depth), "-r", "1", "-o", "json"])
        return json.loads(text)[0]["avg_ts"]

    def parallel_rate(self, model, sequences, prompt_tokens, count):
        text = output([self.peers.program("llama-batched-bench"), "-m", model, "-t", str(self.threads), "-c", "4096",
                       "-npp", str(prompt_tokens), "-ntg", str(count), "-npl", str(sequences),
                       "--output-format", "jsonl"])
        return json.loads(next(line for line in text.splitlines() if line.startswith("{")))["speed_tg"]

    def first_token_seconds(self, model, prompt_tokens):
        start = time.perf_counter()
        output([self.peers.program("llama-simple"), "-m", model, "-n", "1", words(prompt_tokens)])
        return time.perf_counter() - start


class PythonPeer:
    """python_peer.py, kept running so that its loading is not in the race."""

    def __init__(self, peers, kind, *arguments, threads):
        here = os.path.dirname(os.path.abspath(__file__))
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [peers.python, os.path.join(here, "python_peer.py"), kind, *arguments], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors, text=True, env=dict(os.environ, PEER_THREADS=str(threads)))
        greeting = self.answer()
        self.name, self.version = greeting["name"], greeting["version"]

    def answer(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        self.errors.seek(0)
        raise RunError(f"a Python peer ended: {self.errors.read().decode()[-400:]}")

    def ask(self, do, **request):
        self.process.stdin.write(json.dumps(dict(request, do=do)) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
