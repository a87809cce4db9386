"""Silence: reminders, and what becomes of a proposal that nobody answers. It never closes anything (design rule 3)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from cases import permissions, timeline
from cases.actors import LOG, Actor
from cases.models import Case
from cases.models.timeline import Kind
from cases.rollup import parts_in_the_way
from cases.verbs import closing, next_step, waiting
from cases.verbs.locking import lock, write
from staff.businesstime import add_business_days
from supportdesk import clock
from supportdesk.errors import Refused

log = logging.getLogger(__name__)

BATCH = 500


def remind_due(now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Write down the reminders that are due: the set form. Until mail exists, standing on the status page is arrival.

    Args:
        now: aware datetime.
        cases: only these cases.
        leave_out: not the cases whose origin begins so.

    Returns:
        how many.
    """
    return _in_batches(_REMIND_DUE, now, cases, leave_out)


def unconfirm_due(now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Cases whose reminders all went unanswered become *unconfirmed*: the set form, arguments as ``remind_due``."""
    return _in_batches(_UNCONFIRM_DUE, now, cases, leave_out)


@transaction.atomic
def unconfirm(case: Case, *, by: Actor) -> Case:
    """Stop waiting for one case's answer: it is the supervisors' now. Reminders that are left are waived.

    Raises:
        NotAllowed: the actor is no supervisor.
        Refused: nothing is proposed.
    """
    case = lock(case)
    permissions.require(
        permissions.may_close_unheard(by), "supervisors_only", "Only a supervisor can stop waiting for the answer."
    )
    if case.state == Case.State.UNCONFIRMED:
        return case
    if case.state != Case.State.PROPOSED:
        raise Refused("nothing_proposed", "There is no proposed resolution that could go unanswered.")
    if by is not LOG:
        _require_silence(case)
    waiting.waive_reminders(case)
    resolution = waiting.standing(case)
    resolution.unconfirmed_at, resolution.supervisors_by = clock.now(), _supervisors_by(case, clock.now())
    resolution.save(update_fields=["unconfirmed_at", "supervisors_by"])
    case.state = Case.State.UNCONFIRMED
    write(case, "state")
    timeline.record(case, Kind.UNCONFIRMED, by=by)
    next_step.await_supervisors(case, resolution.supervisors_by)
    return case


@transaction.atomic
def close_unanswered(case: Case, *, by: Actor) -> Case:
    """A supervisor ends the waiting for an answer: closed as *no answer*, never counted as solved.

    Raises:
        NotAllowed: the actor is no supervisor, or owns the case (design rule 14).
        Refused: it is not unconfirmed, or a sub-task is open.
    """
    case = lock(case)
    permissions.require(
        permissions.may_close_unheard(by), "supervisors_only", "Only a supervisor can close without the customer’s yes."
    )
    permissions.require(
        permissions.may_close_unanswered(by, case),
        "not_your_own",
        "Another supervisor has to close this: nobody closes their own case as no answer.",
    )
    if case.outcome == Case.Outcome.NO_ANSWER:
        return case
    if case.state != Case.State.UNCONFIRMED:
        raise Refused("not_unconfirmed", "Only a case whose reminders went unanswered can be closed as no answer.")
    if case.subtasks.open().exists():
        raise Refused("close_refused", "This cannot be closed yet.", hindrances=parts_in_the_way(case))
    closing.end(case, Case.Outcome.NO_ANSWER, by=by)
    return case


# -- steps -------------------------------------------------------------------------------------------------------------


def _supervisors_by(case: Case, now: datetime) -> datetime:
    hours = case.owner.department.calendar.hours
    return add_business_days(now, settings.SUPERVISORS_WITHIN_BUSINESS_DAYS, hours)


def _require_silence(case: Case) -> None:
    due_at = case.resolutions.filter(ended_at=None).values_list("unconfirmed_due_at", flat=True).get()
    if due_at is None or due_at > clock.now():
        raise Refused("still_reminding", f"{case.customer.first_name} is still being reminded.")


def _in_batches(statement: str, now: datetime, cases: Sequence[int] | None, leave_out: str) -> int:
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"now": now, "cases": cases, "leave_out": leave_out, "batch": BATCH})
            touched = [row[0] for row in cursor.fetchall()]
            if touched:
                _after_silence(touched, now)
                next_step.refresh_all(touched, now)
                timeline.ring_on_commit()
        total += len(touched)
        if len(touched) < BATCH:
            return total


def _after_silence(case_ids: Sequence[int], now: datetime) -> None:
    """Unconfirmed cases get the date by which a supervisor looks at them, from their owner's calendar."""
    fresh = Case.objects.filter(pk__in=case_ids, state=Case.State.UNCONFIRMED)
    for case in fresh.select_related("owner__department__calendar"):
        try:
            by = _supervisors_by(case, now)
        except ValueError:
            # A calendar that never opens must not keep the others waiting: the supervisors look at this one now.
            log.exception("The calendar of %s gives no date for %s.", case.owner.department, case.number)
            by = now
        case.resolutions.filter(ended_at=None, supervisors_by=None).update(supervisors_by=by)


_REMIND_DUE = """
WITH due AS (
    SELECT r.id, r.case_id, c.origin FROM cases_reminder r JOIN cases_case c ON c.id = r.case_id
     WHERE r.sent_at IS NULL AND r.waived_at IS NULL AND r.due_at <= %(now)s
       AND (%(cases)s::bigint[] IS NULL OR r.case_id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(c.origin, %(leave_out)s))
     ORDER BY r.due_at LIMIT %(batch)s FOR UPDATE OF r, c SKIP LOCKED
), sent AS (
    UPDATE cases_reminder r SET sent_at = r.due_at FROM due WHERE r.id = due.id
    RETURNING r.id, r.position, r.resolution_id
)
INSERT INTO cases_entry (case_id, kind, at, actor, resolution_id, data, announced_at)
SELECT due.case_id, 'reminded', %(now)s, 'desk', sent.resolution_id, jsonb_build_object('position', sent.position),
       CASE WHEN due.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM due JOIN sent USING (id)
RETURNING case_id
"""

# Of those that stand hardly one is due, which the planner cannot know: the first of all, from its index, says whether
# any is.
_UNCONFIRM_DUE = """
WITH due AS (
    SELECT s.id, s.case_id, c.origin FROM cases_resolution s JOIN cases_case c ON c.id = s.case_id
     WHERE s.ended_at IS NULL AND s.unconfirmed_at IS NULL AND s.unconfirmed_due_at <= %(now)s
       AND (SELECT min(n.unconfirmed_due_at) FROM cases_resolution n
             WHERE n.ended_at IS NULL AND n.unconfirmed_at IS NULL) <= %(now)s
       AND c.state = 'proposed'
       AND NOT EXISTS (SELECT 1 FROM cases_reminder r
                        WHERE r.resolution_id = s.id AND r.sent_at IS NULL AND r.waived_at IS NULL)
       AND (%(cases)s::bigint[] IS NULL OR s.case_id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(c.origin, %(leave_out)s))
     ORDER BY s.unconfirmed_due_at LIMIT %(batch)s FOR UPDATE OF s, c SKIP LOCKED
), silent AS (
    UPDATE cases_resolution s SET unconfirmed_at = s.unconfirmed_due_at FROM due WHERE s.id = due.id RETURNING s.case_id
), marked AS (
    UPDATE cases_case c SET state = 'unconfirmed' FROM silent WHERE c.id = silent.case_id RETURNING c.id
)
INSERT INTO cases_entry (case_id, kind, at, actor, resolution_id, data, announced_at)
SELECT due.case_id, 'unconfirmed', %(now)s, 'desk', due.id, '{}',
       CASE WHEN due.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM due JOIN marked ON marked.id = due.case_id
RETURNING case_id
"""
