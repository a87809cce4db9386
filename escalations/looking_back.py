"""What a rule would have raised over the last days: the very query that the sweep asks, about what has been."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from escalations.looking import due, values
from escalations.rules import Wish
from staff import openings

DAYS = 30


class Span(NamedTuple):
    """When something was so, and from when on that would have been a flag."""

    case: int
    subject: int
    began_at: datetime
    due_at: datetime
    until: datetime | None
    evidence: str


@dataclass(frozen=True)
class Fired:
    """One time that a rule would have raised a flag.

    Attributes:
        case: id.
        subject: id of what it would have been about.
        at: when it became so. Aware datetime.
        until: when it ended by itself; None: it has not, or never does. Aware datetime.
    """

    case: int
    subject: int
    at: datetime
    until: datetime | None
    evidence: str


def look_back(
    wish: Wish, now: datetime, *, since: datetime | None = None, cases: list[int] | None = None
) -> list[Fired]:
    """When this rule would have raised a flag if it had been wished for like this, the latest first.

    As a sweep at every moment would have: put aside as no case counts from then on. What the past does not tell
    (``Rule.forgets``) is counted as far as it was raised then.

    Args:
        now: aware datetime.
        since: from when on; none: the last ``DAYS`` days. Aware datetime.
        cases: only these; none: all.
    """
    since = since or now - timedelta(days=DAYS)
    openings.keep(now)
    rule = wish.rule
    found = _SPANS if rule.is_condition else _EVENTS
    recent = f"({rule.recent}) AND (%(cases)s::bigint[] IS NULL OR {_case_of(wish)} = ANY(%(cases)s::bigint[]))"
    past = f"UNION ALL {rule.past.format(rows=recent)}" if rule.past else ""
    with connection.cursor() as cursor:
        cursor.execute(
            found.format(
                query=rule.query.format(rows=recent),
                past=past,
                due=due(wish),
                raised=_RAISED if rule.forgets else "",
            ),
            {**values(wish, now), "since": since, "cases": cases},
        )
        spans = [Span(*row) for row in cursor.fetchall()]
    raised = _as_raised(spans) if rule.is_condition else spans
    fired = [Fired(span.case, span.subject, span.due_at, span.until, span.evidence) for span in raised]
    return sorted(
        (one for one in fired if one.at >= since or not rule.is_condition), key=lambda one: one.at, reverse=True
    )


def _case_of(wish: Wish) -> str:
    alias = wish.rule.alias if wish.rule.is_condition else "e"
    return "c.id" if alias == "c" else f"{alias}.case_id"


def _as_raised(spans: list[Span]) -> Iterator[Span]:
    """Those that raise a flag: of one subject one stands at a time, and one that had begun before it was raised is part
    of it.

    Args:
        spans: in order of subject and time.
    """
    standing = None
    for span in spans:
        overlaps = standing and standing.subject == span.subject and not _is_over(standing, span.due_at)
        if overlaps and span.began_at <= standing.due_at:
            standing = standing._replace(until=_later(standing.until, span.until))
        elif not overlaps or _later(standing.until, span.until) != standing.until:
            if standing:
                yield standing
            standing = span
    if standing:
        yield standing


def _is_over(span: Span, now: datetime) -> bool:
    return span.until is not None and span.until <= now


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


_SPANS = """
WITH fired AS (
    SELECT q.case_id, q.subject, q.began_at, q.due_at, q.ended_at, q.evidence
      FROM (SELECT q.*, {due} AS due_at
              FROM (SELECT q.* FROM ({query} {past}) q
                     WHERE q.began_at <= %(until)s AND (q.ended_at IS NULL OR q.ended_at > %(since)s) OFFSET 0) q
            OFFSET 0) q
     WHERE q.due_at <= %(now)s AND (q.ended_at IS NULL OR q.ended_at > q.due_at)
    {raised}
)
SELECT fired.case_id, fired.subject, fired.began_at, fired.due_at,
       CASE WHEN fired.ended_at <= %(now)s THEN fired.ended_at END, fired.evidence
  FROM fired JOIN cases_case k ON k.id = fired.case_id
 WHERE NOT (k.outcome = 'not_a_case' AND k.closed_at <= fired.due_at)
 ORDER BY fired.subject, fired.due_at, fired.ended_at
"""

_RAISED = """
    UNION ALL
    SELECT f.case_id, f.subject, f.became_true_at, f.became_true_at, f.settled_at, f.evidence FROM escalations_flag f
     WHERE f.rule = %(rule)s AND f.became_true_at <= %(now)s AND (f.settled_at IS NULL OR f.settled_at > %(since)s)
       AND (%(cases)s::bigint[] IS NULL OR f.case_id = ANY(%(cases)s::bigint[]))
"""

_EVENTS = """
SELECT q.case_id, q.subject, q.became_true_at, q.became_true_at, NULL, q.evidence
  FROM ({query}) q JOIN cases_case k ON k.id = q.case_id
 WHERE q.became_true_at <= %(now)s AND NOT (k.outcome = 'not_a_case' AND k.closed_at <= q.became_true_at)
 ORDER BY q.became_true_at DESC, q.subject
"""
