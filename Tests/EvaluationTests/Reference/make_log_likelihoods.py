"""Scores a model on MMLU, HellaSwag and TruthfulQA with lm-eval, in float32, and keeps each item's log-likelihoods.

    python make_log_likelihoods.py FOLDER_OF_GGUF FILE.gguf DATA OUT [TASK ...]

DATA has mmlu/, hellaswag/ and truthfulqa/. One JSON line an item goes to OUT/TASK.jsonl, and scores to OUT/TASK.json.
Needs lm-eval 0.4.13 with transformers, torch and gguf. A whole run takes about an hour on two cores.
"""

import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from lm_eval_tasks import Local

import lm_eval
from lm_eval.models.huggingface import HFLM
from tokenizers import pre_tokenizers
from transformers import AutoTokenizer

folder, file, data, out, *names = sys.argv[1:]
names = names or ["truthfulqa_mc1", "truthfulqa_mc2", "hellaswag", "mmlu"]
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
# What transformers makes of the GGUF file does not split digits, as SmolLM2's own tokenizer does: "½" and "²" would be
# other tokens than the model knows.
tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
model = HFLM(pretrained=folder, gguf_file=file, tokenizer=tokenizer, dtype="float32", device="cpu", batch_size=8)
local = Local(data, int(os.environ["LIMIT"]) if "LIMIT" in os.environ else None)
os.makedirs(out, exist_ok=True)
for name in names:
    if name == "mmlu":
        tasks = local.mmlu(5)
    elif name == "hellaswag":
        tasks = local.hellaswag()
    else:
        tasks = local.truthfulqa(name.removeprefix("truthfulqa_"))
    start = time.time()
    result = lm_eval.simple_evaluate(model=model, tasks=list(tasks.values()), task_manager=local.manager, log_samples=True,
                                     bootstrap_iters=0)
    seconds = time.time() - start
    with open(f"{out}/{name}.jsonl", "w", encoding="utf-8") as lines:
        for task, samples in result["samples"].items():
            for sample in samples:
                scores = [float(reply[0]) for reply in sample["filtered_resps"]]
                lines.write(json.dumps({"task": task, "doc_id": sample["doc_id"], "log_likelihoods": scores,
                                        "acc": sample.get("acc")}) + "\n")
    with open(f"{out}/{name}.json", "w", encoding="utf-8") as scores:
        json.dump({"lm_eval": lm_eval.__version__, "seconds": seconds,
                   "results": result["results"]}, scores, default=str, indent=1)
    print(name, seconds, flush=True)
