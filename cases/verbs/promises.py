"""Promises: make, keep, renegotiate, move, break. An open case always has a next one (design rules 4 and 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from cases import permissions, timeline
from cases.actors import DESK, LOG, Actor, agent_or_none, kind_of
from cases.holding import held
from cases.models import Appeal, Case, Concession, Message, Promise, Subtask
from cases.models.timeline import Kind
from cases.verbs import backing, next_step, waiting
from cases.verbs.locking import lock, lock_with, write
from staff.businesstime import add_business_time
from supportdesk import clock
from supportdesk.errors import Conflict, Refused
from supportdesk.statements import insert

FURTHEST = timedelta(days=366)
BATCH = 500


@dataclass(frozen=True)
class Pledge:
    """A promise about to be made.

    Attributes:
        words: what is promised, continuing "Mia will …": ``call you with both codes``.
        due_at: aware datetime by which it is done.
        kind: one of ``Promise.Kind``.
        backed_by: the department's part on which it hangs; one that the words name is found without being told.
        backed_by_concession: the decision on which it hangs.
        in_closed_hours: a person who promises it for a time at which nobody works means it so.
    """

    words: str
    due_at: datetime
    kind: str = Promise.Kind.UPDATE
    backed_by: Subtask | None = None
    backed_by_concession: Concession | None = None
    in_closed_hours: bool = False


# -- verbs ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def make(case: Case, pledge: Pledge, *, by: Actor) -> Promise:
    """Promise the customer something. The same words for the same time, still owed, are made once.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: the case is closed, the words are empty, or the time is past or out of reach, in closed hours without
            being meant so, or earlier than what it hangs on.
    """
    case = lock(case)
    require_voice(by, case)
    twin = case.promises.owed().filter(words=_as_told(pledge.words), due_at=pledge.due_at).first()
    if twin is not None:
        return twin
    promise = add(case, pledge, by=by)
    next_step.add(case, promise)
    return promise


@transaction.atomic
def keep(
    promise: Promise, *, by: Actor, said: str = "", message: Message | None = None, next_promise: Pledge | None = None
) -> Promise:
    """Keep a promise by an act: a conversation written down, or a message that has gone out.

    One whose time has passed is broken, whatever is done now; speaking to the customer about it *answers* it.

    Args:
        said: what was said when the customer was spoken to; becomes part of the conversation.
        message: instead of ``said``, a message to this customer, past its ``send_at``, not older than the promise.
        next_promise: what is promised next; needed when this was the last one of an open case.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: the promise has ended in another way.
        Refused: no act, a message that has not gone out, or no next promise.
    """
    case, promise = lock_with(promise)
    require_voice(by, case)
    if promise.state == Promise.State.KEPT or promise.answered_at:
        _require_same_act(promise, said)
        return promise
    if not promise.is_owed:
        raise Conflict("promise_ended", f"This promise has ended: {promise.get_state_display()}.")
    require_ones_own([promise])
    act = _act_of_keeping(case, promise, said, message, by)
    end_by_act(case, [promise], act, by=by)
    settle(case, next_promise, by=by)
    return promise


@transaction.atomic
def renegotiate(promise: Promise, pledge: Pledge, *, agreement: str, reason: str = "", by: Actor) -> Promise:
    """Agree on another date before the old one is due. Both stay on record; the new promise is returned.

    Args:
        agreement: how the customer agreed, such as "on the telephone at ten".

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: the promise has ended.
        Refused: it is past due already, no agreement is given, or the new promise cannot be made.
    """
    return _replace(promise, pledge, Promise.State.RENEGOTIATED, reason=reason, agreement=agreement, by=by)


@transaction.atomic
def move(promise: Promise, pledge: Pledge, *, reason: str, by: Actor) -> Promise:
    """Tell the customer another date before the old one is due, without their agreement. Both dates stay.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: the promise has ended.
        Refused: it is past due already, no reason is given, or the new promise cannot be made.
    """
    return _replace(promise, pledge, Promise.State.MOVED, reason=reason, agreement="", by=by)


def break_due(now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Write down every promise that is past due: the set form, in batches, each case locked or left for the next sweep.

    Args:
        now: aware datetime.
        cases: only these cases' promises.
        leave_out: not the cases whose origin begins so.

    Returns:
        how many were broken.
    """
    broken = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BREAK_DUE, {"now": now, "cases": cases, "leave_out": leave_out, "batch": BATCH})
            batch = cursor.rowcount
            if batch:
                timeline.ring_on_commit()
        broken += batch
        if batch < BATCH:
            return broken


# A broken promise stays owed, so the case's next step does not change here.
_BREAK_DUE = """
WITH due AS (
    SELECT p.id, p.case_id, c.origin FROM cases_promise p JOIN cases_case c ON c.id = p.case_id
     WHERE p.state = 'open' AND p.due_at <= %(now)s
       AND (%(cases)s::bigint[] IS NULL OR p.case_id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(c.origin, %(leave_out)s))
       AND c.outcome <> 'not_a_case'
     ORDER BY p.due_at LIMIT %(batch)s FOR UPDATE OF p, c SKIP LOCKED
), broken AS (
    UPDATE cases_promise p SET state = 'broken', ended_at = p.due_at FROM due WHERE p.id = due.id RETURNING p.id
)
INSERT INTO cases_entry (case_id, kind, at, actor, promise_id, data, announced_at)
SELECT due.case_id, 'promise_broken', %(now)s, 'desk', due.id, '{}',
       CASE WHEN due.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM due JOIN broken USING (id)
"""


# -- beats that other verbs share ------------------------------------------------------------------------------------


def require_voice(by: Actor, case: Case) -> None:
    """Only the owner, who stands in for them, or a supervisor speaks to the customer (design rule 7)."""
    permissions.require(
        by is DESK or permissions.may_speak(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor can do this.",
    )


def add(case: Case, pledge: Pledge, *, by: Actor, replaces: Promise | None = None) -> Promise:
    """Write a promise on a locked case; the caller refreshes the next step."""
    now = clock.now()
    _require_possible(case, pledge, now, by)
    hangs_on = {"backed_by": backing.part_behind(case, pledge, by=by)}
    hangs_on["backed_by_concession"] = backing.decision_behind(case, pledge)
    backing.ask_about_closed_hours(case, pledge, by=by)
    promise = Promise(
        case=case,
        kind=pledge.kind,
        words=_as_told(pledge.words),
        due_at=pledge.due_at,
        made_at=now,
        made_by=kind_of(by),
        made_by_agent=agent_or_none(by),
        replaces=replaces,
        carried_from_id=replaces.carried_from_id if replaces else None,
        **hangs_on,
    )
    insert(promise)
    if replaces is None:
        timeline.record(case, Kind.PROMISE_MADE, by=by, promise=promise)
    return promise


def promise_to_be_in_touch(case: Case, *, beside_late: bool, soon: bool = False) -> None:
    """The desk's own word, where the customer's act ended the last promise: the owner will be in touch (rule 4).

    Args:
        beside_late: also when something is late and still owed. What is late is no next promise for a case that begins
            again; to somebody who merely writes, it is what they still wait for.
        soon: also when something is promised, but for later than the owner would be in touch.
    """
    owed = case.promises.owed()
    if beside_late:
        owed = owed.filter(state=Promise.State.OPEN, due_at__gt=clock.now())
    if soon:
        owed = owed.filter(due_at__lte=first_answer_due(case))
    if not owed.exists():
        add(case, Pledge("be in touch with you", first_answer_due(case)), by=DESK)


def soon_in_touch(case: Case) -> Promise | None:
    """What is promised already and says no less than that the owner will be in touch within business hours."""
    ahead = case.promises.filter(state=Promise.State.OPEN, due_at__gt=clock.now(), due_at__lte=first_answer_due(case))
    return ahead.order_by("due_at", "pk").first()


def first_answer_due(case: Case) -> datetime:
    """When the owner must have been in touch: business hours of the owner's department. Aware datetime, UTC."""
    return add_business_time(clock.now(), settings.FIRST_ANSWER_WITHIN, case.owner.department.calendar.hours)


def of_case(case: Case, promises: Sequence[Promise]) -> list[Promise]:
    """Those of these promises that belong to this locked case, as they are now."""
    if held(case.pk):
        return [promise for promise in promises if promise.case_id == case.pk]
    return list(case.promises.filter(pk__in=[promise.pk for promise in promises]))


def require_ones_own(promises: Iterable[Promise], field: str = "keeps") -> None:
    """That someone else answers the customer is kept by their answer alone, and nobody moves it."""
    desks_own = [promise.pk for promise in promises if promise.is_another_persons]
    if desks_own and Appeal.objects.open().filter(promise__in=desks_own).exists():
        raise Refused(
            "someone_else_keeps_it",
            "That someone else answers is kept by their answer alone. Say something else beside it.",
            field=field,
        )


def end_by_act(case: Case, promises: Iterable[Promise], act: Message, *, by: Actor) -> None:
    """End promises by something said to the customer: kept if in time, else broken and now answered."""
    now = clock.now()
    for promise in promises:
        if not promise.is_owed:
            continue
        if promise.is_broken(now):
            _answer(case, promise, act, now, by)
        else:
            _end(promise, Promise.State.KEPT, now, kept_by=act)
            timeline.record(case, Kind.PROMISE_KEPT, by=by, promise=promise)


def take_back(case: Case, act: Message) -> list[Promise]:
    """The message that ended them did not arrive: promises of a locked case that are owed again, the earliest first.

    The caller records it, breaks what is late and refreshes the next step.
    """
    owed_again = list(case.promises.filter(kept_by=act).order_by("due_at", "pk"))
    for promise in owed_again:
        promise.kept_by = promise.answered_at = None
        if promise.state == Promise.State.KEPT:
            promise.state, promise.ended_at = Promise.State.OPEN, None
        promise.save(update_fields=["kept_by", "answered_at", "state", "ended_at"])
    return owed_again


def break_late(case: Case, now: datetime) -> None:
    """Write down what is past due on one locked case, so that an act cannot hide it."""
    for promise in case.promises.due(now).order_by("due_at", "pk"):
        _break(case, promise)


def moot_all(case: Case, made_until: datetime | None = None) -> None:
    """The customer's yes makes what is still ahead pointless; what is late stays broken (design rule 5).

    Args:
        made_until: only what was promised up to this instant; none: now. Aware datetime.
    """
    now = clock.now()
    break_late(case, now)
    ahead = case.promises.filter(state=Promise.State.OPEN, made_at__lte=made_until or now)
    for promise in ahead.order_by("due_at", "pk"):
        _end(promise, Promise.State.MOOT, now)
        timeline.record(case, Kind.PROMISE_MOOT, by=case.customer, promise=promise)


def settle(case: Case, next_promise: Pledge | None, *, ended: bool = True, by: Actor) -> None:
    """Make the next promise if there is one, and refuse to leave an open case without any.

    Args:
        ended: whether a promise may have ended; if none has, what comes next is known without asking.

    Raises:
        Refused: nothing is promised any more. Only a replayed log may leave it so.
    """
    made = add(case, next_promise, by=by) if next_promise is not None else None
    if ended:
        next_step.refresh(case)
    elif made is not None:
        next_step.add(case, made)
    if case.is_open and case.next_step == Case.NextStep.NOTHING and by is not LOG:
        raise Refused(
            "next_promise_needed",
            f"This was the last promise to {case.customer.first_name}. Say what you promise next.",
            field="next_words",
        )


# -- steps -------------------------------------------------------------------------------------------------------------


def _act_of_keeping(case: Case, promise: Promise, said: str, message: Message | None, by: Actor) -> Message:
    now = clock.now()
    if message is not None:
        if message.case_id != case.pk or message.is_from_customer:
            raise Refused("not_an_act", "Only a message to this customer keeps this promise.")
        if not message.is_sent(now):
            raise Refused("not_sent_yet", "The message has not gone out yet. A promise is kept when it has.")
        if message.send_at < promise.made_at:
            raise Refused("said_before", "This message had gone out before the promise was made.")
        return message
    if not said.strip():
        raise Refused(
            "act_needed",
            f"Write down what you said to {case.customer.first_name}: saying it is what keeps it.",
            field="said",
        )
    act = Message.objects.create(
        case=case,
        direction=Message.Direction.OUT,
        channel=Message.Channel.PHONE,
        body=said.strip(),
        agent=agent_or_none(by),
        written_at=now,
        send_at=now,
        delivery=Message.Delivery.SPOKEN,
    )
    case.we_wrote_at = now
    write(case, "we_wrote_at")
    timeline.record(case, Kind.MESSAGE_TO_CUSTOMER, by=by, message=act)
    waiting.end_assurances(case, by=by)
    if case.state == Case.State.UNCONFIRMED:
        # They have been spoken with: that is no silence any more.
        waiting.end(case, by=by)
    return act


def _require_same_act(promise: Promise, said: str) -> None:
    """Sent twice it is done once; other words would be lost silently."""
    if said.strip() and (promise.kept_by is None or promise.kept_by.body != said.strip()):
        raise Conflict("kept_already", "This has been written down already, in other words. Look at the case anew.")


def _replace(promise: Promise, pledge: Pledge, state: str, *, reason: str, agreement: str, by: Actor) -> Promise:
    case, promise = lock_with(promise)
    require_voice(by, case)
    successor = Promise.objects.filter(replaces=promise).first()
    if successor and (successor.due_at, successor.words) == (pledge.due_at, _as_told(pledge.words)):
        return successor
    if state == Promise.State.RENEGOTIATED and not agreement.strip():
        raise Refused("agreement_needed", "Say how the customer agreed to the new date.", field="agreement")
    if state == Promise.State.MOVED and not reason.strip():
        raise Refused("reason_needed", "Say why the date moves: the customer reads it.", field="reason")
    if promise.state not in (Promise.State.OPEN, Promise.State.BROKEN):
        raise Conflict("promise_ended", f"This promise has ended: {promise.get_state_display()}.")
    require_ones_own([promise], field="due_at")
    now = clock.now()
    if promise.is_broken(now):
        raise Refused(
            "promise_broken",
            f"This promise is late: it can no longer be moved. Speak to {case.customer.first_name}, then promise anew.",
            field="due_at",
        )
    _end(promise, state, now, reason=reason.strip(), agreement=agreement.strip())
    successor = add(case, pledge, by=by, replaces=promise)
    kind = Kind.PROMISE_MOVED if state == Promise.State.MOVED else Kind.PROMISE_RENEGOTIATED
    timeline.record(case, kind, by=by, promise=successor, data={"from": promise.due_at})
    next_step.refresh(case)
    return successor


def _answer(case: Case, promise: Promise, act: Message, now: datetime, by: Actor) -> None:
    if promise.state == Promise.State.OPEN:
        _break(case, promise, answered_at=now, kept_by=act)
    else:
        promise.answered_at, promise.kept_by = now, act
        promise.save(update_fields=["answered_at", "kept_by"])
    timeline.record(case, Kind.PROMISE_ANSWERED, by=by, promise=promise)


def _break(case: Case, promise: Promise, **facts) -> None:
    _end(promise, Promise.State.BROKEN, promise.due_at, **facts)
    timeline.record(case, Kind.PROMISE_BROKEN, by=DESK, promise=promise)


def _end(promise: Promise, state: str, at: datetime, **facts) -> None:
    promise.state, promise.ended_at = state, at
    for name, value in facts.items():
        setattr(promise, name, value)
    promise.save(update_fields=["state", "ended_at", *facts])


def _require_possible(case: Case, pledge: Pledge, now: datetime, by: Actor) -> None:
    # That somebody answers is owed by the desk also where the problem itself is over.
    if not case.is_open and by is not DESK:
        raise Refused("case_closed", "This problem is closed. Reopen it to promise something.")
    if not _as_told(pledge.words):
        raise Refused("words_needed", "Say what you promise.", field="words")
    if len(pledge.words) > 200:
        raise Refused("words_too_long", "Say it in one sentence, at most 200 characters.", field="words")
    if pledge.due_at <= now:
        raise Refused("due_in_the_past", "Choose a time that is still ahead.", field="due_at")
    # The desk's own word follows the calendar, however seldom that opens: no customer is sent away for it.
    if by is not DESK and pledge.due_at > now + FURTHEST:
        raise Refused("due_too_far", "Choose a time within a year.", field="due_at")


def _as_told(words: str) -> str:
    """The words so that they continue "Mia will …", however the agent began them."""
    words = re.sub(r"^(i|we)(\s+will|['’]ll)(\s+|$)", "", " ".join(words.split()), flags=re.IGNORECASE).rstrip(".")
    if len(words) > 1 and words[0].isupper() and words[1].islower():
        words = words[0].lower() + words[1:]
    return words
