#!/usr/bin/env python3
"""Race Martlet against its peers, side by side on this machine: `make bench`, `make bench ONLY=name,name`.

Every race lets the contestants take turns (A B A B ...) and compares medians. What each peer is and how it is
made is in peers.py and vector_peers.py; what one run is, in contestants.py; the races and what is asked of us, in
races.py and vector_races.py. Writes build/bench.json, and with --record docs/benchmarks/avx512.md or avx2.md.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import record
from contestants import Martlet, RunError
from peers import Peers, SetupError, processor, say
from races import LARGE_RACES, RACES, Setting, chosen, write_json
from vector_peers import VectorPeers
from vector_races import set_up as set_up_vectors

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--martlet", default=os.path.join(ROOT, ".build", "release", "martlet"), help="the program")
    parser.add_argument("--driver", help="the program that runs Martlet's vector database (beside --martlet)")
    parser.add_argument("--large", action="store_true", help="the races over 10,000, 100,000 and 1,000,000 vectors")
    parser.add_argument("--only", default=os.environ.get("ONLY", ""), help="names of races, with commas")
    parser.add_argument("--runs", type=int, default=5, help="runs of each contestant (5)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each contestant (2)")
    parser.add_argument("--quick", action="store_true", help="one run each: a look whether everything works")
    parser.add_argument("--record", action="store_true", help="keep the figures in docs/benchmarks")
    parser.add_argument("--add", action="store_true", help="keep the rows that an earlier run left in build for other races")
    parser.add_argument("--peers-only", action="store_true", help="leave Martlet out")
    parser.add_argument("--set-up", action="store_true", help="set the peers up, and stop")
    parser.add_argument("--list", action="store_true", help="list the races, and stop")
    return parser.parse_args()


def model_folder():
    home = os.environ.get("MARTLET_HOME")
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "models") if home else os.path.join(cache, "martlet", "models")


def local_models():
    """The three default models, where `martlet pull` puts them."""
    folder = model_folder()
    models = dict(
        q4_1=os.path.join(folder, "smollm2-135m-instruct", "model.gguf"),
        qwen=os.path.join(folder, "qwen2.5-coder-0.5b-instruct", "model.gguf"),
        minilm=os.path.join(folder, "all-minilm-l6-v2"))
    for path in models.values():
        if not os.path.exists(path):
            raise SetupError(f"{path} is missing: run `make models`.")
    return models


def others_busy(seconds=2.0):
    """How much of the processor other programs take, 1 being one core."""
    def busy():
        with open("/proc/stat") as file:
            ticks = [int(x) for x in file.readline().split()[1:9]]
        return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    before = busy()
    time.sleep(seconds)
    return (busy() - before) / seconds


def measure_limits(setting):
    text = subprocess.run([setting.peers.limits, str(setting.threads)], capture_output=True, text=True, check=True)
    return json.loads(text.stdout)


def run(options):
    models = local_models()
    peers = Peers(models["q4_1"], models["minilm"])
    peers.set_up()
    if options.set_up:
        set_up_vectors(VectorPeers(peers, options.martlet, None), options.threads, options.large)
        return []
    models.update({form: peers.model(form) for form in ("q4_0", "q4_k_m", "q8_0", "bf16")})
    name, flags = processor()
    wide = [flag for flag in flags if flag in ("avx512_vnni", "avx512_bf16")]
    martlet = None if options.peers_only else Martlet(options.martlet, options.threads)
    if martlet and not os.path.exists(options.martlet):
        raise SetupError(f"{options.martlet} is missing: run `make build`.")
    kept = os.path.join(ROOT, "build", "bench-large.json" if options.large else "bench.json")
    rows = []
    if options.add and not os.path.exists(kept):
        say(f"bench: warning: --add has nothing to add to, {kept} is missing")
    elif options.add:
        with open(kept) as file:
            rows = json.load(file)
    commit = record.commit(ROOT)
    with tempfile.TemporaryDirectory() as scratch:
        setting = Setting(martlet, peers, models, options.threads, 1 if options.quick else options.runs, None,
                          name, wide, scratch)
        setting.program = options.martlet
        setting.driver = options.driver or os.path.join(os.path.dirname(options.martlet), "MartletBenchmarkVectors")
        busy = others_busy()
        if busy > 0.15:
            say(f"bench: warning: other programs take {busy:.1f} of a core; the figures will not be worth much")
        setting.limits = measure_limits(setting)
        say("bench: limits: memory {memory_read:.1f} GB/s, int8 {int8_peak:.0f} GOP/s, float32 {float32_peak:.0f} "
            "GFLOP/s".format(**setting.limits))
        try:
            for race in chosen(options.only, options.large):
                fresh = [dict(row, commit=commit) for row in attempt(race, setting)]
                names = {row["name"] for row in fresh}
                rows = [row for row in rows if row["name"] not in names] + fresh
                write_json(kept, rows)
        finally:
            setting.close()
    return rows


def attempt(race, setting):
    """A race that fails is a row that says why; it never hides the others."""
    say(f"bench: {race}")
    try:
        rows = {**RACES, **LARGE_RACES}[race](setting)
    except Exception as problem:
        say(f"bench: {race} failed: {problem}")
        row = setting.row(race, None, [], [], None, None, None)
        return [dict(row, error=str(problem))]
    for row in rows:
        say("  " + record.line(row))
    return rows


def main():
    options = arguments()
    if options.list:
        print("\n".join([*RACES, *LARGE_RACES]))
        return 0
    try:
        rows = run(options)
    except (SetupError, RunError) as problem:
        say(f"bench: {problem}")
        return 69
    print(record.table(rows, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))
    for lines in record.curves(rows):
        print("\n" + "\n".join(lines))
    if record.curves(rows):
        record.draw(rows, os.path.join(ROOT, "build", "ann-large.svg" if options.large else "ann.svg"))
    if options.record:
        say("bench: kept in " + record.write(ROOT, rows, options.large))
    return 1 if any("error" in row for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
