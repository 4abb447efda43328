#!/usr/bin/env python3
"""Load adapters that Martlet wrote into peft, and compare logits.

    MARTLET_WRITTEN_ADAPTERS=DIRECTORY swift test --filter AdapterFileTests
    HF_HUB_OFFLINE=1 python check_written.py DIRECTORY

The test writes a folder for each of peft's adapters beside this script, as Martlet reads and writes it again, and for
one that Martlet made (`made-NAME`), with `logits.json`: what Martlet computes with it. This prints the largest
difference of peft's logits, relative to the largest logit, and ends with 1 where one is above 1e-3.
"""
import json
import os
import sys
import warnings

import torch
import transformers
from peft import PeftModel

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
torch.set_num_threads(2)
MODELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Fixtures")


def main(folder):
    worst = 0.0
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        facts = json.load(open(os.path.join(path, "logits.json")))
        base = transformers.AutoModelForCausalLM.from_pretrained(
            os.path.join(MODELS, facts["base"]), dtype=torch.float32)
        model = PeftModel.from_pretrained(base, path).eval()
        with torch.no_grad():
            expected = model(torch.tensor([facts["ids"]])).logits[0, -2:]
        found = torch.tensor(facts["logits"])
        difference = ((expected - found).abs().max() / expected.abs().max()).item()
        worst = max(worst, difference)
        print(f"{name:20} {difference:.2e}")
    print(f"{'largest':20} {worst:.2e}")
    sys.exit(worst > 1e-3)


if __name__ == "__main__":
    main(sys.argv[1])
