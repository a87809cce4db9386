"""How long one addition of business time takes, once a month's hours are compiled."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from statistics import median
from time import perf_counter_ns

from staff.businesstime import BusinessHours, add_business_time

STARTS = 5_000
AMOUNT = timedelta(hours=40)


def measure() -> dict[str, float]:
    """Add 40 business hours to instants spread over a year of a German office with a lunch break.

    Returns:
        ``starts``: how many instants; ``median_us``, ``p99_us``: microseconds an addition; ``first_us``: microseconds
        of the very first one, which compiles its month and reads the public holidays.
    """
    first, *times = [_nanoseconds_from(start) for start in _starts()]
    times.sort()
    return {
        "starts": STARTS,
        "median_us": round(median(times) / 1000, 2),
        "p99_us": round(times[len(times) * 99 // 100] / 1000, 2),
        "first_us": round(first / 1000, 2),
    }


def _nanoseconds_from(start: datetime) -> int:
    # Hours are made anew, as from rows: finding their compiled month again is part of the price.
    hours = _office()
    begin = perf_counter_ns()
    add_business_time(start, AMOUNT, hours)
    return perf_counter_ns() - begin


def _starts() -> list[datetime]:
    return [datetime(2026, 1, 1, tzinfo=UTC) + n * timedelta(minutes=97) for n in range(STARTS)]


def _office() -> BusinessHours:
    workday = ((time(9), time(12, 30)), (time(13, 15), time(17)))
    return BusinessHours("Europe/Berlin", (workday,) * 5 + ((), ()), country="DE", subdivision="BE")


if __name__ == "__main__":
    print(json.dumps(measure()))
