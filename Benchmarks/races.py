"""The races: who runs what, how often, and what is asked of us. `RACES` maps a name to the function that runs it."""
import json
import os
import statistics
import subprocess

from contestants import LlamaCpp, PythonPeer, RunError, busy_core
from gguf_header import ModelSize
from tuning_races import TUNING_RACES
from vector_races import LARGE_RACES, VECTOR_RACES

# Layers, hidden and feed-forward width of MiniLM, for the arithmetic of an embedding.
MINILM_LAYERS, MINILM_WIDTH, MINILM_INNER = 6, 384, 1536


class Setting:
    """What every race needs: the contestants, the models and the machine."""

    def __init__(self, martlet, peers, models, threads, runs, limits, processor, wide, scratch):
        self.martlet, self.peers, self.models = martlet, peers, models
        self.threads, self.runs, self.limits = threads, runs, limits
        self.processor, self.wide, self.scratch = processor, wide, scratch
        self.kernels = martlet.kernels() if martlet else None
        self.llama_cpp = LlamaCpp(peers, threads)
        self.kept = {}

    def python_peer(self, kind, *arguments, threads=None):
        key = (kind, arguments)
        if key not in self.kept:
            self.kept[key] = PythonPeer(self.peers, kind, *arguments, threads=threads or self.threads)
        return self.kept[key]

    def close(self):
        for peer in self.kept.values():
            peer.close()

    def alternate(self, contestants, runs=None):
        """Every contestant in turn, again and again. A missing one (None) yields no figures."""
        figures = [[] for _ in contestants]
        for _ in range(runs or self.runs):
            for figure, run in zip(figures, contestants):
                if run:
                    figure.append(run())
        return figures

    def ours(self, run):
        return run if self.martlet else None

    def row(self, name, unit, ours, peer, peer_name, peer_version, bar, limit=None, higher=True, threads=None):
        middle = lambda figures: statistics.median(figures) if figures else None
        a, b = middle(ours), middle(peer)
        ratio = share = None
        if a and b:
            ratio = a / b if higher else b / a
        if a and limit:
            share = a / limit if higher else limit / a
        return dict(name=name, unit=unit, ours=a, ours_runs=ours, peer_name=peer_name, peer_version=peer_version,
                    peer=b, peer_runs=peer, higher_is_better=higher, ratio=ratio, bar=bar, limit=limit, share=share,
                    processor=self.processor, kernels=self.kernels, threads=threads or self.threads)

    # The limits.

    def memory_read(self):
        """GB/s, now: on a shared machine it changes too much to be measured once for all races."""
        text = subprocess.run([self.peers.limits, str(self.threads), "memory"], capture_output=True, text=True,
                              check=True)
        return json.loads(text.stdout)["memory_read"]

    def decode_limit(self, model, positions, memory_reads, sequences=1):
        """Tokens a second if nothing but memory took time; for many sequences, arithmetic counts too."""
        size = ModelSize(model)
        moved = size.token_bytes + sequences * positions * size.cache_bytes_per_position
        by_memory = sequences * statistics.median(memory_reads) * 1e9 / moved
        if sequences == 1:
            return by_memory
        operations = 2 * (size.layer_weights + size.head_weights)
        return min(by_memory, self.limits["int8_peak"] * 1e9 / operations)

    def prefill_limit(self, model, form):
        size = ModelSize(model)
        rate = self.limits["int8_peak"]
        if form == "bf16":
            rate = self.limits["int8_peak"] / 2 if "avx512_bf16" in self.wide else self.limits["float32_peak"]
        return rate * 1e9 / (2 * size.layer_weights)

    def embedding_limit(self, texts, precision):
        lengths = self.python_peer("tokenizers", os.path.join(self.models["minilm"], "tokenizer.json"),
                                   threads=1).ask("lengths", texts=texts, maximum=256)["lengths"]
        a_token = MINILM_LAYERS * 2 * (4 * MINILM_WIDTH ** 2 + 2 * MINILM_WIDTH * MINILM_INNER)
        products = a_token * sum(lengths) / len(lengths)
        attention = MINILM_LAYERS * 4 * MINILM_WIDTH * sum(n * n for n in lengths) / len(lengths)
        if precision == "float32":
            return self.limits["float32_peak"] * 1e9 / (products + attention)
        return 1 / (products / (self.limits["int8_peak"] * 1e9) + attention / (self.limits["float32_peak"] * 1e9))


def generate(name, model_key, bar, depth=0, count=128, least_share=None):
    def race(s):
        model, llama, prompt = s.models[model_key], s.llama_cpp, depth or 4
        ours, memory, peer = s.alternate([
            s.ours(lambda: s.martlet.decode_rate(model, prompt, count)), s.memory_read,
            lambda: llama.bench(model, count=count, depth=depth)])
        limit = s.decode_limit(model, prompt + count / 2, memory)
        row = s.row(name, "tokens/s", ours, peer, llama.name, llama.version, bar, limit)
        return [dict(row, least_share=least_share) if least_share else row]
    return race


def prefill(name, model_key, bar, count=512):
    def race(s):
        model, llama = s.models[model_key], s.llama_cpp
        ours, peer = s.alternate([
            s.ours(lambda: s.martlet.prefill_rate(model, count)), lambda: llama.bench(model, prompt=count)])
        return [s.row(name, "tokens/s", ours, peer, llama.name, llama.version, bar, s.prefill_limit(model, model_key))]
    return race


def sixteen(s):
    model, llama = s.models["q4_1"], s.llama_cpp
    ours, memory, peer = s.alternate([
        s.ours(lambda: s.martlet.parallel_rate(model, 16, 16, 128)), s.memory_read,
        lambda: llama.parallel_rate(model, 16, 16, 128)])
    limit = s.decode_limit(model, 16 + 64, memory, sequences=16)
    return [s.row("sixteen_q4_1", "tokens/s", ours, peer, llama.name, llama.version, 3.0, limit)]


def embed(kind):
    """Four contestants take turns, and make the rows of both precisions."""
    def race(s):
        texts = os.path.join(s.peers.corpus, kind + ".txt")
        with open(texts, encoding="utf-8") as file:
            lines = file.read().splitlines()
        torch = s.python_peer("st", s.models["minilm"])
        onnx = s.python_peer("onnx", s.models["minilm"], os.path.join(s.peers.onnx, "minilm-int8.onnx"))
        saved = {who: os.path.join(s.scratch, f"{kind}-{who}.npy") for who in ("float32", "fast", "torch", "onnx")}
        ours = lambda precision: s.ours(
            lambda: s.martlet.embed_rate(s.models["minilm"], lines, precision, saved[precision]))
        theirs = lambda peer, who: lambda: len(lines) / peer.ask("encode", texts=texts, save=saved[who])["seconds"]
        float32, fast, by_torch, by_onnx = s.alternate([
            ours("float32"), ours("fast"), theirs(torch, "torch"), theirs(onnx, "onnx")])
        bars = dict(sentences=(1.8, 4.0 if s.wide else 2.2), passages=(1.4, 3.5 if s.wide else 1.7))[kind]
        limits = {p: s.embedding_limit(texts, p) for p in ("float32", "fast")}
        rows = [
            s.row(f"embed_{kind}_float32", "texts/s", float32, by_torch, torch.name, torch.version, bars[0],
                  limits["float32"]),
            s.row(f"embed_{kind}_fast", "texts/s", fast, by_torch, torch.name, torch.version, bars[1], limits["fast"]),
            s.row(f"embed_{kind}_fast_onnxruntime", "texts/s", fast, by_onnx, onnx.name + " dynamic int8",
                  onnx.version, 1.0, limits["fast"])]
        if s.martlet:
            for row, who in zip(rows, ("float32", "fast", "fast")):
                row["cosine"] = torch.ask("compare", ours=saved[who], reference=saved["torch"])
        rows[2]["peer_cosine"] = torch.ask("compare", ours=saved["onnx"], reference=saved["torch"])
        return rows
    return race


def first_token(s):
    model, llama = s.models["q4_1"], s.llama_cpp
    ours, peer = s.alternate([
        s.ours(lambda: s.martlet.first_token_seconds(model, 30)), lambda: llama.first_token_seconds(model, 30)],
        runs=2 * s.runs + 1)
    return [s.row("first_token", "s", ours, peer, llama.name, llama.version, 2.0, higher=False)]


def questions(s, count):
    """Questions of HellaSwag's shape: some seventy words, and four endings of some twenty, one of which belongs there."""
    path = os.path.join(s.scratch, f"questions-{count}.jsonl")
    if not os.path.exists(path):
        with open(os.path.join(s.peers.corpus, "corpus.txt"), encoding="utf-8") as file:
            paragraphs = [line.split() for line in file.read().splitlines()]
        paragraphs = [words for words in paragraphs if len(words) >= 90][:count]
        with open(path, "w", encoding="utf-8") as file:
            for index, words in enumerate(paragraphs):
                endings = [" ".join(paragraphs[(index + other) % len(paragraphs)][70:90]) for other in range(4)]
                label = index % 4
                endings[0], endings[label] = endings[label], endings[0]
                file.write(json.dumps(dict(ctx=" ".join(words[:70]), endings=endings, label=label)) + "\n")
    return path


def multiple_choice(s):
    """Questions a second, without start and loading, and how many of the choices are the peer's."""
    model = s.models["q4_1"]
    path = questions(s, 40)
    peer = s.python_peer("lm_eval", os.path.dirname(model), os.path.basename(model))
    found = {}

    def ours(precision):
        def run():
            found[precision], seconds = s.martlet.choices(model, path, precision, s.scratch)
            return len(found[precision]) / seconds
        return s.ours(run)

    def theirs():
        answer = peer.ask("evaluate", questions=path)
        found["peer"] = answer["choices"]
        return len(answer["choices"]) / answer["seconds"]

    exact, fast, rates = s.alternate([ours("float32"), ours("fast"), theirs])
    rows = [
        s.row("eval_multiple_choice", "questions/s", exact, rates, peer.name, peer.version, 1.5),
        s.row("eval_multiple_choice_fast", "questions/s", fast, rates, peer.name, peer.version, 2.0)]
    if s.martlet:
        for row, precision in zip(rows, ("float32", "fast")):
            same = sum(a == b for a, b in zip(found[precision], found["peer"]))
            row["same_choices"] = same / len(found["peer"])
    return rows


# Longer than any answer that is measured.
LONG_LIST = dict(type="array", minItems=1000, items=dict(
    type="object", required=["name", "size", "kind"], additionalProperties=False,
    properties=dict(name=dict(type="string", maxLength=40), size=dict(type="number"),
                    kind=dict(enum=["small", "large", "unknown"]))))


def structured(s):
    """What a form costs: tokens a second of an answer that a schema holds to its form, against a free one."""
    model = s.models["q4_1"]
    formed, free = s.alternate([
        s.ours(lambda: s.martlet.formed_rate(model, LONG_LIST, 128)),
        s.ours(lambda: s.martlet.decode_rate(model, 4, 128))], runs=2 * s.runs + 1)
    return [s.row("structured_overhead", "tokens/s", formed, free, "martlet generate, without a form", "this build", 0.9)]


def masks(s):
    """Microseconds until the tokens that may come next are known: the median and the 95th percentile over the texts of
    grammar_cases.jsonl, each under its own schema, one thread."""
    model, cases = s.models["q4_1"], os.path.join(os.path.dirname(os.path.abspath(__file__)), "grammar_cases.jsonl")
    program = os.path.join(os.path.dirname(s.martlet.program), "MartletBenchmarkGrammars") if s.martlet else None

    def ours():
        done = subprocess.run([program, model, cases], capture_output=True, text=True)
        if done.returncode:
            raise RunError(done.stderr.strip())
        return json.loads(done.stdout)["mask_us"]

    def theirs(kind):
        def run():
            answer = s.python_peer(kind, model, threads=1).ask("masks", cases=cases)
            if answer["refused"]:
                raise RunError(f"{kind} refused {answer['refused']} of the texts")
            return answer["mask_us"]
        return run

    names = ["llguidance", "xgrammar"]
    figures = s.alternate([s.ours(ours)] + [theirs(name) for name in names])
    middle, high = (lambda values: statistics.median(values)), (lambda values: sorted(values)[int(0.95 * len(values))])
    rows = []
    for number, name in enumerate(names, 1):
        peer = s.python_peer(name, model, threads=1)
        for suffix, part in (("", middle), ("_p95", high)):
            rows.append(s.row(
                f"mask_{name}{suffix}", "µs", [part(run) for run in figures[0]], [part(run) for run in figures[number]],
                peer.name, peer.version, 1.0 if name == "llguidance" else None, higher=False, threads=1))
    return rows


def tokenize(name, model_key):
    def race(s):
        path, model = os.path.join(s.peers.corpus, "corpus.txt"), s.models[model_key]
        file = os.path.join(model, "tokenizer.json") if os.path.isdir(model) else model
        peer = s.python_peer("tokenizers", file, threads=1)

        def theirs():
            answer = peer.ask("tokenize", texts=path)
            return answer["bytes"] / 1e6 / answer["seconds"]

        ours, rates = s.alternate([s.ours(lambda: s.martlet.tokenize_rate(model, path)), theirs])
        return [s.row(name, "MB/s", ours, rates, peer.name, peer.version, 3.0, threads=1)]
    return race


def shared_core(s):
    """Two threads while a busy loop holds one core, against our own single thread on an idle machine."""
    model, llama = s.models["q4_1"], s.llama_cpp

    def beside_loop(run):
        def loaded():
            with busy_core():
                return run()
        return loaded

    alone, loaded, llama_loaded = s.alternate([
        s.ours(lambda: s.martlet.decode_rate(model, 4, 128, threads=1)),
        s.ours(beside_loop(lambda: s.martlet.decode_rate(model, 4, 128))),
        beside_loop(lambda: llama.bench(model, count=64))])
    return [
        s.row("shared_core", "tokens/s", loaded, alone, "martlet, one thread, nothing else running", "this build", 0.9),
        s.row("shared_core_llama_cpp", "tokens/s", loaded, llama_loaded, llama.name, llama.version, None)]


def documents(s):
    """A folder of forty texts of thirty paragraphs."""
    folder = os.path.join(s.scratch, "documents")
    if not os.path.exists(folder):
        os.makedirs(folder)
        with open(os.path.join(s.peers.corpus, "corpus.txt"), encoding="utf-8") as file:
            paragraphs = file.read().splitlines()[:1200]
        for index in range(0, len(paragraphs), 30):
            with open(os.path.join(folder, f"{index:05}.txt"), "w", encoding="utf-8") as file:
                file.write("\n\n".join(paragraphs[index:index + 30]) + "\n")
    return folder


def indexing(s):
    """How fast documents become searchable, from start to exit, against embedding their chunks and nothing else."""
    folder = documents(s)
    chunks = s.martlet.chunks(folder) if s.martlet else []
    added, embedded = s.alternate([
        s.ours(lambda: s.martlet.index_rate(folder)),
        s.ours(lambda: s.martlet.embed_rate(s.models["minilm"], chunks, "fast", os.path.join(s.scratch, "x.npy")))])
    return [s.row("index_chunks_per_second", "chunks/s", added, embedded,
                  "martlet embed, the same chunks without start and loading", "this build", 0.8)]


def dropping(s):
    """How fast the passages of files that are gone leave the index, against adding them."""
    folder = documents(s)
    dropped, added = s.alternate([
        s.ours(lambda: s.martlet.drop_rate(folder)), s.ours(lambda: s.martlet.index_rate(folder))])
    return [s.row("drop_chunks_per_second", "chunks/s", dropped, added, "martlet index, adding them", "this build", 5)]


RACES = {
    "generate_128_q4_1": generate("generate_128_q4_1", "q4_1", 1.8),
    "generate_128_deep_q4_1": generate("generate_128_deep_q4_1", "q4_1", 2.5, depth=1024),
    "prefill_512_q4_1": prefill("prefill_512_q4_1", "q4_1", 4.0),
    "generate_128_qwen": generate("generate_128_qwen", "qwen", 1.3),
    "prefill_512_qwen": prefill("prefill_512_qwen", "qwen", 2.0),
    "sixteen_q4_1": sixteen,
}
for form, bars in dict(q4_0=(1.2, 1.2), q4_k_m=(1.2, 1.2), q8_0=(1.2, 1.2), bf16=(1.1, 1.2)).items():
    RACES[f"generate_128_{form}"] = generate(
        f"generate_128_{form}", form, bars[0], least_share=None if form == "bf16" else 0.6)
    RACES[f"prefill_512_{form}"] = prefill(f"prefill_512_{form}", form, bars[1])
RACES.update({
    "embed_sentences": embed("sentences"),
    "embed_passages": embed("passages"),
    "first_token": first_token,
    "eval_multiple_choice": multiple_choice,
    "structured_overhead": structured,
    "mask": masks,
    "tokenize_wordpiece": tokenize("tokenize_wordpiece", "minilm"),
    "tokenize_bpe": tokenize("tokenize_bpe", "q4_1"),
    "shared_core": shared_core,
    "index_chunks_per_second": indexing,
    "drop_chunks_per_second": dropping,
    **TUNING_RACES,
    **VECTOR_RACES,
})


def chosen(only, large=False):
    """The races that a comma list names, or all; a row's name chooses the race that makes it."""
    races = LARGE_RACES if large else RACES
    if not only:
        return list(races)
    names = []
    for wanted in only.split(","):
        found = [name for name in races if wanted.strip() == name or wanted.strip().startswith(name + "_")]
        if not found:
            raise RunError(f"no race is called ‘{wanted.strip()}’; there are: {', '.join(races)}")
        race = max(found, key=len)
        names += [race] if race not in names else []
    return names


def write_json(path, rows):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        json.dump(rows, file, indent=1)
        file.write("\n")
