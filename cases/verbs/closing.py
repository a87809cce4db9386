"""Closing: the customer ends it, silence never does, and the only way round is visible (design rules 2 and 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from cases import permissions, timeline
from cases.actors import LOG, Actor, agent_or_none, kind_of
from cases.models import Case, Message, Preference, Promise, Reminder, Resolution
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.rollup import standing_in_the_way
from cases.verbs import conversation, next_step, promises, waiting
from cases.verbs.locking import lock, write
from staff.businesstime import add_business_days
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

BATCH = 500


# -- the proposal and the customer's answer ------------------------------------------------------------------------


@transaction.atomic
def propose(
    case: Case,
    *,
    kind: str,
    words: str,
    by: Actor,
    meets: Preference | None = None,
    why_none: str = "",
    keeps: Sequence[Promise] = (),
    once: str = "",
) -> Resolution:
    """Tell the customer what has been done and ask whether it is over. The reminder date is the next promise.

    A proposal made anew takes the place of the one that stands.

    Args:
        kind: one of ``Resolution.Kind``.
        words: what the customer reads.
        meets: which of the customer's wishes it meets; else ``why_none`` says why it meets none of them.
        keeps: promises that are kept by saying this.
        once: key of the form.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: closed, no words, or neither a wish met nor why none.
    """
    case = lock(case)
    promises.require_voice(by, case)
    said_before, once = sent_before(Message.objects, once, case_id=case.pk, body=words.strip())
    if said_before and (twin := _proposed_with(said_before)):
        return twin
    standing = waiting.standing(case)
    same = standing and (standing.kind, standing.words, standing.meets) == (kind, words.strip(), meets)
    # When the customer has written since, the same words are asked anew: reminders begin again.
    if same and standing.unconfirmed_due_at and not keeps:
        return standing
    _require_proposable(case, kind, words, meets, why_none)
    if standing:
        waiting.end_resolution(case)
    message = conversation.say(case, words, by=by, once=once)
    resolution = _write_resolution(case, kind, words, meets, why_none, by)
    case.state = Case.State.PROPOSED
    write(case, "state")
    timeline.record(case, Kind.RESOLUTION_PROPOSED, by=by, resolution=resolution, message=message)
    if keeps:
        promises.end_by_act(case, promises.of_case(case, keeps), message, by=by)
    promises.settle(case, None, by=by)
    return resolution


@transaction.atomic
def say_yes(case: Case, *, by: Actor, words: str = "") -> Case:
    """The customer says it is over. With open parts the yes is kept and the case closes when the last of them ends.

    Raises:
        NotAllowed: anybody but this customer.
    """
    case = lock(case)
    conversation.require_the_customer(by, case)
    if case.yes_at or not case.is_open:
        return case
    message = conversation.hear(case, words) if words.strip() else None
    resolution = waiting.end_resolution(case, Resolution.Answer.YES)
    case.yes_at, case.state = clock.now(), Case.State.OPEN
    write(case, "yes_at", "state")
    timeline.record(case, Kind.CUSTOMER_SAID_YES, by=by, message=message, resolution=resolution)
    promises.moot_all(case)
    if not close_if_agreed(case):
        promises.promise_to_be_in_touch(case, beside_late=True)
        next_step.refresh(case)
    return case


@transaction.atomic
def say_not_yet(case: Case, *, by: Actor, words: str = "", once: str = "") -> Case:
    """The customer says it is not over: back to open with the same owner, at once, even when it was closed.

    Raises:
        NotAllowed: anybody but this customer.
    """
    case = lock(case)
    conversation.require_the_customer(by, case)
    if case.is_open and not case.awaits_answer and not case.yes_at and not words.strip():
        return case
    said_before, once = sent_before(Message.objects, once, case_id=case.pk, body=words.strip())
    if said_before and case.entries.filter(kind=Kind.CUSTOMER_SAID_NOT_YET, message=said_before).exists():
        return case
    message = conversation.hear(case, words, once=once) if words.strip() else None
    resolution = waiting.end_resolution(case, Resolution.Answer.NOT_YET)
    was_closed = not case.is_open
    waiting.open_again(case)
    timeline.record(
        case,
        Kind.CUSTOMER_SAID_NOT_YET,
        by=by,
        message=message,
        resolution=resolution,
        data={"was_closed": was_closed},
    )
    promises.promise_to_be_in_touch(case, beside_late=True)
    next_step.refresh(case)
    return case


# -- silence ---------------------------------------------------------------------------------------------------------


def remind_due(now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Write down the reminders that are due: the set form. Until mail exists, standing on the status page is arrival.

    Args:
        now: aware datetime.
        cases: only these cases.
        leave_out: not the cases of this origin.

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
    _require_supervisor(by)
    if case.state == Case.State.UNCONFIRMED:
        return case
    if case.state != Case.State.PROPOSED:
        raise Refused("nothing_proposed", "There is no proposed resolution that could go unanswered.")
    if by is not LOG:
        _require_silence(case)
    waiting.waive_reminders(case)
    case.resolutions.filter(ended_at=None).update(
        unconfirmed_at=clock.now(), supervisors_by=_supervisors_by(case, clock.now())
    )
    case.state = Case.State.UNCONFIRMED
    write(case, "state")
    timeline.record(case, Kind.UNCONFIRMED, by=by)
    next_step.refresh(case)
    return case


# -- the ways a case closes ------------------------------------------------------------------------------------------


@transaction.atomic
def close(case: Case, *, by: Actor) -> Case:
    """Close what the customer has agreed to. Refused while anything stands in the way, whoever asks, by every door.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: lists each thing in the way.
    """
    case = lock(case)
    promises.require_voice(by, case)
    if case.is_open and not close_if_agreed(case):
        hindrances = standing_in_the_way(case)
        raise Refused("close_refused", "This cannot be closed yet.", hindrances=hindrances)
    return case


@transaction.atomic
def close_unanswered(case: Case, *, by: Actor) -> Case:
    """A supervisor ends the waiting for an answer: closed as *no answer*, never counted as solved.

    Raises:
        NotAllowed: the actor is no supervisor.
        Refused: it is not unconfirmed, or a sub-task is open.
    """
    case = lock(case)
    _require_supervisor(by)
    if case.outcome == Case.Outcome.NO_ANSWER:
        return case
    if case.state != Case.State.UNCONFIRMED:
        raise Refused("not_unconfirmed", "Only a case whose reminders went unanswered can be closed as no answer.")
    if case.subtasks.open().exists():
        parts = tuple(found for found in standing_in_the_way(case) if found.code == "open_subtask")
        raise Refused("close_refused", "This cannot be closed yet.", hindrances=parts)
    _close(case, Case.Outcome.NO_ANSWER, by=by)
    return case


@transaction.atomic
def override(case: Case, *, reason: str, by: Actor) -> Case:
    """A supervisor closes over everything that stands in the way, with a reason. It raises a flag.

    Raises:
        NotAllowed: the actor is no supervisor.
        Conflict: it is closed already.
        Refused: no reason.
    """
    case = lock(case)
    _require_supervisor(by)
    if case.outcome == Case.Outcome.OVERRIDE:
        return case
    if not case.is_open:
        raise Conflict("closed_already", f"This problem is closed already: {case.get_outcome_display()}.")
    if not reason.strip():
        raise Refused("reason_needed", "Say why it is closed without the customer’s yes.", field="reason")
    case.override_reason = reason.strip()
    _close(case, Case.Outcome.OVERRIDE, by=by)
    return case


@transaction.atomic
def reopen(case: Case, *, reason: str, by: Actor, next_promise: promises.Pledge | None = None) -> Case:
    """Take back a proposal or a closing. Same owner.

    Args:
        next_promise: what is promised now; needed unless one is still owed.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: no reason, or no promise would be left.
    """
    case = lock(case)
    promises.require_voice(by, case)
    if case.state == Case.State.OPEN:
        return case
    if not reason.strip():
        raise Refused("reason_needed", "Say why it is open again.", field="reason")
    waiting.end_resolution(case)
    waiting.open_again(case)
    timeline.record(case, Kind.REOPENED, by=by, data={"reason": reason.strip()})
    promises.settle(case, next_promise, by=by)
    return case


def close_if_agreed(case: Case) -> bool:
    """Close a locked case if the customer has said yes and no part is open any more. Whether it closed."""
    if not case.is_open or case.yes_at is None or case.subtasks.open().exists():
        return False
    # What was promised after the yes still holds.
    promises.moot_all(case, made_until=case.yes_at)
    _close(case, Case.Outcome.CONFIRMED, by=case.customer)
    return True


# -- steps -------------------------------------------------------------------------------------------------------------


def _close(case: Case, outcome: str, *, by: Actor) -> None:
    waiting.end_resolution(case)
    case.handovers.filter(state="offered").update(state="overtaken", answered_at=clock.now())
    case.state, case.outcome = Case.State.CLOSED, outcome
    case.closed_at, case.closed_by, case.closed_by_agent = clock.now(), kind_of(by), agent_or_none(by)
    write(case, "state", "outcome", "closed_at", "closed_by", "closed_by_agent", "override_reason")
    timeline.record(case, Kind.CLOSED, by=by, data={"outcome": outcome})
    next_step.end_silence(case)


def _proposed_with(message: Message) -> Resolution | None:
    entry = (
        message.case.entries.filter(kind=Kind.RESOLUTION_PROPOSED, message=message).select_related("resolution").first()
    )
    return entry.resolution if entry else None


def _write_resolution(case: Case, kind, words, meets, why_none, by) -> Resolution:
    now = clock.now()
    hours = case.owner.department.calendar.hours
    due = [add_business_days(now, days, hours) for days in settings.REMIND_AFTER_BUSINESS_DAYS]
    resolution = Resolution.objects.create(
        case=case,
        kind=kind,
        words=words.strip(),
        meets=meets,
        why_none=why_none.strip(),
        proposed_at=now,
        proposed_by_agent=agent_or_none(by),
        unconfirmed_due_at=add_business_days(due[-1], settings.UNCONFIRMED_AFTER_BUSINESS_DAYS, hours),
    )
    Reminder.objects.bulk_create(
        Reminder(resolution=resolution, case=case, position=position, due_at=due_at)
        for position, due_at in enumerate(due, start=1)
    )
    return resolution


def _supervisors_by(case: Case, now: datetime) -> datetime:
    hours = case.owner.department.calendar.hours
    return add_business_days(now, settings.SUPERVISORS_WITHIN_BUSINESS_DAYS, hours)


def _require_silence(case: Case) -> None:
    due_at = case.resolutions.filter(ended_at=None).values_list("unconfirmed_due_at", flat=True).get()
    if due_at is None or due_at > clock.now():
        raise Refused("still_reminding", f"{case.customer.first_name} is still being reminded.")


def _require_supervisor(by: Actor) -> None:
    permissions.require(
        permissions.may_close_unheard(by), "supervisors_only", "Only a supervisor can close without the customer’s yes."
    )


def _require_proposable(case: Case, kind: str, words: str, meets: Preference | None, why_none: str) -> None:
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed. Reopen it to propose something else.")
    if case.yes_at:
        raise Refused(
            "yes_already", f"{case.customer.first_name} has said yes already. Finish or drop the parts that are open."
        )
    if kind not in Resolution.Kind.values:
        raise Refused("kind_needed", "Say what kind of resolution it is.", field="kind")
    if not words.strip():
        raise Refused("words_needed", f"Say what has been done: {case.customer.first_name} reads it.", field="words")
    if meets is not None and meets.case_id != case.pk:
        raise Refused("not_this_case", "This wish belongs to another case.", field="meets")
    if meets is None and not why_none.strip():
        raise Refused("wish_needed", "Say which wish it meets, or why it meets none.", field="why_none")


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
        case.resolutions.filter(ended_at=None, supervisors_by=None).update(supervisors_by=_supervisors_by(case, now))


_REMIND_DUE = """
WITH due AS (
    SELECT r.id, r.case_id, c.origin FROM cases_reminder r JOIN cases_case c ON c.id = r.case_id
     WHERE r.sent_at IS NULL AND r.waived_at IS NULL AND r.due_at <= %(now)s
       AND (%(cases)s::bigint[] IS NULL OR r.case_id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR c.origin <> %(leave_out)s)
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

_UNCONFIRM_DUE = """
WITH due AS (
    SELECT s.id, s.case_id, c.origin FROM cases_resolution s JOIN cases_case c ON c.id = s.case_id
     WHERE s.ended_at IS NULL AND s.unconfirmed_at IS NULL AND s.unconfirmed_due_at <= %(now)s
       AND c.state = 'proposed'
       AND NOT EXISTS (SELECT 1 FROM cases_reminder r
                        WHERE r.resolution_id = s.id AND r.sent_at IS NULL AND r.waived_at IS NULL)
       AND (%(cases)s::bigint[] IS NULL OR s.case_id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR c.origin <> %(leave_out)s)
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
