#!/usr/bin/env python3
"""Write what `transformers` gives as attention weights for some of the tiny models that lie here.

    HF_HUB_OFFLINE=1 python make_attentions.py

Made with transformers 5.24.0 and torch 2.15.0 on a processor, in float32, with the eager attention. For each model the sequences
of its reference.json; of each layer heads x tokens x tokens, rounded to 7 digits.
"""
import json
import pathlib

import torch
from transformers import AutoModel, AutoModelForCausalLM

here = pathlib.Path(__file__).parent
for name in ("llama-linear", "mistral", "bert", "gemma3", "mpnet"):
    kind = AutoModel if name in ("bert", "mpnet") else AutoModelForCausalLM
    model = kind.from_pretrained(here / name, dtype=torch.float32, attn_implementation="eager").eval()
    sequences = []
    for sequence in json.loads((here / name / "reference.json").read_text())["sequences"]:
        inputs = {"input_ids": torch.tensor([sequence["ids"]])}
        if "type_ids" in sequence:
            inputs["token_type_ids"] = torch.tensor([sequence["type_ids"]])
        with torch.no_grad():
            attentions = model(**inputs, output_attentions=True).attentions
        sequences.append([[[[float(f"{x:.7g}") for x in row] for row in head] for head in layer[0].tolist()]
                          for layer in attentions])
    (here / name / "attentions.json").write_text(json.dumps(sequences, separators=(",", ":")) + "\n")
