#!/usr/bin/env python3
"""Writes the Unicode tables of the tokenizers as Swift source, beside this script.

What a scalar is (letter, digit, mark, ...) follows Unicode 16, as the regular expressions of Hugging
Face `tokenizers` do. Normalization, lower-casing and BERT's classes follow whatever version that
library carries, found by asking it about every scalar: a model was trained on its answers, new
Unicode characters or not.

Needs: tokenizers==0.23.3 unicodedata2==16.0.0
"""
import os
import sys

import unicodedata2 as unicode16
from tokenizers import Regex, normalizers, pre_tokenizers

assert unicode16.unidata_version == "16.0.0", unicode16.unidata_version
HERE = os.path.dirname(os.path.abspath(__file__))
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-"


def number(value):
    """Groups of 5 bits, the lowest first; bit 5 says that another follows."""
    text = ""
    while True:
        value, low = value >> 5, value & 31
        text += DIGITS[low | (32 if value else 0)]
        if not value:
            return text


def signed(value):
    return number(value * 2 if value >= 0 else -value * 2 - 1)


def runs(value_of):
    """Where the value changes: distance from the last change, new value."""
    text, last, at = "", 0, 0
    for c in range(0x110000):
        v = value_of(c)
        if v != last:
            text += number(c - at) + number(v)
            last, at = v, c
    return text


def mapping(table):
    """Scalar (distance from the last), length, scalars (difference from the key)."""
    text, at = "", 0
    for c in sorted(table):
        text += number(c - at) + number(len(table[c])) + "".join(signed(ord(x) - c) for x in table[c])
        at = c
    return text


def write(name, what, tables):
    path = os.path.join(HERE, name + ".swift")
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"// Written by make_tables.py; not to be edited.\n// swift-format-ignore-file\n\n/// {what}\nenum {name} {{\n")
        for key, doc, text in tables:
            out.write(f"  /// {doc}\n  static let {key}: StaticString = \"\"\"\n")
            for i in range(0, len(text), 600):
                out.write("    " + text[i:i + 600] + ("\\\n" if i + 600 < len(text) else "\n"))
            out.write('    """\n')
        out.write("}\n")
    print(name, os.path.getsize(path))


def normalized(normalizer):
    result = {}
    for c in SCALARS:
        text = normalizer.normalize_str("a" + chr(c) + "b")
        assert text[0] == "a" and text[-1] == "b"
        if text[1:-1] != chr(c):
            result[c] = text[1:-1]
    return result


def pieces(pre_tokenizer, around):
    return {c: [p for p, _ in pre_tokenizer.pre_tokenize_str(around + chr(c) + around)] for c in SCALARS}


def check_categories():
    for group in "LNMPS":
        found = pieces(pre_tokenizers.Split(Regex(r"\p{%s}" % group), "isolated"), "-" if group == "L" else "a")
        for c in SCALARS:
            assert (len(found[c]) > 1) == (unicode16.category(chr(c))[0] == group), (group, hex(c))


def combining_classes():
    """Unicode 16's, except where the library takes a newer mark for no mark."""
    nfd = normalizers.NFD()
    result = {}
    for c in SCALARS:
        k = unicode16.combining(chr(c))
        if k == 0:
            continue
        before = "\u0334" if k != 1 else None
        after = "\u0345"
        if before:
            known = nfd.normalize_str("a" + chr(c) + before) != "a" + unicode16.normalize("NFD", chr(c)) + before
        else:
            known = nfd.normalize_str("a" + after + chr(c)) == "a" + chr(c) + after
        if known:
            result[c] = k
    return result


def compositions(decomposed):
    """Pairs that NFC joins: first, second, result."""
    nfc = normalizers.NFC()
    result = []
    for c in SCALARS:
        raw = unicode16.decomposition(chr(c))
        if not raw or raw.startswith("<") or " " not in raw:
            continue
        first, second = (int(x, 16) for x in raw.split())
        if nfc.normalize_str(chr(first) + chr(second)) == chr(c):
            result.append((first, second, c))
    return result


def is_hangul(c):
    return 0xAC00 <= c <= 0xD7A3


def main():
    check_categories()
    write("CategoryData", "What kind of character each scalar is (Unicode 16).", [
        ("runs", "Changes of the general category.", runs(lambda c: 28 if 0xD800 <= c < 0xE000 else CATEGORIES.index(unicode16.category(chr(c)))))])

    nfd, nfkd = normalized(normalizers.NFD()), normalized(normalizers.NFKD())
    hangul = [c for c in nfd if is_hangul(c)]
    assert len(hangul) == 11172
    nfd = {c: t for c, t in nfd.items() if not is_hangul(c)}
    nfkd = {c: t for c, t in nfkd.items() if not is_hangul(c) and nfd.get(c) != t}
    pairs = compositions(nfd)
    composed, at = "", 0
    for first, second, c in sorted(pairs, key=lambda p: p[2]):
        composed += number(c - at) + signed(first - c) + signed(second - c)
        at = c
    classes = combining_classes()
    write("NormalizationData", "How characters come apart and together (UAX #15).", [
        ("canonical", "Full canonical decompositions, Hangul left out.", mapping(nfd)),
        ("compatibility", "Full compatibility decompositions that differ from the canonical.", mapping(nfkd)),
        ("compositions", "Pairs that compose.", composed),
        ("combiningClasses", "Changes of the canonical combining class.", runs(lambda c: classes.get(c, 0)))])

    lower = normalized(normalizers.Lowercase())
    write("LowercaseData", "Lower-case forms, each scalar by itself.", [("mapping", "Scalars that change.", mapping(lower))])

    def bert(**on):
        flags = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
        return normalizers.BertNormalizer(**{**flags, **on})

    cleaned = normalized(bert(clean_text=True))
    chinese = normalized(bert(handle_chinese_chars=True))
    stripped = normalized(bert(strip_accents=True))
    marks = normalized(normalizers.StripAccents())
    split = pieces(pre_tokenizers.BertPreTokenizer(), "a")
    numeric = pieces(pre_tokenizers.Digits(True), "a")
    word = pieces(pre_tokenizers.Whitespace(), "a")
    white = pieces(pre_tokenizers.WhitespaceSplit(), "a")
    flags = {}
    for c in SCALARS:
        f = 0
        if len(split[c]) == 3: f |= 1
        if cleaned.get(c) == "": f |= 2
        if cleaned.get(c) == " ": f |= 4
        if c in chinese: f |= 8
        if stripped.get(c) == "": f |= 16
        if marks.get(c) == "": f |= 32
        if len(numeric[c]) == 3: f |= 64
        if len(word[c]) == 1: f |= 128
        assert (len(white[c]) == 2) == (len(split[c]) == 2)
        flags[c] = f
    # That NFD comes before the removal of marks is all there is to stripping.
    for c in SCALARS:
        if not is_hangul(c):
            assert stripped.get(c, chr(c)) == "".join(x for x in nfd.get(c, chr(c)) if not flags[ord(x)] & 16), hex(c)
    write("FlagData", "The classes of BERT's and other pre-tokenizers.", [("runs", "Changes of the flags.", runs(lambda c: flags.get(c, 0)))])


if __name__ == "__main__":
    sys.exit(main())
