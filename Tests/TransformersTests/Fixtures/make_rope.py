#!/usr/bin/env python3
"""Write rope.json: the frequencies that transformers makes of the settings of a config.json, in all their spellings.

    HF_HUB_OFFLINE=1 python make_rope.py

Heads are 16 wide and the context is 128. Where the frequencies depend on a sequence's length, there is a list for each of
`lengths`, else one.
"""
import copy
import json
import os

import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

SIZES = dict(
    vocab_size=128, hidden_size=32, num_attention_heads=2, num_key_value_heads=1, num_hidden_layers=1,
    intermediate_size=64, max_position_embeddings=128, head_dim=16)
PLAIN = {"rope_type": "default", "rope_theta": 20000.0}
LINEAR = {"type": "linear", "factor": 4.0}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_theta": 10000.0}
YARN = {"rope_type": "yarn", "factor": 4.0, "rope_theta": 10000.0}
LONG = {"rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.0 + 0.1 * i for i in range(8)],
        "long_factor": [2.0 + 0.5 * i for i in range(8)]}
TRAINED = {"original_max_position_embeddings": 64}
CASES = [
    {}, {"rope_theta": 500000.0}, {"rope_parameters": PLAIN}, {"rope_parameters": {"rope_theta": 20000.0}, "rope_theta": 500.0},
    # rope_scaling takes the place of rope_parameters, unless there is nothing in it.
    {"rope_parameters": PLAIN, "rope_scaling": LINEAR}, {"rope_parameters": PLAIN, "rope_scaling": LINEAR, "rope_theta": 500.0},
    {"rope_parameters": PLAIN | LINEAR | {"rope_type": "linear"}, "rope_scaling": {}},
    {"rope_parameters": {"rope_type": "linear", "factor": 2.0}, "rope_scaling": None},
    {"rope_scaling": LINEAR | {"rope_type": "default"}}, {"rope_scaling": LINEAR, "partial_rotary_factor": 1.0},
    {"rope_scaling": LLAMA3 | TRAINED}, {"rope_scaling": LLAMA3}, {"rope_parameters": LLAMA3 | TRAINED},
    {"rope_scaling": LLAMA3 | TRAINED, "original_max_position_embeddings": 32},
    {"rope_scaling": {"type": "yarn", "factor": 4.0}}, {"rope_scaling": YARN}, {"rope_parameters": YARN | TRAINED},
    {"rope_parameters": YARN | TRAINED | {"truncate": False}},
    {"rope_parameters": YARN | TRAINED | {"beta_fast": 24.0, "beta_slow": 2.0, "attention_factor": 1.3}},
    {"rope_parameters": YARN | TRAINED | {"mscale": 0.7, "mscale_all_dim": 0.4}},
    {"rope_parameters": LONG | TRAINED}, {"rope_parameters": LONG | TRAINED | {"factor": 32.0}},
    {"rope_parameters": LONG | TRAINED | {"attention_factor": 1.2}}, {"rope_scaling": LONG, "original_max_position_embeddings": 32},
    {"rope_parameters": {"rope_type": "dynamic", "factor": 3.0, "rope_theta": 10000.0}},
    {"partial_rotary_factor": 0.5}, {"rope_parameters": PLAIN | {"partial_rotary_factor": 0.25}},
    {"rope_scaling": LINEAR, "partial_rotary_factor": 0.5}, {"rope_parameters": YARN | TRAINED | {"partial_rotary_factor": 0.5}},
]
# Positions at which a sequence ends: the frequencies of some scalings depend on it.
LENGTHS = (1, 65, 129, 500)

records = []
for case in CASES:
    configuration = LlamaConfig(**SIZES, **copy.deepcopy(case))
    lengths = []
    for length in LENGTHS:
        rotary = LlamaRotaryEmbedding(configuration)
        rotary(torch.zeros(1), torch.arange(length)[None])
        lengths.append([float(f"{f:.8g}") for f in rotary.inv_freq.tolist()])
    same = all(values == lengths[0] for values in lengths)
    records.append({"config": case, "inverse_frequencies": lengths[:1] if same else lengths,
                    "attention_factor": float(f"{rotary.attention_scaling:.8g}")})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rope.json"), "w") as file:
    json.dump({"lengths": LENGTHS, "records": records}, file, indent=1)
    file.write("\n")
