#!/usr/bin/env python3
"""Make rows of float32, and what ggml makes of them in each format that Martlet writes.

    pip install gguf==0.19.0 && python make_encoded.py PATH/TO/llama-quantize

Writes encoded.json beside this file:
    made_with          versions of the tools
    columns            the width of a row
    values             the rows as float32, little-endian, in base64
    formats.NAME       the rows in a format, in base64

F16, BF16 and the formats in blocks of 32 are the `gguf` package's, whose blocks equal those of ggml's reference; the K
formats come from llama.cpp's llama-quantize --pure (llama.cpp of November 2026, built without -ffast-math).

The rows: random ones as models have them, with heavy tails, all of one sign, some with one outlier, blocks of zeros, of
one value, of tiny and of large values.
"""
import base64
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = 512
SIMPLE = [Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1]
K = {"Q4_K": "Q4_K_S", "Q5_K": "Q5_K_S", "Q6_K": "Q6_K"}


def rows():
    random = np.random.default_rng(2)
    values = [random.normal(0, 0.02, COLUMNS), random.standard_t(3, COLUMNS) * 0.05,
              np.abs(random.normal(0, 1, COLUMNS)), -random.uniform(0.5, 0.6, COLUMNS)]
    outlier = random.normal(0, 0.01, COLUMNS)
    outlier[::100] = 3
    odd = random.normal(0, 0.1, COLUMNS)
    odd[:32] = 0
    odd[32:64] = 0.25
    odd[64:96] *= 1e-6
    odd[96:128] *= 1e3
    odd[256:] = 0
    return np.array(values + [outlier, odd], dtype="<f4")


def k_rows(quantize, values, scheme):
    """What llama-quantize makes of a model that is one matrix."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "a.gguf"), os.path.join(folder, "b.gguf")
        writer = gguf.GGUFWriter(source, "llama")
        writer.add_block_count(1), writer.add_context_length(64), writer.add_embedding_length(COLUMNS)
        writer.add_feed_forward_length(len(values)), writer.add_head_count(4), writer.add_head_count_kv(4)
        writer.add_layer_norm_rms_eps(1e-5), writer.add_vocab_size(32)
        writer.add_tensor("blk.0.ffn_up.weight", values)
        writer.write_header_to_file(), writer.write_kv_data_to_file(), writer.write_tensors_to_file()
        writer.close()
        subprocess.run([quantize, "--pure", source, target, scheme], check=True, capture_output=True)
        tensor = gguf.GGUFReader(target).tensors[0]
        return np.array(tensor.data)


def encoded(array):
    return base64.b64encode(array.tobytes()).decode()


def main():
    values = rows()
    formats = {kind.name: encoded(gguf.quants.quantize(values, kind)) for kind in SIMPLE}
    for name, scheme in K.items():
        formats[name] = encoded(k_rows(sys.argv[1], values, scheme))
    versions = {name: importlib.metadata.version(name) for name in ("gguf", "numpy")}
    with open(os.path.join(HERE, "encoded.json"), "w") as file:
        json.dump(dict(made_with=versions, columns=COLUMNS, values=encoded(values), formats=formats), file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
