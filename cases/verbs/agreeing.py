"""Agreeing: what the customer says to a time that was moved without them (design rule 5)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases import timeline
from cases.actors import Actor, agent_or_none
from cases.models import Case, Message, Participant, Promise
from cases.models.timeline import Kind
from cases.verbs import conversation, promises, waiting
from cases.verbs.locking import lock_with
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

ON_THE_STATUS_PAGE = "on the status page"


@transaction.atomic
def agree(promise: Promise, *, by: Actor, words: str = "", once: str = "") -> Promise:
    """The customer says that the new time is all right. What it was moved from and is not due yet, is renegotiated.

    The first answer to a new time stands; a second one changes nothing.

    Args:
        promise: the one with the new time.
        words: whatever they want to say with it.
        once: key of the form.

    Raises:
        NotAllowed: anybody but this customer and who speaks for them.
        Conflict: its time has moved again or passed, or it was answered in other words.
    """
    case, promise, participant = _asked(promise, by)
    if _has_answered(promise, words, once):
        return promise
    _require_asked(case, promise)
    promise.agreed_at = _renegotiate(promise, ON_THE_STATUS_PAGE)
    promise.save(update_fields=["agreed_at"])
    message = _heard(case, words, once, participant)
    timeline.record(case, Kind.PROMISE_AGREED, by=by, promise=promise, message=message, participant=participant)
    # Thanks with a yes take nothing back; but whoever answers is not silent.
    if not case.is_ended_by_customer:
        waiting.end(case, by=by)
    return promise


@transaction.atomic
def hear(promise: Promise, *, words: str, how: str, by: Actor, once: str = "") -> Promise:
    """Whoever speaks with the customer heard them agree to the new time. It counts as ``agree``; the customer reads it,
    and can say that it is not what they said (``disagree``).

    Args:
        promise: the one with the new time.
        words: the customer's, exactly.
        how: how they were heard, such as "on the telephone, at ten".
        once: key of the form.

    Raises:
        NotAllowed: the actor does not speak with this customer.
        Conflict: its time has moved again or passed, or it was answered in other words.
        Refused: no words, or not how they were heard.
    """
    case, promise = lock_with(promise)
    promises.require_voice(by, case)
    first = case.customer.first_name
    if _has_answered(promise, words, once, f"{first} has answered this already. Look at the case anew."):
        return promise
    _require_asked(case, promise)
    if not how.strip():
        raise Refused("agreement_needed", f"Say how you heard {first}: on the telephone, at ten.", field="how")
    if not words.strip():
        raise Refused("words_needed", f"Write down what {first} said, word for word.", field="words")
    promise.agreed_at, promise.agreed_heard_by = _renegotiate(promise, how.strip()), agent_or_none(by)
    promise.save(update_fields=["agreed_at", "agreed_heard_by"])
    message = conversation.hear(
        case, words, channel=Message.Channel.HEARD, listener=agent_or_none(by), once=once or None, waits=False
    )
    timeline.record(case, Kind.PROMISE_AGREED, by=by, promise=promise, message=message, data={"how": how.strip()})
    if not case.is_ended_by_customer:
        waiting.end(case, by=by)
    return promise


@transaction.atomic
def disagree(promise: Promise, *, by: Actor, words: str = "", once: str = "") -> Promise:
    """The customer says that the new time does not work, or that they never agreed to it: the owner is told. What had
    become renegotiated by an agreement that was only heard, has moved again. Arguments and errors as ``agree``."""
    case, promise, participant = _asked(promise, by)
    if not promise.is_agreed_by_hearsay and _has_answered(promise, words, once):
        return promise
    _require_asked(case, promise)
    case.promises.filter(agreed_with=promise).update(state=Promise.State.MOVED, agreement="", agreed_with=None)
    promise.agreed_at, promise.agreed_heard_by, promise.not_agreed_at = None, None, clock.now()
    promise.save(update_fields=["agreed_at", "agreed_heard_by", "not_agreed_at"])
    message = _heard(case, words, once, participant)
    timeline.record(case, Kind.PROMISE_NOT_AGREED, by=by, promise=promise, message=message, participant=participant)
    if message is not None or not case.is_ended_by_customer:
        waiting.end(case, by=by)
    return promise


# -- steps -------------------------------------------------------------------------------------------------------------


def _asked(promise: Promise, by: Actor) -> tuple[Case, Promise, Participant | None]:
    case, promise = lock_with(promise)
    return case, promise, conversation.require_the_customer(by, case)


def _has_answered(promise: Promise, words: str, once: str, sentence: str = "") -> bool:
    """Sent twice it is answered once; other words would be lost silently."""
    if promise.agreed_at is None and promise.not_agreed_at is None:
        return False
    if words.strip() and not (once and Message.objects.filter(once=once, body=words.strip()).exists()):
        sentence = sentence or "You have answered this already. Please add what else you want to say."
        raise Conflict("answered_already", sentence)
    return True


def _require_asked(case: Case, promise: Promise) -> None:
    can_be_answered = promise.asks_to_agree or promise.is_agreed_by_hearsay
    if not case.is_open or not can_be_answered or promise.is_broken(clock.now()):
        raise Conflict("not_asked_any_more", "This time has changed since, or has passed.")


def _renegotiate(promise: Promise, how: str) -> datetime:
    """What it was moved from and is not due yet, is renegotiated; the instant at which it is. Aware datetime, UTC."""
    now = clock.now()
    for moved in _moved_before(promise):
        if moved.due_at > now:
            moved.state, moved.agreement, moved.agreed_with = Promise.State.RENEGOTIATED, how, promise
            moved.save(update_fields=["state", "agreement", "agreed_with"])
    return now


def _moved_before(promise: Promise) -> list[Promise]:
    """What it was moved from without the customer, the latest first."""
    moved = []
    while promise.replaces_id and promise.replaces.state == Promise.State.MOVED:
        promise = promise.replaces
        moved.append(promise)
    return moved


def _heard(case: Case, words: str, once: str, participant: Participant | None) -> Message | None:
    if not words.strip():
        return None
    return conversation.hear(case, words, once=once or None, participant=participant)
