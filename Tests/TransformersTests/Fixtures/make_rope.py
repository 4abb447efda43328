#!/usr/bin/env python3
"""Write rope.json: the frequencies that transformers makes of the settings of a config.json, in all their spellings.

    HF_HUB_OFFLINE=1 python make_rope.py

Heads are 16 wide and the context is 128.
"""
import copy
import json
import os

from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

SIZES = dict(
    vocab_size=128, hidden_size=32, num_attention_heads=2, num_key_value_heads=1, num_hidden_layers=1,
    intermediate_size=64, max_position_embeddings=128, head_dim=16)
PLAIN = {"rope_type": "default", "rope_theta": 20000.0}
LINEAR = {"type": "linear", "factor": 4.0}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_theta": 10000.0}
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
]

records = []
for case in CASES:
    rotary = LlamaRotaryEmbedding(LlamaConfig(**SIZES, **copy.deepcopy(case)))
    records.append({"config": case, "inverse_frequencies": [float(f"{f:.8g}") for f in rotary.inv_freq.tolist()]})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rope.json"), "w") as file:
    json.dump(records, file, indent=1)
    file.write("\n")
