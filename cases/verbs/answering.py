"""Answering: yes, not yet, I understand, I do not accept it, I no longer need this. The customer's alone (rule 2)."""

from __future__ import annotations

from django.db import transaction

from cases import timeline
from cases.actors import Actor
from cases.models import Case, Message, Resolution
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import closing, conversation, next_step, promises, waiting
from cases.verbs.locking import lock, write
from supportdesk import clock
from supportdesk.errors import Refused


@transaction.atomic
def say_yes(case: Case, *, by: Actor, words: str = "") -> Case:
    """The customer says it is over. With open parts the yes is kept and the case closes when the last of them ends.

    Raises:
        NotAllowed: anybody but this customer and who speaks for them.
        Refused: what stands proposed puts nothing right: it can be understood, and is never counted as solved.
    """
    case = lock(case)
    participant = conversation.require_the_customer(by, case)
    if case.is_ended_by_customer or not case.is_open:
        return case
    standing = _standing(case)
    if standing and standing.asks_to_understand:
        raise Refused("understand_instead", "Please say whether you understand this, or do not accept it.")
    message = conversation.hear(case, words, participant=participant) if words.strip() else None
    resolution = waiting.end_resolution(case, Resolution.Answer.YES)
    case.yes_at, case.state = clock.now(), Case.State.OPEN
    write(case, "yes_at", "state")
    timeline.record(
        case, Kind.CUSTOMER_SAID_YES, by=by, participant=participant, message=message, resolution=resolution
    )
    _end_now_or_with_the_last_part(case)
    return case


@transaction.atomic
def say_not_yet(case: Case, *, by: Actor, words: str = "", once: str = "") -> Case:
    """The customer says it is not over: back to open with the same owner, at once, even when it was closed.

    Raises:
        NotAllowed: anybody but this customer and who speaks for them.
    """
    case = lock(case)
    participant = conversation.require_the_customer(by, case)
    if case.is_open and not case.awaits_answer and not case.is_ended_by_customer and not words.strip():
        return case
    said_before, once = sent_before(Message, once, case_id=case.pk, body=words.strip())
    if said_before and case.entries.filter(kind=Kind.CUSTOMER_SAID_NOT_YET, message=said_before).exists():
        return case
    message = conversation.hear(case, words, once=once, participant=participant) if words.strip() else None
    resolution = waiting.end_resolution(case, Resolution.Answer.NOT_YET)
    was_closed = not case.is_open
    waiting.open_again(case)
    timeline.record(
        case,
        Kind.CUSTOMER_SAID_NOT_YET,
        by=by,
        message=message,
        resolution=resolution,
        participant=participant,
        data={"was_closed": was_closed},
    )
    promises.promise_to_be_in_touch(case, beside_late=True)
    next_step.refresh(case)
    return case


@transaction.atomic
def understand(case: Case, *, by: Actor, words: str = "") -> Case:
    """The customer understands that another must do it, or that we cannot. Counted apart from solved.

    What we cannot do is over with it, as with a yes. What another must do stays open until our date to ask whether they
    did: over it is when the customer says that it is solved.

    Raises:
        NotAllowed: anybody but this customer and who speaks for them.
        Refused: nothing stands proposed that could be understood.
    """
    case = lock(case)
    participant = conversation.require_the_customer(by, case)
    standing = _standing(case)
    if standing is None and _last_answer(case) == Resolution.Answer.UNDERSTOOD:
        return case
    _require_something_to_understand(standing)
    message = conversation.hear(case, words, participant=participant) if words.strip() else None
    resolution = waiting.end_resolution(case, Resolution.Answer.UNDERSTOOD)
    case.state = Case.State.OPEN
    if resolution.kind == Resolution.Kind.CANNOT:
        case.yes_at = resolution.ended_at
    write(case, "state", "yes_at")
    timeline.record(
        case, Kind.CUSTOMER_UNDERSTOOD, by=by, participant=participant, message=message, resolution=resolution
    )
    if case.yes_at:
        _end_now_or_with_the_last_part(case)
    else:
        promises.promise_to_be_in_touch(case, beside_late=True)
        next_step.refresh(case)
    return case


@transaction.atomic
def do_not_accept(case: Case, *, by: Actor, words: str = "", once: str = "") -> Case:
    """The customer does not accept that another must do it, or that we cannot: open again, and before a supervisor.

    Raises:
        NotAllowed: anybody but this customer and who speaks for them.
        Refused: nothing stands proposed that could be refused.
    """
    case = lock(case)
    participant = conversation.require_the_customer(by, case)
    said_before, once = sent_before(Message, once, case_id=case.pk, body=words.strip())
    standing = _standing(case)
    if standing is None and (said_before or not words.strip()) and _last_answer(case) == Resolution.Answer.NOT_ACCEPTED:
        return case
    _require_something_to_understand(standing)
    message = conversation.hear(case, words, once=once, participant=participant) if words.strip() else None
    resolution = waiting.end_resolution(case, Resolution.Answer.NOT_ACCEPTED)
    waiting.open_again(case)
    timeline.record(
        case, Kind.CUSTOMER_DID_NOT_ACCEPT, by=by, participant=participant, message=message, resolution=resolution
    )
    # Our date to ask back may be weeks away; whoever objects hears from us before.
    promises.promise_to_be_in_touch(case, beside_late=True, soon=True)
    next_step.refresh(case)
    return case


@transaction.atomic
def withdraw(case: Case, *, by: Actor, words: str = "") -> Case:
    """The customer no longer needs it. With open parts that is kept, and the case closes when the last of them ends.

    Raises:
        NotAllowed: anybody but this customer and who speaks for them.
    """
    case = lock(case)
    participant = conversation.require_the_customer(by, case)
    if case.is_ended_by_customer or not case.is_open:
        return case
    message = conversation.hear(case, words, participant=participant) if words.strip() else None
    resolution = waiting.end_resolution(case)
    case.withdrawn_at, case.state = clock.now(), Case.State.OPEN
    write(case, "withdrawn_at", "state")
    timeline.record(
        case, Kind.CUSTOMER_WITHDREW, by=by, participant=participant, message=message, resolution=resolution
    )
    _end_now_or_with_the_last_part(case)
    return case


# -- steps -------------------------------------------------------------------------------------------------------------


def _standing(case: Case) -> Resolution | None:
    return case.resolutions.filter(ended_at=None).first()


def _last_answer(case: Case) -> str | None:
    return case.resolutions.order_by("-pk").values_list("answer", flat=True).first()


def _require_something_to_understand(standing: Resolution | None) -> None:
    if standing is None or not standing.asks_to_understand:
        raise Refused("nothing_to_understand", "What we had told you has been taken back in the meantime.")


def _end_now_or_with_the_last_part(case: Case) -> None:
    promises.moot_all(case)
    if not closing.close_if_agreed(case):
        promises.promise_to_be_in_touch(case, beside_late=True)
        next_step.refresh(case)
