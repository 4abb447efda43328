import json
import math
import sys


def cosine_similarity(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    return dot


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({"cosine": cosine_similarity(case["a"], case["b"])}))
