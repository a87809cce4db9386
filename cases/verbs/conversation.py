"""Conversation: what is said to the customer, by the customer, and inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from cases import permissions, timeline
from cases.actors import Actor, agent_or_none
from cases.models import Attempt, Case, Message, Note, Participant, Promise
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import next_step, promises, waiting
from cases.verbs.locking import lock, lock_with, write
from cases.verbs.opening import last_words
from staff.businesstime import add_business_days
from staff.models import Agent
from supportdesk import clock
from supportdesk.errors import Conflict, Refused
from supportdesk.statements import insert

LONGEST = 20_000
LONGEST_WHY = 200


@transaction.atomic
def write_to_customer(
    case: Case,
    body: str,
    *,
    by: Actor,
    send_at: datetime | None = None,
    keeps: Sequence[Promise] = (),
    next_promise: promises.Pledge | None = None,
    once: str = "",
) -> Message:
    """Write to the customer. The message stands on the status page from ``send_at``.

    Args:
        send_at: aware datetime; none: now.
        keeps: promises of this case that the message keeps; it must go out now for that.
        next_promise: what is promised next; needed when the last promise of an open case is kept.
        once: key of the form; the same key writes one message.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: empty or too long, the case is closed, or no promise would be left.
    """
    case = lock(case)
    promises.require_voice(by, case)
    twin, once = sent_before(Message, once, case_id=case.pk, body=body.strip())
    if twin is not None:
        return twin
    if not case.is_open:
        raise Refused("case_closed", f"This problem is closed. Reopen it to write to {case.customer.first_name}.")
    with timeline.written_together():
        message = say(case, body, by=by, send_at=send_at, once=once)
        timeline.record(case, Kind.MESSAGE_TO_CUSTOMER, by=by, message=message)
        if keeps:
            _keep(case, keeps, message, by=by)
        promises.settle(case, next_promise, ended=bool(keeps), by=by)
    return message


@transaction.atomic
def note(case: Case, body: str, *, by: Actor, once: str = "") -> Note:
    """Say something inside. Everybody on the staff may; the customer never sees it.

    Raises:
        NotAllowed: the actor is not of the staff.
        Refused: empty or too long.
    """
    case = lock(case)
    permissions.require(permissions.may_note(by, case), "staff_only", "Only staff write notes.")
    twin, once = sent_before(Note, once, case_id=case.pk, body=body.strip())
    if twin is not None:
        return twin
    written = jot(case, body, by=by, once=once)
    timeline.record(case, Kind.NOTED, by=by, note=written)
    return written


@transaction.atomic
def note_to_owner(case: Case, body: str, *, by: Actor, once: str = "") -> Note:
    """A supervisor, or who is named above them, writes inside to the owner, who is told.

    Raises:
        NotAllowed: the actor does not look after the desk, or owns the case.
        Refused: empty or too long, or nobody owns it yet.
    """
    case = lock(case)
    permissions.require(
        permissions.may_note_to_owner(by, case),
        "supervisors_only",
        "You own this case yourself: write an inside note."
        if permissions.owns(by, case)
        else "Only a supervisor writes a note to the owner.",
    )
    twin, once = sent_before(Note, once, case_id=case.pk, body=body.strip())
    if twin is not None:
        return twin
    if case.owner.is_fallback:
        raise Refused("no_owner_yet", "Nobody owns this yet: take it over, or give it to somebody.", field="body")
    written = jot(case, body, by=by, once=once)
    timeline.record(case, Kind.NOTE_TO_OWNER, by=by, note=written)
    return written


@transaction.atomic
def attempt(case: Case, how: str, *, by: Actor, promise: Promise | None = None, once: str = "") -> Attempt:
    """Write down a call that reached nobody. It keeps no promise, and is listed on it (design rule 5).

    Args:
        how: one of ``Attempt.CALLS``.
        promise: what it was to keep, if anything: a promise of this case that is still owed.
        once: key of the form; the same key is one attempt.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: the promise has ended.
        Refused: unknown how, a promise of another case, or the case is closed.
    """
    case = lock(case)
    promises.require_voice(by, case)
    twin, once = sent_before(Attempt, once, case_id=case.pk, how=how, promise_id=promise and promise.pk)
    if twin is not None:
        return twin
    if not case.is_open:
        raise Refused("case_closed", f"This problem is closed. Reopen it to call {case.customer.first_name}.")
    if how not in Attempt.CALLS:
        raise Refused("how_needed", "Say what happened when you called.", field="how")
    if promise is not None:
        promise = _owed_here(case, promise)
    tried = Attempt.objects.create(
        case=case, promise=promise, how=how, at=clock.now(), agent=agent_or_none(by), once=once
    )
    timeline.record(case, Kind.ATTEMPTED, by=by, attempt=tried, promise=promise)
    return tried


@transaction.atomic
def did_not_arrive(message: Message, why: str, *, by: Actor) -> Message:
    """What we wrote has not reached the customer: a channel says so, or whoever speaks has found out.

    It was an attempt (design rule 5): what it kept is owed again from the same due time, and broken if that is past;
    the customer counts as not answered by it, and whoever made sure of an answer still does. What a closed case came to
    stays as it is.

    Args:
        message: of ours.
        why: what the channel says, in one sentence that no person wrote, such as "the mailbox is full".

    Raises:
        NotAllowed: neither the desk nor somebody who may speak on this case.
        Refused: it is the customer's own, was spoken, or has not gone out yet.
    """
    case, message = lock_with(message)
    permissions.require(
        permissions.may_say_it_came_back(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor can say this.",
    )
    if message.delivery == Message.Delivery.NOT_ARRIVED:
        return message
    if message.is_from_customer:
        raise Refused("not_ours", "This is the customer’s own message: it has arrived.")
    if message.delivery == Message.Delivery.SPOKEN:
        raise Refused("was_spoken", "This was said to them on the telephone: it has arrived.")
    if not message.is_sent(clock.now()):
        raise Refused("not_sent_yet", "This message has not gone out yet.")
    message.delivery = Message.Delivery.NOT_ARRIVED
    message.save(update_fields=["delivery"])
    why = " ".join(why.split()).rstrip(".")[:LONGEST_WHY]
    owed_again = promises.take_back(case, message) if case.is_open else []
    tries = [
        Attempt(case=case, promise=promise, how=Attempt.How.BOUNCED, at=clock.now(), agent=message.agent)
        for promise in owed_again or [None]
    ]
    Attempt.objects.bulk_create(tries)
    timeline.record(
        case,
        Kind.MESSAGE_DID_NOT_ARRIVE,
        by=by,
        message=message,
        promise=owed_again[0] if owed_again else None,
        data={"why": why, "owed_again": [promise.pk for promise in owed_again]},
    )
    _unsay(case, message)
    promises.break_late(case, clock.now())
    next_step.refresh(case)
    return message


@transaction.atomic
def customer_writes(case: Case, body: str, *, by: Actor, once: str = "") -> Message:
    """The customer, or somebody who takes part, adds something. Free text is never read as a yes.

    Whoever was waited for has spoken: reminders end, and where nothing is promised any more, the desk promises that the
    owner will be in touch. What was put aside is open again at once. A closed case stays closed: somebody says within a
    business day whether it is more than thanks, else it is open again.

    Raises:
        NotAllowed: it is another customer.
        Refused: empty or too long.
    """
    case = lock(case)
    participant = require_party(by, case)
    twin, once = sent_before(Message, once, case_id=case.pk, body=body.strip())
    if twin is not None:
        return twin
    message = hear(case, body, once=once, participant=participant)
    was_closed = not case.is_open
    if was_closed and not case.is_put_aside:
        _ask_for_a_decision(case)
        timeline.record(case, Kind.WROTE_AFTER_CLOSING, by=by, message=message, participant=participant)
        return message
    timeline.record(case, Kind.MESSAGE_FROM_CUSTOMER, by=by, message=message, participant=participant)
    waiting.end(case, by=by)
    promises.promise_to_be_in_touch(case, beside_late=was_closed)
    next_step.refresh(case)
    return message


# -- steps that other verbs share --------------------------------------------------------------------------------------


def require_the_customer(by: Actor, case: Case) -> Participant | None:
    """What only this case's customer can say (design rule 2), or who speaks for them: as what, if so."""
    participant = _part_of(by, case)
    permissions.require(
        permissions.may_answer(by, case, participant),
        "customer_only",
        "Only the customer can say this, from their own page.",
    )
    return participant


def require_party(by: Actor, case: Case) -> Participant | None:
    """What this case's customer can add and everybody who takes part: as what, if it is not the customer."""
    participant = _part_of(by, case)
    permissions.require(
        permissions.is_the_customer(by, case) or participant is not None,
        "customer_only",
        "Only the customer can add this, from their own page.",
    )
    return participant


def say(case: Case, body: str, *, by: Actor, send_at: datetime | None = None, once: str | None = None) -> Message:
    """Write down what goes to the customer, on a locked case; the caller records it."""
    now = clock.now()
    message = Message(
        case=case,
        direction=Message.Direction.OUT,
        channel=Message.Channel.PORTAL,
        body=_words(body),
        agent=agent_or_none(by),
        written_at=now,
        send_at=max(send_at or now, now),
        delivery=Message.Delivery.STATUS_PAGE,
        once=once,
    )
    insert(message)
    # Not `send_at`: what goes out tomorrow must not hide what the customer writes today.
    case.we_wrote_at = now
    write(case, "we_wrote_at")
    if message.is_sent(now):
        waiting.end_assurances(case, by=by)
    return message


def hear(
    case: Case,
    body: str,
    *,
    channel: str = Message.Channel.PORTAL,
    listener: Agent | None = None,
    once: str | None = None,
    participant: Participant | None = None,
    waits: bool = True,
) -> Message:
    """Write down what the customer said, on a locked case; the caller records it.

    Args:
        listener: who heard it, where it was not written by the customer's own hand.
        participant: who said it, if not the customer.
        waits: whether it waits for an answer of ours; what was said to us in a conversation does not.
    """
    now = clock.now()
    message = Message(
        case=case,
        direction=Message.Direction.IN,
        channel=channel,
        body=_words(body),
        agent=listener,
        written_at=now,
        send_at=now,
        delivery=Message.Delivery.RECEIVED,
        once=once,
        participant=participant,
    )
    insert(message)
    case.latest_words = last_words(message.body)
    if waits:
        case.customer_wrote_at = now
    write(case, "latest_words", "customer_wrote_at")
    return message


def jot(case: Case, body: str, *, by: Actor, once: str | None = None) -> Note:
    """Write down what is said inside, on a locked case; the caller records it."""
    return Note.objects.create(case=case, body=_words(body), agent=agent_or_none(by), written_at=clock.now(), once=once)


def _unsay(case: Case, message: Message) -> None:
    """We have last written when something last arrived, and nobody has made sure by this."""
    said = case.messages.filter(direction=Message.Direction.OUT).exclude(delivery=Message.Delivery.NOT_ARRIVED)
    case.we_wrote_at = said.aggregate(last=Max("written_at"))["last"]
    write(case, "we_wrote_at")
    if case.we_wrote_at is None or case.we_wrote_at < message.written_at:
        case.assurances.filter(made_at__lte=message.written_at, ended_at=message.written_at).update(ended_at=None)


def _owed_here(case: Case, promise: Promise) -> Promise:
    promise = case.promises.filter(pk=promise.pk).first()
    if promise is None:
        raise Refused("not_this_case", "This promise belongs to another case.")
    if not promise.is_owed:
        raise Conflict("promise_ended", f"This promise has ended: {promise.get_state_display()}.")
    return promise


def _ask_for_a_decision(case: Case) -> None:
    """By when it is decided counts from the first words; more of them move nothing."""
    if case.decide_by is None:
        hours = case.owner.department.calendar.hours
        case.decide_by = add_business_days(clock.now(), settings.DECIDE_WITHIN_BUSINESS_DAYS, hours)
        write(case, "decide_by")


def _part_of(by: Actor, case: Case) -> Participant | None:
    """As what they take part; the customer takes part as nothing else."""
    return None if permissions.is_the_customer(by, case) else permissions.part_of(by, case)


def _keep(case: Case, keeps: Sequence[Promise], message: Message, *, by: Actor) -> None:
    if not message.is_sent(clock.now()):
        raise Refused("not_sent_yet", "A message that goes out later cannot keep a promise yet.", field="keeps")
    mine = promises.of_case(case, keeps)
    if len(mine) != len({promise.pk for promise in keeps}):
        raise Refused("not_this_case", "One of these promises belongs to another case.", field="keeps")
    promises.require_ones_own(mine)
    promises.end_by_act(case, mine, message, by=by)


def _words(body: str) -> str:
    body = body.strip()
    if not body:
        raise Refused("words_needed", "Write something first.", field="body")
    if len(body) > LONGEST:
        raise Refused("words_too_long", f"Please stay below {LONGEST:,} characters.", field="body")
    return body
