"""What is due next on a case: kept on the case itself, so that a list of thousands reads one index.

The earliest promise owed; without one the next reminder, the supervisors' date, or nothing, and since when.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from cases.models import Case, Promise
from cases.verbs.locking import write
from supportdesk import clock

_PROMISE = """
SELECT id, due_at FROM cases_promise
 WHERE case_id = {case} AND (state = 'open' OR (state = 'broken' AND answered_at IS NULL))
 ORDER BY due_at, id LIMIT 1"""
_REMINDER = """
SELECT NULL::bigint AS id, due_at FROM cases_reminder
 WHERE case_id = {case} AND sent_at IS NULL AND waived_at IS NULL
 ORDER BY due_at LIMIT 1"""
_SUPERVISORS = """
SELECT NULL::bigint AS id, COALESCE(supervisors_by, unconfirmed_due_at) AS due_at FROM cases_resolution
 WHERE case_id = {case} AND ended_at IS NULL"""

# Of a single case: PostgreSQL plans this in a third of the time that the set form takes.
_FOUND = f"""
SELECT 'promise' AS step, found.* FROM ({_PROMISE.format(case="%(case)s")}) found
 UNION ALL SELECT 'reminder', found.* FROM ({_REMINDER.format(case="%(case)s")}) found
 UNION ALL SELECT 'supervisors', found.* FROM ({_SUPERVISORS.format(case="%(case)s")}) found WHERE due_at IS NOT NULL
"""
_IN_THIS_ORDER = (Case.NextStep.PROMISE, Case.NextStep.REMINDER, Case.NextStep.SUPERVISORS)

_REFRESH = f"""
UPDATE cases_case c
   SET next_promise_id = p.id,
       next_step = CASE WHEN p.id IS NOT NULL THEN 'promise'
                        WHEN r.due_at IS NOT NULL THEN 'reminder'
                        WHEN s.due_at IS NOT NULL THEN 'supervisors'
                        ELSE 'nothing' END,
       next_due_at = COALESCE(p.due_at, r.due_at, s.due_at,
                              CASE WHEN c.next_step = 'nothing' THEN c.next_due_at ELSE %(now)s END)
  FROM cases_case me
  LEFT JOIN LATERAL ({_PROMISE.format(case="me.id")}) p ON true
  LEFT JOIN LATERAL ({_REMINDER.format(case="me.id")}) r ON true
  LEFT JOIN LATERAL ({_SUPERVISORS.format(case="me.id")}) s ON true
 WHERE c.id = me.id AND me.id = ANY(%(ids)s)
"""


def refresh(case: Case) -> None:
    """Bring a locked case's next step up to date; nothing is written where nothing has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {"case": case.pk})
        found = {step: (promise_id, due_at) for step, promise_id, due_at in cursor.fetchall()}
    step = next((step for step in _IN_THIS_ORDER if step in found), Case.NextStep.NOTHING)
    promise_id, due_at = found.get(step, (None, None))
    _set(case, step, promise_id, due_at)


def add(case: Case, promise: Promise) -> None:
    """The same after a promise was made and nothing else has happened: is it due before what came next until now?"""
    if case.next_step != Case.NextStep.PROMISE or promise.due_at < case.next_due_at:
        _set(case, Case.NextStep.PROMISE, promise.pk, promise.due_at)
        case.next_promise = promise


def await_supervisors(case: Case, due_at: datetime) -> None:
    """The same after the last reminder: where nothing is promised, the supervisors' date comes next."""
    if case.next_step != Case.NextStep.PROMISE:
        _set(case, Case.NextStep.SUPERVISORS, None, due_at)


def end_silence(case: Case) -> None:
    """The same after a proposal ended: where it was all that came next, nothing is left."""
    if case.next_step in (Case.NextStep.REMINDER, Case.NextStep.SUPERVISORS):
        _set(case, Case.NextStep.NOTHING, None, None)
    else:
        refresh(case)


def refresh_all(case_ids: Iterable[int], now: datetime) -> None:
    """The same for many locked cases, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"ids": list(case_ids), "now": now})


def _set(case: Case, step: str, promise_id: int | None, due_at: datetime | None) -> None:
    if due_at is None:
        due_at = case.next_due_at if case.next_step == step else clock.now()
    found = (step, promise_id, due_at)
    if found != (case.next_step, case.next_promise_id, case.next_due_at):
        case.next_step, case.next_promise_id, case.next_due_at = found
        write(case, "next_step", "next_promise", "next_due_at")
