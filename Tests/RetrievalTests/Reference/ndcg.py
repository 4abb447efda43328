#!/usr/bin/env python3
"""nDCG@10 of sentence-transformers, of BM25 and of both fused, on SciFact and Cranfield.

    HF_HUB_OFFLINE=1 python ndcg.py MODEL_FOLDER DATA_FOLDER     -> ndcg.json

DATA_FOLDER holds `scifact` and `cranfield`, each with corpus.jsonl (_id, title, text), queries.jsonl (_id, text)
and qrels.tsv (query, document, grade). One text a document: SciFact's is title, a blank, text; Cranfield's is
`text` alone, which begins with the title. Texts are cut at the model's 256 tokens, queries are taken as they are.

By meaning: exact search by cosine. By words: BM25 (k1 1.2, b 0.75) over the lower-case words of the whole text.
Fused by rank: reciprocal rank fusion, sum of 1 / (60 + rank). Fused by score: 0.7 of the cosine, standardized over
all documents, and 0.3 of the BM25 score, standardized likewise.
nDCG@10: gain = grade, discount log2(rank + 1), mean over all queries that have a judgement.
"""
import collections
import json
import math
import os
import re
import sys

import numpy as np
import sentence_transformers
from sentence_transformers import SentenceTransformer

HERE = os.path.dirname(os.path.abspath(__file__))
FORMS = dict(scifact=lambda d: d["title"] + " " + d["text"], cranfield=lambda d: d["text"])


def read_lines(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def read_judgements(path):
    judgements = collections.defaultdict(dict)
    with open(path) as file:
        for line in file:
            fields = line.split("\t")
            if fields[-1].strip().isdigit():
                judgements[fields[0]][fields[1]] = int(fields[-1])
    return judgements


def words(text):
    return re.findall(r"\w+", text.lower())


def bm25(documents, queries, k1=1.2, b=0.75):
    """Scores [queries][documents]."""
    postings, lengths = collections.defaultdict(list), np.zeros(len(documents))
    for index, text in enumerate(documents):
        counts = collections.Counter(words(text))
        lengths[index] = sum(counts.values())
        for word, count in counts.items():
            postings[word].append((index, count))
    norm = k1 * (1 - b + b * lengths / lengths.mean())
    scores = np.zeros((len(queries), len(documents)))
    for row, query in enumerate(queries):
        for word in words(query):
            found = postings.get(word, [])
            weight = math.log(1 + (len(documents) - len(found) + 0.5) / (len(found) + 0.5))
            for index, count in found:
                scores[row, index] += weight * count * (k1 + 1) / (count + norm[index])
    return scores


def ndcg(scores, query_ids, document_ids, judgements, cut=10):
    total = 0.0
    for row, query in enumerate(query_ids):
        best = np.argsort(-scores[row], kind="stable")[:cut]
        gains = [judgements[query].get(document_ids[i], 0) for i in best]
        ideal = sorted(judgements[query].values(), reverse=True)[:cut]
        discounted = lambda values: sum(g / math.log2(r + 2) for r, g in enumerate(values))
        total += discounted(gains) / discounted(ideal)
    return round(total / len(query_ids), 4)


def ranks(scores):
    order = np.argsort(-scores, axis=1, kind="stable")
    result = np.empty_like(order)
    np.put_along_axis(result, order, np.arange(scores.shape[1])[None, :] + 1, axis=1)
    return result


def standardized(scores):
    deviation = scores.std(axis=1, keepdims=True)
    return (scores - scores.mean(axis=1, keepdims=True)) / np.where(deviation > 0, deviation, 1)


def measure(encoder, folder, form):
    documents = read_lines(os.path.join(folder, "corpus.jsonl"))
    judgements = read_judgements(os.path.join(folder, "qrels.tsv"))
    queries = [q for q in read_lines(os.path.join(folder, "queries.jsonl")) if str(q["_id"]) in judgements]
    texts, questions = [form(d) for d in documents], [q["text"] for q in queries]
    encode = lambda t: encoder.encode(t, normalize_embeddings=True, batch_size=32)
    meaning = encode(questions) @ encode(texts).T
    lexical = bm25(texts, questions)
    score = lambda s: ndcg(s, [str(q["_id"]) for q in queries], [str(d["_id"]) for d in documents], judgements)
    return dict(
        documents=len(texts), queries=len(questions), meaning=score(meaning), words=score(lexical),
        fused_by_rank=score(1 / (60 + ranks(meaning)) + 1 / (60 + ranks(lexical))),
        fused_by_score=score(0.7 * standardized(meaning) + 0.3 * standardized(lexical)))


def main():
    model, data = sys.argv[1:]
    encoder = SentenceTransformer(model, device="cpu")
    result = dict(model=os.path.basename(model.rstrip("/")), maximum_tokens=encoder.max_seq_length, cut=10,
                  made_with=dict(sentence_transformers=sentence_transformers.__version__), sets={})
    for name, form in FORMS.items():
        result["sets"][name] = measure(encoder, os.path.join(data, name), form)
        print(name, result["sets"][name], flush=True)
    with open(os.path.join(HERE, "ndcg.json"), "w") as file:
        file.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
