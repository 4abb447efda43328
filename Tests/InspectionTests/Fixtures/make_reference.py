#!/usr/bin/env python3
"""Write what `transformers`, numpy and scikit-learn compute for the texts and points of the tests.

    HF_HUB_OFFLINE=1 python make_reference.py

Made with transformers 5.24.0, torch 2.15.0, sentence-transformers 6.2.0, numpy 2.4.6 and scikit-learn 1.9.1, on a
processor, in float32, with the eager attention. Models are those of `martlet pull`, in its cache, and the tiny model in
Tests/TransformersTests/Fixtures. transformers reads the GGUF file by its own dequantization.

tiny.json, minilm.json, smollm2.json hold for one text:

    text, ids, tokens        as AutoTokenizer gives them
    hidden_states            by layer number: tokens x the first `columns` numbers
    attentions               by layer number: heads x tokens x tokens
    next, lens               (decoders) the most probable next tokens: id, logit, probability; by layer: id, probability
    words, similar           (minilm) means of words' tokens in the last layer; cosines of sentence embeddings

projection.json holds points with their principal components (numpy's SVD), and for t-SNE joint probabilities and costs
(scikit-learn's own functions); npy.json the header that numpy writes for an array.
"""
import io
import json
import os
import pathlib

import numpy as np
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

HERE = pathlib.Path(__file__).parent
TINY = HERE.parent.parent / "TransformersTests" / "Fixtures" / "llama-linear"
MODELS = pathlib.Path(os.environ.get("MARTLET_HOME", pathlib.Path.home() / ".cache" / "martlet")) / "models"


def rounded(value):
    return [rounded(x) for x in value] if isinstance(value, list) else float(f"{value:.7g}")


def write(name, data):
    (HERE / name).write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")


def inside(folder, text, columns, states, attentions, gguf=None):
    options = {"gguf_file": gguf} if gguf else {}
    is_decoder = gguf is not None or folder == TINY
    kind = AutoModelForCausalLM if is_decoder else AutoModel
    tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    model = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", **options).eval()
    inputs = tokenizer(text, return_tensors="pt")
    inputs.pop("token_type_ids", None) if is_decoder else None
    with torch.no_grad():
        out = model(**inputs, output_hidden_states=True, output_attentions=True)
        ids = inputs["input_ids"][0].tolist()
        data = {
            "text": text, "ids": ids, "tokens": tokenizer.convert_ids_to_tokens(ids),
            "hidden_states": {n: rounded(out.hidden_states[n][0, :, :columns].tolist()) for n in states},
            "attentions": {n: rounded(out.attentions[n][0].tolist()) for n in attentions}}
        if is_decoder:
            logits = out.logits[0, -1]
            top = logits.softmax(-1).topk(5)
            data["next"] = [[i, rounded(logits[i].item()), rounded(p)]
                            for i, p in zip(top.indices.tolist(), top.values.tolist())]
            data["lens"] = {}
            for n in states[:-1]:
                top = model.lm_head(model.model.norm(out.hidden_states[n][0, -1])).softmax(-1).topk(3)
                data["lens"][n] = [[i, rounded(p)] for i, p in zip(top.indices.tolist(), top.values.tolist())]
    return data, out, inputs, tokenizer


def minilm():
    from sentence_transformers import SentenceTransformer
    folder = MODELS / "all-minilm-l6-v2"
    data, out, inputs, tokenizer = inside(folder, "The unhappiest cat sat.", 12, range(7), [0, 3, 5])
    ids = tokenizer("The unhappiest cat sat.").word_ids()
    last = out.hidden_states[-1][0]
    data["words"] = [rounded(last[[i for i, w in enumerate(ids) if w == word]].mean(0)[:12].tolist())
                     for word in range(max(w for w in ids if w is not None) + 1)]
    vectors = SentenceTransformer(str(folder), device="cpu").encode(["king", "queen", "car"])
    data["similar"] = {"cosine": rounded((vectors @ vectors.T).tolist()),
                       "euclidean": rounded(np.linalg.norm(vectors[:, None] - vectors[None], axis=-1).tolist())}
    return data


def projection():
    from scipy.spatial.distance import squareform
    from sklearn.manifold import _t_sne
    random = np.random.default_rng(7)
    data = {"pca": []}
    for rows, columns in [(12, 5), (6, 20), (3, 3)]:
        x = random.normal(size=(rows, columns)).astype(np.float32) * np.linspace(1, 3, columns, dtype=np.float32)
        u, s, _ = np.linalg.svd(x.astype(np.float64) - x.astype(np.float64).mean(0), full_matrices=False)
        data["pca"].append({"vectors": x.tolist(), "points": (u[:, :2] * s[:2]).tolist(),
                            "ratio": (s[:2] ** 2 / (s ** 2).sum()).tolist()})
    x = random.normal(size=(14, 4)).astype(np.float32)
    distances = ((x[:, None].astype(np.float64) - x[None]) ** 2).sum(-1)
    p = _t_sne._joint_probabilities(distances.astype(np.float32), 4.0, 0)
    y = random.normal(size=(14, 2))
    cost, gradient = _t_sne._kl_divergence(y.ravel(), p, 1, 14, 2)
    data["tsne"] = {"vectors": x.tolist(), "perplexity": 4.0, "joint": squareform(p).tolist(), "y": y.ravel().tolist(),
                    "cost": float(cost), "gradient": gradient.tolist()}
    return data


def npy():
    headers = {}
    for shape in [(3, 12, 32), (8, 384), (1, 1), (13, 2048, 4096)]:
        stream = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            stream, {"descr": "<f4", "fortran_order": False, "shape": shape})
        headers["x".join(map(str, shape))] = stream.getvalue().hex()
    return headers


write("tiny.json", inside(TINY, "the cat, the swift", 32, range(3), range(2))[0])
write("minilm.json", minilm())
write("smollm2.json", inside(MODELS / "smollm2-135m-instruct", "The capital of France is", 12, [0, 10, 20, 29, 30],
                             [0, 15, 29], gguf="model.gguf")[0])
write("projection.json", projection())
write("npy.json", npy())
