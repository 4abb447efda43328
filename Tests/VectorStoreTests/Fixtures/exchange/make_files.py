#!/usr/bin/env python3
"""Make small files of vectors with numpy and FAISS themselves.

    python make_files.py

They lie beside this file. All hold the first rows of one table, in which number `column` of row `row` is
((7 row + 13 column) mod 97 - 48) / 32: any type of float has these exactly.

    f4le-v1.npy, f4be-v2.npy, f8le-v3.npy, …   5 rows of 3, in types, orders of bytes and of memory, and versions
    rows.fvecs, rows.ivecs, rows.bvecs         4 rows of 6 (ivecs and bvecs: 32 times the table, plus 48)
    flat-l2.faiss, flat-ip.faiss, flat-l1.faiss  20 rows of 4
    hnsw-l2.faiss, hnsw-ip.faiss               60 rows of 4, M = 4; hnsw-l2.json has the graph's arrays
    idmap-flat.faiss, idmap2-hnsw.faiss        20 and 60 rows of 4 with the ids 1000 + 3 row
    empty.faiss                                no rows
    hnsw-without-vectors.faiss, ivf.faiss      two kinds that are refused

Made with numpy 2.4.6, faiss-cpu 1.15.1.
"""
import json
import os

import faiss
import numpy as np
from numpy.lib import format as npy

HERE = os.path.dirname(os.path.abspath(__file__))
faiss.omp_set_num_threads(1)


def table(rows, columns):
    row, column = np.mgrid[0:rows, 0:columns]
    return (((7 * row + 13 * column) % 97 - 48) / 32).astype(np.float32)


def path(name):
    return os.path.join(HERE, name)


def make_arrays():
    for name, descr, order, version in [
        ("f4le-v1.npy", "<f4", "C", (1, 0)), ("f4be-v2.npy", ">f4", "C", (2, 0)), ("f8le-v3.npy", "<f8", "C", (3, 0)),
        ("f8be-fortran.npy", ">f8", "F", (1, 0)), ("f2le.npy", "<f2", "C", (1, 0)), ("f2be-fortran.npy", ">f2", "F", (1, 0)),
        ("f4le-fortran.npy", "<f4", "F", (1, 0)),
    ]:
        with open(path(name), "wb") as file:
            npy.write_array(file, np.asarray(table(5, 3).astype(descr), order=order), version=version)
    np.save(path("i4.npy"), np.arange(6, dtype=np.int32).reshape(2, 3))
    np.save(path("one-dimension.npy"), table(1, 4)[0])
    np.save(path("structure.npy"), np.zeros(2, dtype=[("a", "<f4"), ("b", "<f4")]))


def make_vecs():
    rows = table(4, 6)
    whole = (rows * 32 + 48).astype(np.int32)
    for name, values in [("rows.fvecs", rows), ("rows.ivecs", whole), ("rows.bvecs", whole.astype(np.uint8))]:
        with open(path(name), "wb") as file:
            for row in values:
                file.write(np.int32(len(row)).tobytes() + row.tobytes())


def make_indexes():
    flat, ids = table(20, 4), 1000 + 3 * np.arange(60)
    for name, metric in [("l2", faiss.METRIC_L2), ("ip", faiss.METRIC_INNER_PRODUCT), ("l1", faiss.METRIC_L1)]:
        index = faiss.IndexFlat(4, metric)
        if metric == faiss.METRIC_L2:
            index = faiss.IndexFlatL2(4)
        index.add(flat)
        faiss.write_index(index, path(f"flat-{name}.faiss"))
    mapped = faiss.IndexIDMap(faiss.IndexFlatL2(4))
    mapped.add_with_ids(flat, ids[:20])
    faiss.write_index(mapped, path("idmap-flat.faiss"))
    faiss.write_index(faiss.IndexFlatIP(7), path("empty.faiss"))
    for name, metric in [("l2", faiss.METRIC_L2), ("ip", faiss.METRIC_INNER_PRODUCT)]:
        index = faiss.IndexHNSWFlat(4, 4, metric)
        index.add(table(60, 4))
        faiss.write_index(index, path(f"hnsw-{name}.faiss"))
        if name == "l2":
            write_graph(index.hnsw)
    mapped = faiss.IndexIDMap2(faiss.IndexHNSWFlat(4, 4))
    mapped.add_with_ids(table(60, 4), ids)
    faiss.write_index(mapped, path("idmap2-hnsw.faiss"))
    bare = faiss.IndexHNSWFlat(4, 4)
    bare.add(table(60, 4))
    faiss.write_index(bare, path("hnsw-without-vectors.faiss"), faiss.IO_FLAG_SKIP_STORAGE)
    inverted = faiss.IndexIVFFlat(faiss.IndexFlatL2(4), 4, 2)
    inverted.train(table(60, 4))
    faiss.write_index(inverted, path("ivf.faiss"))


def write_graph(hnsw):
    array = faiss.vector_to_array
    graph = {
        "levels": array(hnsw.levels).tolist(), "neighbors": array(hnsw.neighbors).tolist(),
        "cum_nneighbor_per_level": array(hnsw.cum_nneighbor_per_level).tolist(),
        "assign_probas": array(hnsw.assign_probas).tolist(), "entry_point": hnsw.entry_point,
        "efConstruction": hnsw.efConstruction, "efSearch": hnsw.efSearch,
    }
    with open(path("hnsw-l2.json"), "w") as file:
        json.dump(graph, file)


make_arrays()
make_vecs()
make_indexes()
