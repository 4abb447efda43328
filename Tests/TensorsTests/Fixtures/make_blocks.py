#!/usr/bin/env python3
"""Make random rows of each of GGUF's block formats, and what the `gguf` package says that they hold.

    pip install gguf==0.19.0 && python make_blocks.py

Writes blocks.json beside this file:
    made_with            versions of the tools
    columns              the width of a row
    formats.NAME.bytes   the rows as a file holds them, in base64
    formats.NAME.values  the rows as float32, little-endian, in base64
    formats.NAME.terms   how large the numbers are that make each value, scale times q and the minimum, in the same form
    far                  MXFP4 again, with scales that half precision does not hold

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
           Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208], Type.Q2_K: [80, 82], Type.Q3_K: [108],
           Type.IQ4_NL: [0], Type.IQ4_XS: [0], Type.MXFP4: []}
# Of MXFP4's exponents: 12 times 2^(146 - 128) is the largest value that 8 bits and a half hold.
NEAR, FAR = (104, 147), (0, 256)


def rows_of(kind, random, exponents=NEAR):
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (ROWS * COLUMNS // elements, size), dtype=np.uint8)
    for place in FACTORS[kind]:
        factors = random.uniform(-0.05, 0.05, len(blocks)).astype("<f2")
        blocks[:, place:place + 2] = factors.view(np.uint8).reshape(-1, 2)
    if kind == Type.MXFP4:
        blocks[:, 0] = random.integers(*exponents, len(blocks), dtype=np.uint8)
    return blocks.reshape(ROWS, -1)


def terms_of(kind, data, values):
    """|scale times q| + |minimum|: the reference reads the rows once more, with no minima."""
    if len(FACTORS[kind]) < 2:
        return np.abs(values)
    blocks = data.copy().reshape(-1, gguf.GGML_QUANT_SIZES[kind][1])
    blocks[:, FACTORS[kind][1]:FACTORS[kind][1] + 2] = 0
    scaled = gguf.quants.dequantize(blocks.reshape(ROWS, -1), kind)
    return np.abs(scaled) + np.abs(values - scaled)


def encoded(array):
    return base64.b64encode(array.tobytes()).decode()


def described(kind, data):
    values = gguf.quants.dequantize(data, kind).astype("<f4")
    assert values.shape == (ROWS, COLUMNS), (kind, values.shape)
    terms = terms_of(kind, data, values).astype("<f4")
    return dict(bytes=encoded(data), values=encoded(values), terms=encoded(terms))


def main():
    random = np.random.default_rng(1)
    formats = {kind.name: described(kind, rows_of(kind, random)) for kind in FACTORS}
    with np.errstate(over="ignore"):
        far = described(Type.MXFP4, rows_of(Type.MXFP4, random, FAR))
    versions = {name: importlib.metadata.version(name) for name in ("gguf", "numpy")}
    with open(os.path.join(HERE, "blocks.json"), "w") as file:
        json.dump(dict(made_with=versions, columns=COLUMNS, formats=formats, far=far), file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
