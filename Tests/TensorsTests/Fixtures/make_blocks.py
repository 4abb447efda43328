#!/usr/bin/env python3
"""Make random rows of each of GGUF's block formats, and what the `gguf` package says that they hold.

    pip install gguf==0.19.0 && python make_blocks.py

Writes blocks.json beside this file:
    made_with            versions of the tools
    columns              the width of a row
    formats.NAME.bytes   the rows as a file holds them, in base64
    formats.NAME.values  the rows as float32, little-endian, in base64
    formats.NAME.terms   how large the numbers are that make each value, scale times q and the minimum, in the same form

All bits of the values and of the packed scales are random; the half-precision factors of each block are numbers of
the size that models have.
"""
import base64
import importlib.metadata
import json
import os

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS, COLUMNS = 3, 512
# Where the half-precision factors of a block stand (ggml, src/ggml-common.h).
FACTORS = {Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0],
           Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208]}


def rows_of(kind, random):
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (ROWS * COLUMNS // elements, size), dtype=np.uint8)
    for place in FACTORS[kind]:
        factors = random.uniform(-0.05, 0.05, len(blocks)).astype("<f2")
        blocks[:, place:place + 2] = factors.view(np.uint8).reshape(-1, 2)
    return blocks.reshape(ROWS, -1)


def terms_of(kind, data, values):
    """|scale times q| + |minimum|: the reference reads the rows once more, with no minima."""
    if len(FACTORS[kind]) == 1:
        return np.abs(values)
    blocks = data.copy().reshape(-1, gguf.GGML_QUANT_SIZES[kind][1])
    blocks[:, FACTORS[kind][1]:FACTORS[kind][1] + 2] = 0
    scaled = gguf.quants.dequantize(blocks.reshape(ROWS, -1), kind)
    return np.abs(scaled) + np.abs(values - scaled)


def encoded(array):
    return base64.b64encode(array.tobytes()).decode()


def main():
    random = np.random.default_rng(1)
    formats = {}
    for kind in FACTORS:
        data = rows_of(kind, random)
        values = gguf.quants.dequantize(data, kind).astype("<f4")
        assert values.shape == (ROWS, COLUMNS), (kind, values.shape)
        terms = terms_of(kind, data, values).astype("<f4")
        formats[kind.name] = dict(bytes=encoded(data), values=encoded(values), terms=encoded(terms))
    versions = {name: importlib.metadata.version(name) for name in ("gguf", "numpy")}
    with open(os.path.join(HERE, "blocks.json"), "w") as file:
        json.dump(dict(made_with=versions, columns=COLUMNS, formats=formats), file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
