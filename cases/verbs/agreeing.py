"""Agreeing: what the customer says to a time that was moved without them (design rule 5)."""

from __future__ import annotations

from django.db import transaction

from cases import timeline
from cases.actors import Actor
from cases.models import Case, Message, Participant, Promise
from cases.models.timeline import Kind
from cases.verbs import conversation, waiting
from cases.verbs.locking import lock_with
from supportdesk import clock
from supportdesk.errors import Conflict

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
    now = clock.now()
    for moved in _moved_before(promise):
        if moved.due_at > now:
            moved.state, moved.agreement = Promise.State.RENEGOTIATED, ON_THE_STATUS_PAGE
            moved.save(update_fields=["state", "agreement"])
    promise.agreed_at = now
    promise.save(update_fields=["agreed_at"])
    message = _heard(case, words, once, participant)
    timeline.record(case, Kind.PROMISE_AGREED, by=by, promise=promise, message=message, participant=participant)
    # Thanks with a yes take nothing back; but whoever answers is not silent.
    if not case.is_ended_by_customer:
        waiting.end(case, by=by)
    return promise


@transaction.atomic
def disagree(promise: Promise, *, by: Actor, words: str = "", once: str = "") -> Promise:
    """The customer says that the new time does not work: the owner is told. Arguments and errors as ``agree``."""
    case, promise, participant = _asked(promise, by)
    if _has_answered(promise, words, once):
        return promise
    _require_asked(case, promise)
    promise.not_agreed_at = clock.now()
    promise.save(update_fields=["not_agreed_at"])
    message = _heard(case, words, once, participant)
    timeline.record(case, Kind.PROMISE_NOT_AGREED, by=by, promise=promise, message=message, participant=participant)
    if message is not None or not case.is_ended_by_customer:
        waiting.end(case, by=by)
    return promise


# -- steps -------------------------------------------------------------------------------------------------------------


def _asked(promise: Promise, by: Actor) -> tuple[Case, Promise, Participant | None]:
    case, promise = lock_with(promise)
    return case, promise, conversation.require_the_customer(by, case)


def _has_answered(promise: Promise, words: str, once: str) -> bool:
    """Sent twice it is answered once; other words would be lost silently."""
    if promise.agreed_at is None and promise.not_agreed_at is None:
        return False
    if words.strip() and not (once and Message.objects.filter(once=once, body=words.strip()).exists()):
        raise Conflict("answered_already", "You have answered this already. Please add what else you want to say.")
    return True


def _require_asked(case: Case, promise: Promise) -> None:
    if not case.is_open or not promise.asks_to_agree or promise.is_broken(clock.now()):
        raise Conflict("not_asked_any_more", "This time has changed since, or has passed.")


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
