"""Loads a folder that `InitialModel.write(to:)` wrote with transformers, and holds it against a model that transformers makes of
the same configuration: missing and unexpected tensors, and the deviation of each kind of tensor.

python3 check_initial_model.py FOLDER

Run by hand, with transformers 5.24 and torch 2.15; nothing is written.
"""

import math
import re
import sys
from collections import defaultdict

import torch
from transformers import AutoConfig, AutoModelForCausalLM


def kinds(model):
    found = defaultdict(list)
    for name, tensor in model.named_parameters():
        found[re.sub(r"\.\d+\.", ".*.", name)].append(tensor.detach().flatten())
    return {name: torch.cat(tensors) for name, tensors in found.items()}


folder = sys.argv[1]
model, report = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
print("missing", report["missing_keys"], "unexpected", report["unexpected_keys"])
torch.manual_seed(0)
made = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
ours, theirs = kinds(model), kinds(made)
assert ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
worst = 0.0
for name, values in ours.items():
    if theirs[name].std() == 0:
        assert torch.equal(values, theirs[name]), name
        continue
    # Both are drawn: of n numbers a deviation is known to within some 1/sqrt(2n).
    ratio = (values.std() / theirs[name].std()).item()
    worst = max(worst, abs(ratio - 1) * math.sqrt(len(values)))
    print(f"{name:44} {len(values):9} {values.mean():10.2e} {values.std():.6f} {theirs[name].std():.6f} {ratio:.4f}")
print(f"largest difference of deviations, in units of 1/sqrt(n): {worst:.2f}")
ids = torch.randint(0, model.config.vocab_size, (1, min(256, model.config.max_position_embeddings)))
print(f"loss {model(ids, labels=ids).loss.item():.4f}, ln(vocabulary) {math.log(model.config.vocab_size):.4f}")
