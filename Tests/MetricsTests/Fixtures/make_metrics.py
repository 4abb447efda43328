"""Writes metrics.json: what the reference tools say of texts that this script and the tests draw alike.

    python make_metrics.py PATH_OF_SQUAD_METRICS > metrics.json
    python make_metrics.py PATH_OF_SQUAD_METRICS --all NAME     # each value of one column, to find a difference

PATH_OF_SQUAD_METRICS is a Python file with SQuAD's functions normalize_answer, compute_exact and compute_f1, such as
src/transformers/data/metrics/squad_metrics.py of transformers 4. The other tools are those of `versions` in the
output. A column has the first 20 values, and for each 20 rows the sum of their values, weighted by 1, 2, ..., 20 parts
of 20, so that no single value may differ.
"""
import importlib.util
import json
import logging
import sys
from importlib.metadata import version
from pathlib import Path

import numpy
from rapidfuzz.distance import Levenshtein
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF

logging.getLogger("sacrebleu").setLevel(logging.ERROR)
ROWS, BLOCK = 2000, 20
MASK = (1 << 64) - 1
PIECES = json.loads((Path(__file__).parent / "pieces.json").read_text())


class Draws:
    """SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def next(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % bound


def piece(draws):
    words = PIECES["words"]
    return words[draws.next(40 if draws.next(3) > 0 else len(words))]


def joined(pieces, draws):
    text = ""
    for number, part in enumerate(pieces):
        if number > 0:
            text += PIECES["separators"][draws.next(len(PIECES["separators"]))]
        text += part
    return text


def changed(pieces, draws):
    result = []
    for part in pieces:
        what = draws.next(12)
        if what == 0:
            continue
        result.append(piece(draws) if what == 1 else part)
        if what == 2:
            result.append(part)
        elif what == 3:
            result.append(piece(draws))
    return result


def row(number):
    """A prediction and its references."""
    draws = Draws(number)
    kind = draws.next(40)
    count = 60 + draws.next(60) if kind == 0 else 1 + draws.next(12)
    gold = [piece(draws) for _ in range(count)]
    if kind == 1:
        gold = []
    elif kind == 2:
        gold = [PIECES["marks"][draws.next(len(PIECES["marks"]))] for _ in range(count)]
    references = [joined(gold, draws)]
    for _ in range(draws.next(3)):
        references.append(joined(changed(gold, draws), draws))
    kind = draws.next(40)
    predicted = [] if kind == 0 else gold if kind < 4 else changed(gold, draws)
    return joined(predicted, draws), references


def squad(path):
    spec = importlib.util.spec_from_file_location("squad_metrics", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def best(compute, prediction, references):
        golds = [text for text in references if module.normalize_answer(text)] or [""]
        return max(compute(gold, prediction) for gold in golds)

    return {
        "exact_match": lambda p, r: best(module.compute_exact, p, r),
        "f1": lambda p, r: best(module.compute_f1, p, r),
    }


BLEUS = {f"bleu-{name}": dict(tokenize=name) for name in ["none", "13a", "intl", "zh", "char"]}
BLEUS |= {
    "bleu-lowercase": dict(lowercase=True),
    "bleu-no-smoothing": dict(smooth_method="none"),
    "bleu-floor": dict(smooth_method="floor"),
    "bleu-floor-0.5": dict(smooth_method="floor", smooth_value=0.5),
    "bleu-add-k": dict(smooth_method="add-k"),
    "bleu-add-k-0.5": dict(smooth_method="add-k", smooth_value=0.5),
}
CHRFS = {
    "chrf": dict(),
    "chrf++": dict(word_order=2),
    "chrf-lowercase": dict(lowercase=True),
    "chrf++-whitespace": dict(word_order=2, whitespace=True),
    "chrf++-epsilon": dict(word_order=2, eps_smoothing=True),
}


def sentence_columns(squad_path):
    columns = dict(squad(squad_path))
    for name, options in BLEUS.items():
        metric = BLEU(effective_order=True, **options)
        columns[name] = lambda p, r, metric=metric: metric.sentence_score(p, r).score
    whole = BLEU()
    columns["bleu-all-orders"] = lambda p, r: whole.sentence_score(p, r).score
    for name, options in CHRFS.items():
        metric = CHRF(**options)
        columns[name] = lambda p, r, metric=metric: metric.sentence_score(p, r).score
    variants = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    for stem in [False, True]:
        scorer = RougeScorer(variants, use_stemmer=stem)
        for variant in variants:
            for part in ["fmeasure"] if stem else ["precision", "recall", "fmeasure"]:

                def score(p, r, scorer=scorer, variant=variant, part=part):
                    return getattr(scorer.score_multi(r, p)[variant], part)

                columns[f"{variant}-{'stem' if stem else part}"] = score
    columns["edit_similarity"] = lambda p, r: max(Levenshtein.normalized_similarity(p, t) for t in r)
    columns["accuracy"] = lambda p, r: float(p in r)
    return columns


def corpus_scores(rows):
    predictions = [prediction for prediction, _ in rows]
    # The references of one place are a stream; a row that has fewer has None there.
    streams = [[r[place] if place < len(r) else None for _, r in rows] for place in range(3)]
    scores, signatures = {}, {}
    for kind, options in [(BLEU, BLEUS), (CHRF, CHRFS)]:
        for name, values in options.items():
            metric = kind(**values)
            scores[name] = metric.corpus_score(predictions, streams).score
            signatures[name] = str(metric.get_signature())
    return scores, signatures


def main():
    rows = [row(number) for number in range(ROWS)]
    columns = sentence_columns(sys.argv[1])
    if len(sys.argv) > 3:
        for number, (prediction, references) in enumerate(rows):
            print(json.dumps([number, columns[sys.argv[3]](prediction, references), prediction, references]))
        return
    weights = numpy.arange(1, BLOCK + 1) / BLOCK
    scores = {}
    for name, score in columns.items():
        values = numpy.array([float(score(prediction, references)) for prediction, references in rows])
        sums = values.reshape(-1, BLOCK) @ weights
        scores[name] = {"first": values[:BLOCK].round(12).tolist(), "sums": sums.round(11).tolist()}
    corpus, signatures = corpus_scores(rows)
    tools = ["sacrebleu", "rouge_score", "nltk", "rapidfuzz", "regex"]
    out = {
        "versions": {tool: version(tool) for tool in tools} | {"python": sys.version.split()[0]},
        "rows": ROWS,
        "block": BLOCK,
        "sentences": scores,
        "corpus": corpus,
        "signatures": signatures,
    }
    print(json.dumps(out, separators=(",", ":")))


main()
