#!/usr/bin/env python3
"""Writes what lm-evaluation-harness makes of rows: contexts, continuations, targets and scores.

    make_tasks.py                   writes tasks.json beside this script, from the rows in rows.py
    make_tasks.py --data DIR OUT    does the same for the data sets in DIR, as JSON Lines at OUT

The tasks are the harness's own; only the download of their data sets and the model are replaced. The model gives canned
log-likelihoods and outputs, which are recorded.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets  # noqa: E402
import evaluate  # noqa: E402
import lm_eval  # noqa: E402
from lm_eval.api.model import LM  # noqa: E402
from lm_eval.api.task import ConfigurableTask  # noqa: E402
from lm_eval.tasks import TaskManager  # noqa: E402

import rows as own  # noqa: E402

PROGRAMS = {}


class CodeEval:
    """Stands for the metric code_eval, which is on a hub: runs candidate, line break, test."""

    def compute(self, references, predictions, k):
        totals = {}
        for test, candidates in zip(references, predictions):
            passed = sum(self.runs(candidate + "\n" + test) for candidate in candidates)
            for tries in k:
                n = len(candidates)
                if n >= tries:
                    value = 1.0
                    if n - passed >= tries:
                        product = 1.0
                        for i in range(n - passed + 1, n + 1):
                            product *= 1.0 - tries / i
                        value = 1.0 - product
                    totals.setdefault(f"pass@{tries}", []).append(value)
        return {name: sum(values) / len(values) for name, values in totals.items()}, {}

    @staticmethod
    def runs(program):
        if program not in PROGRAMS:
            done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, timeout=20)
            PROGRAMS[program] = done.returncode == 0
        return PROGRAMS[program]


evaluate.load = lambda *arguments, **named: CodeEval()
DATA = {}


EXAMPLES = {}
MANAGER = TaskManager()


def download(self, *arguments, **named):
    self.dataset = DATA[self.config.task]
    if self.config.task in EXAMPLES:
        self.fewshot_cfg.samples = EXAMPLES[self.config.task]


ConfigurableTask.download = download


class CannedModel(LM):
    """Log-likelihoods and outputs that depend on nothing but the request."""

    tokenizer_name = "canned"

    def __init__(self, outputs):
        super().__init__()
        self.outputs = outputs

    def loglikelihood(self, requests, **named):
        return [self.score(*request.args) for request in requests]

    @staticmethod
    def score(context, continuation):
        digest = hashlib.sha256((context + "\0" + continuation).encode()).digest()
        # Few distinct values, so that some are equal.
        return -(digest[0] % 23 + 1) / 4.0, digest[1] % 5 == 0

    def loglikelihood_rolling(self, requests, **named):
        raise NotImplementedError

    def generate_until(self, requests, **named):
        return [self.outputs[request.doc_id % len(self.outputs)] for request in requests]

    def apply_chat_template(self, history, add_generation_prompt=True):
        return json.dumps({"messages": history, "add_generation_prompt": add_generation_prompt}, ensure_ascii=False)

    def chat_template(self, *arguments):
        return "canned"


def dataset(splits):
    return datasets.DatasetDict({name: datasets.Dataset.from_list(rows) for name, rows in splits.items()})


def record(tasks, name, splits, shots, chat=False, outputs=(" ",)):
    """What the harness makes of a task. `tasks` are its names there, `name` that of ours, `splits` its rows."""
    result = lm_eval.simple_evaluate(
        model=CannedModel(list(outputs)), tasks=tasks, num_fewshot=shots, task_manager=MANAGER, log_samples=True, bootstrap_iters=10,
        apply_chat_template=chat, fewshot_as_multiturn=chat, confirm_run_unsafe_code=True)
    items = []
    for subtask, samples in result["samples"].items():
        merged = {}
        for sample in samples:
            document = merged.setdefault(sample["doc_id"], {
                "subtask": subtask, "doc_id": sample["doc_id"], "target": sample["target"], "metrics": {}})
            arguments = [list(one) for one in sample["arguments"]]
            document["contexts"] = [one[0] for one in arguments]
            if isinstance(arguments[0][1], str):
                document["continuations"] = [one[1] for one in arguments]
                document["log_likelihoods"] = [float(one[0][0]) for one in sample["resps"]]
            else:
                document["generation"] = arguments[0][1]
                document["output"] = sample["resps"][0][0]
                document.setdefault("filtered", {})[sample["filter"]] = sample["filtered_resps"][0]
            for metric in sample["metrics"]:
                key = metric if sample["filter"] == "none" else f"{metric},{sample['filter']}"
                document["metrics"][key] = float(sample[metric])
        items += [merged[key] for key in sorted(merged)]
    for item in items:
        # Almost always one context for all continuations.
        if len(set(item["contexts"])) == 1:
            item["contexts"] = item["contexts"][:1]

    def clean(scores):
        return {key.replace(",none", ""): (None if value == "N/A" else float(value)) for key, value in scores.items()
                if key.split(",")[0] not in ("alias", "name", "sample_len", "sample_count") and "," in key}

    scores = {key: clean(value) for key, value in result["results"].items()}
    scores.update({key: clean(value) for key, value in (result.get("groups") or {}).items()})
    return {"task": name, "shots": shots, "chat": chat, "rows": splits, "items": items, "scores": scores}


def single(name, splits, shots, **named):
    DATA[name] = dataset(splits)
    return record([name], name, splits, shots, **named)


def mmlu(splits, shots, chat=False, subjects=None):
    """All subjects as a group, or some of them without one."""
    names = [f"mmlu_{subject}" for subject in subjects] if subjects else ["mmlu"]
    splits = {split: [row for row in rows if not subjects or row["subject"] in subjects] for split, rows in splits.items()}
    subjects = sorted({row["subject"] for row in splits["test"]})
    for subject in subjects:
        DATA[f"mmlu_{subject}"] = dataset({
            split: [row for row in rows if row["subject"] == subject] for split, rows in splits.items()})
    return record(names, "mmlu", splits, shots, chat=chat)


def random_numbers():
    """What Python draws."""
    import random

    cases = []
    for seed in (0, 1, 1234, 2**31, 2**40 + 7, 987654321987654321):
        generator = random.Random(seed)
        cases.append({
            "seed": seed,
            "random": [generator.random() for _ in range(3)],
            "bits": [[width, str(generator.getrandbits(width))] for width in (1, 5, 16, 32, 33, 48, 64)],
            "below": [[bound, generator._randbelow(bound)] for bound in (1, 2, 7, 1000, 2**33)],
            "samples": [[population, count, generator.sample(range(population), count)]
                        for population, count in ((1, 1), (5, 5), (21, 3), (22, 3), (85, 6), (86, 6), (1000, 25),
                                                  (7473, 5), (40, 11), (400, 100))],
        })
    return cases


def patterns():
    """What Python's re finds and removes."""
    import re

    texts = ["", "a1b22", "#### 1,234.\n", "x.\n", "x.", "line.\nend.", "é1٣٤ ß_x", " \u00a0\u2003a\tb", "aaa", "[a] $5.",
             "The answer is 42.\n", "foo123bar45", "A\u0301B", "1.5.2", "$1,000 and 3"]
    list_of = [r"\d+", r"\w+", r"\s+", r"#### (\-?[0-9\.\,]+)", r"(-?[$0-9.,]{2,})|(-?[0-9]+)", r"\.$", r"\$", ",",
               r"(?s).*#### ", r"$", r"^\w", r"a{,2}b", r"[\d.]+", r"\S+", r"[^\w]+", r"(?i)THE (\w+)", r"(?m)\.$",
               r"(?P<n>\d)(x)?", r"\u00e9", r"[[a]+", r"x|\.$", r"\Aa", r"a\Z", r"[]a]+"]
    return [{"pattern": pattern, "text": text,
             "found": [list(one) if isinstance(one, tuple) else [one] for one in re.findall(pattern, text)],
             "removed": re.sub(pattern, "", text)} for pattern in list_of for text in texts]


def fixture():
    tasks = []
    some = ["anatomy", "us_foreign_policy"]
    EXAMPLES["mbpp"] = [{**row, "is_fewshot": True} for row in own.MBPP["prompt"][1:4]]
    for chat in (False, True):
        tasks += [
            mmlu(own.MMLU, 2, chat, some) if chat else mmlu(own.MMLU, 0),
            single("hellaswag", own.HELLASWAG, 0 if not chat else 1, chat=chat),
            single("truthfulqa_mc1", own.TRUTHFULQA, 0, chat=chat),
            single("truthfulqa_mc2", own.TRUTHFULQA, 0, chat=chat),
            single("gsm8k", own.GSM8K, 5, chat=chat, outputs=own.GSM8K_OUTPUTS),
            single("humaneval", own.HUMANEVAL, 0, chat=chat, outputs=own.HUMANEVAL_OUTPUTS),
            single("humaneval_instruct", own.HUMANEVAL, 0, chat=chat, outputs=own.HUMANEVAL_OUTPUTS),
            single("mbpp", own.MBPP, 3, chat=chat, outputs=own.MBPP_OUTPUTS),
            single("arc_easy", own.ARC, 0 if not chat else 2, chat=chat),
            single("arc_challenge", own.ARC, 3, chat=chat),
            single("piqa", own.PIQA, 0 if not chat else 2, chat=chat),
        ]
    tasks += [
        mmlu(own.MMLU, 5, subjects=some), single("hellaswag", own.HELLASWAG, 3),
        single("piqa", own.PIQA, 4), single("gsm8k", own.GSM8K, 0, outputs=own.GSM8K_OUTPUTS),
    ]
    # Rows are written once for each data set.
    sets = []
    for task in tasks:
        rows = task.pop("rows")
        if rows not in sets:
            sets.append(rows)
        task["rows"] = sets.index(rows)
    return {
        "versions": {"lm_eval": lm_eval.__version__, "python": sys.version.split()[0]},
        "data": sets, "tasks": tasks, "programs": [[text, passed] for text, passed in PROGRAMS.items()],
        "random": random_numbers(), "patterns": patterns(),
    }


def everything(folder, out):
    """The data sets in a folder, in the members that the harness asks for."""
    def read(name):
        with open(pathlib.Path(folder) / name, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def truthful(row):
        return {"question": row["question"],
                "mc1_targets": {"choices": row["mc1_choices"], "labels": row["mc1_labels"]},
                "mc2_targets": {"choices": row["mc2_choices"], "labels": row["mc2_labels"]}}

    def swag(row):
        label, context = row["ctx"].split(": ", 1)
        return {"activity_label": label, "ctx_a": context, "ctx_b": "", "endings": row["endings"],
                "label": str(row["label"])}

    questions = {"test": read("mmlu/test.jsonl"), "dev": read("mmlu/fewshot.jsonl")}
    for rows in questions.values():
        for row in rows:
            row.pop("row", None)
    truth = {"validation": [truthful(row) for row in read("truthfulqa/mc.jsonl")]}
    sums = {"test": read("gsm8k/test.jsonl"), "train": read("gsm8k/train.jsonl")}
    human = {"test": read("humaneval/test.jsonl")}
    basic = {"test": read("mbpp/test.jsonl")}
    endings = {"validation": [swag(row) for row in read("hellaswag/val.jsonl")]}
    # The harness asks for the split even where it takes no examples from it.
    endings["train"] = endings["validation"][:2]
    solutions = [row["canonical_solution"] for row in human["test"]]
    solutions = [text if index % 3 else "    return None\n" for index, text in enumerate(solutions)]
    fenced = [text + "```\nThat is it." for text in solutions]
    with open(out, "w", encoding="utf-8") as lines:
        for make in (
            lambda: mmlu(questions, 0), lambda: mmlu(questions, 5), lambda: single("hellaswag", endings, 0),
            lambda: single("truthfulqa_mc1", truth, 0), lambda: single("truthfulqa_mc2", truth, 0),
            lambda: single("gsm8k", sums, 5, outputs=own.GSM8K_OUTPUTS),
            lambda: single("gsm8k", sums, 8, chat=True, outputs=own.GSM8K_OUTPUTS),
            lambda: single("humaneval", human, 0, outputs=solutions),
            lambda: single("humaneval_instruct", human, 0, outputs=fenced),
            lambda: single("mbpp", basic, 3, outputs=[row["code"] for row in basic["test"]]),
        ):
            task = make()
            task.pop("rows")
            lines.write(json.dumps(task, ensure_ascii=False) + "\n")
        programs = [[text, passed] for text, passed in PROGRAMS.items()]
        lines.write(json.dumps({"programs": programs}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--data":
        everything(sys.argv[2], sys.argv[3])
    else:
        path = pathlib.Path(__file__).with_name("tasks.json")
        path.write_text(json.dumps(fixture(), ensure_ascii=False) + "\n", "utf-8")
