#!/usr/bin/env python3
"""What sentence-transformers scores on the STS benchmark's rows: Spearman correlation of cosine and human score.

    HF_HUB_OFFLINE=1 python stsb.py MODEL_FOLDER DEV.jsonl     -> stsb.json

Rows have `sentence1`, `sentence2` and `score`. Ties share the mean of their ranks (scipy's `spearmanr`).
"""
import json
import os
import sys

import numpy as np
import sentence_transformers
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer

model, path = sys.argv[1:]
with open(path) as file:
    rows = [json.loads(line) for line in file]
encoder = SentenceTransformer(model, device="cpu")


def encode(key):
    return encoder.encode([row[key] for row in rows], normalize_embeddings=True, batch_size=32)


cosines = np.sum(encode("sentence1") * encode("sentence2"), axis=1)
result = dict(
    model=os.path.basename(model.rstrip("/")), rows=len(rows),
    spearman=round(float(spearmanr(cosines, [row["score"] for row in rows]).statistic), 6),
    made_with=dict(sentence_transformers=sentence_transformers.__version__))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "stsb.json"), "w") as file:
    file.write(json.dumps(result, indent=1) + "\n")
print(result)
