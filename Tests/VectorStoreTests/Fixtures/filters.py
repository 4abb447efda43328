#!/usr/bin/env python3
"""Asks a real Chroma server which records its filters find, and stores that as the truth for FilterChromaTests.

    python filters.py

Needs: chromadb (1.5.9 made what is stored). The server listens on the loopback only and keeps its data in a temporary
folder. What its own Python client takes as well is asked through a PersistentClient, too, and has to be answered alike.

Where Martlet answers otherwise on purpose, DIFFERENCES has the reason and Martlet's answer.
"""
import json
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import chromadb
from chromadb.api.types import validate_where, validate_where_document

HERE = pathlib.Path(__file__).parent
COLLECTIONS = "/tenants/default_tenant/databases/default_database/collections"

# id: (metadata, document)
RECORDS = {
    "none": (None, None), "other": ({"j": 1}, None),
    "i0": ({"k": 0}, "x"), "i1": ({"k": 1}, "Hello World"), "i2": ({"k": 2}, "hello world"), "i-3": ({"k": -3}, None),
    "f0": ({"k": 0.0}, None), "f-0": ({"k": -0.0}, None), "f1": ({"k": 1.0}, None), "f1.5": ({"k": 1.5}, None),
    "f-1.5": ({"k": -1.5}, None), "f1e300": ({"k": 1e300}, None),
    "2^53+1": ({"k": 9007199254740993}, None), "2^53": ({"k": 9007199254740992}, None),
    "2^53 float": ({"k": 9007199254740992.0}, None),
    "2^63-1": ({"k": 9223372036854775807}, "aaaaaaaaaaaaaaaaaaaaaaaa!"), "2^63 float": ({"k": 2.0**63}, None),
    "-2^63": ({"k": -9223372036854775808}, None),
    "true": ({"k": True}, "é"), "false": ({"k": False}, "e\u0301"),
    "s1": ({"k": "1"}, "100% sure_thing"), "s1.0": ({"k": "1.0"}, None), "strue": ({"k": "true"}, None),
    "sA": ({"k": "A"}, ""), "sa": ({"k": "a"}, "line one\nline two"), "empty": ({"k": ""}, "ÄÖÜ straße"),
    "nfc": ({"k": "é"}, None), "nfd": ({"k": "e\u0301"}, None), "nul": ({"k": "a\0b"}, "a\0b"),
    "quotes": ({"k": "'; DROP TABLE records_1; --\"\\"}, "back\\slash 'quote' \"dq\""),
    "long": ({"k": "long " * 50}, None), "long2": ({"k": "long " * 50 + "!"}, None),
    "li": ({"k": [1, 2]}, "a%b"), "lf": ({"k": [1.0, 2.5]}, "a_b axb"), "lmixed": ({"k": [1, 2.5]}, None),
    "ls": ({"k": ["a", "B", "a"]}, None), "lb": ({"k": [True, False]}, "STRASSE äöü"), "lb1": ({"k": [True]}, None),
    "keys": ({"a b": 1, "k.k": 3, "k$": 4, "\"": 5, "K": 6, "clé": 7}, None),
    "keys2": ({"cle\u0301": 8}, None),
    "both": ({"k": 1, "j": 2, "l": ["x", "y"]}, "Hello again"),
}

OPERANDS = [0, 1, 2, 1.0, -0.0, 1.5, -1.5, 1e300, 9007199254740993, 9007199254740992, 9007199254740992.0,
            9223372036854775807, -9223372036854775808, True, False, "1", "1.0", "true", "A", "a", "", "é", "e\u0301",
            "a\0b", "'; DROP TABLE records_1; --\"\\", "long " * 50, "B", 2.5, "x"]
LISTS = [[1, 2], [1.0, 2.0], [1.5, 2], [2, 1.5], [True], [True, False], ["a", "1"], [1, 1, 1], [], [1, "a"], ["a", 1],
         [True, 1], [None], [[1]], ["a", "long " * 50], 1, "a"]
PARTS = ["Hello", "hello", "%", "_", "a_b", "a%b", "", "ab", "ä", "Ä", "ss", "ß", "é", "\\", "'", "\"", "a\0b", "e\nl",
         "'; DROP TABLE records_1; --"]
PATTERNS = ["hel+o", "^Hello", "^line two", "(?m)^line two", "one.line", "(?s)one.line", "(?i)hello", "", "o",
            r"\bWorld$", "^$", r"\d+", r"\Aline", r"two\z", "(?P<n>one)", r"\s", "(?i)äöü", r"\p{Lu}", "[[:alpha:]]",
            "(a+)+$", "(a+)+!$", "a{1000}", r"\x{e9}", "a.b", "[^a]", "", "(", "[", "*", "a(?=b)", r"(a)\1", r"two\Z",
            # What RE2 reads otherwise:
            r"^\w+ s", "a{1001}", "(?x) h e l l o", "(?<n>one)", "x**", r"\u00e9", r"\u{e9}", "[a-z&&[^b]]", r"\<line",
            r"\C", r"\Qx\E"]

CUT = "Chroma cuts the fraction of the operand off before it compares it with integers"
ROUNDED = "Chroma compares integers with doubles as doubles, which above 2^53 takes different numbers for equal"
EMPTY = "an empty list is more likely a program's mistake than a wish for all records, or none; Chroma's own client refuses it"
TEXTS = "Chroma compares the text itself with nothing here, and finds no record"
UNREAD = "RE2 does not know this, and says so"
FORM = "RE2 knows this, Chroma's engine does not"
ASCII = "in RE2, \\w is a letter, digit or underscore of ASCII"


def where(*path):
    """{"a": {"b": c}} of "a", "b", c."""
    value = path[-1]
    for key in reversed(path[:-1]):
        value = {key: value}
    return {"where": value}


def text(operator, operand):
    return {"where_document": {operator: operand}}


def random_filter(generator, depth):
    if depth and generator.random() < 0.6:
        children = [random_filter(generator, depth - 1) for _ in range(generator.randint(1, 3))]
        return {generator.choice(["$and", "$or"]): children}
    kind = generator.randrange(8)
    key = generator.choice(["k", "k", "k", "j", "l", "missing"])
    value = generator.choice([0, 1, 2, -3, 1.0, "a", "A", "1", True, False])
    number = generator.choice([0, 1, 2, -3, 1.0])
    if kind == 0:
        return {"#document": {generator.choice(["$contains", "$not_contains"]): generator.choice(PARTS)}}
    if kind == 1:
        return {"#document": {generator.choice(["$regex", "$not_regex"]): generator.choice(PATTERNS[:12])}}
    if kind == 2:
        return {key: value}
    if kind == 3:
        return {key: {generator.choice(["$gt", "$gte", "$lt", "$lte"]): number}}
    if kind == 4:
        return {key: {generator.choice(["$in", "$nin"]): generator.choice([[0, 1], ["a", "A"], [True], [1.0, 2.0]])}}
    if kind == 5:
        return {key: {generator.choice(["$contains", "$not_contains"]): value}}
    return {key: {generator.choice(["$eq", "$ne"]): value}}


def filters():
    for operand in OPERANDS:
        yield where("k", operand)
        for operator in ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$contains", "$not_contains"]:
            yield where("k", operator, operand)
    for operand in LISTS:
        for operator in ["$in", "$nin", "$eq", "$contains", "$gt"]:
            yield where("k", operator, operand)
    for operand in [None, [1], {}, {"$eq": 1, "$ne": 2}, {"$regex": "a"}, {"$foo": 1}, {"foo": 1}, {"$eq": None},
                    {"$eq": {"a": 1}}, {"$and": [{"k": 1}]}, 9223372036854775808, {"$gt": -9223372036854775809}]:
        yield where("k", operand)
    for key in ["a b", "k.k", "", "\"", "K", "clé", "cle\u0301", "missing", "$k", "#k", "$[k]"]:
        yield where(key, "$ne", 999)
        yield where(key, "$gt", 0)
    for clause in [{}, [], "x", 1, {"k": 1, "j": 1}, {"$and": []}, {"$or": []}, {"$and": {"k": 1}}, {"$and": [1]},
                   {"$and": [{"k": 1}]}, {"$or": [{"k": 1}]}, {"$or": [{"k": 1}, {"j": 1}]}, {"$not": [{"k": 1}]},
                   {"$and": [{"k": {"$gte": 1}}, {"k": {"$lt": 2}}]}, {"$and": [{"k": 1}, {"k": {"$foo": 1}}]},
                   {"$eq": 1}, {"$contains": "Hello"}, {"#document": "x"}, {"#document": {"$eq": "x"}},
                   {"#document": {"$ne": "x"}}, {"#document": {"$in": ["x"]}}, {"#document": {"$gt": 1}},
                   {"#document": {"$contains": 1}}, {"#document": {"$contains": True}}]:
        yield {"where": clause}
    for part in PARTS:
        for operator in ["$contains", "$not_contains"]:
            yield text(operator, part)
            yield where("#document", operator, part)
    for pattern in PATTERNS:
        for operator in ["$regex", "$not_regex"]:
            yield text(operator, pattern)
        yield where("#document", "$regex", pattern)
    for clause in [{}, [], "x", {"$and": []}, {"$or": []}, {"$and": [{"$contains": "Hello"}]}, {"k": 1}, {"$foo": "x"},
                   {"$or": [{"$contains": "Hello"}, {"$contains": "hello"}]}, {"$contains": 1}, {"$regex": 1},
                   {"$contains": ["Hello", "World"]}, {"$contains": "a", "$not_contains": "b"},
                   {"$and": [{"$contains": "Hello"}, {"$not_regex": "W"}]}, {"$and": [{"k": 1}]}]:
        yield {"where_document": clause}
    yield {"where": {"k": {"$lt": 3}}, "where_document": {"$contains": "Hello"}}
    generator = random.Random(7)
    for _ in range(250):
        yield {"where": random_filter(generator, 3)}


def accepted(answer):
    return isinstance(answer, list)


def numbers():
    return {id: metadata["k"] for id, (metadata, _) in RECORDS.items()
            if metadata and type(metadata.get("k")) in (int, float)}


def exact_answer(operator, operands):
    """What Python, which compares integers with floats exactly, finds for a condition on the numbers of "k"."""
    operand = operands[0]
    test = {"$eq": lambda n: n in operands, "$in": lambda n: n in operands, "$ne": lambda n: n in operands,
            "$nin": lambda n: n in operands, "$gt": lambda n: n > operand, "$gte": lambda n: n >= operand,
            "$lt": lambda n: n < operand, "$lte": lambda n: n <= operand}[operator]
    found = [id for id, number in numbers().items() if test(number)]
    return [id for id in RECORDS if (id in found) != (operator in ("$ne", "$nin"))]


def difference(query, answer):
    """(reason, Martlet's answer; None where it refuses), or None where it answers as Chroma does."""
    clause = query.get("where", query.get("where_document"))
    if clause in ({"$and": []}, {"$or": []}):
        return EMPTY, None
    if clause == {"#document": {"$gt": 1}}:
        return TEXTS, None
    if clause == {"k": {"$gt": -9223372036854775809}}:
        return "Chroma reads an integer that is too small for 64 bits as a double, but refuses one that is too large", None
    if isinstance(clause, dict) and isinstance(clause.get("k"), (dict, int, float)) and len(query) == 1:
        condition = clause["k"] if isinstance(clause["k"], dict) else {"$eq": clause["k"]}
        operator, operand = next(iter(condition.items())) if condition else (None, None)
        operands = operand if isinstance(operand, list) else [operand]
        if operand == [2, 1.5] and operator in ("$in", "$nin"):
            return "JavaScript writes 2.0 as 2, so that this is a list of numbers", exact_answer(operator, operands)
        if operator in ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin") and accepted(answer) and all(
                type(each) in (int, float) for each in operands):
            exact = exact_answer(operator, operands)
            if exact != answer:
                return (CUT if any(each != int(each) for each in operands) else ROUNDED), exact
    pattern = None
    condition = clause.get("#document", clause) if isinstance(clause, dict) else {}
    if isinstance(condition, dict):
        pattern = condition.get("$regex", condition.get("$not_regex"))
    negative = "$not_regex" in condition if isinstance(condition, dict) else False
    if pattern in ("a{1001}", "(?x) h e l l o", "(?<n>one)", "x**", r"\u00e9", r"\u{e9}"):
        return UNREAD, None
    if pattern == r"^\w+ s":
        return ASCII, list(RECORDS) if negative else []
    if pattern in (r"\C", r"\Qx\E"):
        test = (lambda text: "x" in text) if pattern != r"\C" else (lambda text: text != "")
        found = [id for id, (_, document) in RECORDS.items() if document is not None and test(document)]
        return FORM, [id for id in RECORDS if (id in found) != negative]
    if pattern == "[a-z&&[^b]]":
        return "RE2 reads && in a class as two of its characters", list(RECORDS) if negative else []
    if pattern == r"\<line":
        return "RE2 reads \\< as the character <, and knows no beginnings of words but \\b", list(RECORDS) if negative else []
    return None


class Server:
    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        program = pathlib.Path(sys.executable).parent / "chroma"
        self.process = subprocess.Popen(
            [program, "run", "--host", "127.0.0.1", "--port", str(port), "--path", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}/api/v2"
        for _ in range(200):
            try:
                urllib.request.urlopen(self.base + "/heartbeat").close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server does not answer")

    def post(self, path, body):
        request = urllib.request.Request(
            self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            assert error.code == 400, (error.code, error.read())
            return json.load(error)


def check_client(collection, query, answer):
    """The same through the client, unless the client refuses."""
    try:
        if "where" in query:
            validate_where(query["where"])
        if "where_document" in query:
            validate_where_document(query["where_document"])
    except (ValueError, TypeError, AttributeError):
        return
    try:
        found = collection.get(include=[], **query)["ids"]
    except Exception:
        found = None
    assert found == (answer if accepted(answer) else None), (query, found, answer)


def main():
    records = [{"id": id, "metadata": metadata, "document": document} for id, (metadata, document) in RECORDS.items()]
    columns = {
        "ids": [r["id"] for r in records], "embeddings": [[1.0, float(i)] for i in range(len(records))],
        "metadatas": [r["metadata"] for r in records], "documents": [r["document"] for r in records]}
    cases = []
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        server = Server(folder)
        try:
            number = server.post(COLLECTIONS, {"name": "filters"})["id"]
            answer = server.post(f"{COLLECTIONS}/{number}/add", columns)
            assert answer == {}, answer
            collection = chromadb.PersistentClient(other).create_collection("filters", embedding_function=None)
            # The client refuses lists of integers and floats, which the server takes for floats.
            collection.add(**{**columns, "metadatas": [
                {"k": [1.0, 2.5]} if metadata == {"k": [1, 2.5]} else metadata for metadata in columns["metadatas"]]})
            for query in filters():
                answer = server.post(f"{COLLECTIONS}/{number}/get", {"include": [], **query})
                answer = answer.get("ids", answer.get("message"))
                check_client(collection, query, answer)
                case = {**query, "ids": answer} if accepted(answer) else {**query, "refused": answer}
                if different := difference(query, answer):
                    case["difference"] = {"reason": different[0], "ids": different[1]}
                if case not in cases:
                    cases.append(case)
        finally:
            server.process.terminate()
            server.process.wait()
    lines = ",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in cases)
    rows = ",\n".join("    " + json.dumps(record, ensure_ascii=False) for record in records)
    (HERE / "filters.json").write_text(
        f'{{\n  "chromadb": "{chromadb.__version__}",\n  "records": [\n{rows}\n  ],\n  "filters": [\n{lines}\n  ]\n}}\n')
    print(len(cases), "filters;", sum("difference" in case for case in cases), "answered otherwise on purpose")


main()
