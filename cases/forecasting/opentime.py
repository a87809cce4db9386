"""Business time as a table: one department's open stretches around an instant, for reckoning thousands of times.

``staff.businesstime`` is the rule, a test holds this against it. Here an instant is a float, seconds since 1970 in UTC,
and an amount is a float, seconds of business time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from math import inf

from staff.businesstime import BusinessHours, business_time_between, open_stretches

BACK, AHEAD = timedelta(days=400), timedelta(days=400)

Stretch = tuple[float, float]


class OpenTime:
    """The stretches in which somebody works, in order and apart; some time before the present until some time ahead."""

    def __init__(self, stretches: Iterable[Stretch], begins: float, hours: BusinessHours):
        stretches = list(stretches)
        self._hours, self._begins = hours, begins
        self._opens = [opens for opens, _ in stretches]
        self._closes = [closes for _, closes in stretches]
        # Open seconds up to the end of each stretch.
        self._passed = list(accumulate(closes - opens for opens, closes in stretches))

    @classmethod
    def around(cls, now: datetime, hours: BusinessHours) -> OpenTime:
        """A department's open time from 400 days before ``now`` (aware datetime) until 400 days after it."""
        return _around(now.astimezone(UTC).date(), hours)

    @classmethod
    def from_to(cls, begin: datetime, end: datetime, hours: BusinessHours) -> OpenTime:
        """A department's open time between two aware datetimes."""
        stretches = [(opens.timestamp(), closes.timestamp()) for opens, closes in open_stretches(begin, end, hours)]
        return cls(stretches, begin.timestamp(), hours)

    def passed(self, instant: float) -> float:
        """Open seconds from the table's beginning to an instant; negative before it."""
        if instant < self._begins:
            return -business_time_between(_at(instant), _at(self._begins), self._hours).total_seconds()
        latest = bisect_right(self._opens, instant) - 1
        if latest < 0:
            return 0.0
        return self._passed[latest] - max(self._closes[latest] - instant, 0.0)

    def between(self, a: float, b: float) -> float:
        """How much open time passes from one instant to another."""
        return self.passed(b) - self.passed(a)

    def later(self, start: float, amount: float) -> float:
        """The earliest instant by which so much open time has passed; infinity where the table ends before it.

        Args:
            start: within the table.
        """
        return start if amount <= 0 else self.when(self.passed(start) + amount)

    def when(self, passed: float) -> float:
        """The earliest instant by which so much open time has passed since the table's beginning, see ``later``."""
        within = bisect_left(self._passed, passed)
        if within == len(self._passed):
            return inf
        return self._closes[within] - (self._passed[within] - passed)

    def without(self, away: Iterable[Stretch]) -> OpenTime:
        """The same less some times in which nobody works; the past must stay as it is."""
        away = apart(away)
        if not away:
            return self
        left = []
        for opens, closes in zip(self._opens, self._closes, strict=True):
            for gone, back in away:
                if back <= opens or gone >= closes:
                    continue
                if gone > opens:
                    left.append((opens, gone))
                opens = back
                if opens >= closes:
                    break
            if opens < closes:
                left.append((opens, closes))
        return OpenTime(left, self._begins, self._hours)


def apart(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in stretches that neither touch nor overlap, in order; those without length are gone."""
    found: list[Stretch] = []
    for begin, end in sorted(stretches):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def common(groups: Iterable[Iterable[Stretch]]) -> list[Stretch]:
    """The time in which all of these are: everybody's stretches, one group a person."""
    found: list[Stretch] | None = None
    for group in groups:
        theirs = apart(group)
        if found is None:
            found = theirs
            continue
        pairs = ((max(a, c), min(b, d)) for a, b in found for c, d in theirs)
        found = apart(pair for pair in pairs if pair[0] < pair[1])
    return found or []


# A desk has few calendars; each is compiled once a day and process.
@lru_cache(maxsize=128)
def _around(day: date, hours: BusinessHours) -> OpenTime:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return OpenTime.from_to(noon - BACK, noon + AHEAD, hours)


def _at(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
