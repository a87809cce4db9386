"""When somebody who writes now hears from a person: the truth about today, for the default department's hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from staff.businesstime import BusinessHours, add_business_time

# Whoever reads the page needs a while to write.
TIME_TO_WRITE = timedelta(minutes=15)
_HALF_HOUR = 1800


def latest_for_today(now: datetime, hours: BusinessHours) -> datetime | None:
    """Until when one can write and still be answered today.

    Args:
        now: aware datetime.
        hours: the hours of the department that answers.

    Returns:
        Aware datetime, UTC, down to five minutes; none when writing soon is too late for today.
    """
    zone = ZoneInfo(hours.zone)
    today = now.astimezone(zone).date()

    def answered_today(minutes: int) -> bool:
        due = add_business_time(now + timedelta(minutes=minutes), settings.FIRST_ANSWER_WITHIN, hours)
        return due.astimezone(zone).date() == today

    soon = int(TIME_TO_WRITE.total_seconds()) // 60
    if not answered_today(soon):
        return None
    # Later writing never means an earlier answer, so halving finds the last minute.
    yes, no = soon, 24 * 60
    while no - yes > 1:
        half = (yes + no) // 2
        yes, no = (half, no) if answered_today(half) else (yes, half)
    return _rounded_down(now + timedelta(minutes=yes))


def answered_by(now: datetime, hours: BusinessHours) -> datetime:
    """By when whoever writes soon is answered: the half-hour after it is due. Aware datetime, in the hours' zone."""
    due = add_business_time(now + TIME_TO_WRITE, settings.FIRST_ANSWER_WITHIN, hours)
    seconds = -(-int(due.timestamp()) // _HALF_HOUR) * _HALF_HOUR
    return datetime.fromtimestamp(seconds, ZoneInfo(hours.zone))


def _rounded_down(instant: datetime) -> datetime:
    return instant.replace(minute=instant.minute // 5 * 5, second=0, microsecond=0)
