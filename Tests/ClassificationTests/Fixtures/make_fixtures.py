#!/usr/bin/env python3
"""Make tiny classifiers with random weights and tokenizers, and what transformers computes with them.

    HF_HUB_OFFLINE=1 python make_fixtures.py

Writes a folder for each model beside this file, and in it reference.json:
    inputs[].text, .second     one text, or a pair of them
    inputs[].logits            [labels], of a token classifier [tokens][labels] with special tokens
    inputs[].ids, .type_ids    what the tokenizer made of them; pairs are cut to 48 tokens with longest_first
Numbers are rounded to seven significant digits. Made with transformers 5.24.0, torch 2.15.0.
"""
import json
import os
import shutil

import tokenizers
import torch
import transformers as tf

HERE = os.path.dirname(os.path.abspath(__file__))
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
WORDS = list(":.,?") + "the a of swift swifts sleep tower never lands how long do birds live is in".split()
SIZES = dict(
    hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=50)
LONG = "swifts never land in the tower, " * 6
PAIRS = [
    ("how long do swifts live?", "Swifts live long."), ("how long do swifts live?", "The tower is long."),
    ("the tower", "a"), (LONG, "the tower"), ("the tower", LONG), (LONG, LONG + "zebra"), ("x" * 60, "y" * 61)]
SINGLES = [("The swift never lands.", None), ("a", None), ("zebra in the tower?", None)]

MODELS = {
    "cross-encoder": (tf.BertConfig, tf.BertForSequenceClassification, dict(num_labels=1), PAIRS, "bert"),
    "cross-encoder-roberta": (
        tf.XLMRobertaConfig, tf.XLMRobertaForSequenceClassification,
        dict(num_labels=1, pad_token_id=1, type_vocab_size=1), PAIRS, "roberta"),
    "labels": (
        tf.DistilBertConfig, tf.DistilBertForSequenceClassification,
        dict(id2label={0: "negative", 1: "neutral", 2: "positive"}), SINGLES, "bert"),
    "tokens": (
        tf.BertConfig, tf.BertForTokenClassification, dict(id2label={0: "O", 1: "B-BIRD", 2: "I-BIRD"}), SINGLES,
        "bert"),
    "next-sentence": (tf.BertConfig, tf.BertForNextSentencePrediction, {}, PAIRS[:2], "bert"),
}


def make_tokenizer(kind):
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] if kind == "roberta" else [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {token: id for id, token in enumerate(
        special + LETTERS + ["##" + letter for letter in LETTERS] + [w for w in WORDS if w not in LETTERS])}
    unknown = "<unk>" if kind == "roberta" else "[UNK]"
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token=unknown))
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    if kind == "roberta":
        tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
        names = dict(unk_token="<unk>", sep_token="</s>", pad_token="<pad>", cls_token="<s>", mask_token="<mask>",
                     bos_token="<s>", eos_token="</s>")
    else:
        tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
        names = dict(unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token="[MASK]")
    return tf.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=48, **names), len(vocabulary)


def sizes(kind):
    if kind is tf.DistilBertConfig:
        return dict(dim=32, hidden_dim=48, n_layers=2, n_heads=2, max_position_embeddings=48)
    return SIZES if kind is tf.XLMRobertaConfig else dict(SIZES, max_position_embeddings=48)


def rounded(tensor):
    if tensor.dim() > 1:
        return [rounded(row) for row in tensor]
    return [float(f"{value:.7g}") for value in tensor.tolist()]


def make(name):
    configuration, kind, members, inputs, template = MODELS[name]
    tokenizer, size = make_tokenizer(template)
    model = kind(configuration(vocab_size=size, **sizes(configuration), **members)).float().eval()
    generator = torch.Generator().manual_seed(20261130 + sorted(MODELS).index(name))
    with torch.no_grad():
        for parameter, weight in sorted(model.named_parameters()):
            noise = torch.randn(weight.shape, generator=generator)
            if weight.dim() == 1:
                weight.copy_((0.0 if parameter.endswith("bias") else 1.0) + 0.25 * noise)
            else:
                weight.copy_(0.7 * noise if "embed" in parameter else noise * 1.3 / weight.shape[1] ** 0.5)
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    records = []
    for text, second in inputs:
        encoded = tokenizer(
            text, second, truncation="longest_first", max_length=48, return_tensors="pt", return_token_type_ids=True)
        arguments = dict(encoded) if "distil" not in model.config.model_type else {
            key: value for key, value in encoded.items() if key != "token_type_ids"}
        if model.config.model_type == "xlm-roberta":
            arguments.pop("token_type_ids")
        with torch.no_grad():
            logits = model(**arguments).logits[0]
        records.append(dict(
            text=text, second=second, ids=encoded["input_ids"][0].tolist(),
            type_ids=encoded["token_type_ids"][0].tolist(), logits=rounded(logits)))
    with open(os.path.join(folder, "reference.json"), "w") as file:
        json.dump(dict(inputs=records), file, separators=(",", ":"))
        file.write("\n")


for chosen in MODELS:
    make(chosen)
