#!/usr/bin/env python3
"""What llama.cpp says, to be compared with: greedy continuations and perplexity of the two small models.

    python make_reference.py BUILD[,BUILD] smollm2=MODEL.gguf qwen2.5-coder=MODEL.gguf

A BUILD is a build folder within a llama.cpp source folder (Benchmarks/ says how one is made); the first, a native one,
gives the tokens and the perplexity, and all have a say in `agreed`: so give another one for another kind of processor
(GGML_NATIVE=OFF with GGML_AVX2=ON and what belongs to it). Writes llama-cpp.json:

    models.NAME.sha256
    models.NAME.greedy[]          of the first model alone: prompt (text), prompt_ids (as llama.cpp splits it, with the
                                  BOS where the model wants one), ids (32 greedy tokens, temperature 0, end tokens not
                                  obeyed), margins (of each over the second best logit: a near tie may go either way)
    models.NAME.greedy[].agreed   how many of the first tokens are the same in every one of SETTINGS and of the builds.
                                  Beyond them the continuation is not the model's but that of a way of rounding: a sum
                                  in another order flips a few roundings of activations to 8 bits, and 30 layers make
                                  of that logits that differ by some tenths
    models.NAME.perplexity        perplexity, tokens (scored), windows, context: `llama-perplexity --ctx-size 512`
                                  on alice.txt, which scores the second half of each full window

prompts.txt holds our own texts (and two old songs), one a line, `\\n` standing for a line break; the last ones go on in
a way that leaves the models no choice. alice.txt is the beginning of Lewis Carroll's "Alice's Adventures in Wonderland", Millennium Fulcrum edition 2.9 (public domain; here from the test
data of the snappy library, alice29.txt, with line ends made plain).
"""
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
COUNT, CONTEXT, THREADS = 32, 512, 2
# (flash attention, prompt tokens at once): llama.cpp's own choice first, then other ways of the same arithmetic.
SETTINGS = [(-1, 0), (0, 0), (0, 1), (1, 1)]


def build_greedy(build):
    source = os.path.dirname(os.path.abspath(build))
    library = os.path.join(os.path.abspath(build), "bin")
    program = os.path.join(library, "martlet-greedy")
    subprocess.run(
        ["g++", "-O2", "-std=c++17", f"-I{source}/include", f"-I{source}/ggml/include",
         os.path.join(HERE, "greedy.cpp"), "-o", program, f"-L{library}", "-lllama", "-lggml", "-lggml-base",
         f"-Wl,-rpath,{library}"], check=True)
    return program


def greedy(programs, model):
    with open(os.path.join(HERE, "prompts.txt")) as file:
        prompts = [line.rstrip("\n").replace("\\n", "\n") for line in file]
    results = []
    for prompt in prompts:
        # One process a prompt: the program reads lines, and a prompt may hold line breaks.
        runs = []
        for program, (flash, batch) in itertools.product(programs, SETTINGS):
            out = subprocess.run([program, model, str(COUNT), str(THREADS), str(flash), str(batch)],
                                 input=prompt.replace("\n", "\x1e"), capture_output=True, text=True, check=True).stdout
            prompt_ids, made, margins = ([float(x) for x in part.split()] for part in out.strip().split("|"))
            runs.append((prompt_ids, made, margins))
        agreed = next((i for i in range(COUNT) if len({made[i] for _, made, _ in runs}) > 1), COUNT)
        results.append(dict(
            prompt=prompt, prompt_ids=[int(x) for x in runs[0][0]], ids=[int(x) for x in runs[0][1]],
            margins=[round(x, 4) for x in runs[0][2]], agreed=agreed))
    return results


def perplexity(build, model):
    out = subprocess.run(
        [f"{build}/bin/llama-perplexity", "-m", model, "-f", os.path.join(HERE, "alice.txt"),
         "--ctx-size", str(CONTEXT), "--threads", str(THREADS)], capture_output=True, text=True, check=True)
    text = out.stdout + out.stderr
    windows = int(re.search(r"over (\d+) chunks", text).group(1))
    value = float(re.search(r"Final estimate: PPL = ([0-9.]+)", text).group(1))
    return dict(perplexity=value, windows=windows, tokens=windows * (CONTEXT - 1 - CONTEXT // 2), context=CONTEXT)


def processor():
    with open("/proc/cpuinfo") as file:
        fields = dict(re.split(r"\s*:\s*", line.strip(), maxsplit=1) for line in file if ":" in line)
    form = "AVX-512" if "avx512_vnni" in fields["flags"] else "AVX2"
    return f"{fields['model name']} (family {fields['cpu family']} model {fields['model']}, {form})"


def main():
    builds = sys.argv[1].split(",")
    programs = [build_greedy(build) for build in builds]
    source = os.path.dirname(os.path.abspath(builds[0]))
    commit = subprocess.run(["git", "-C", source, "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True).stdout.strip()
    document = dict(made_with=dict(llama_cpp=commit or "0c1e570", package="llama-cpp-python 0.3.36", threads=THREADS,
                                   processor=processor(), builds=len(builds)), models={})
    for argument in sys.argv[2:]:
        name, model = argument.split("=", 1)
        with open(model, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        known = dict(sha256=digest, perplexity=perplexity(builds[0], model))
        if not document["models"]:
            known["greedy"] = greedy(programs, model)
        document["models"][name] = known
        print(name, document["models"][name]["perplexity"], flush=True)
    with open(os.path.join(HERE, "llama-cpp.json"), "w") as file:
        text = json.dumps(document, indent=1, ensure_ascii=False)
        # One line a list: a list of numbers on lines of their own is no use to a reader.
        text = re.sub(r"\[\s+(-?[0-9][^\[\]{}\"]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)) + "]", text)
        file.write(text + "\n")
    for name, model in document["models"].items():
        if "greedy" not in model:
            continue
        agreed = [entry["agreed"] >= 16 for entry in model["greedy"]]
        clear = [min(entry["margins"][:16]) >= 0.5 for entry in model["greedy"]]
        print(f"{name}: of {len(agreed)} prompts, 16 tokens are the same in all settings for {sum(agreed)}, and at least "
              f"half a logit ahead for {sum(clear)}")


if __name__ == "__main__":
    main()
