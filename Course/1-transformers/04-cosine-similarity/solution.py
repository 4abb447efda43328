import json
import math
import sys


def cosine_similarity(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))
    return dot / lengths if lengths else 0


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({"cosine": cosine_similarity(case["a"], case["b"])}))
