#!/usr/bin/env python3
"""What a reranker gains and costs on SciFact: nDCG@10 of the ten passages that MiniLM finds, before and after.

    python3 Benchmarks/reranking.py --martlet .build/release/martlet --model qwen2.5-coder-0.5b-instruct

Reads ../shared/data/scifact. Takes the first QUERIES queries that have a judged passage, embeds the corpus with
`martlet embed`, and has `martlet rerank` rank the ten nearest passages of each. Needs no package.
"""
import argparse
import json
import math
import pathlib
import struct
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def embed(martlet, texts):
    """Unit vectors, read from the NumPy file that martlet writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "vectors.npy"
        records = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        subprocess.run([martlet, "embed", "--format", "jsonl", "-o", path], input=records, text=True, check=True,
                       stderr=subprocess.DEVNULL)
        data = path.read_bytes()
    start = 10 + struct.unpack_from("<H", data, 8)[0]
    width = (len(data) - start) // 4 // len(texts)
    return [struct.unpack_from(f"<{width}f", data, start + 4 * width * row) for row in range(len(texts))]


def gain(found, grades):
    def discounted(gains):
        return sum(value / math.log2(rank + 2) for rank, value in enumerate(gains))
    ideal = discounted(sorted(grades.values(), reverse=True)[:10])
    return discounted(grades.get(key, 0) for key in found[:10]) / ideal


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--martlet", default=".build/release/martlet")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data/scifact")
    options = parser.parse_args()
    corpus = [(row["_id"], f"{row['title']} {row['text']}") for row in lines(options.data / "corpus.jsonl")]
    grades = {}
    for row in (options.data / "qrels.tsv").read_text().splitlines()[1:]:
        query, document, grade = row.split("\t")
        grades.setdefault(query, {})[document] = float(grade)
    queries = [row for row in lines(options.data / "queries.jsonl") if row["_id"] in grades][:options.queries]
    vectors = embed(options.martlet, [text for _, text in corpus])
    wanted = embed(options.martlet, [row["text"] for row in queries])
    before, after, seconds = [], [], []
    for query, vector in zip(queries, wanted):
        nearness = [sum(a * b for a, b in zip(vector, other)) for other in vectors]
        best = sorted(range(len(corpus)), key=lambda index: -nearness[index])[:10]
        records = "".join(json.dumps({"id": corpus[index][0], "text": corpus[index][1]}) + "\n" for index in best)
        begin = time.perf_counter()
        ranked = subprocess.run(
            [options.martlet, "rerank", "-m", options.model, "--format", "jsonl", query["text"]], input=records,
            text=True, check=True, capture_output=True).stdout
        seconds.append(time.perf_counter() - begin)
        before.append(gain([corpus[index][0] for index in best], grades[query["_id"]]))
        after.append(gain([json.loads(line)["id"] for line in ranked.splitlines()], grades[query["_id"]]))
    better = sum(a > b for a, b in zip(after, before))
    worse = sum(a < b for a, b in zip(after, before))
    print(f"{options.model}: nDCG@10 {sum(before) / len(before):.3f} before, {sum(after) / len(after):.3f} after, "
          f"over {len(queries)} queries of 10 passages ({better} better, {worse} worse); "
          f"{sorted(seconds)[len(seconds) // 2]:.1f} s a query in the median, the model's start included")


if __name__ == "__main__":
    main()
