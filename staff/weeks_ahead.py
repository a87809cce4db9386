"""The next four weeks as some hours would have them, day by day. Values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from staff.businesstime import BusinessHours, open_stretches, public_holiday

DAYS = 28
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """One local date.

    Attributes:
        stretches: (opening, closing), aware datetimes in the hours' zone; a closing at midnight is the next date's.
        why: what makes it other than its weekday, in words; empty: nothing does.
        changed: it is open at other times than in the hours that it was compared with.
    """

    date: date
    stretches: tuple[tuple[datetime, datetime], ...]
    why: str
    changed: bool

    @property
    def words(self) -> str:
        """``09:00–12:30, 13:15–17:00``; empty: closed."""
        return ", ".join(f"{opens:%H:%M}–{self._closing(closes)}" for opens, closes in self.stretches)

    @property
    def lasts(self) -> timedelta:
        # In UTC: local times of one zone are subtracted as if no clock ever changed.
        return sum((closes.astimezone(UTC) - opens.astimezone(UTC) for opens, closes in self.stretches), timedelta())

    def _closing(self, closes: datetime) -> str:
        return f"{closes:%H:%M}" if closes.date() == self.date else "24:00"


@dataclass(frozen=True)
class Week:
    """The days of one week, Monday to Sunday; the first and the last may be cut."""

    days: tuple[Day, ...]

    @property
    def lasts(self) -> timedelta:
        return sum((day.lasts for day in self.days), timedelta())

    @property
    def words(self) -> str:
        """How long it is open in all: ``37 h 30``."""
        hours, minutes = divmod(int(self.lasts.total_seconds()) // 60, 60)
        return f"{hours}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{minutes:02}" if minutes else "")


def weeks_ahead(hours: BusinessHours, now: datetime, *, instead_of: BusinessHours | None = None) -> tuple[Week, ...]:
    """Four weeks from the local date of ``now`` on.

    Args:
        now: aware datetime.
        instead_of: the hours to compare with; None: nothing counts as changed.

    Returns:
        in order; open and closed is what really happens, also on a date on which the clocks change.
    """
    zone = ZoneInfo(hours.zone)
    today = now.astimezone(zone).date()
    days = [_day(hours, today + n * _DAY, zone, instead_of) for n in range(DAYS)]
    return tuple(Week(tuple(week)) for _, week in groupby(days, key=lambda day: day.date.isocalendar()[:2]))


def _day(hours: BusinessHours, day: date, zone: ZoneInfo, instead_of: BusinessHours | None) -> Day:
    # A midnight that the clock skips is read as the moment of the jump (PEP 495, fold=0).
    begin, end = (datetime.combine(midnight, time(0), zone) for midnight in (day, day + _DAY))
    stretches = tuple(open_stretches(begin, end, hours))
    before = stretches if instead_of is None else tuple(open_stretches(begin, end, instead_of))
    local = tuple((opens.astimezone(zone), closes.astimezone(zone)) for opens, closes in stretches)
    return Day(day, local, _why(hours, day, begin, end), stretches != before)


def _why(hours: BusinessHours, day: date, begin: datetime, end: datetime) -> str:
    reasons = [_own_day(hours, day), public_holiday(day, hours)]
    shift = end.utcoffset() - begin.utcoffset()
    if shift:
        reasons.append("the clocks go forward" if shift > timedelta() else "the clocks go back")
    return ", ".join(reason for reason in reasons if reason)


def _own_day(hours: BusinessHours, day: date) -> str:
    if any(own == day for own, _ in hours.open_days):
        return "own open day"
    return "own closed day" if day in hours.closed_days else ""
