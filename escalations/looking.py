"""Where the rules look, and from when on: what the sweep and the look back over the past share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection

from escalations.rules import Wish

ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


class Window(NamedTuple):
    """Two aware datetimes."""

    since: datetime
    until: datetime


def windows(since: datetime, now: datetime, patiences: Iterable[timedelta]) -> dict[timedelta, Window]:
    """For rules that wait so long: what has become due between two instants began to be so between these.

    While every house is closed nothing becomes due, and the window is empty.

    Args:
        since, now: aware datetimes.
        patiences: timedeltas of business time. By each calendar they are reckoned back; the widest window counts.
    """
    waits = {patience.total_seconds(): patience for patience in patiences if patience}
    # What no calendar says anything of is looked at whole.
    found = {timedelta(): Window(since, now)} | {patience: Window(ALWAYS, now) for patience in waits.values()}
    with connection.cursor() as cursor:
        cursor.execute(_WINDOWS, {"since": since, "now": now, "waits": list(waits)})
        for seconds, moved, begins, ends in cursor.fetchall():
            patience = waits[seconds]
            found[patience] = Window(begins or ALWAYS, ends or now - patience) if moved else Window(now, now)
    return found


def due(wish: Wish) -> str:
    """When a span becomes a flag, as SQL: at once, or when the rule's patience has run out."""
    if wish.rule.due:
        return wish.rule.due
    return "desk_business_due(q.calendar_id, q.began_at, %(patience)s)" if wish.patience else "q.began_at"


def values(wish: Wish, now: datetime) -> dict:
    """What stands in place of the names in a rule's query."""
    patience = wish.patience
    waits = {"until": now - patience, "patience": patience.total_seconds()}
    return {"rule": wish.rule.name, "now": now, **waits, **wish.numbers}


# The first instant by which so much time had passed, and one a second behind the last.
_WINDOWS = """
SELECT w.seconds, bool_or(k.passed_now > k.passed),
       CASE WHEN bool_and(k.passed > w.seconds)
            THEN min(desk_business_due(k.id, k.openings_from, k.passed - w.seconds)) END,
       CASE WHEN bool_and(k.passed_now > w.seconds)
            THEN max(desk_business_due(k.id, k.openings_from, k.passed_now - w.seconds + 1)) END
  FROM unnest(%(waits)s::double precision[]) AS w(seconds)
 CROSS JOIN (SELECT id, openings_from, desk_business_passed(id, %(since)s) AS passed,
                    desk_business_passed(id, %(now)s) AS passed_now
               FROM staff_calendar WHERE openings_from IS NOT NULL OFFSET 0) k
 GROUP BY w.seconds
"""
