#!/usr/bin/env python3
"""What FAISS itself makes of an index file, and what it finds, beside its own index of the same vectors.

    python ask_faiss.py FILE.faiss VECTORS.npy K < queries.npy

Prints one JSON object: type, inner (the type of what an ID map maps), d, ntotal, metric, ids (of a map), and for the
queries the `labels` and `distances` that the file gives, and those of an exact index of VECTORS (`own_labels`,
`own_distances`, rows in the place of ids), and whether a second writing gives the same bytes (`rewritten`).
"""
import io
import json
import sys
import tempfile

import faiss
import numpy as np

faiss.omp_set_num_threads(1)
file, vectors, k = sys.argv[1], np.load(sys.argv[2]), int(sys.argv[3])
queries = np.load(io.BytesIO(sys.stdin.buffer.read()))
index = faiss.read_index(file)
inner = faiss.downcast_index(index.index) if hasattr(index, "id_map") else index
distances, labels = index.search(queries, k)
own = faiss.IndexFlat(vectors.shape[1], index.metric_type)
own.add(vectors)
own_distances, own_labels = own.search(queries, k)
with tempfile.NamedTemporaryFile() as again:
    faiss.write_index(index, again.name)
    rewritten = open(again.name, "rb").read() == open(file, "rb").read()
json.dump({
    "type": type(index).__name__, "inner": type(inner).__name__, "d": index.d, "ntotal": index.ntotal,
    "metric": int(index.metric_type), "ids": faiss.vector_to_array(index.id_map).tolist() if inner is not index else None,
    "labels": labels.tolist(), "distances": distances.tolist(), "own_labels": own_labels.tolist(),
    "own_distances": own_distances.tolist(), "rewritten": rewritten,
}, sys.stdout)
