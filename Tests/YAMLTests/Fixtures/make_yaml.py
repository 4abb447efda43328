#!/usr/bin/env python3
"""Writes what ruamel.yaml makes of YAML texts, by the rules of YAML 1.2.

    make_yaml.py                     writes yaml.json beside this script
    make_yaml.py --suite SRC OUT     writes the cases of the YAML test suite (its folder src) as JSON Lines
"""
import json
import math
import pathlib
import sys

import ruamel.yaml

TEXTS = [
    "", "# only a comment\n", "---\n", "a: 1\n", "- a\n- b\n-\n", "text", "'it''s'", '"a\\tb\\u00e9\\x41\\n"',
    "yes: no\non: off\ny: n\n", "[true, True, TRUE, false, False, FALSE, tRue]",
    "[null, Null, NULL, ~, '', \"\", nUll]", "[0, -0, 12, +12, -12, 007, 0x1F, 0o17]",
    "[1.5, -1.5, +1.5, .5, 5., 1e3, 1E3, 1.5e-3, 1e+2, 0.10, .]",
    "[1.2.3, 12:30, 2001-12-14, 0xZZ, 0o9, 1e, e1, +, -x]", "123456789012345678901234567890",
    "a: |\n  one\n  two\n", "a: |-\n  one\n  two\n\n", "a: |+\n  one\n\n\nb: 1\n", "a: >\n  one\n  two\n\n  three\n",
    "a: >-\n  one\n  two\n   more\n  three\n", "a: |2\n    indented\n  less\n", "a: one\n  two\n  three\n",
    "a: 'one\n\n  two'\n", 'a: "one \\\n  two\\n\\\n  three"\n', "{a: 1, b: [x, {c: d}], e: }", "[a, b, ]",
    "? a\n: b\n? c\n", "a:\n- 1\n- 2\nb:\n  - 3\n", "- - 1\n  - 2\n- - 3\n", "- a: 1\n  b: 2\n- c: 3\n",
    "a: &x [1, 2]\nb: *x\n", "a: &x\n  k: &y 1\nb: *x\nc: *y\n", "a: b: c\n", "a: [1, 2\n", "a: 'open\n",
    "\ta: 1\n", "a: 1\na: 2\n", "a: 1\n'a': 2\n", "--- 1\n--- 2\n", "--- 1\n...\n", "a: *nowhere\n",
    "{{x}}: 1\n", "a: %x\n", "a: @x\n", "a: `x\n", "k: !!str 12\n", "k: !!int '12'\n", "k: !!float 1\n",
    "k: ! 12\n", "a # b: c # d\n", "a: b#c\n", "'a': \"b\"\n", "url: http://x.y/z?a=b\n", "- !!seq []\n- !!map {}\n",
    "%YAML 1.2\n---\na: 1\n", "a: \u00e9\u4e2d\U0001F600\n", "\ufeffa: 1\n", "a:    \n  b: 1\n", "a: |\n\n  x\n\n y\n",
    "- |\n  a\n- >\n  b\n- c\n", "a: -1\nb: - 1\n", "a: [-1, --1]\n", "prompt: \"{{question}}\\nAnswer:\"\n",
    "prompt: {{question}}\n", "a: ''\n", "-   a\n-     b: 1\n      c: 2\n", "? [a]\n: 1\n", "? {a: 1}\n: 1\n",
    "a: !function utils.x\n", "a: !!python/object:x {}\n", "1: a\n2: b\nnull: c\n1.5: d\n", "- .5\n- 0.5e1\n",
]


def plain(value):
    """The value as JSON, keys as they are written; None where JSON has no place for it."""
    if isinstance(value, dict):
        return {key(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not finite")
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    # Dates are texts here; the core schema has none.
    return str(value)


def key(k):
    if isinstance(k, str):
        return k
    if isinstance(k, bool):
        return "true" if k else "false"
    if k is None:
        return "null"
    if isinstance(k, (int, float)):
        return str(k)
    raise ValueError("a key that is not a scalar")


def read(text):
    try:
        yaml = ruamel.yaml.YAML(typ="safe", pure=True)
        yaml.version = (1, 2)
        return {"value": plain(yaml.load(text))}
    except Exception as error:  # noqa: BLE001 (every refusal counts)
        return {"error": type(error).__name__}


def suite(source, out):
    """The cases of github.com/yaml/yaml-test-suite whose result is known as JSON or as an error."""
    marks = {"\u2423": " ", "\u2190": "\r", "\u21d4": "\ufeff", "\u21b5": ""}
    with open(out, "w", encoding="utf-8") as lines:
        for path in sorted(pathlib.Path(source).glob("*.yaml")):
            known = {}
            for index, case in enumerate(ruamel.yaml.YAML(typ="safe", pure=True).load(path.read_text("utf-8"))):
                # Later cases of a file take what they do not say from the ones before.
                known = {**{k: v for k, v in known.items() if k != "fail"}, **case}
                text = known["yaml"]
                for mark, meaning in marks.items():
                    text = text.replace(mark, meaning)
                while "\u2014\u00bb" in text or "\u00bb" in text:
                    start = text.index("\u00bb")
                    first = start
                    while first > 0 and text[first - 1] == "\u2014":
                        first -= 1
                    text = text[:first] + "\t" + text[start + 1:]
                if text.endswith("\u220e\n"):
                    text = text[:-2]
                record = {"id": f"{path.stem}/{index}", "name": known.get("name"), "yaml": text,
                          "fails": bool(known.get("fail", False)), "json": known.get("json")}
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--suite":
        suite(sys.argv[2], sys.argv[3])
    else:
        out = pathlib.Path(__file__).with_name("yaml.json")
        cases = [{"yaml": text, **read(text)} for text in TEXTS]
        record = {"versions": {"ruamel.yaml": ruamel.yaml.__version__}, "cases": cases}
        out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
