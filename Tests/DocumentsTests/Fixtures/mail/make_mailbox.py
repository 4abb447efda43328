"""Writes a mailbox of many messages to standard output, the same each time.

    python3 make_mailbox.py [COUNT] > big.mbox
"""
import random
import sys

count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
draw = random.Random(30)
people = [f"{first} {last}" for first in ("Ada", "Carl", "Mei", "Olga", "Ravi") for last in ("Berg", "Ito", "Novak", "Reed")]
things = "ladder crane bridge gauge harbour mast rope lantern pump gate anchor winch".split()
acts = "inspected repaired painted moved sold measured insured replaced".split()
days = "Mon Tue Wed Thu Fri Sat Sun".split()
months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
out = sys.stdout
for number in range(count):
    sender = draw.choice(people)
    address = sender.lower().replace(" ", ".") + "@example.org"
    thing, act = draw.choice(things), draw.choice(acts)
    date = f"{draw.randint(1, 28):02} {draw.choice(months)} {draw.randint(2005, 2024)} {draw.randint(0, 23):02}:30:00 +0000"
    sentences = [
        f"The {draw.choice(things)} number {draw.randint(1, 999)} was {draw.choice(acts)} by {draw.choice(people)} "
        f"for {draw.randint(10, 9000)} euros." for _ in range(draw.randint(2, 8))]
    out.write(f"From {address} Thu Jan  1 00:00:00 2024\n")
    out.write(f"From: {sender} <{address}>\nTo: office@example.net\nDate: {date}\nMessage-ID: <{number}@example.org>\n")
    out.write(f"Subject: The {thing} is to be {act}, case {number}\n")
    if number % 3:
        out.write(f"In-Reply-To: <{number // 3 * 3}@example.org>\n")
    out.write("\n" + " ".join(sentences[:4]) + "\n")
    if number % 3:
        out.write(f"\nOn Monday {draw.choice(people)} wrote:\n> " + "\n> ".join(sentences[4:] or ["See above."]) + "\n")
    out.write("\n")
