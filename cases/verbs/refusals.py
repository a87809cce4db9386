"""Refusals: a no says what it rests on, and another person looks at it when the customer asks (design rule 13)."""

from __future__ import annotations

import re

from django.conf import settings
from django.db import transaction

from cases import permissions, timeline
from cases.actors import DESK, Actor
from cases.models import Case, Promise, Refusal
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import conversation, next_step, promises, waiting
from cases.verbs.locking import lock
from staff.businesstime import add_business_days
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

LONGEST = {"asked": 300, "read_before": 300, "decider": 120, "ground": 5000}

# What is said instead of a ground. Nobody can tell a good ground from a bad one by its words; but these are none.
NO_GROUNDS = (
    "that is how we do it",
    "that is how we do this",
    "that is how it is done",
    "that is how it is",
    "that is the way we do it",
    "that is the way it is",
    "that is just how it is",
    "we have always done it this way",
    "we have always done it that way",
    "we always do it this way",
    "we always do it that way",
    "we do not do that",
    "we cannot do that",
    "rules are rules",
    "those are the rules",
    "these are the rules",
    "that is against our policy",
    "that is against the rules",
    "it is against our policy",
    "it is against the rules",
    "that is our policy",
    "it is our policy",
    "it is policy",
    "our policy",
    "company policy",
    "policy",
    "that is not possible",
    "it is not possible",
    "not possible",
    "not entitled",
    "not ours",
    "because",
    "unfortunately",
    "sorry",
    "no",
)
FEWEST_WORDS = 3
_WORD = re.compile(r"[\w']+")


@transaction.atomic
def refuse(
    case: Case, *, asked: str, kind: str, ground: str, read_before: str, decider: str, by: Actor, once: str = ""
) -> Refusal:
    """Say no to one wish. The customer reads what it rests on, what was read before it, and who may say yes.

    Args:
        asked: what the customer asked for.
        kind: one of ``Refusal.Kind``.
        ground: what the no rests on.
        read_before: the offer, the terms, the receipt.
        decider: who may say yes.
        once: key of the form; the same key says no once.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: the case is closed, something is missing or too long, or the ground is none.
    """
    case = lock(case)
    permissions.require(
        permissions.may_refuse(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor can say no.",
    )
    texts = {"asked": asked.strip(), "ground": ground.strip(), "read_before": read_before.strip()}
    texts["decider"] = decider.strip()
    twin, once = sent_before(Refusal, once, case_id=case.pk, kind=kind, **texts)
    if twin is not None:
        return twin
    _require_a_ground(case, kind, texts)
    message = conversation.say(case, texts["ground"], by=by)
    refusal = Refusal.objects.create(case=case, kind=kind, said_at=clock.now(), said_by_agent=by, once=once, **texts)
    timeline.record(case, Kind.REFUSED, by=by, refusal=refusal, message=message)
    return refusal


@transaction.atomic
def ask_for_another_look(refusal: Refusal, *, by: Actor, words: str = "") -> Refusal:
    """The customer asks another person to look at a no; the desk promises that a supervisor does, within two business
    days. What was over goes on.

    Raises:
        NotAllowed: anybody but this customer.
        Conflict: it has been asked already, in other words.
        Refused: another person has looked already, or the problem goes on in another one.
    """
    case, refusal = _refusal(refusal)
    participant = conversation.require_the_customer(by, case)
    if refusal.is_disputed:
        _require_same_words(case, refusal, words)
        return refusal
    if refusal.looked_at is not None:
        raise Refused("looked_already", "Another person has looked at this already.")
    if case.joined_into_id:
        raise Refused("goes_on_elsewhere", "We go on with this together with another problem of yours.")
    message = conversation.hear(case, words, participant=participant) if words.strip() else None
    # Who disputes what we said does not agree that it is over: as with a "not yet".
    waiting.go_on(case, by=by)
    refusal.another_look_at = clock.now()
    refusal.look_by = promises.add(case, _another_look(case), by=DESK)
    refusal.save(update_fields=["another_look_at", "look_by"])
    timeline.record(case, Kind.ANOTHER_LOOK_ASKED, by=by, refusal=refusal, message=message, participant=participant)
    next_step.refresh(case)
    return refusal


@transaction.atomic
def look_again(
    refusal: Refusal, *, look: str, words: str, by: Actor, next_promise: promises.Pledge | None = None
) -> Refusal:
    """A second person has looked at a no: it stands, or it is taken back. The customer reads what they found.

    Args:
        look: ``upheld`` or ``changed``.
        next_promise: what is promised next; needed when this look was the last promise of an open case.

    Raises:
        NotAllowed: no supervisor, or the one who said no, or the owner.
        Conflict: somebody else has looked.
        Refused: nobody asked for it, no answer, no words, or no promise would be left.
    """
    case, refusal = _refusal(refusal)
    permissions.require(
        permissions.may_look_again(by, refusal, case),
        "not_your_own",
        "Another supervisor looks at this: neither who said no nor who owns the case."
        if permissions.is_supervisor(by)
        else "Only a supervisor looks again at a no.",
    )
    if refusal.looked_at is not None:
        _require_same_look(refusal, look, words, by)
        return refusal
    _require_look(case, refusal, look, words)
    message = conversation.say(case, words, by=by)
    refusal.look, refusal.look_words = look, words.strip()
    refusal.looker, refusal.looked_at = by, clock.now()
    refusal.save(update_fields=["look", "look_words", "looker", "looked_at"])
    timeline.record(case, Kind.LOOKED_AGAIN, by=by, refusal=refusal, message=message)
    promises.end_by_act(case, _as_it_stands(refusal.look_by), message, by=by)
    promises.settle(case, next_promise, by=by)
    return refusal


def is_no_ground(ground: str) -> bool:
    """Whether these words say nothing that a no could rest on: what is left without the usual phrases is too little."""
    plain = ground.lower().replace("’", "'").replace("that's", "that is").replace("it's", "it is")
    plain = plain.replace("don't", "do not").replace("can't", "cannot").replace("we've", "we have")
    left = f" {' '.join(_WORD.findall(plain))} "
    for phrase in NO_GROUNDS:
        left = left.replace(f" {phrase} ", " ")
    return len(left.split()) < FEWEST_WORDS


# -- steps -------------------------------------------------------------------------------------------------------------


def _refusal(refusal: Refusal) -> tuple[Case, Refusal]:
    case = lock(refusal.case_id)
    return case, Refusal.objects.select_related("look_by", "looker").get(pk=refusal.pk)


def _another_look(case: Case) -> promises.Pledge:
    hours = case.owner.department.calendar.hours
    due_at = add_business_days(clock.now(), settings.ANOTHER_LOOK_WITHIN_BUSINESS_DAYS, hours)
    words = "have a supervisor look at our no, and tell you what they find"
    return promises.Pledge(words, due_at, Promise.Kind.OTHER)


def _as_it_stands(promise: Promise | None) -> list[Promise]:
    """The promise that another person looks, or what it was moved to since."""
    while promise is not None and (successor := Promise.objects.filter(replaces=promise).first()):
        promise = successor
    return [promise] if promise is not None else []


def _require_a_ground(case: Case, kind: str, texts: dict[str, str]) -> None:
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed. Reopen it to say no to something.")
    first = case.customer.first_name
    if kind not in Refusal.Kind.values:
        raise Refused("kind_needed", "Say what kind of no it is.", field="kind")
    if not texts["asked"]:
        raise Refused("asked_needed", f"Say what {first} asked for.", field="asked")
    if is_no_ground(texts["ground"]):
        raise Refused(
            "ground_needed",
            f"Say what it rests on, so that {first} can check it: which term, which date, which fact.",
            field="ground",
        )
    if not texts["read_before"]:
        raise Refused("read_before_needed", "Say what you read before you said no.", field="read_before")
    if not texts["decider"]:
        raise Refused("decider_needed", "Say who may say yes.", field="decider")
    for field, most in LONGEST.items():
        if len(texts[field]) > most:
            raise Refused("words_too_long", f"Say it in at most {most} characters.", field=field)


def _require_same_words(case: Case, refusal: Refusal, words: str) -> None:
    """Sent twice it is asked once; other words would be lost silently."""
    asked = case.entries.filter(kind=Kind.ANOTHER_LOOK_ASKED, refusal=refusal)
    if words.strip() and not asked.filter(message__body=words.strip()).exists():
        raise Conflict("asked_already", "Another person has been asked to look already.")


def _require_look(case: Case, refusal: Refusal, look: str, words: str) -> None:
    if not refusal.is_disputed:
        raise Refused("nobody_asked", f"{case.customer.first_name} has not asked for another look.")
    if look not in (Refusal.Look.UPHELD, Refusal.Look.CHANGED):
        raise Refused("look_needed", "Say whether the no stands.", field="look")
    if not words.strip():
        raise Refused("words_needed", f"Say what you found: {case.customer.first_name} reads it.", field="words")


def _require_same_look(refusal: Refusal, look: str, words: str, by: Actor) -> None:
    if (refusal.looker_id, refusal.look, refusal.look_words) != (by.pk, look, words.strip()):
        raise Conflict("looked_already", f"{refusal.looker.name} has looked at this already.")
