"""The demo's times, in words and in working hours: ``2d 3h ago``, ``in 50m``.

A story is told backwards from the moment the demo is made, in office hours: ``40m ago`` is this afternoon on a Tuesday
at three, and Friday's last forty minutes on a Saturday night. So nothing was ever promised for a Sunday, whenever a
visitor comes: what is late has been late since the office was open, what is soon is soon after it opens again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from staff.businesstime import BusinessHours, add_business_time, business_time_between

WORKING_DAY = timedelta(hours=8)
_UNITS = {"d": WORKING_DAY, "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_WORDS = re.compile(r"(?P<ahead>in )?(?P<amount>\d+[dhm](?: \d+[dhm])*)(?P<past> ago)?")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Diary:
    """When things happened, seen from one moment.

    Attributes:
        now: aware datetime; nothing that has happened lies after it.
        hours: the office's hours, in which all distances are counted.
    """

    now: datetime
    hours: BusinessHours

    def at(self, words: str) -> datetime:
        """The instant that the words mean, a whole minute: ``2d 3h ago``, ``in 1h 30m``; a day is eight hours.

        Raises:
            ValueError: other words.
        """
        match = _WORDS.fullmatch(words)
        if match is None or bool(match["ahead"]) == bool(match["past"]):
            raise ValueError(f"“{words}” is no time: say “2d 3h ago” or “in 50m”.")
        amount = sum((int(part[:-1]) * _UNITS[part[-1]] for part in match["amount"].split()), timedelta())
        if match["past"]:
            return business_time_before(self.now, amount, self.hours)
        return add_business_time(_whole_minute(self.now), amount, self.hours)

    def due(self, words: str) -> datetime:
        """The same as people promise it, at a multiple of five minutes: earlier if past, later if still ahead."""
        instant = self.at(words)
        odd = timedelta(minutes=instant.minute % 5)
        if not odd:
            return instant
        return instant - odd if words.endswith("ago") else instant - odd + timedelta(minutes=5)


def business_time_before(end: datetime, amount: timedelta, hours: BusinessHours) -> datetime:
    """The latest whole minute from which at least an amount of business time passes until the end.

    Args:
        end: aware datetime.
        amount: timedelta of business time, not negative.
        hours: the hours to count in.

    Returns:
        Aware datetime, UTC where ``end`` is.
    """
    late = _whole_minute(end)
    step = max(amount, timedelta(hours=1))
    early = late - step
    while business_time_between(early, end, hours) < amount:
        step *= 2
        early = late - step
    # Halve the minutes between one that is far enough back and one that may not be.
    minutes = (late - early) // _MINUTE
    enough, too_few = 0, minutes + 1
    while too_few - enough > 1:
        middle = (enough + too_few) // 2
        if business_time_between(early + middle * _MINUTE, end, hours) >= amount:
            enough = middle
        else:
            too_few = middle
    return early + enough * _MINUTE


def _whole_minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
