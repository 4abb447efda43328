#!/usr/bin/env python3
"""Checks the question sets in this folder: their form, and their evidence in the corpora.

The form of every file is always checked. The evidence of a set is checked when the
folder of its corpus is given:

    check_questions.py --prose FOLDER --manuals FOLDER --code FOLDER

The manuals are PDF files; `pdftotext` (poppler-utils) extracts their text.
Exits with 1 and one line for each fault when something is wrong.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

SETS = ("prose", "manuals", "code")
# The counts of answerable and unanswerable questions.
HALVES = {"": (15, 8), "-held-out": (15, 7)}
ANSWERABLE_KEYS = {"id", "question", "answerable", "contains", "regex", "evidence", "document"}
UNANSWERABLE_KEYS = {"id", "question", "answerable", "why", "absent"}
PASSAGE_WORDS = 150

DOCUMENTS = {
    "prose": ["pride-and-prejudice.txt"],
    "manuals": ["bash.pdf", "valgrind_manual.pdf", "libtasn1.pdf"],
    "code": [
        f"{module}.py"
        for module in (
            "argparse bisect calendar cmd colorsys configparser contextlib csv difflib fnmatch"
            " fractions functools getpass glob graphlib heapq hmac imghdr linecache locale"
            " mailcap nntplib pprint queue quopri random reprlib sched secrets shelve shlex"
            " shutil statistics string tempfile textwrap timeit tokenize trace uuid wave zipapp"
        ).split()
    ],
}


def collapsed(text):
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def squeezed(text):
    """The text without white space and case, as `contains` compares."""
    return "".join(text.split()).casefold()


def has_words(text, words):
    """Whether the words stand in the text as whole words, in any case."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE) is not None


def is_right(question, answer):
    """Whether an answer contains one of the strings of the question or matches its expression."""
    if any(squeezed(piece) in squeezed(answer) for piece in question.get("contains", [])):
        return True
    regex = question.get("regex")
    return regex is not None and re.search(regex, collapsed(answer), re.IGNORECASE) is not None


def readings(path):
    """The names and texts of the ways in which a document is read."""
    if path.suffix != ".pdf":
        return {"text": collapsed(path.read_text(encoding="utf-8"))}
    texts = {}
    for name, options in (("plain", []), ("layout", ["-layout"])):
        command = ["pdftotext", *options, str(path), "-"]
        text = subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8")
        texts[name] = collapsed(text)
        # A word divided at the end of a line is joined; options such as --vgdb-
        # prefix lose their hyphen then, so both readings count.
        texts[name + " joined"] = collapsed(re.sub(r"(\w)[-‐]\n\s*(\w)", r"\1\2", text))
    return texts


def form_faults(question, ids):
    """What is wrong with one question by itself."""
    faults = []
    if question["id"] in ids:
        faults.append("the id occurs twice")
    ids.add(question["id"])
    text = question["question"]
    if text != collapsed(text) or not text[0].isalnum() or text[-1] not in "?.":
        faults.append("the question is not one clean line that ends in ? or .")
    allowed = ANSWERABLE_KEYS if question["answerable"] else UNANSWERABLE_KEYS
    if unknown := set(question) - allowed:
        faults.append(f"unknown keys {sorted(unknown)}")
    if not question["answerable"]:
        if not question.get("why"):
            faults.append("why is missing")
        return faults
    if not question.get("evidence") or not question.get("document"):
        return faults + ["evidence or document is missing"]
    if ("contains" in question) == ("regex" in question):
        faults.append("exactly one of contains and regex must be given")
    if is_right(question, text):
        faults.append("the question itself would count as a right answer")
    if not is_right(question, " ".join(question["evidence"])):
        faults.append("the evidence would not count as a right answer")
    for piece in question["evidence"]:
        if not 20 <= len(piece) <= 120:
            faults.append(f"evidence of {len(piece)} characters: {piece}")
    return faults


def evidence_faults(question, texts):
    """What is wrong with one question when the texts of its corpus are known."""
    if not question["answerable"]:
        return [
            f"{absent!r} occurs in {document}"
            for absent in question.get("absent", [])
            for document, forms in texts.items()
            if any(has_words(form, absent) for form in forms.values())
        ]
    forms = texts.get(question["document"])
    if forms is None:
        return [f"{question['document']} does not belong to the corpus"]
    faults = []
    # Both ways to extract a PDF file must show the evidence, joined or not.
    for name in {form.split()[0] for form in forms}:
        tried = [text for form, text in forms.items() if form.split()[0] == name]
        for piece in question["evidence"]:
            if not any(collapsed(piece) in text for text in tried):
                faults.append(f"not found ({name}): {piece}")
        places = [
            [text.find(collapsed(piece)) for piece in question["evidence"]] for text in tried
        ]
        spans = [
            len(text[min(found):max(found)].split())
            for text, found in zip(tried, places)
            if min(found) >= 0
        ]
        if spans and min(spans) > PASSAGE_WORDS:
            faults.append(f"the evidence is spread over {min(spans)} words ({name})")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in SETS:
        parser.add_argument(f"--{name}", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    here = pathlib.Path(__file__).parent
    faults, ids = [], set()
    for name in SETS:
        folder = getattr(arguments, name)
        texts = {}
        if folder is not None:
            texts = {document: readings(folder / document) for document in DOCUMENTS[name]}
        for half, (answerable, unanswerable) in HALVES.items():
            path = here / f"{name}{half}.jsonl"
            lines = path.read_text(encoding="utf-8").splitlines()
            questions = [json.loads(line) for line in lines]
            counts = [sum(q["answerable"] is kind for q in questions) for kind in (True, False)]
            if counts != [answerable, unanswerable]:
                faults.append(f"{path.name}: {counts} answerable and unanswerable questions")
            for question in questions:
                found = form_faults(question, ids)
                if texts:
                    found += evidence_faults(question, texts)
                faults += [f"{path.name}: {question['id']}: {fault}" for fault in found]
            print(f"{path.name}: {len(questions)} questions,"
                  f" {'form and evidence' if texts else 'form only'}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
