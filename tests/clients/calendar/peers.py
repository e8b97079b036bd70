"""Asks Orilla's calendar and independent ones the same: `workclock` for opening hours, `dateutil` for yearly rules.

Takes the program that answers, a seed, and how many questions of each kind; prints how many were asked and where the answers differ.
With `--lunch-late` Orilla's lunch is moved by a quarter of an hour: then they have to differ.
"""

import json
import random
import subprocess
import sys
from datetime import date, datetime, time, timedelta, timezone

from dateutil.rrule import rrulestr
from workclock import Break, Holidays, Schedule, WorkDay

program, seed, count, *switches = sys.argv[1:]
dice = random.Random(int(seed))
count = int(count)
UTC = timezone.utc
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
# Each with the beginnings of some days before its clocks change, and the hours of the night that may not exist.
ZONES = {
    "Europe/Madrid": ("2026-03-26 2026-10-22 2027-03-25", (2, 3)),
    "America/New_York": ("2026-03-05 2026-10-29 2028-03-09", (2, 3)),
    "Australia/Lord_Howe": ("2026-04-02 2026-10-01 2027-10-01", (2, 3)),
    "America/Havana": ("2026-03-05 2026-10-29", (0, 1)),
    "Africa/Casablanca": ("2026-02-12 2026-03-19", (2, 3)),
    "Pacific/Chatham": ("2026-04-02 2026-09-24", (2, 4)),
    "Asia/Kathmandu": ("2026-03-26", (0, 0)),
    "America/Bogota": ("2026-10-22", (0, 0)),
    "UTC": ("2026-12-28", (0, 0)),
}


def clock(gap):
    """A time of day, none within an hour that the clocks may pass over: there Orilla means the jump, and workclock as long after it."""
    while True:
        minutes = dice.randrange(0, 24 * 60, 15)
        if not gap[0] * 60 < minutes < gap[1] * 60:
            return time(minutes // 60, minutes % 60)


def spans(how_many, gap):
    return [(sorted(dice.sample(range(7), dice.randint(1, 7))), clock(gap), clock(gap)) for _ in range(how_many)]


def hours(spans, later=0):
    def shown(at):
        return (datetime.combine(date(2026, 1, 1), at) + timedelta(minutes=later)).strftime("%H:%M")

    return [{"days": [DAYS[day] for day in days], "from": shown(begin), "to": shown(end)} for days, begin, end in spans]


def rfc3339(at):
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def question():
    """A question about opening hours, and workclock's answer."""
    zone = dice.choice(list(ZONES))
    weeks, gap = ZONES[zone]
    first = date.fromisoformat(dice.choice(weeks.split()))
    if dice.random() < 0.5:
        # As most people work: a morning and an afternoon, and lunch taken out of a long day.
        shifts = [(list(range(5)), time(9), time(14)), (list(range(4)), time(16), time(19)), ([5], time(10), time(18))]
        breaks = [(list(range(7)), time(13), time(13, 45))]
    else:
        shifts, breaks = spans(dice.randint(1, 3), gap), spans(dice.randint(0, 2), gap)
    holidays = sorted({first + timedelta(days=dice.randrange(12)) for _ in range(dice.randrange(4))})
    rules = [WorkDay(begin, end, days) for days, begin, end in shifts] + [Break(begin, end, days) for days, begin, end in breaks]
    schedule = Schedule(rules + ([Holidays(holidays)] if holidays else []), time_zone=zone)
    definition = {
        "time_zone": zone,
        "hours": hours(shifts),
        "breaks": hours(breaks, 15 if "--lunch-late" in switches else 0),
        "holidays": [{"from": str(day), "to": str(day)} for day in holidays],
    }
    at = datetime.combine(first, time(0), UTC) + timedelta(seconds=dice.randrange(6 * 86_400))
    seconds = dice.randrange(1, 60 * 3_600)
    ask = dice.choice(["after", "before", "between", "next_opening"])
    asked = {"definition": definition, "ask": ask, "at": rfc3339(at), "seconds": seconds}
    if ask == "after":
        answer = rfc3339(schedule.add(at, seconds=seconds))
    elif ask == "before":
        answer = rfc3339(schedule.sub(at, seconds=seconds))
    elif ask == "next_opening":
        answer = rfc3339(schedule.next_period(at)[0])
    else:
        to = at + timedelta(seconds=dice.randrange(14 * 86_400))
        asked["to"] = rfc3339(to)
        answer = int(schedule.between(at, to).total_seconds())
    return asked, answer


def rule():
    """A feed with one yearly rule, and dateutil's answer."""
    first = date(2015, 1, 1) + timedelta(days=dice.randrange(4_000))
    parts = ["FREQ=YEARLY"]
    if dice.random() < 0.3:
        parts.append(f"INTERVAL={dice.randint(1, 4)}")
    if dice.random() < 0.6:
        parts.append("BYMONTH=" + ",".join(str(month) for month in sorted(dice.sample(range(1, 13), dice.randint(1, 3)))))
    kind = dice.random()
    if kind < 0.3:
        parts.append("BYMONTHDAY=" + ",".join(str(dice.choice([-31, -2, -1, 1, 6, 15, 29, 30, 31])) for _ in range(2)))
        if dice.random() < 0.3:
            parts.append("BYDAY=FR,SA")
    elif kind < 0.7:
        parts.append("BYDAY=" + dice.choice(["4TH", "-1MO", "1MO,3MO", "2SU", "5FR", "TU", "-2WE,1SA"]))
    if dice.random() < 0.3:
        parts.append(f"COUNT={dice.randint(1, 60)}")
    elif dice.random() < 0.3:
        parts.append(f"UNTIL={(first + timedelta(days=dice.randrange(6_000))).strftime('%Y%m%d')}")
    text = ";".join(parts)
    begin = first.strftime("%Y%m%d")
    feed = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{begin}\r\nRRULE:{text}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    dates = rrulestr(text, dtstart=datetime.combine(first, time(0))).between(datetime(2026, 1, 1), datetime(2030, 12, 31), inc=True)
    asked = {"feed": feed, "from": "2026-01-01", "to": "2030-12-31"}
    return asked, [str(at.date()) for at in dates]


def questions():
    made = 0
    while made < count:
        try:
            yield question()
            made += 1
        except Exception as error:
            # Hours that are all lunch: workclock has no answer, and Orilla's is the wall clock.
            if type(error).__name__ != "NoWorkingTimeError":
                raise
    for _ in range(count // 4):
        yield rule()


asked = list(questions())
lines = "".join(json.dumps(question) + "\n" for question, _ in asked)
answers = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
assert len(answers) == len(asked), f"{len(answers)} answers to {len(asked)} questions"
differ = []
for (question, expect), line in zip(asked, answers):
    answer = json.loads(line)
    if "feed" in question and "holidays" in answer:
        answer = [holiday["from"] for holiday in answer["holidays"]]
    if answer != expect:
        differ.append({"question": question, "orilla": answer, "peer": expect})
print(json.dumps({"asked": len(asked), "differing": len(differ), "differ": differ[:3]}))
