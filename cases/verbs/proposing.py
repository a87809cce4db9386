"""Proposing: what we say has been done, or why it cannot be, and the question whether it is over (design section 3)."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from cases import timeline
from cases.actors import Actor, agent_or_none
from cases.models import Case, Message, Preference, Promise, Reminder, Resolution
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import conversation, promises, waiting
from cases.verbs.locking import lock, write
from staff.businesstime import add_business_days
from supportdesk import clock
from supportdesk.errors import Refused

# Where the promise to ask back stands beside the words of the proposal, its fields carry names of their own.
_BESIDE = {"words": "check_words", "due_at": "check_due"}
_LONGEST_NAME = 200


@transaction.atomic
def propose(
    case: Case,
    *,
    kind: str,
    words: str,
    by: Actor,
    meets: Preference | None = None,
    why_none: str = "",
    given_as: str = "",
    another: str = "",
    check_back: promises.Pledge | None = None,
    tried: str = "",
    keeps: Sequence[Promise] = (),
    once: str = "",
) -> Resolution:
    """Tell the customer what has been done and ask whether it is over. The reminder date is the next promise.

    A proposal made anew takes the place of the one that stands.

    Args:
        kind: one of ``Resolution.Kind``.
        words: what the customer reads; for *we cannot*, why.
        meets: which of the customer's wishes it meets; else ``why_none`` says why it meets none of them.
        given_as: one of ``Resolution.GivenAs``, on what a met wish rests.
        another: for *another must do it*, who.
        check_back: for *another must do it*, our promise to ask whether they did.
        tried: for *we cannot*, what was tried.
        keeps: promises that are kept by saying this.
        once: key of the form.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: closed, no words, neither a wish met nor why none, or something missing that its kind must say.
    """
    case = lock(case)
    promises.require_voice(by, case)
    said_before, once = sent_before(Message, once, case_id=case.pk, body=words.strip())
    if said_before and (twin := _proposed_with(said_before)):
        return twin
    told = _told(kind, words, meets, why_none, given_as, another, tried)
    standing = waiting.standing(case) if case.awaits_answer else None
    # When the customer has written since, the same words are asked anew: reminders begin again.
    if standing and standing.unconfirmed_due_at and not keeps and _says_the_same(standing, told, check_back):
        return standing
    _require_proposable(case, told, check_back)
    if standing:
        waiting.end_resolution(case)
    message = conversation.say(case, words, by=by, once=once)
    resolution = _write_resolution(case, told, _promise_to_ask(case, told, check_back, by), by)
    waiting.stand(case, resolution)
    case.state = Case.State.PROPOSED
    write(case, "state")
    timeline.record(case, Kind.RESOLUTION_PROPOSED, by=by, resolution=resolution, message=message)
    if keeps:
        kept = promises.of_case(case, keeps)
        promises.require_ones_own(kept)
        promises.end_by_act(case, kept, message, by=by)
    promises.settle(case, None, by=by)
    return resolution


# -- steps -------------------------------------------------------------------------------------------------------------


def _told(kind, words, meets, why_none, given_as, another, tried) -> dict:
    """What the resolution says; what its kind does not ask for is left out."""
    return {
        "kind": kind,
        "words": words.strip(),
        "meets": meets,
        "why_none": why_none.strip(),
        "given_as": given_as if meets else "",
        "another": another.strip() if kind == Resolution.Kind.ANOTHER else "",
        "tried": tried.strip() if kind == Resolution.Kind.CANNOT else "",
    }


def _says_the_same(standing: Resolution, told: dict, check_back: promises.Pledge | None) -> bool:
    same = all(getattr(standing, name) == value for name, value in told.items() if name != "why_none")
    if told["kind"] != Resolution.Kind.ANOTHER:
        return same
    return same and check_back is not None and standing.check_back.due_at == check_back.due_at


def _proposed_with(message: Message) -> Resolution | None:
    entry = (
        message.case.entries.filter(kind=Kind.RESOLUTION_PROPOSED, message=message).select_related("resolution").first()
    )
    return entry.resolution if entry else None


def _promise_to_ask(case: Case, told: dict, check_back: promises.Pledge | None, by: Actor) -> Promise | None:
    if told["kind"] != Resolution.Kind.ANOTHER:
        return None
    try:
        return promises.add(case, check_back, by=by)
    except Refused as refusal:
        field = _BESIDE.get(refusal.field, "")
        raise Refused(refusal.code, refusal.sentence, field=field, offers=refusal.offers) from None


def _write_resolution(case: Case, told: dict, check_back: Promise | None, by: Actor) -> Resolution:
    now = clock.now()
    hours = case.owner.department.calendar.hours
    due = [add_business_days(now, days, hours) for days in settings.REMIND_AFTER_BUSINESS_DAYS]
    resolution = Resolution.objects.create(
        case=case,
        **told,
        check_back=check_back,
        proposed_at=now,
        proposed_by_agent=agent_or_none(by),
        unconfirmed_due_at=add_business_days(due[-1], settings.UNCONFIRMED_AFTER_BUSINESS_DAYS, hours),
    )
    Reminder.objects.bulk_create(
        Reminder(resolution=resolution, case=case, position=position, due_at=due_at)
        for position, due_at in enumerate(due, start=1)
    )
    return resolution


def _require_proposable(case: Case, told: dict, check_back: promises.Pledge | None) -> None:
    first = case.customer.first_name
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed. Reopen it to propose something else.")
    if case.yes_at:
        raise Refused("yes_already", f"{first} has said yes already. Finish or drop the parts that are open.")
    if case.withdrawn_at:
        raise Refused("withdrawn_already", f"{first} no longer needs this. Drop the parts that are open.")
    if told["kind"] not in Resolution.Kind.values:
        raise Refused("kind_needed", "Say what kind of resolution it is.", field="kind")
    if not told["words"]:
        raise Refused("words_needed", f"Say what has been done: {first} reads it.", field="words")
    _require_ground(case, told)
    _require_what_its_kind_says(told, check_back, first)


def _require_ground(case: Case, told: dict) -> None:
    meets = told["meets"]
    if meets is not None and meets.case_id != case.pk:
        raise Refused("not_this_case", "This wish belongs to another case.", field="meets")
    if meets is None and not told["why_none"]:
        raise Refused("wish_needed", "Say which wish it meets, or why it meets none.", field="why_none")
    if meets is not None and told["given_as"] not in Resolution.GivenAs.values:
        raise Refused(
            "given_as_needed", "Say whether it is owed, puts right what we did, or is a courtesy.", field="given_as"
        )


def _require_what_its_kind_says(told: dict, check_back: promises.Pledge | None, first: str) -> None:
    if told["kind"] == Resolution.Kind.CANNOT and not told["tried"]:
        raise Refused("tried_needed", f"Say what was tried: {first} reads it.", field="tried")
    if told["kind"] != Resolution.Kind.ANOTHER:
        return
    if not told["another"]:
        raise Refused("another_needed", f"Name who must do it: {first} reads it.", field="another")
    if len(told["another"]) > _LONGEST_NAME:
        raise Refused("words_too_long", f"Name them in at most {_LONGEST_NAME} characters.", field="another")
    if check_back is None:
        raise Refused("check_back_needed", f"Say by when you ask {first} whether they did.", field="check_due")
