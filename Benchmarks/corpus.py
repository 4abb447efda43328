#!/usr/bin/env python3
"""Make the English text that is raced over, out of the docstrings of the packages under a folder.

    python corpus.py SITE_PACKAGES OUT

Writes, one text a line: corpus.txt (5 MB of prose paragraphs), sentences.txt (1,000 sentences of 12 to 18 words)
and passages.txt (128 passages of 140 words, which are some 250 WordPiece tokens).
"""
import ast
import os
import random
import re
import sys

BYTES, SENTENCES, PASSAGES, PASSAGE_WORDS = 5_000_000, 1000, 128, 140
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def source_files(root):
    paths = []
    for folder, folders, files in os.walk(root):
        folders.sort()
        paths += [os.path.join(folder, name) for name in sorted(files) if name.endswith(".py")]
    random.Random(2024).shuffle(paths)
    return paths


def is_prose(text):
    letters = sum(character.isalpha() or character == " " for character in text)
    return len(text) >= 80 and ">>>" not in text and letters >= 0.8 * len(text)


def docstring_paragraphs(path):
    try:
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (SyntaxError, ValueError, RecursionError, OSError):
        return
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED):
            for paragraph in re.split(r"\n\s*\n", ast.get_docstring(node) or ""):
                yield " ".join(paragraph.split())


def collect(root):
    paragraphs, size = {}, 0
    for path in source_files(root):
        for text in docstring_paragraphs(path):
            if is_prose(text) and text not in paragraphs:
                paragraphs[text] = None
                size += len(text.encode()) + 1
                if size >= BYTES:
                    return list(paragraphs)
    return list(paragraphs)


def sentences_of(paragraphs):
    found = set()
    for paragraph in paragraphs:
        for sentence in re.split(r"(?<=[.!?])\s+", paragraph):
            if 12 <= len(sentence.split()) <= 18 and sentence[0].isupper() and sentence.endswith("."):
                if "_" not in sentence:
                    found.add(sentence)
    found = sorted(found)
    random.Random(1).shuffle(found)
    return found[:SENTENCES]


def passages_of(paragraphs):
    words = [word for paragraph in paragraphs for word in paragraph.split()]
    passages = [" ".join(words[i:i + PASSAGE_WORDS])
                for i in range(0, len(words) - PASSAGE_WORDS, PASSAGE_WORDS)]
    random.Random(1).shuffle(passages)
    return passages[:PASSAGES]


def main():
    root, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    paragraphs = collect(root)
    for name, lines in (("corpus", paragraphs), ("sentences", sentences_of(paragraphs)),
                        ("passages", passages_of(paragraphs))):
        with open(os.path.join(out, name + ".txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
