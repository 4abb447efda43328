#!/usr/bin/env python3
"""Writes orders.jsonl and orders-held-out.jsonl: sentences in which somebody orders something, and the line of a packing
list that follows from each. No sentence of the second file stands in the first; names and things of both are the same."""
import json
import os
import random

THINGS = dict(kettle="kettles", lamp="lamps", ladder="ladders", rope="ropes", stove="stoves", tent="tents", axe="axes",
              bucket="buckets", blanket="blankets", compass="compasses", hammer="hammers", candle="candles")
CITIES = ["Oslo", "Porto", "Ghent", "Turin", "Malmo", "Lyon", "Graz", "Cork", "Riga", "Basel"]
PEOPLE = ["Anna Berg", "Tom Reed", "Mia Novak", "Luis Prado", "Eva Lind", "Paul Klein", "Sara Costa", "Jan Vos"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
SENTENCES = [
    "{person} from {city} needs {things} by {day}.",
    "Please send {things} to {person} in {city}, at the latest on {day}.",
    "On {day} {person} would like to have {things}; the address is in {city}.",
    "{city}: {things} for {person}, {day}.",
    "Could you bring {person} {things} before {day}? It goes to {city}.",
    "We promised {person} of {city} {things} for {day}.",
]


def order(random):
    number = random.randint(1, 10)
    thing = random.choice(sorted(THINGS))
    person, city, day = random.choice(PEOPLE), random.choice(CITIES), random.choice(DAYS)
    things = f"{NUMBERS[number - 1]} {thing if number == 1 else THINGS[thing]}"
    sentence = random.choice(SENTENCES).format(person=person, city=city, day=day, things=things)
    surname = person.split()[-1].upper()
    return dict(instruction=sentence[0].upper() + sentence[1:],
                output=f"{day[:3].upper()} | {city} | {number} x {thing} | {surname}")


def main():
    source = random.Random(20261130)
    orders = {}
    while len(orders) < 300:
        made = order(source)
        orders[made["instruction"]] = made
    orders = list(orders.values())
    folder = os.path.dirname(os.path.abspath(__file__))
    for name, rows in (("orders.jsonl", orders[:240]), ("orders-held-out.jsonl", orders[240:])):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
