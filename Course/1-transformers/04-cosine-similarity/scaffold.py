import json
import sys


def cosine_similarity(a, b):
    # Your part: a number between -1 and 1.
    return None


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({"cosine": cosine_similarity(case["a"], case["b"])}))
