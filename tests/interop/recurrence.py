"""What python-dateutil makes of recurring events.

Reads a JSON list of series on the standard input and prints, for each, the
original starts within its horizon as Google's ids end. dateutil knows no time
zones here: it counts on the clock on the wall, and the clock is turned into UTC
at the end.
"""

import datetime as dt
import json
import sys
import zoneinfo

try:
    from dateutil import rrule
except ImportError:
    sys.exit("dateutil is missing: run 'apt-get install python3-dateutil', or tests/run, which does it")

UTC = dt.timezone.utc
# Where dateutil gives up a rule that names no day at all; its own year is 9999.
dt.MAXYEAR = 2050


def read(text):
    form = "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"
    return dt.datetime.strptime(text, form)


def wall(text, zone):
    """A date or time of a line on the series' clock on the wall."""
    if text.endswith("Z"):
        return read(text[:-1]).replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None, fold=0)
    return read(text)


def rule(text, first, zone):
    parts = dict(part.split("=") for part in text.split(";"))
    until = parts.get("UNTIL")
    if until is not None:
        end = wall(until, zone)
        if "T" not in until and zone is not None:
            # Google counts the whole day.
            end = end.replace(hour=23, minute=59, second=59)
        parts["UNTIL"] = end.strftime("%Y%m%dT%H%M%S")
    return rrule.rrulestr(";".join(f"{key}={value}" for key, value in parts.items()), dtstart=first)


def original(time, zone):
    if zone is None:
        return time.strftime("%Y%m%d")
    # fold=0: a skipped time counts with the offset before the gap, a repeated one is the first.
    return time.replace(tzinfo=zone, fold=0).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def starts(series):
    zone = None if series["zone"] is None else zoneinfo.ZoneInfo(series["zone"])
    first = wall(series["start"], zone)
    rules = rrule.rruleset()
    # Google shows the start of a series whether its rule names it or not.
    rules.rdate(first)
    for line in series["lines"]:
        head, value = line.split(":", 1)
        name = head.split(";")[0]
        if name in ("RRULE", "EXRULE"):
            getattr(rules, name.lower())(rule(value, first, zone))
        else:
            for date in value.split(","):
                getattr(rules, name.lower())(wall(date, zone))
    margin = dt.timedelta(days=2)
    around = rules.between(read(series["from"]) - margin, read(series["to"]) + margin, inc=True)
    found = sorted({original(time, zone) for time in around})
    return [text for text in found if series["from"] <= text[:8] < series["to"]]


print(json.dumps([starts(series) for series in json.load(sys.stdin)]))
