#!/usr/bin/env python3
"""Write the tokenizer of llama-linear, which makes that folder a whole model for tests of generation.

    python make_tokenizer.py

A vocabulary like Llama 2's in 100 tokens of the 128 that the weights have rows for: three special ones, the
printable characters of ASCII (the space as "▁"), and two merges. The post-processor puts "<s>" before a text.
"""
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SPECIAL = ["<unk>", "<s>", "</s>"]
CHARACTERS = ["▁"] + [chr(code) for code in range(33, 127)]
MERGES = [("t", "h"), ("th", "e")]

vocabulary = {token: id for id, token in enumerate(SPECIAL + CHARACTERS + [a + b for a, b in MERGES])}
sequence = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
tokenizer = {
    "version": "1.0",
    "added_tokens": [
        {"id": id, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": True} for id, token in enumerate(SPECIAL)],
    "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
    "pre_tokenizer": None,
    "post_processor": {
        "type": "TemplateProcessing", "single": sequence,
        "pair": sequence + [{"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
    "decoder": {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "Fuse"}]},
    "model": {
        "type": "BPE", "unk_token": "<unk>", "fuse_unk": False, "byte_fallback": False,
        "vocab": vocabulary, "merges": [f"{a} {b}" for a, b in MERGES]},
}
folder = os.path.join(HERE, "llama-linear")
with open(os.path.join(folder, "tokenizer.json"), "w") as file:
    file.write(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) + "\n")
with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
    file.write(json.dumps({"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}) + "\n")
