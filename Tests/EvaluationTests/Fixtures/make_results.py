#!/usr/bin/env python3
"""Write harness-results.json: what lm-evaluation-harness's own program writes for two small tasks, without what tells of
the machine. Run with the harness installed and HF_HUB_OFFLINE=1."""
import glob
import json
import pathlib
import subprocess
import sys
import tempfile

ROWS = {
    "picks": [
        {"question": "Q: Is a swift a bird?\nA:", "choices": ["yes", "no"], "label": 0},
        {"question": "Q: Is the rent a bird?\nA:", "choices": ["yes", "no"], "label": 1},
    ],
    "sums": [{"question": "2+2=?", "answer": "4"}, {"question": "3+3=?", "answer": "6"}],
}
TASKS = {
    "picks": {
        "output_type": "multiple_choice",
        "doc_to_choice": "{{choices}}",
        "doc_to_target": "label",
        "metric_list": [{"metric": name, "aggregation": "mean", "higher_is_better": True} for name in ("acc", "acc_norm")],
    },
    "sums": {
        "output_type": "generate_until",
        "doc_to_target": "{{answer}}",
        "generation_kwargs": {"until": ["\n"], "max_gen_toks": 8, "do_sample": False, "temperature": 0.0},
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
        "filter_list": [{"name": "first", "filter": [{"function": "regex", "regex_pattern": "(\\w+)"}, {"function": "take_first"}]}],
    },
}

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for task, rows in ROWS.items():
        data = folder / f"{task}.jsonl"
        data.write_text("".join(json.dumps(row) + "\n" for row in rows))
        definition = {
            "task": task, "dataset_path": "json", "dataset_kwargs": {"data_files": {"test": str(data)}},
            "test_split": "test", "doc_to_text": "{{question}}", "metadata": {"version": 1.0},
        }
        (folder / f"{task}.yaml").write_text(json.dumps(definition | TASKS[task]))
    subprocess.run(
        [sys.executable, "-m", "lm_eval", "--model", "dummy", "--tasks", "picks,sums", "--include_path", name,
         "--output_path", str(folder / "out"), "--log_samples"], check=True)
    results = json.load(open(glob.glob(f"{name}/out/*/results_*.json")[0]))
    samples = {
        task: [json.loads(line) for line in open(glob.glob(f"{name}/out/*/samples_{task}_*.jsonl")[0])] for task in ROWS
    }

kept = ["results", "group_subtasks", "versions", "n-shot", "higher_is_better", "n-samples", "lm_eval_version"]
fixture = {
    "members": sorted(results), "results": {name: results[name] for name in kept}, "samples": samples,
}
target = pathlib.Path(__file__).with_name("harness-results.json")
target.write_text(json.dumps(fixture, indent=1) + "\n")
