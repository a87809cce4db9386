"""What departments took before: the last parts that each has ended, and those that it has open. Bounded reads by index.

Of that kind means: of its own, or as the second line of another. A part is counted from when it could be worked on: it
was asked, and what it comes after had ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from cases.forecasting.lasting import Lasting, Seen, watched
from cases.forecasting.opentime import OpenTime
from cases.models import Subtask
from staff.businesstime import add_business_time
from staff.models import Calendar, Department

LAST, RUNNING = 50, 1000
DESK_LAST, DESK_RUNNING = 300, 1000
# Where nothing is known dates are kept in eight of ten: that counts as five dates, the desk’s record as five more.
KEEPS, DATES = 0.8, 5
SHARE = 0.8

FINISHED = (Subtask.State.DONE, Subtask.State.NOT_REPRODUCED)

# A department, and whether as the second line of another.
Kind = tuple[int, bool]


class Took(NamedTuple):
    """One part as it is read. ``group`` is its department, for the desk's record its calendar."""

    group: int
    is_second: bool
    asked_at: datetime
    after_id: int | None
    before_ended_at: datetime | None
    ended_at: datetime | None
    state: str
    committed_at: datetime | None
    case_closed_at: datetime | None

    @property
    def has_begun(self) -> bool:
        """It does not wait for another part."""
        return self.ended_at is not None or self.after_id is None or self.before_ended_at is not None


@dataclass(frozen=True)
class Suggestion:
    """What a department needs at most, eight of ten times.

    Attributes:
        department: whose.
        count: from how many of its last parts.
        needs: business time; None where they are too few to say.
        longer: how many that are open now have taken longer already.
    """

    department: Department
    count: int
    needs: timedelta | None
    longer: int = 0

    def from_(self, start: datetime) -> datetime | None:
        """When it would be done if it began then (aware datetimes); None where they are too few to say."""
        if self.needs is None:
            return None
        return add_business_time(start, self.needs, self.department.calendar.hours)


@dataclass(frozen=True)
class Record:
    """What a department's parts of one kind took.

    Attributes:
        lasting: how long its parts last, standing on the desk's.
        keeps: the share of its dates that it keeps.
        suggestion: what it needs, from its own alone.
    """

    lasting: Lasting
    keeps: float
    suggestion: Suggestion


def records(kinds: Mapping[Kind, Department], now: datetime) -> dict[Kind, Record]:
    """What these departments took before, in three statements.

    Args:
        kinds: each with its department, calendar at hand.
        now: aware datetime.
    """
    own = _read_kinds(kinds)
    desk = _read_desk()
    calendars = Calendar.objects.in_bulk({took.group for took in desk})
    times = {pk: OpenTime.around(now, calendar.hours) for pk, calendar in calendars.items()}
    desk_seen = [_seen(took, times[took.group]) for took in desk]
    behind = Lasting.of(_watched(desk_seen, now, DESK_LAST, DESK_RUNNING))
    desk_keeps = _keeps(desk, KEEPS)
    found = {}
    for kind, department in kinds.items():
        took = own.get(kind, [])
        seen = _seen_by(department, took, now)
        lasting = Lasting.of(_watched(seen, now, LAST, RUNNING), behind)
        found[kind] = Record(lasting, _keeps(took, desk_keeps), _suggested(department, seen, now))
    return found


def suggest(department: Department, now: datetime, *, second_line: bool = False) -> Suggestion:
    """What a department needs for a part, in one statement.

    Args:
        department: with its calendar at hand.
        now: aware datetime.
        second_line: for what it takes over from another.
    """
    took = _read_kinds([(department.pk, second_line)]).get((department.pk, second_line), [])
    return _suggested(department, _seen_by(department, took, now), now)


# -- reading -----------------------------------------------------------------------------------------------------------

_COLUMNS = "s.id, s.case_id, s.after_id, s.asked_at, s.ended_at, s.state, s.committed_at"
_LAST = f"""
    SELECT k.department_id AS found_for, {{second}} AS is_second, s.*
      FROM unnest(%(departments)s::bigint[]) k(department_id) CROSS JOIN LATERAL (
          SELECT {_COLUMNS} FROM cases_subtask s
           WHERE s.department_id = k.department_id AND s.ended_at IS NOT NULL AND s.follows_id IS {{follows}}
           ORDER BY s.ended_at DESC, s.id DESC LIMIT %(last)s) s
"""
_OF_KINDS = f"""
WITH took AS (
    {_LAST.format(second="FALSE", follows="NULL")}
     UNION ALL
    {_LAST.format(second="TRUE", follows="NOT NULL")}
     UNION ALL
    SELECT k.department_id, s.follows_id IS NOT NULL, {_COLUMNS}
      FROM unnest(%(departments)s::bigint[]) k(department_id) CROSS JOIN LATERAL (
          SELECT {_COLUMNS}, s.follows_id FROM cases_subtask s
           WHERE s.department_id = k.department_id AND s.ended_at IS NULL
           ORDER BY s.asked_at DESC, s.id DESC LIMIT %(running)s) s
)
SELECT took.found_for, took.is_second, {{facts}}
"""
_OF_DESK = f"""
WITH took AS (
    (SELECT {_COLUMNS}, s.department_id FROM cases_subtask s WHERE s.ended_at IS NOT NULL
      ORDER BY s.ended_at DESC, s.id DESC LIMIT %(last)s)
     UNION ALL
    (SELECT {_COLUMNS}, s.department_id FROM cases_subtask s WHERE s.ended_at IS NULL
      ORDER BY s.asked_at DESC, s.id DESC LIMIT %(running)s)
)
SELECT d.calendar_id, FALSE, {{facts}} JOIN staff_department d ON d.id = took.department_id
"""
# Subqueries, not joins: a planner that expects many rows would read the whole of both tables.
_FACTS = """took.asked_at, took.after_id,
       (SELECT before.ended_at FROM cases_subtask before WHERE before.id = took.after_id),
       took.ended_at, took.state, took.committed_at,
       CASE WHEN took.ended_at IS NULL THEN (SELECT c.closed_at FROM cases_case c WHERE c.id = took.case_id) END
  FROM took"""
_READ_KINDS = _OF_KINDS.format(facts=_FACTS)
_READ_DESK = _OF_DESK.format(facts=_FACTS)


def _read_kinds(kinds: Iterable[Kind]) -> dict[Kind, list[Took]]:
    departments = sorted({department for department, _ in kinds})
    found: dict[Kind, list[Took]] = {}
    for took in _read(_READ_KINDS, departments=departments, last=LAST + 1, running=RUNNING):
        found.setdefault((took.group, took.is_second), []).append(took)
    return found


def _read_desk() -> list[Took]:
    return _read(_READ_DESK, last=DESK_LAST + 1, running=DESK_RUNNING)


def _read(statement: str, **values) -> list[Took]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [took for row in cursor.fetchall() if (took := Took(*row)).has_begun]


# -- what it says ------------------------------------------------------------------------------------------------------


def _seen_by(department: Department, took: Iterable[Took], now: datetime) -> list[Seen]:
    time = OpenTime.around(now, department.calendar.hours)
    return [_seen(one, time) for one in took]


def _seen(took: Took, time: OpenTime) -> Seen:
    began, ended = took.asked_at, took.ended_at
    if took.before_ended_at is not None and (ended is None or took.before_ended_at <= ended):
        began = max(began, took.before_ended_at)
    # Open on a case that was closed over it: nobody has watched it since.
    if ended is None:
        ended = took.case_closed_at
    return Seen(
        time,
        began.timestamp(),
        None if ended is None else ended.timestamp(),
        finished=took.state in FINISHED,
        went_up=took.state == Subtask.State.NOT_REPRODUCED,
    )


def _watched(seen: list[Seen], now: datetime, last: int, running: int):
    ended = sorted((part for part in seen if part.ended is not None), key=lambda part: -part.ended)
    still = [part for part in seen if part.ended is None]
    return watched(ended, still, now.timestamp(), last=last, most_running=running)


def _suggested(department: Department, seen: list[Seen], now: datetime) -> Suggestion:
    """The 80th percentile (nearest rank) of what the last finished ones took, and how many open ones took longer."""
    took = _finished(seen)
    if len(took) < settings.SUGGEST_FROM_AT_LEAST:
        return Suggestion(department, len(took), None)
    needs = took[ceil(SHARE * len(took)) - 1]
    running = [part for part in seen if part.ended is None]
    longer = sum(part.time.between(part.began, now.timestamp()) > needs.total_seconds() for part in running)
    return Suggestion(department, len(took), needs, longer)


def _finished(seen: list[Seen]) -> tuple[timedelta, ...]:
    finished = [part for part in seen if part.ended is not None and part.finished]
    last = sorted(finished, key=lambda part: -part.ended)[:LAST]
    return tuple(sorted(timedelta(seconds=part.time.between(part.began, part.ended)) for part in last))


def _keeps(took: Iterable[Took], known: float) -> float:
    """The share of dates that were kept, standing on what is known elsewhere."""
    dated = [one for one in took if one.committed_at is not None and one.ended_at is not None and one.state in FINISHED]
    kept = sum(one.ended_at <= one.committed_at for one in dated)
    return (kept + DATES * known) / (len(dated) + DATES)
