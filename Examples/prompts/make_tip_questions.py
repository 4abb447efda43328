"""Writes tip-questions.jsonl: bills and percentages, with the tip. The first one is that of the textbooks."""

import json
import random
from decimal import Decimal
from pathlib import Path

COUNT = 100

random.seed(1)
questions = [(Decimal("47.50"), 15)]
while len(questions) < COUNT:
    question = (Decimal(random.randrange(20, 401)) / 2, random.choice([10, 15, 18, 20]))
    if question not in questions:
        questions.append(question)

with Path(__file__).with_name("tip-questions.jsonl").open("w") as file:
    for bill, percent in questions:
        tip = bill * percent / 100
        row = {"bill": f"{bill:.2f}", "percent": percent, "tip": float(tip)}
        file.write(json.dumps(row) + "\n")
