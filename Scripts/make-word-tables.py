#!/usr/bin/env python3
"""Writes Sources/VectorStore/Words/WordTables.swift: what each character is in the index of words, and what it is
folded to.

The tables are part of a store's format: an index is only as good as its words are the same today and tomorrow. They
therefore follow one version of Unicode, whatever the machine has. New tables need a new version of the format.

Needs: unicodedata2==16.0.0
"""
import os

import unicodedata2 as unicode16

assert unicode16.unidata_version == "16.0.0", unicode16.unidata_version
HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "../Sources/VectorStore/Words/WordTables.swift")
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
# As in CharacterClass.
SEPARATOR, LETTER, MARK, IGNORED, NONJOINER, HAN, HIRAGANA, KATAKANA, HANGUL, CLUSTER = range(10)
MAPPED = 16


def within(c, *ranges):
    return any(low <= c <= high for low, high in ranges)


def is_ignored(c):
    """Default_Ignorable_Code_Point, Arabic's tatweel, and the marks that searching passes over."""
    return within(
        c, (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
        (0x640, 0x640)) or is_accent(c)


def is_accent(c):
    """Marks that are left out when words are compared: accents, Hebrew points, Arabic vowels."""
    if unicode16.category(chr(c)) not in ("Mn", "Me") or c in (0x306, 0x308):
        return False  # Breve and diaeresis make other letters of Cyrillic ones; the reader decides.
    return within(
        c, (0x300, 0x36F), (0x483, 0x489), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670),
        (0x6D6, 0x6ED), (0x711, 0x711), (0x730, 0x74A), (0x897, 0x89F), (0x8CA, 0x8FF), (0x1AB0, 0x1AFF),
        (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))


def kind(c):
    category = unicode16.category(chr(c))
    if c == 0x200C:
        return NONJOINER
    if is_ignored(c):
        return IGNORED
    if category in ("Mn", "Mc", "Me"):
        return MARK
    if not (category[0] in "LN" or category == "Co"):
        return SEPARATOR
    if category == "Nd":
        return LETTER
    if within(c, (0x3041, 0x309F), (0x1B001, 0x1B11F), (0x1B150, 0x1B152)):
        return HIRAGANA
    if within(c, (0x30A0, 0x30FF), (0x31F0, 0x31FF), (0x1B000, 0x1B000), (0x1B120, 0x1B122), (0x1B155, 0x1B167)):
        return KATAKANA
    if within(c, (0x1100, 0x11FF), (0xA960, 0xA97F), (0xAC00, 0xD7FF)):
        return HANGUL
    if within(
        c, (0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3105, 0x312F), (0x31A0, 0x31BF), (0x3400, 0x4DBF),
        (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x16FE0, 0x18DFF), (0x1B170, 0x1B2FF), (0x20000, 0x3FFFF)):
        return HAN
    if within(
        c, (0xE00, 0xEFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0x1B00, 0x1B7F),
        (0xA980, 0xA9FF), (0xAA00, 0xAADF)):
        return CLUSTER
    return LETTER


# Letters that Unicode does not take apart, but that are typed without their stroke or as two; letters that have
# another code on a Persian keyboard than on an Arabic one.
ALIKE = {
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "\u06CC": "\u064A",
    "\u0649": "\u064A", "\u06A9": "\u0643",
}


def fold(text):
    while True:
        folded = unicode16.normalize("NFKD", unicode16.normalize("NFKD", text).casefold())
        out = ""
        for x in folded:
            if unicode16.category(x) == "Nd":
                x = str(unicode16.decimal(x))
            x = ALIKE.get(x, x)
            if len(x) == 1 and (is_accent(ord(x)) or x in "\u0306\u0308" and not is_kept(out, x)):
                continue
            out += x
        if out == text:
            return out
        text = out


def is_kept(before, mark):
    return bool(before) and 0x400 <= ord(before[-1]) <= 0x52F and before[-1] != "е"


def mapping():
    table = {}
    for c in SCALARS:
        category = unicode16.category(chr(c))
        if category in ("Cn", "Co") or is_ignored(c) or 0xAC00 <= c <= 0xD7A3 or 0x1100 <= c <= 0x11FF:
            continue
        raw = unicode16.decomposition(chr(c))
        if category == "So" and raw.startswith("<super>"):
            continue  # A trade mark's sign is no part of its word.
        if kind(c) == MARK and c in (0x306, 0x308):
            continue
        folded = fold(chr(c))
        kinds = {kind(ord(x)) for x in folded} - {SEPARATOR, IGNORED}
        # A sign that comes apart into a blank and an accent stays a sign.
        if folded != chr(c) and kinds and (kind(c) != SEPARATOR or kinds != {MARK}):
            table[c] = folded
    return table


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


def main():
    table = mapping()
    runs, last, at = "", 0, 0
    for c in range(0x110000):
        value = 0 if 0xD800 <= c < 0xE000 else kind(c) | (MAPPED if c in table else 0)
        if value != last:
            runs += number(c - at) + number(value)
            last, at = value, c
    folds, at = "", 0
    for c in sorted(table):
        folds += number(c - at) + number(len(table[c])) + "".join(signed(ord(x) - c) for x in table[c])
        at = c
    with open(PATH, "w", encoding="utf-8") as out:
        out.write("// Written by Scripts/make-word-tables.py; not to be edited.\n// swift-format-ignore-file\n\n")
        out.write("/// What characters are in the index of words, and what they are folded to (Unicode 16).\nenum WordTables {\n")
        for name, doc, text in (
            ("classes", "Changes of the class: distance from the last change, new class.", runs),
            ("folds", "Distance from the last character, length, the characters as differences.", folds)):
            out.write(f"  /// {doc}\n  static let {name}: StaticString = \"\"\"\n")
            for i in range(0, len(text), 600):
                out.write("    " + text[i:i + 600] + ("\\\n" if i + 600 < len(text) else "\n"))
            out.write('    """\n')
        out.write("}\n")
    print(len(table), "folded,", os.path.getsize(PATH), "bytes")


main()
