#!/usr/bin/env python3
"""Ask llama-quantize which type it gives each tensor of some models.

    pip install gguf==0.19.0 && python make_types.py PATH/TO/llama-quantize

Writes types.json beside this file, a list of models:
    architecture, layers, width, inner, heads, key_value_heads, tied
    tensors                the names, in order, with the shapes in PyTorch's order
    types.SCHEME           the types of the tensors, a letter each (LETTERS); "SCHEME --pure" where that was asked for

The models are full of zeros, with as few rows as a tensor may have. Made with llama.cpp of November 2026.
"""
import json
import os
import subprocess
import sys
import tempfile

import gguf
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
LETTERS = dict(F32="f", F16="h", Q8_0="8", Q4_0="4", Q4_1="d", Q5_0="5", Q5_1="e", Q4_K="K", Q5_K="L", Q6_K="M")
SCHEMES = ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K"]
MODELS = [
    dict(architecture="llama", layers=30, width=576, inner=1536, heads=9, key_value_heads=3, tied=True),
    dict(architecture="qwen2", layers=24, width=896, inner=4864, heads=14, key_value_heads=2, tied=False),
    dict(architecture="llama", layers=16, width=512, inner=1024, heads=8, key_value_heads=2, tied=False),
    dict(architecture="llama", layers=80, width=256, inner=256, heads=4, key_value_heads=2, tied=False),
    dict(architecture="gemma3", layers=18, width=640, inner=2048, heads=4, key_value_heads=1, tied=True),
    dict(architecture="bert", layers=6, width=384, inner=1536, heads=12, key_value_heads=12, tied=True),
    dict(architecture="llama", layers=2, width=48, inner=72, heads=2, key_value_heads=2, tied=False),
]


def tensors(model):
    width, inner = model["width"], model["inner"]
    result = [("token_embd.weight", (4, width)), ("output_norm.weight", (width,))]
    if model["architecture"] == "bert":
        result = [("token_embd.weight", (4, width)), ("position_embd.weight", (4, width)),
                  ("token_types.weight", (2, width))]
    if not model["tied"]:
        result.append(("output.weight", (4, width)))
    for layer in range(model["layers"]):
        matrices = [("attn_q", width), ("attn_k", width), ("attn_v", width), ("attn_output", width),
                    ("ffn_up", width), ("ffn_down", inner)]
        if model["architecture"] != "bert":
            matrices.append(("ffn_gate", width))
        result += [(f"blk.{layer}.{name}.weight", (4, columns)) for name, columns in matrices]
        result += [(f"blk.{layer}.attn_norm.weight", (width,)), (f"blk.{layer}.attn_v.bias", (4,))]
    return result


def write(path, model):
    writer = gguf.GGUFWriter(path, model["architecture"])
    writer.add_block_count(model["layers"]), writer.add_context_length(64)
    writer.add_embedding_length(model["width"]), writer.add_feed_forward_length(model["inner"])
    writer.add_head_count(model["heads"]), writer.add_head_count_kv(model["key_value_heads"])
    writer.add_layer_norm_rms_eps(1e-5), writer.add_layer_norm_eps(1e-5), writer.add_vocab_size(4)
    writer.add_sliding_window(64), writer.add_causal_attention(model["architecture"] != "bert")
    for name, shape in tensors(model):
        writer.add_tensor(name, np.zeros(shape, np.float32))
    writer.write_header_to_file(), writer.write_kv_data_to_file(), writer.write_tensors_to_file()
    writer.close()


def main():
    result = []
    for model in MODELS:
        names = tensors(model)
        types = {}
        with tempfile.TemporaryDirectory() as folder:
            source, target = os.path.join(folder, "a.gguf"), os.path.join(folder, "b.gguf")
            write(source, model)
            for scheme in SCHEMES:
                for options in [[], ["--pure"]]:
                    subprocess.run([sys.argv[1], *options, source, target, scheme], check=True, capture_output=True)
                    found = {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(target).tensors}
                    types[" ".join([scheme, *options])] = "".join(LETTERS[found[name]] for name, _ in names)
        result.append(dict(model, tensors=[" ".join([name, *map(str, shape)]) for name, shape in names], types=types))
    with open(os.path.join(HERE, "types.json"), "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
