#!/usr/bin/env python3
"""A vector library that stays loaded: reads one JSON request a line, answers with one JSON line.

    python vector_peer.py KIND DATA STORE

KIND is hnswlib, faiss, faiss_sq8, usearch_NUMBERS (i8, bf16, f32) or chromadb; DATA is a folder that vector_data.py
wrote; STORE is where the index or database is kept. Queries run on one thread by the library's own setting.

Requests: {"do": "build", "threads": N, "metadata": "few" or "all"} -> seconds; graph of 16 links, 200 candidates;
              metadata for chromadb alone
          {"do": "load"} -> seconds until the first answer of what was built before
          {"do": "search", "effort": E, "first": I, "count": N, "nearest": K, "save": FILE} -> seconds of the queries;
              writes .ivecs; 10 nearest unless said
          {"do": "filter", "case": NAME, "first": I, "count": N, "save": FILE} -> the same; chromadb alone

All answer with the bytes on disk and memory in MiB: not mapped from a file ("anonymous", grown since the start), and
all of it ("resident").
The vectors are mapped, so they are in the second figure alone.
"""
import ctypes
import importlib.metadata
import json
import os
import shutil
import sys
import time

import numpy as np

NEAREST, LINKS, CANDIDATES = 10, 16, 200


def memory():
    """Anonymous and whole resident memory in MiB, after giving back what malloc keeps for later."""
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/smaps_rollup") as file:
        fields = {line.split(":")[0]: int(line.split()[1]) for line in file if line.endswith("kB\n")}
    return fields["Anonymous"] / 1024, fields["Rss"] / 1024


def size_on_disk(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


class Hnswlib:
    """Compiled by pip for this processor, as its users get it."""
    package = "hnswlib"

    def __init__(self, dimension):
        import hnswlib
        self.index = hnswlib.Index("cosine", dimension)

    def build(self, vectors, threads, metadata):
        self.index.init_index(len(vectors), ef_construction=CANDIDATES, M=LINKS)
        self.index.set_num_threads(threads)
        self.index.add_items(vectors)

    def save(self, path):
        self.index.save_index(path)

    def load(self, path):
        self.index.load_index(path)

    def search(self, queries, effort, nearest):
        # It keeps no fewer in view than are wanted, and refuses to be told otherwise.
        self.index.set_ef(max(effort, nearest))
        return self.index.knn_query(queries, nearest, num_threads=1)[0]


class Faiss:
    package = "faiss-cpu"

    def __init__(self, dimension, kind):
        import faiss
        self.faiss = faiss
        self.index = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = CANDIDATES

    def build(self, vectors, threads, metadata):
        self.faiss.omp_set_num_threads(threads)
        self.index.train(vectors)
        self.index.add(vectors)

    def save(self, path):
        self.faiss.write_index(self.index, path)

    def load(self, path):
        self.index = self.faiss.read_index(path)

    def search(self, queries, effort, nearest):
        self.faiss.omp_set_num_threads(1)
        self.index.hnsw.efSearch = effort
        return self.index.search(queries, nearest)[1]


class Usearch:
    package = "usearch"

    def __init__(self, dimension, numbers):
        from usearch.index import Index
        self.index = Index(ndim=dimension, metric="cos", dtype=numbers, connectivity=LINKS, expansion_add=CANDIDATES)

    def build(self, vectors, threads, metadata):
        self.index.add(np.arange(len(vectors), dtype=np.uint64), vectors, threads=threads)

    def save(self, path):
        self.index.save(path)

    def load(self, path):
        self.index.load(path)

    def search(self, queries, effort, nearest):
        self.index.expansion_search = effort
        return self.index.search(queries, nearest, threads=1).keys


class Chroma:
    """Through its PersistentClient, one query a call, with the search effort that it has by default."""
    package = "chromadb"

    def __init__(self, data, store):
        self.data = data
        with open(os.path.join(data, "filters.json")) as file:
            self.cases = json.load(file)
        import chromadb
        self.library, self.store = chromadb, store
        self.collection = None

    def open(self, path):
        settings = self.library.config.Settings(anonymized_telemetry=False)
        return self.library.PersistentClient(path=path, settings=settings)

    def build(self, vectors, threads, metadata):
        client = self.open(self.store)
        self.collection = client.create_collection(
            "vectors", metadata={"hnsw:space": "cosine"}, embedding_function=None)
        batch, metadata = client.get_max_batch_size(), self.metadata(metadata == "all")
        for start in range(0, len(vectors), batch):
            places = range(start, min(start + batch, len(vectors)))
            self.collection.add(ids=[str(i) for i in places], embeddings=vectors[start:start + batch],
                                metadatas=[next(metadata) for _ in places])

    def metadata(self, all_of_it):
        """What each record carries, record by record."""
        number, topic = (np.fromfile(os.path.join(self.data, name + ".i32"), np.int32).tolist()
                         for name in ("number", "topic"))
        for place, (n, t) in enumerate(zip(number, topic)):
            few = dict(percent=n // 10, tenth=n // 100, source=f"file{place // 50}.txt")
            yield dict(few, number=n, topic=t, section=t // 10, chapter=t // 100) if all_of_it else few

    def save(self, path):
        pass

    def load(self, path):
        self.collection = self.open(path).get_collection("vectors", embedding_function=None)

    def query(self, vector, nearest=NEAREST, where=None):
        found = self.collection.query(query_embeddings=vector[None], n_results=nearest, where=where,
                                      include=["distances"])
        return [int(i) for i in found["ids"][0]]

    def search(self, queries, effort, nearest):
        return [self.query(vector, nearest) for vector in queries]

    def filter(self, queries, case, first):
        case = self.cases[case]
        answers = []
        for place, vector in enumerate(queries):
            key, value = case["key"], case["values"][first + place]
            where = {key: value}
            if case["width"] > 1:
                where = {"$and": [{key: {"$gte": value}}, {key: {"$lt": value + case["width"]}}]}
            answers.append(self.query(vector, where=where))
        return answers


def make(kind, data, store, dimension):
    if kind == "hnswlib":
        return Hnswlib(dimension)
    if kind == "faiss":
        return Faiss(dimension, f"HNSW{LINKS}")
    if kind == "faiss_sq8":
        return Faiss(dimension, f"HNSW{LINKS},SQ8")
    if kind.startswith("usearch_"):
        return Usearch(dimension, kind.removeprefix("usearch_"))
    return Chroma(data, store)


def write_answers(path, answers, nearest):
    """.ivecs; -1 where an answer has fewer than it should."""
    rows = np.full((len(answers), nearest + 1), -1, np.int32)
    rows[:, 0] = nearest
    for row, answer in zip(rows, answers):
        row[1:1 + len(answer)] = np.asarray(answer).astype(np.int64)
    rows.tofile(path)


class Peer:
    def __init__(self, kind, data, store):
        self.kind, self.data, self.store = kind, data, store
        self.vectors = np.load(os.path.join(data, "base.npy"), mmap_mode="r")
        self.queries = np.load(os.path.join(data, "query.npy"))
        self.tool = make(kind, data, store, self.vectors.shape[1])
        self.start = memory()[0]

    def used(self):
        anonymous, resident = memory()
        return dict(anonymous=anonymous - self.start, resident=resident, disk_bytes=size_on_disk(self.store))

    def answer(self, request):
        do = request["do"]
        if do == "build":
            if os.path.isdir(self.store):
                shutil.rmtree(self.store)
            start = time.perf_counter()
            self.tool.build(self.vectors, request["threads"], request.get("metadata"))
            seconds = time.perf_counter() - start
            self.tool.save(self.store)
            self.tool.search(self.queries[:10], 10, NEAREST)
            return dict(self.used(), seconds=seconds)
        if do == "load":
            start = time.perf_counter()
            self.tool.load(self.store)
            self.tool.search(self.queries[:1], 10, NEAREST)
            seconds = time.perf_counter() - start
            return dict(self.used(), seconds=seconds)
        first, count = request.get("first", 0), request.get("count", len(self.queries))
        queries, nearest = self.queries[first:first + count], request.get("nearest", NEAREST)
        start = time.perf_counter()
        if do == "search":
            answers = self.tool.search(queries, request["effort"], nearest)
        else:
            answers = self.tool.filter(queries, request["case"], first)
        seconds = time.perf_counter() - start
        write_answers(request["save"], answers, nearest)
        return dict(self.used(), seconds=seconds)


def main():
    peer = Peer(*sys.argv[1:])
    package = peer.tool.package
    print(json.dumps(dict(name=package, version=importlib.metadata.version(package))), flush=True)
    for line in sys.stdin:
        print(json.dumps(peer.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
