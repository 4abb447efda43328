"""Reads the station's nest log and works out when eggs hatch and young fly.

The log is a file of comma-separated values with the columns box, date, adults, eggs, young, remarks.
"""

import csv
import datetime
from collections import defaultdict

# Both parents take turns on the eggs; the last egg counts.
INCUBATION_DAYS = 20

# In fine weather. A cold July adds up to two weeks, see delay_for_weather.
NESTLING_DAYS = 42


def read_visits(path):
    """All visits by box, in the order of their dates."""
    visits = defaultdict(list)
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            date = datetime.date.fromisoformat(row["date"])
            visits[int(row["box"])].append((date, int(row["eggs"]), int(row["young"])))
    for box in visits.values():
        box.sort()
    return visits


def date_of_last_egg(box_visits):
    """The day on which the clutch reached its full size, or None for an empty box."""
    largest = max((eggs for _, eggs, _ in box_visits), default=0)
    if largest == 0:
        return None
    return next(date for date, eggs, _ in box_visits if eggs == largest)


def delay_for_weather(rain_days):
    """Days that rain adds to the time in the nest: half a day for each wet day, fourteen at most."""
    return min(14, rain_days // 2)


def expected_flight(box_visits, rain_days=0):
    """The day on which the young of a box should fly."""
    last_egg = date_of_last_egg(box_visits)
    if last_egg is None:
        return None
    days = INCUBATION_DAYS + NESTLING_DAYS + delay_for_weather(rain_days)
    return last_egg + datetime.timedelta(days=days)


def overdue(visits, today, rain_days=0):
    """Boxes whose young should have flown a week ago and are still seen: someone should look."""
    boxes = []
    for box, box_visits in visits.items():
        flight = expected_flight(box_visits, rain_days)
        still_there = box_visits[-1][2] > 0
        if flight is not None and still_there and (today - flight).days > 7:
            boxes.append(box)
    return sorted(boxes)
