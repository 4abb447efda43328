"""The races of fine-tuning: GPT-2-small's shape, 4 x 256 tokens a step, LoRA of rank 8 on c_attn, or all weights."""
import json
import os
import statistics
import subprocess
import tempfile

from contestants import RunError, output

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS, TOKENS = 5, 4 * 256
# What a step computes: forward, and backward to the activations; all weights take the products by activations, too.
WEIGHTS = 12 * 12 * 768 ** 2 + 50257 * 768


def operations(kind):
    return (6 if kind == "full" else 4) * WEIGHTS * TOKENS


def folder(setting):
    """The model and the texts, made once."""
    path = os.path.join(setting.peers.root, "gpt2-small")
    if not os.path.exists(os.path.join(path, "texts.jsonl")):
        output([setting.peers.python, os.path.join(HERE, "tuning_peer.py"), "make", path,
                os.path.join(setting.peers.corpus, "corpus.txt")])
    return path


def run_with_peak(command):
    """What a command prints, and the most memory that it held."""
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=printed, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        errors.seek(0)
        if process.returncode:
            raise RunError(f"{' '.join(command[:4])} …: status {process.returncode}: {errors.read()[-400:]}")
        return printed.read(), usage.ru_maxrss * 1024


def ours(setting, path, kind, *options):
    def run():
        with tempfile.TemporaryDirectory() as scratch:
            text, peak = run_with_peak([
                setting.program, "tune", path, "--data", os.path.join(path, "texts.jsonl"), "--steps", str(STEPS),
                "--batch-size", "4", "--max-length", "256", "--overflow", "cut", "--no-packing", "--no-shuffle",
                "--schedule", "constant", "--threads", str(setting.threads), "--json", "-o",
                os.path.join(scratch, "run")] + dict(
                    lora=["--lora-r", "8", "--lora-alpha", "16", "--target", "c_attn"], full=["--full"])[kind]
                + list(options))
        steps = [json.loads(line) for line in text.splitlines()]
        steps = [step for step in steps if "loss" in step]
        return dict(seconds=statistics.median(TOKENS / step["tokens_per_second"] for step in steps[1:]),
                    peak=peak, losses=[step["loss"] for step in steps])
    return run


def theirs(setting, path, kind, *precision):
    def run():
        text = output([setting.peers.python, os.path.join(HERE, "tuning_peer.py"), "step", path, kind, str(STEPS),
                       *precision], env=dict(os.environ, PEER_THREADS=str(setting.threads)))
        answer = json.loads(text.splitlines()[-1])
        return dict(seconds=statistics.median(answer["seconds"]), peak=answer["peak_bytes"],
                    losses=answer["losses"], version=answer["version"])
    return run


def tuning(kind):
    """Seconds of a step and the process's peak of memory, beside float32 and bfloat16 autocast of the peer."""
    def race(s):
        path = folder(s)
        contestants = [s.ours(ours(s, path, kind)), theirs(s, path, kind), theirs(s, path, kind, "bfloat16")]
        figures = s.alternate(contestants, runs=min(s.runs, 3))
        version = figures[1][0]["version"]
        part = lambda runs, name: [run[name] for run in runs]
        gigabytes = lambda runs: [run["peak"] / 1e9 for run in runs]
        limit = operations(kind) / (s.limits["float32_peak"] * 1e9)
        bars = dict(lora=(2.0 if "avx512_bf16" in s.wide else 1.2, 3.0), full=(None, 1 / 0.45))[kind]
        rows = [
            s.row(f"{kind}_step", "s", part(figures[0], "seconds"), part(figures[1], "seconds"), "peft + torch, float32"
                  if kind == "lora" else "torch, float32", version, bars[0], limit, higher=False),
            s.row(f"{kind}_step_autocast", "s", part(figures[0], "seconds"), part(figures[2], "seconds"),
                  "bfloat16 autocast", version, 1.0 if kind == "lora" else None, limit, higher=False),
            s.row(f"{kind}_memory", "GB", gigabytes(figures[0]), gigabytes(figures[1]), "float32", version, bars[1],
                  higher=False)]
        if s.martlet:
            a, b = figures[0][0]["losses"], figures[1][0]["losses"]
            rows[0]["loss_difference"] = max(abs(x - y) / y for x, y in zip(a, b))
        return rows
    return race


TUNING_RACES = {"lora": tuning("lora"), "full": tuning("full")}
