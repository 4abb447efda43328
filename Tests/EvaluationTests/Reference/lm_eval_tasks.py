"""lm-eval's own tasks over rows of a folder with mmlu/, hellaswag/, truthfulqa/ (see ../shared/data)."""

import json
import os
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from lm_eval.tasks import TaskManager


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Local:
    """Rows as files that the `json` loader of `datasets` reads."""

    def __init__(self, data, limit=None):
        self.data, self.limit = data, limit
        self.folder = tempfile.TemporaryDirectory()
        self.manager = TaskManager()

    def file(self, name, rows):
        path = os.path.join(self.folder.name, name + ".jsonl")
        with open(path, "w", encoding="utf-8") as out:
            for row in rows:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        return path

    def load(self, name, splits, **changes):
        files = {split: self.file(f"{name}-{split}", found) for split, found in splits.items()}
        changes = {"task": name, "dataset_path": "json", "dataset_name": None,
                "dataset_kwargs": {"data_files": files, "cache_dir": self.folder.name}, **changes}
        # A registered task whose settings are changed: the manager's own way to it.
        task = self.manager._factory.build(
            self.manager._entry(name), overrides=changes, registry=self.manager.task_index)
        return {name: task}

    def mmlu(self, shots):
        test = rows(f"{self.data}/mmlu/test.jsonl")[:self.limit]
        dev = rows(f"{self.data}/mmlu/fewshot.jsonl")
        tasks = {}
        for subject in dict.fromkeys(row["subject"] for row in test):
            tasks |= self.load(
                f"mmlu_{subject}",
                {"test": [row for row in test if row["subject"] == subject],
                 "dev": [row for row in dev if row["subject"] == subject]}, num_fewshot=shots)
        return tasks

    def hellaswag(self):
        from lm_eval.tasks.hellaswag.utils import preprocess
        found = [{"ctx": preprocess(row["ctx"]), "endings": [preprocess(ending) for ending in row["endings"]],
                  "label": row["label"]} for row in rows(f"{self.data}/hellaswag/val.jsonl")[:self.limit]]
        return self.load("hellaswag", {"validation": found}, doc_to_text="{{ctx}}", doc_to_choice="{{endings}}",
                         doc_to_target="{{label}}", process_docs=None, training_split=None)

    def truthfulqa(self, which):
        found = [{"question": row["question"],
                  "mc1_targets": {"choices": row["mc1_choices"], "labels": row["mc1_labels"]},
                  "mc2_targets": {"choices": row["mc2_choices"], "labels": row["mc2_labels"]}}
                 for row in rows(f"{self.data}/truthfulqa/mc.jsonl")][:self.limit]
        return self.load(f"truthfulqa_{which}", {"validation": found})
