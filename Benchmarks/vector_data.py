#!/usr/bin/env python3
"""Make the vectors that are raced over, with the exact answers. Runs in the environment of the vector peers.

    python vector_data.py clustered COUNT DIMENSION OUT
    python vector_data.py embedded VECTORS.npy OUT

`clustered`: 1,000 unit centres c; each vector is normalise(c + 0.8 B z + 0.15 e), where z ~ N(0, I_32) / sqrt(32), B is
a shared basis of 32 unit columns and e ~ N(0, I) / sqrt(DIMENSION); 1,000 queries come from the same mixture.
`embedded`: vectors of real text, shuffled; the last 1,000 are the queries.

Writes base and query (.npy and .fvecs), truth.ivecs (the 10 nearest by cosine, by exact search), topic.i32 (the cluster
of each vector) and number.i32 (drawn at random), both below 1,000, filters.json with the exact filtered answers for
every selectivity (truth_CASE.ivecs), and sums.json, the SHA-256 of each file. A record's metadata is made of the two
numbers: percent and tenth are tenths and hundredths of its number, section and chapter of its topic.
"""
import hashlib
import json
import os
import sys

import numpy as np

QUERIES, NEAREST, VALUES = 1000, 10, 1000
# The kinds of filters, by the share of records in percent that they let through: the keys of those that are independent
# of the vectors and of those that follow them, the divisor that makes the key's value of a number below 1,000, and how
# many values pass (one: equality; more: a range).
KINDS = {"0.1": ("number", "topic", 1, 1), "1": ("percent", "section", 10, 1), "10": ("tenth", "chapter", 100, 1),
         "50": ("number", "topic", 1, 500)}


def clustered(count, dimension, seed=7):
    random = np.random.default_rng(seed)
    centres = random.standard_normal((VALUES, dimension), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    basis = random.standard_normal((dimension, 32), dtype=np.float32)
    basis /= np.linalg.norm(basis, axis=0)

    def draw(total):
        vectors, topics = np.empty((total, dimension), np.float32), np.empty(total, np.int32)
        for start in range(0, total, 50000):
            size = min(50000, total - start)
            z = random.standard_normal((size, 32), dtype=np.float32) / np.sqrt(32)
            chosen = random.integers(0, VALUES, size)
            noise = random.standard_normal((size, dimension), dtype=np.float32) / np.sqrt(dimension)
            x = centres[chosen] + 0.8 * z @ basis.T + 0.15 * noise
            vectors[start:start + size] = x / np.linalg.norm(x, axis=1, keepdims=True)
            topics[start:start + size] = chosen
        return vectors, topics

    base, topics = draw(count)
    query, query_topics = draw(QUERIES)
    return base, topics, query, query_topics


def embedded(path, seed=7):
    vectors = np.load(path)
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.random.default_rng(seed).shuffle(vectors)
    base, query = vectors[:-QUERIES], vectors[-QUERIES:]
    # A topic is the nearest of vectors drawn as centres, its number the centre's rank along one direction.
    centres = base[np.random.default_rng(seed).choice(len(base), VALUES, replace=False)]
    return base, (base @ centres.T).argmax(1), query, (query @ centres.T).argmax(1)


def nearest(scores):
    """The places of the largest scores of each row, largest first."""
    kept = min(NEAREST, scores.shape[1])
    places = np.argpartition(-scores, kept - 1, axis=1)[:, :kept]
    order = np.argsort(-np.take_along_axis(scores, places, 1), axis=1, kind="stable")
    return np.take_along_axis(places, order, 1).astype(np.int32)


def filters(query_topics, seed=11):
    """For each case a key, and for each query the value (the first of a range) that passes."""
    random = np.random.default_rng(seed)
    cases = {}
    for share, (independent, following, divisor, width) in KINDS.items():
        choices = VALUES // divisor - width + 1
        cases[share] = dict(key=independent, column="number", divisor=divisor, width=width,
                            values=random.integers(0, choices, QUERIES).tolist())
        # Half of the queries ask among their own neighbours, half anywhere, which is mostly far from them.
        own = np.clip(query_topics // divisor - random.integers(0, width, QUERIES), 0, choices - 1)
        anywhere = random.integers(0, choices, QUERIES)
        cases[share + "_correlated"] = dict(
            key=following, column="topic", divisor=divisor, width=width,
            values=np.where(np.arange(QUERIES) % 2 == 0, own, anywhere).tolist())
    return cases


def exact(base, query, values, cases):
    """The exact answers without a filter, and with those of each case; -1 stands where too few records pass."""
    truth = np.empty((len(query), NEAREST), np.int32)
    filtered = {name: np.full((len(query), NEAREST), -1, np.int32) for name in cases}
    for start in range(0, len(query), 100):
        scores = query[start:start + 100] @ base.T
        truth[start:start + 100] = nearest(scores)
        for name, case in cases.items():
            column = values[case["column"]] // case["divisor"]
            for row in range(len(scores)):
                low = case["values"][start + row]
                allowed = np.nonzero((column >= low) & (column < low + case["width"]))[0]
                found = allowed[nearest(scores[row:row + 1, allowed])[0]] if len(allowed) else allowed
                filtered[name][start + row, :len(found)] = found
    return truth, filtered


def write_vecs(path, rows):
    """.fvecs and .ivecs: before each row its length."""
    with open(path, "wb") as file:
        for start in range(0, len(rows), 50000):
            part = np.ascontiguousarray(rows[start:start + 50000])
            out = np.empty((len(part), part.shape[1] + 1), np.int32)
            out[:, 0] = part.shape[1]
            out[:, 1:] = part.view(np.int32)
            out.tofile(file)


def main():
    kind, arguments, out = sys.argv[1], sys.argv[2:-1], sys.argv[-1]
    made = clustered(int(arguments[0]), int(arguments[1])) if kind == "clustered" else embedded(arguments[0])
    base, topics, query, query_topics = made
    os.makedirs(out, exist_ok=True)
    values = dict(number=np.random.default_rng(5).integers(0, VALUES, len(base)).astype(np.int32),
                  topic=topics.astype(np.int32))
    cases = filters(query_topics)
    truth, filtered = exact(base, query, values, cases)
    for name, vectors in (("base", base), ("query", query)):
        np.save(os.path.join(out, name + ".npy"), vectors)
        write_vecs(os.path.join(out, name + ".fvecs"), vectors)
    write_vecs(os.path.join(out, "truth.ivecs"), truth)
    for name, column in values.items():
        column.tofile(os.path.join(out, name + ".i32"))
    for name, answers in filtered.items():
        write_vecs(os.path.join(out, f"truth_{name}.ivecs"), answers)
    with open(os.path.join(out, "filters.json"), "w") as file:
        json.dump(cases, file)
    sums = {}
    for name in sorted(set(os.listdir(out)) - {"sums.json"}):
        with open(os.path.join(out, name), "rb") as file:
            sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    with open(os.path.join(out, "sums.json"), "w") as file:
        json.dump(sums, file)


if __name__ == "__main__":
    main()
