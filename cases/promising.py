"""Plain times to promise, worked out from the hours of whoever owes. Values in, values out: no models.

What cannot be kept is not among them: no "today" within the last hour, no "tomorrow morning" on a closed day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils import dateformat

from staff.businesstime import (
    BusinessHours,
    add_business_days,
    add_business_time,
    business_time_between,
    is_open,
    next_open,
    open_stretches,
)

# So much open time has to lie ahead of a promise, and behind what it hangs on: somebody has to pass it on.
MARGIN = timedelta(hours=1)
WORKING_DAYS = 2
FURTHEST_MORNING = 31  # days
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True)
class Choice:
    """One plain time.

    Attributes:
        name: ``today``, ``morning`` or ``working_days``.
        due_at: aware datetime, UTC.
        zone: IANA name of the zone in which the plain words are true.
    """

    name: str
    due_at: datetime
    zone: str


def choices(now: datetime, hours: BusinessHours) -> list[Choice]:
    """The plain times that can be promised now, the earliest first.

    Args:
        now: aware datetime.
        hours: the hours of whoever owes.
    """
    zone = ZoneInfo(hours.zone)
    found = (
        ("today", _end_of_today(now, hours, zone)),
        ("morning", _next_morning(now, hours, zone)),
        ("working_days", at_a_full_hour(_past_opening(add_business_days(now, WORKING_DAYS, hours), hours), hours)),
    )
    return sorted((Choice(name, due_at, hours.zone) for name, due_at in found if due_at), key=lambda one: one.due_at)


def in_hours(instant: datetime, hours: BusinessHours) -> bool:
    """Whether something due at this instant is due while the desk is open; its closing moment still is.

    Args:
        instant: aware datetime.
    """
    return is_open(instant, hours) or is_open(instant - _TICK, hours)


def soonest(now: datetime, hours: BusinessHours) -> datetime:
    """The next time that can be promised at all: an hour after now, or after the desk opens again. UTC."""
    return at_a_full_hour(add_business_time(next_open(now, hours), MARGIN, hours), hours)


def after(date: datetime, now: datetime, hours: BusinessHours) -> datetime:
    """The first time by which something of this date can have been passed on: an open hour after it. UTC.

    Args:
        date: when it is there, such as a department's date; aware datetime.
        now: aware datetime; what is past is passed on from now.
    """
    return soonest(max(date, now), hours)


def in_touch_by(wished: datetime, now: datetime, hours: BusinessHours) -> datetime:
    """When one can honestly say to be in touch: at the time that was wished for if the desk is open then, else after it
    has opened again. UTC."""
    if wished > now and in_hours(wished, hours):
        return wished
    return soonest(max(wished, now), hours)


def at_a_full_hour(due_at: datetime, hours: BusinessHours) -> datetime:
    """The next full hour of the desk's clock, or the closing before it; what is due at a closing stays. UTC."""
    odd = due_at.astimezone(ZoneInfo(hours.zone))
    past = timedelta(minutes=odd.minute, seconds=odd.second, microseconds=odd.microsecond)
    if not past:
        return due_at
    full = due_at - past + timedelta(hours=1)
    if in_hours(full, hours):
        return full
    return next((closes for _opens, closes in open_stretches(due_at, full, hours)), due_at)


# -- words -------------------------------------------------------------------------------------------------------------


def plainly(choice: Choice, now: datetime, zone: tzinfo) -> str:
    """A choice in words: "Today by 17:00", "Tomorrow morning, Wed 12:00", "In two working days, Thu 10:00".

    Where the reader's clock shows another time than the desk's, a morning there may be none here: then day and time.

    Args:
        zone: the reader's.
    """
    at, there = choice.due_at.astimezone(zone), choice.due_at.astimezone(ZoneInfo(choice.zone))
    today = now.astimezone(zone).date()
    if choice.name == "today":
        return f"{_day_word(at, today)} by {_clock(at)}"
    if choice.name == "morning" and at.utcoffset() == there.utcoffset():
        days = (at.date() - today).days
        day = "Tomorrow" if days == 1 else dateformat.format(at, "l" if days < 7 else "l j F")
        return f"{day} morning, {_short(at, today)}"
    return f"In two working days, {_short(at, today)}" if choice.name == "working_days" else _short(at, today)


def on_their_clock(due_at: datetime, reader: tzinfo, theirs: tzinfo | None) -> str:
    """The time as the customer's clock shows it, where it differs from the reader's: "06:00", on another day
    "Tue 23:00"; else empty."""
    if theirs is None:
        return ""
    here, there = due_at.astimezone(reader), due_at.astimezone(theirs)
    if here.replace(tzinfo=None) == there.replace(tzinfo=None):
        return ""
    return f"{there:%H:%M}" if here.date() == there.date() else _short(there, here.date())


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of this name; none where there is no such zone, or the name is empty."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None


def _short(at: datetime, today: date) -> str:
    return f"{dateformat.format(at, 'D' if (at.date() - today).days < 7 else 'D j M')} {at:%H:%M}"


def _clock(at: datetime) -> str:
    return "midnight" if at.time() == time(0) else f"{at:%H:%M}"


def _day_word(at: datetime, today: date) -> str:
    """Midnight ends the day before it."""
    days = ((at - _TICK).date() - today).days
    return {0: "Today", 1: "Tomorrow"}.get(days) or dateformat.format(at, "l")


# -- steps -------------------------------------------------------------------------------------------------------------


def _end_of_today(now: datetime, hours: BusinessHours, zone: ZoneInfo) -> datetime | None:
    begin, over = _bounds(now.astimezone(zone).date(), zone)
    closes = max((closes for _opens, closes in open_stretches(begin, over, hours)), default=None)
    return closes if closes and business_time_between(now, closes, hours) > MARGIN else None


def _next_morning(now: datetime, hours: BusinessHours, zone: ZoneInfo) -> datetime | None:
    """By noon of the next working day, or by the end of the block that closes before; none if it has no morning."""
    for day in _days_after(now.astimezone(zone).date()):
        begin, over = _bounds(day, zone)
        if not any(open_stretches(begin, over, hours)):
            continue
        noon = datetime.combine(day, time(12), zone).astimezone(UTC)
        closes = max((closes for _opens, closes in open_stretches(begin, noon, hours)), default=None)
        return closes if closes and business_time_between(begin, closes, hours) >= MARGIN else None
    return None


def _past_opening(due_at: datetime, hours: BusinessHours) -> datetime:
    """Nobody keeps a promise in the moment in which they come in."""
    return due_at if is_open(due_at - _TICK, hours) else add_business_time(due_at, MARGIN, hours)


def _days_after(day: date) -> Iterator[date]:
    return (day + n * _DAY for n in range(1, FURTHEST_MORNING + 1))


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From midnight to midnight on the desk's clock. UTC."""
    first, last = (datetime.combine(day + n * _DAY, time(0), zone).astimezone(UTC) for n in (0, 1))
    return first, last
