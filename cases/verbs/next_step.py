"""What is due next on a case: kept on the case itself, so that a list of thousands reads one index.

The earliest promise owed; without one the next reminder, the supervisors' date, or nothing, and since when.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from cases.models import Case
from supportdesk import clock

_REFRESH = """
UPDATE cases_case c
   SET next_promise_id = p.id,
       next_step = CASE WHEN p.id IS NOT NULL THEN 'promise'
                        WHEN r.due_at IS NOT NULL THEN 'reminder'
                        WHEN s.due_at IS NOT NULL THEN 'supervisors'
                        ELSE 'nothing' END,
       next_due_at = COALESCE(p.due_at, r.due_at, s.due_at,
                              CASE WHEN c.next_step = 'nothing' THEN c.next_due_at ELSE %(now)s END)
  FROM cases_case me
  LEFT JOIN LATERAL (
       SELECT id, due_at FROM cases_promise
        WHERE case_id = me.id AND (state = 'open' OR (state = 'broken' AND answered_at IS NULL))
        ORDER BY due_at, id LIMIT 1) p ON true
  LEFT JOIN LATERAL (
       SELECT due_at FROM cases_reminder
        WHERE case_id = me.id AND sent_at IS NULL AND waived_at IS NULL
        ORDER BY due_at LIMIT 1) r ON true
  LEFT JOIN LATERAL (
       SELECT COALESCE(supervisors_by, unconfirmed_due_at) AS due_at FROM cases_resolution
        WHERE case_id = me.id AND ended_at IS NULL) s ON true
 WHERE c.id = me.id AND me.id = ANY(%(ids)s)
RETURNING c.id, c.next_step, c.next_promise_id, c.next_due_at
"""


def refresh(case: Case) -> None:
    """Bring the case's next step up to date, in the database and in hand."""
    for _pk, step, promise_id, due_at in refresh_all([case.pk], clock.now()):
        case.next_step, case.next_promise_id, case.next_due_at = step, promise_id, due_at


def refresh_all(case_ids: Iterable[int], now: datetime) -> list[tuple]:
    """The same for many cases in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"ids": list(case_ids), "now": now})
        return cursor.fetchall()
