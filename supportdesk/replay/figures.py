"""What a replay has come to: counted in the desk's own tables, over the cases of one log."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence

from django.db import connection

from escalations.rules import RULES

OF_A_LOG = (
    "cases",
    "events",
    "events_applied",
    "customers",
    "agents",
    "departments",
    "subtasks",
    "handoffs",
    "reopened",
    "closed_no_answer",
    "closed_by_override",
    "promises",
    "flags",
    "owner_changes",
    "cases_without_owner",
    "skipped_lines",
    "seconds",
    "events_per_second",
    "peak_rss_mb",
)
OF_CONVERSATIONS = ("cases", "customers", "messages", "promises", "flags", "seconds", "skipped")

_CASES = """
SELECT count(*) AS cases,
       count(DISTINCT c.customer_id) AS customers,
       count(*) FILTER (WHERE c.outcome = 'no_answer') AS closed_no_answer,
       count(*) FILTER (WHERE c.outcome = 'override') AS closed_by_override,
       count(*) FILTER (WHERE c.owner_id IS NULL OR NOT EXISTS (
           SELECT 1 FROM cases_entry e WHERE e.case_id = c.id AND e.kind = 'opened' AND e.owner_id IS NOT NULL
       )) AS cases_without_owner,
       (SELECT count(*) FROM cases_message m WHERE m.case_id = ANY(%(cases)s::bigint[])) AS messages,
       (SELECT count(*) FROM cases_subtask s WHERE s.case_id = ANY(%(cases)s::bigint[])) AS subtasks
  FROM cases_case c WHERE c.id = ANY(%(cases)s::bigint[])
"""

_PROMISES = """
SELECT count(*) AS made,
       count(*) FILTER (WHERE state = 'kept') AS kept,
       count(*) FILTER (WHERE state = 'broken') AS broken,
       count(*) FILTER (WHERE state IN ('moved', 'renegotiated')) AS moved
  FROM cases_promise WHERE case_id = ANY(%(cases)s::bigint[])
"""

_OWNER_CHANGES = """
SELECT count(*) FROM (
    SELECT owner_id, lag(owner_id) OVER (PARTITION BY case_id ORDER BY id) AS before
      FROM cases_entry WHERE case_id = ANY(%(cases)s::bigint[]) AND owner_id IS NOT NULL
) named WHERE before <> owner_id
"""

_FLAGS = "SELECT rule, count(*) FROM escalations_flag WHERE case_id = ANY(%(cases)s::bigint[]) GROUP BY rule"


def count(cases: Sequence[int]) -> dict:
    """Everything that the tables say about these cases.

    Args:
        cases: ids.

    Returns:
        ``cases``, ``customers``, ``messages``, ``subtasks``, ``closed_no_answer``, ``closed_by_override``,
        ``promises``, ``flags``, ``owner_changes`` and ``cases_without_owner``.
    """
    scope = {"cases": list(cases)}
    with connection.cursor() as cursor:
        figures = _named(cursor, _CASES, scope)
        figures["promises"] = _named(cursor, _PROMISES, scope)
        cursor.execute(_OWNER_CHANGES, scope)
        figures["owner_changes"] = cursor.fetchone()[0]
        cursor.execute(_FLAGS, scope)
        figures["flags"] = {rule.name: 0 for rule in RULES} | dict(cursor.fetchall())
    return figures


def peak_rss_mb(children: int = 0) -> float:
    """The most memory that this process and its children that have ended can have held at once, in megabytes.

    Args:
        children: how many there were at a time; memory that they share with us is counted for each of them.
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if children:
        peak += children * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def _named(cursor, statement: str, scope: dict) -> dict[str, int]:
    cursor.execute(statement, scope)
    return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
