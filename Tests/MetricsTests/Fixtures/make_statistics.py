"""Writes statistics.json: inputs, and what scipy, statsmodels, scikit-learn, pytrec_eval and NLTK say of them.

    python make_statistics.py > statistics.json
"""
import json
import sys
from importlib.metadata import version

import numpy
import pytrec_eval
from nltk.stem.porter import PorterStemmer
from scipy import optimize, special, stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import fleiss_kappa
from statsmodels.stats.proportion import proportion_confint

random = numpy.random.default_rng(20)
MASK = (1 << 64) - 1


def draws(seed):
    """SplitMix64; a number below `bound` is the upper half of the product with it."""
    state = seed
    while True:
        bound = yield
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield ((z ^ (z >> 31)) * bound) >> 64


def means():
    cases = []
    for size in [2, 5, 40]:
        values = random.normal(size=size).round(4)
        cases.append({"values": values.tolist(), "mean": values.mean(), "standard_error": stats.sem(values)})
    return cases


def bootstraps():
    cases = []
    for seed, confidence in [(0, 0.95), (1234, 0.95), (7, 0.8)]:
        values = random.random(30).round(4)
        source = draws(seed)
        results = []
        for _ in range(1000):
            rows = []
            for _ in values:
                next(source)
                rows.append(source.send(len(values)))
            results.append(values[rows].mean())
        tail = (1 - confidence) / 2
        low, high = numpy.quantile(results, [tail, 1 - tail])
        cases.append(dict(values=values.tolist(), seed=seed, confidence=confidence, low=low, high=high))
    return cases


def wilsons():
    cases = []
    for successes, trials in [(0, 1), (1, 1), (3, 10), (0, 50), (50, 50), (777, 1319)]:
        for confidence in [0.5, 0.9, 0.95, 0.999]:
            low, high = proportion_confint(successes, trials, 1 - confidence, "wilson")
            cases.append([successes, trials, confidence, low, high])
    return cases


def mcnemars():
    cases = []
    for first, second in [(1, 0), (3, 9), (10, 10), (5, 25), (400, 352), (1200, 1500)]:
        table = [[10, first], [second, 10]]
        exact = mcnemar(table, exact=True).pvalue
        chi = mcnemar(table, exact=False, correction=True)
        cases.append([first, second, exact, chi.statistic, chi.pvalue])
    return cases


def kappas():
    cases = []
    for categories in [2, 3, 5]:
        first = random.integers(categories, size=40)
        second = numpy.where(random.random(40) < 0.6, first, random.integers(categories, size=40))
        weighted = {name: cohen_kappa_score(first, second, weights=None if name == "none" else name)
                    for name in ["none", "linear", "quadratic"]}
        cases.append({"first": first.tolist(), "second": second.tolist(), "kappa": weighted})
    # A category that nobody used is no step on the way.
    first, second = [1, 1, 4, 7, 7, 4], [1, 4, 4, 7, 1, 4]
    weighted = {name: cohen_kappa_score(first, second, weights=None if name == "none" else name)
                for name in ["none", "linear", "quadratic"]}
    cases.append({"first": first, "second": second, "kappa": weighted})
    return cases


def fleiss():
    cases = []
    for raters, categories in [(3, 2), (5, 4)]:
        counts = random.multinomial(raters, random.dirichlet(numpy.ones(categories)), size=12)
        cases.append({"counts": counts.tolist(), "kappa": fleiss_kappa(counts)})
    return cases


def bradley_terry():
    cases = []
    for players, count, prior in [(4, 60, 0.1), (6, 300, 0.1), (3, 4, 1.0)]:
        truth = random.normal(size=players)
        games = []
        for _ in range(count):
            first, second = random.choice(players, 2, replace=False)
            chance = 1 / (1 + numpy.exp(truth[second] - truth[first]))
            outcome = "tie" if random.random() < 0.15 else "firstWins" if random.random() < chance else "secondWins"
            games.append([int(first), int(second), outcome])
        if players == 3:  # one player wins always
            games = [[0, 1, "firstWins"], [0, 2, "firstWins"], [1, 2, "tie"], [2, 0, "secondWins"]]
        points = {"firstWins": 1, "tie": 0.5, "secondWins": 0}

        def gradient(strengths):
            total = prior * (0.5 - special.expit(strengths))
            for first, second, outcome in games:
                surprise = points[outcome] - special.expit(strengths[first] - strengths[second])
                total[first] += surprise
                total[second] -= surprise
            return total

        found = optimize.root(gradient, numpy.zeros(players), tol=1e-13).x
        assert abs(gradient(found)).max() < 1e-10
        cases.append({"games": games, "prior": prior, "strengths": (found - found.mean()).tolist()})
    return cases


def rankings():
    cases = []
    measures = {"P.1,5,10", "recall.1,5,10", "recip_rank", "ndcg_cut.1,5,10"}
    for _ in range(60):
        documents = [f"d{number}" for number in range(15)]
        found = random.permutation(documents)[: random.integers(1, 15)].tolist()
        relevance = {str(d): int(r) for d, r in zip(documents, random.choice([0, 0, 0, 1, 2, 3], size=15))}
        if not any(relevance.values()):
            relevance["d0"] = 1
        scores = {d: float(len(found) - rank) for rank, d in enumerate(found)}
        result = pytrec_eval.RelevanceEvaluator({"q": relevance}, measures).evaluate({"q": scores})["q"]
        cases.append({"found": found, "relevance": relevance, "scores": {k: round(v, 12) for k, v in result.items()}})
    return cases


def stems():
    bases = """a be tr cr sk fl fil fal hop tan hiss fizz control plaster motor relat condit ration val hesit digit
    conform radic different vil analog vietnam predic oper feud decis hope call formal sensit sensib triplic form
    electr good reviv allow inf airlin gyroscop adjust defens irrit replac adopt homolog commun activ angul effect
    bowdl prob cease rol syz yy oy ay ll geo theo archaeo philo log agre bl enjo spo""".split()
    endings = """ s es ies sses ss ed ied eed ing y ying ational tional enci anci izer bli abli alli entli eli ousli
    ization ation ator alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful
    ness al ance ence er ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize e ll le ied x2""".split()
    words = sorted({base + ending for base in bases for ending in [""] + endings})
    words += "sky skies dying lying tying news innings inning outings outing cannings howe proceed exceed succeed".split()
    stemmer = PorterStemmer()
    return {"words": " ".join(words), "stems": " ".join(stemmer.stem(word) for word in words)}


tools = ["scipy", "statsmodels", "scikit-learn", "pytrec_eval-terrier", "nltk", "numpy"]
out = {
    "versions": {tool: version(tool) for tool in tools} | {"python": sys.version.split()[0]},
    "means": means(), "bootstraps": bootstraps(), "wilson": wilsons(), "mcnemar": mcnemars(), "kappa": kappas(),
    "fleiss": fleiss(), "bradley_terry": bradley_terry(), "rankings": rankings(), "porter": stems(),
}
print(json.dumps(out, separators=(",", ":")))
