#!/usr/bin/env python3
"""Make vectors that are hard for a graph, and the exact answers to more or fewer than ten. Runs in the environment of the
vector peers.

    python vector_hard_data.py gaussian COUNT DIMENSION OUT
    python vector_hard_data.py lowdim COUNT DIMENSION INNER OUT
    python vector_hard_data.py nearest DATA COUNT OUT

`gaussian`: every number drawn for itself. `lowdim`: INNER such numbers times a random basis, and 0.3 of noise on each
of the DIMENSION numbers: near a vector there are many more others than among clustered ones. Both are brought to the
length 1, and written as vector_data.py writes its own, without filters.
`nearest`: the COUNT nearest of a data folder's queries, in the file OUT.ivecs.
"""
import hashlib
import json
import os
import sys

import numpy as np

from vector_data import NEAREST, QUERIES, VALUES, write_vecs


def gaussian(count, dimension, seed=13):
    return np.random.default_rng(seed).standard_normal((count + QUERIES, dimension), dtype=np.float32)


def lowdim(count, dimension, inner, seed=13):
    random = np.random.default_rng(seed)
    basis = random.standard_normal((inner, dimension), dtype=np.float32)
    vectors = random.standard_normal((count + QUERIES, inner), dtype=np.float32) @ basis
    vectors += np.float32(0.3) * random.standard_normal(vectors.shape, dtype=np.float32)
    return vectors


def nearest(base, query, count):
    """The exact nearest of each query, nearest first."""
    found = np.empty((len(query), count), np.int32)
    for start in range(0, len(query), 100):
        scores = query[start:start + 100] @ base.T
        places = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(scores, places, 1), axis=1, kind="stable")
        found[start:start + 100] = np.take_along_axis(places, order, 1)
    return found


def write(vectors, out):
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    base, query = vectors[:-QUERIES], vectors[-QUERIES:]
    os.makedirs(out, exist_ok=True)
    for name, rows in (("base", base), ("query", query)):
        np.save(os.path.join(out, name + ".npy"), rows)
        write_vecs(os.path.join(out, name + ".fvecs"), rows)
    write_vecs(os.path.join(out, "truth.ivecs"), nearest(base, query, NEAREST))
    for name in ("number", "topic"):
        np.random.default_rng(5).integers(0, VALUES, len(base)).astype(np.int32).tofile(os.path.join(out, name + ".i32"))
    sums = {}
    for name in sorted(set(os.listdir(out)) - {"sums.json"}):
        with open(os.path.join(out, name), "rb") as file:
            sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    with open(os.path.join(out, "sums.json"), "w") as file:
        json.dump(sums, file)


def main():
    kind, *arguments, out = sys.argv[1:]
    if kind == "nearest":
        base, query = (np.load(os.path.join(arguments[0], name + ".npy")) for name in ("base", "query"))
        write_vecs(out, nearest(base, query, int(arguments[1])))
        return
    numbers = [int(argument) for argument in arguments]
    write(gaussian(*numbers) if kind == "gaussian" else lowdim(*numbers), out)


if __name__ == "__main__":
    main()
