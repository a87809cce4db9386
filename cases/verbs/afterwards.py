"""Afterwards: the customer wrote to a closed case. More than thanks, or not? Undecided in time it is open again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from cases import timeline
from cases.actors import Actor
from cases.models import Case, Message
from cases.models.timeline import Kind
from cases.verbs import next_step, promises
from cases.verbs.locking import lock, write
from staff.businesstime import add_business_time
from supportdesk.errors import Conflict

BATCH = 500


@transaction.atomic
def only_thanks(case: Case, *, read: Message | None = None, by: Actor) -> Case:
    """The owner has read what the customer wrote after the closing: only thanks. The outcome stays.

    Args:
        read: the last words that were read; whatever came later has not been.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it is open again, or the customer has written more.
    """
    case = lock(case)
    promises.require_voice(by, case)
    first = case.customer.first_name
    if case.is_open:
        raise Conflict("open_again", f"This is open again: {first} has said that it is not over, or it was decided so.")
    if case.decide_by is None:
        return case
    if read and case.messages.filter(direction=Message.Direction.IN, pk__gt=read.pk).exists():
        raise Conflict("written_since", f"{first} has written more since you opened this page. Read it first.")
    case.decide_by = None
    write(case, "decide_by")
    timeline.record(case, Kind.ONLY_THANKS, by=by)
    return case


def reopen_undecided(now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Open again every closed case whose customer has waited too long for a decision: the set form, in batches.

    Args:
        now: aware datetime.
        cases: only these cases.
        leave_out: not the cases whose origin begins so.

    Returns:
        how many.
    """
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_REOPEN_UNDECIDED, {"now": now, "cases": cases, "leave_out": leave_out, "batch": BATCH})
            reopened = [row[0] for row in cursor.fetchall()]
            if reopened:
                _promise_to_be_in_touch(reopened, now)
                next_step.refresh_all(reopened, now)
                timeline.ring_on_commit()
        total += len(reopened)
        if len(reopened) < BATCH:
            return total


def _promise_to_be_in_touch(case_ids: Sequence[int], now: datetime) -> None:
    """The desk's own word for each, by its owner's calendar, where nothing else is promised."""
    cases = list(Case.objects.filter(pk__in=case_ids).select_related("owner__department__calendar"))
    calendars = {case.owner.department.calendar for case in cases}
    due = {each.pk: add_business_time(now, settings.FIRST_ANSWER_WITHIN, each.hours) for each in calendars}
    owed = {case.pk: due[case.owner.department.calendar_id] for case in cases}
    with connection.cursor() as cursor:
        cursor.execute(_PROMISE_ALL, {"now": now, "ids": list(owed), "due": list(owed.values())})


_REOPEN_UNDECIDED = """
WITH due AS (
    SELECT c.id, c.origin FROM cases_case c
     WHERE c.decide_by <= %(now)s
       AND (%(cases)s::bigint[] IS NULL OR c.id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(c.origin, %(leave_out)s))
     ORDER BY c.decide_by LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
), reopened AS (
    UPDATE cases_case c
       SET state = 'open', outcome = '', closed_at = NULL, closed_by = '', closed_by_agent_id = NULL,
           yes_at = NULL, withdrawn_at = NULL, decide_by = NULL
      FROM due WHERE c.id = due.id RETURNING c.id
)
INSERT INTO cases_entry (case_id, kind, at, actor, data, announced_at)
SELECT due.id, 'reopened', %(now)s, 'desk', '{"undecided": true}',
       CASE WHEN due.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM due JOIN reopened USING (id)
RETURNING case_id
"""

_PROMISE_ALL = """
WITH owed AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(due)s::timestamptz[]) AS owed (case_id, due_at)
     WHERE NOT EXISTS (SELECT 1 FROM cases_promise p
                        WHERE p.case_id = owed.case_id AND p.state = 'open' AND p.due_at > %(now)s)
), made AS (
    INSERT INTO cases_promise (case_id, kind, words, due_at, made_at, made_by, state, reason, agreement)
    SELECT case_id, 'update', 'be in touch with you', due_at, %(now)s, 'desk', 'open', '', '' FROM owed
    RETURNING id, case_id
)
INSERT INTO cases_entry (case_id, kind, at, actor, promise_id, data, announced_at)
SELECT made.case_id, 'promise_made', %(now)s, 'desk', made.id, '{}',
       CASE WHEN c.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM made JOIN cases_case c ON c.id = made.case_id
"""
