#!/usr/bin/env python3
"""Make a tiny BERT with random weights, and variants of it as makers of embedding models publish theirs.

    HF_HUB_OFFLINE=1 python make_fixtures.py

Writes beside this file:
    bert/                  weights, config.json and tokenizer.json, shared by all variants
    VARIANT/               the JSON files that sentence-transformers saved for the variant: together with bert/ a model
    reference.json         what sentence-transformers computes with each variant

reference.json:
    made_with              versions of the tools
    texts                  what was embedded; the last one is longer than every limit
    variants.NAME.limit    max_seq_length
    variants.NAME.ROLE     [texts][hidden] for `plain` (encode), `query` (encode_query), `document` (encode_document)

Numbers are rounded to six significant digits.
"""
import json
import os
import shutil
import tempfile

import sentence_transformers as st
import tokenizers
import torch
import transformers as tf
from sentence_transformers.models import Dense, Normalize, Pooling, Transformer

HERE = os.path.dirname(os.path.abspath(__file__))
WEIGHTS = os.path.join(HERE, "bert")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
WORDS = list(":.,?") + "query passage represent this sentence the a of swift swifts sleep tower never lands for in".split()
TEXTS = [
    "The swift never lands.", "swifts sleep in the tower", "a", "Query: the tower?",
    "The swift sleeps. " + "Swifts never land in the tower, " * 8 + "zebra"]

# name: (pooling, whether vectors get length 1, limit, prompts, name of the default prompt)
VARIANTS = {
    "cls": ("cls", True, 48, {"query": "Represent this sentence: "}, None),
    "prompts": ("mean", False, 16, {"query": "query: ", "document": "passage: "}, None),
    "default-prompt": ("mean", True, 24, {"query": "query: ", "sentence": "this sentence: "}, "sentence"),
    "max": ("max", False, 48, {}, None),
    "last": ("lasttoken", True, 48, {}, None),
    "weighted-mean": ("weightedmean", False, 48, {}, None),
    "square-root": ("mean_sqrt_len_tokens", False, 48, {}, None),
    "dense": ("mean", True, 48, {}, None),
}
# The dense layers behind the pooling: outputs, bias, activation.
DENSE = {"dense": [(24, True, torch.nn.Tanh()), (16, False, torch.nn.Identity())]}


def make_tokenizer():
    vocabulary = {token: id for id, token in enumerate(SPECIAL + LETTERS + ["##" + letter for letter in LETTERS] + [
        word for word in WORDS if word not in LETTERS])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tf.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]",
        mask_token="[MASK]"), len(vocabulary)


def make_weights(folder):
    tokenizer, size = make_tokenizer()
    model = tf.BertModel(tf.BertConfig(
        vocab_size=size, hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=48, type_vocab_size=2, hidden_act="gelu", pad_token_id=0), add_pooling_layer=False)
    generator = torch.Generator().manual_seed(20240301)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            noise = torch.randn(weight.shape, generator=generator)
            if weight.dim() == 1:
                weight.copy_((0.0 if name.endswith("bias") else 1.0) + 0.25 * noise)
            else:
                weight.copy_(0.7 * noise if "embed" in name else noise * 1.3 / weight.shape[1] ** 0.5)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def rounded(vectors):
    return [[float(f"{value:.6g}") for value in vector] for vector in vectors.tolist()]


def make_variant(name, source):
    pooling, normalizes, limit, prompts, default = VARIANTS[name]
    transformer = Transformer(source, max_seq_length=limit)
    modules = [transformer, Pooling(32, pooling_mode=pooling)]
    torch.manual_seed(20240302)
    width = 32
    for outputs, bias, activation in DENSE.get(name, []):
        modules.append(Dense(width, outputs, bias=bias, activation_function=activation))
        width = outputs
    modules += [Normalize()] if normalizes else []
    with tempfile.TemporaryDirectory() as saved:
        st.SentenceTransformer(
            modules=modules, prompts=prompts, default_prompt_name=default, device="cpu"
        ).save_pretrained(saved, create_model_card=False)
        folder = os.path.join(HERE, name)
        shutil.rmtree(folder, ignore_errors=True)
        for place, _, files in os.walk(saved):
            for file in files:
                path = os.path.relpath(os.path.join(place, file), saved)
                if (path.endswith(".json") or "_Dense" in path) and path not in ("config.json", "tokenizer.json"):
                    os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
                    shutil.copy(os.path.join(saved, path), os.path.join(folder, path))
        model = st.SentenceTransformer(saved, device="cpu")
        # One by one: a batch's padding would move sums in their last digits.
        one = dict(batch_size=1)
        return dict(
            limit=model.max_seq_length, plain=rounded(model.encode(TEXTS, **one)),
            query=rounded(model.encode_query(TEXTS, **one)), document=rounded(model.encode_document(TEXTS, **one)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as source:
        make_weights(source)
        shutil.rmtree(WEIGHTS, ignore_errors=True)
        os.makedirs(WEIGHTS)
        for file in ("config.json", "model.safetensors", "tokenizer.json"):
            shutil.copy(os.path.join(source, file), os.path.join(WEIGHTS, file))
        variants = {name: make_variant(name, source) for name in VARIANTS}
    versions = dict(
        sentence_transformers=st.__version__, transformers=tf.__version__, torch=torch.__version__.split("+")[0])
    with open(os.path.join(HERE, "reference.json"), "w") as file:
        json.dump(dict(made_with=versions, texts=TEXTS, variants=variants), file, separators=(",", ":"))
        file.write("\n")
