"""Keeps each calendar's open stretches as rows around the present, for the database's own business time.

Whoever changes a calendar, and however: the next look sees that its rows are of other hours, and writes them anew.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta

from django.db import transaction

from staff.businesstime import BusinessHours, open_stretches
from staff.models import Calendar, Opening

log = logging.getLogger(__name__)

BACK, AHEAD = timedelta(days=400), timedelta(days=200)
# Written anew before the present comes nearer to an end than this.
MARGIN = timedelta(days=100)


def keep(now: datetime) -> int:
    """See that every calendar's rows are of its present hours and reach far enough around ``now``.

    What they reached before they still reach: a log of years ago and this day can be looked at in turn.

    Args:
        now: aware datetime.

    Returns:
        how many calendars were written anew.
    """
    return sum(_keep(calendar, now) for calendar in Calendar.objects.all())


def _keep(calendar: Calendar, now: datetime) -> bool:
    try:
        return not _is_kept(calendar, now) and _write(calendar.pk, now)
    except ValueError as wrong:
        # One that was spoilt behind our back must not keep the others waiting.
        log.error("The calendar %s cannot be reckoned with: %s", calendar, wrong)
        return False


def _is_kept(calendar: Calendar, now: datetime) -> bool:
    return (
        calendar.openings_from is not None
        and calendar.openings_from <= now - MARGIN
        and calendar.openings_until >= now + MARGIN
        and calendar.openings_of == _key(calendar.hours)
    )


@transaction.atomic
def _write(pk: int, now: datetime) -> bool:
    calendar = Calendar.objects.select_for_update().get(pk=pk)
    if _is_kept(calendar, now):
        return False
    begin, end = now - BACK, now + AHEAD
    if calendar.openings_from is not None:
        begin, end = min(begin, calendar.openings_from), max(end, calendar.openings_until)
    rows, before = [], 0
    for opens, closes in open_stretches(begin, end, calendar.hours):
        rows.append(Opening(calendar=calendar, opens_at=opens, closes_at=closes, before=before))
        before += int((closes - opens).total_seconds())
    Opening.objects.filter(calendar=calendar).delete()
    Opening.objects.bulk_create(rows, batch_size=1000)
    calendar.openings_of, calendar.openings_from, calendar.openings_until = _key(calendar.hours), begin, end
    calendar.save(update_fields=["openings_of", "openings_from", "openings_until"])
    return True


def _key(hours: BusinessHours) -> str:
    """The same for equal hours in every process."""
    parts = (hours.zone, hours.week, hours.country, hours.subdivision, sorted(hours.closed_days), hours.open_days)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
