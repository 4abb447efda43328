"""Writes schemas.json: random JSON Schemas, values, and which of them are valid by the Python package jsonschema.

    python3 -m venv venv && venv/bin/pip install jsonschema==4.26.0
    venv/bin/python Tests/GrammarsTests/Fixtures/make_schemas.py

The seed is fixed, so the file changes only with this script or with jsonschema.
"""

import json
import pathlib
import random
from importlib.metadata import version

from jsonschema import Draft202012Validator

draw = random.Random(20)
NAMES = ["a", "b", "ab", "name", "é"]
STRINGS = ["", "a", "b", "ab", "abc", "name", "éa", "\n", "12", '"']
NUMBERS = [-3, -1, 0, 1, 2, 3, 5, 7, 10, 12, 100, 0.5, 1.5, -0.25, 2.0, 99.75]
PATTERNS = ["^a", "b$", "^[ab]{1,2}$", "[0-9]+", "^(a|b|name)$"]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


def value(depth=2):
    kind = draw.choice(["null", "boolean", "number", "string", "string", "number", "array", "object", "object"])
    if kind == "null":
        return None
    if kind == "boolean":
        return draw.choice([True, False])
    if kind == "number":
        return draw.choice(NUMBERS)
    if kind == "string":
        return draw.choice(STRINGS)
    if depth == 0:
        return draw.choice([1, "a", None])
    if kind == "array":
        return [value(depth - 1) for _ in range(draw.randint(0, 4))]
    return {name: value(depth - 1) for name in draw.sample(NAMES, draw.randint(0, 3))}


def schema(depth):
    if draw.random() < 0.06:
        return draw.choice([True, True, False])
    parts = {}
    if draw.random() < 0.75:
        types = draw.sample(TYPES, draw.choice([1, 1, 1, 2]))
        parts["type"] = types[0] if len(types) == 1 else types
    kinds = parts.get("type", TYPES)
    kinds = [kinds] if isinstance(kinds, str) else kinds
    maybe = lambda chance: draw.random() < chance
    if maybe(0.08):
        parts["enum"] = [value(1) for _ in range(draw.randint(1, 4))]
    if maybe(0.04):
        parts["const"] = value(1)
    if {"integer", "number"} & set(kinds):
        if maybe(0.3):
            parts[draw.choice(["minimum", "exclusiveMinimum"])] = draw.choice(NUMBERS)
        if maybe(0.3):
            parts[draw.choice(["maximum", "exclusiveMaximum"])] = draw.choice(NUMBERS)
        if maybe(0.1):
            parts["multipleOf"] = draw.choice([1, 2, 3, 5, 0.5, 0.25])
    if "string" in kinds:
        if maybe(0.3):
            parts["minLength"] = draw.randint(0, 2)
        if maybe(0.3):
            parts["maxLength"] = draw.randint(1, 4)
        if maybe(0.25):
            parts["pattern"] = draw.choice(PATTERNS)
    if "array" in kinds and depth:
        if maybe(0.6):
            parts["items"] = schema(depth - 1)
        if maybe(0.25):
            parts["prefixItems"] = [schema(depth - 1) for _ in range(draw.randint(1, 2))]
        if maybe(0.3):
            parts["minItems"] = draw.randint(0, 2)
        if maybe(0.3):
            parts["maxItems"] = draw.randint(1, 4)
        if maybe(0.15):
            parts["contains"] = schema(0)
    if "object" in kinds and depth:
        if maybe(0.8):
            parts["properties"] = {n: schema(depth - 1) for n in draw.sample(NAMES, draw.randint(1, 3))}
        if maybe(0.4):
            parts["required"] = draw.sample(NAMES, draw.randint(1, 2))
        if maybe(0.4):
            parts["additionalProperties"] = draw.choice([False, schema(depth - 1)])
        if maybe(0.15):
            parts["patternProperties"] = {draw.choice(PATTERNS): schema(depth - 1)}
        if maybe(0.1):
            parts["propertyNames"] = {"pattern": draw.choice(PATTERNS)}
        if maybe(0.15):
            parts["minProperties"] = draw.randint(1, 2)
        if maybe(0.15):
            parts["maxProperties"] = draw.randint(1, 3)
        if maybe(0.1):
            parts["dependentRequired"] = {draw.choice(NAMES): [draw.choice(NAMES)]}
    if depth:
        if maybe(0.1):
            parts["anyOf"] = [schema(depth - 1) for _ in range(2)]
        if maybe(0.08):
            parts["oneOf"] = [schema(depth - 1) for _ in range(2)]
        if maybe(0.08):
            parts["allOf"] = [schema(depth - 1) for _ in range(2)]
        if maybe(0.05):
            parts["not"] = schema(0)
        if maybe(0.04):
            parts["if"], parts["then"] = schema(0), schema(depth - 1)
    return parts


def near(schema):
    """A value that may well fulfil the schema."""
    if not isinstance(schema, dict):
        return value()
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw.choice(schema["enum"])
    kind = schema.get("type", draw.choice(TYPES))
    kind = kind if isinstance(kind, str) else draw.choice(kind)
    if kind == "object":
        names = set(schema.get("required", [])) | {n for n in schema.get("properties", {}) if draw.random() < 0.7}
        names |= {n for n in NAMES if draw.random() < 0.1}
        names = sorted(names)
        draw.shuffle(names)
        return {n: near(schema.get("properties", {}).get(n, schema.get("additionalProperties", {}))) for n in names}
    if kind == "array":
        prefix = schema.get("prefixItems", [])
        count = draw.randint(schema.get("minItems", 0), schema.get("maxItems", 4) + 1)
        return [near(prefix[i] if i < len(prefix) else schema.get("items", {})) for i in range(count)]
    if kind in ("integer", "number"):
        return draw.choice(NUMBERS)
    return {"null": None, "boolean": draw.choice([True, False]), "string": draw.choice(STRINGS)}[kind]


cases = []
while len(cases) < 300:
    candidate = schema(2)
    validator = Draft202012Validator(candidate)
    values, seen = [], set()
    for _ in range(12):
        item = near(candidate) if draw.random() < 0.7 else value()
        text = json.dumps(item, ensure_ascii=False)
        if text not in seen:
            seen.add(text)
            values.append([item, validator.is_valid(item)])
    if sum(valid for _, valid in values) in range(1, len(values)):
        cases.append({"schema": candidate, "values": values[:8]})

path = pathlib.Path(__file__).with_name("schemas.json")
record = {"jsonschema": version("jsonschema"), "cases": cases}
lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
path.write_text('{"jsonschema": "%s", "cases": [\n%s\n]}\n' % (record["jsonschema"], lines), encoding="utf-8")
print(len(cases), "schemas,", path.stat().st_size, "bytes")
