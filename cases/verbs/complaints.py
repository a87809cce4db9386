"""Complaints: what went wrong in how we dealt with someone, each with its own owner, promise and answer.

They stand beside the case: nothing here changes its state, and nothing that happens to it touches a complaint.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from cases import permissions, timeline
from cases.actors import Actor, agent_or_none
from cases.assignment import find_complaint_owner
from cases.involvement import involved_in
from cases.models import Case, Complaint, Note
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs.conversation import LONGEST
from cases.verbs.locking import lock
from staff.businesstime import add_business_days
from staff.models import Agent
from supportdesk import clock
from supportdesk.errors import Conflict, Refused


@transaction.atomic
def complain(case: Case, words: str, *, by: Actor, about: Iterable[Agent] = (), once: str = "") -> Complaint:
    """Write down what went wrong in how we dealt with the customer; also when the problem itself is over.

    A supervisor whom it is not about answers it within five business days of their own calendar.

    Args:
        words: the customer's own, from their page or as an agent heard them.
        by: the customer, or the agent who heard it.
        about: whom the customer names.
        once: key of the form; the same key complains once.

    Raises:
        NotAllowed: it is another customer, or nobody of the staff.
        Refused: empty or too long.
    """
    case = lock(case)
    permissions.require(
        permissions.may_complain(by, case),
        "not_theirs",
        "Only the customer, or an agent who heard it, can write a complaint down.",
    )
    words = words.strip()
    twin, once = sent_before(Complaint, once, case_id=case.pk, words=words)
    if twin is not None:
        return twin
    _require_words(words, "Say what went wrong.")
    complaint = Complaint(case=case, words=words, made_at=clock.now(), heard_by_agent=agent_or_none(by), once=once)
    # Nobody's until it is known whom it is about, which is read from the rows themselves.
    _give(complaint, Agent.objects.fallback_owner())
    complaint.save(force_insert=True)
    complaint.about.set(about)
    _give(complaint, find_complaint_owner(involved_in(complaint), clock.now()))
    complaint.save(update_fields=["owner", "due_at"])
    timeline.record(case, Kind.COMPLAINED, by=by, complaint=complaint, data={"answered_by": _name(complaint.owner)})
    return complaint


@transaction.atomic
def take(complaint: Complaint, *, by: Actor) -> Complaint:
    """Take a complaint that is up for taking. Its date stays: it has been promised.

    Raises:
        NotAllowed: no supervisor, or one whom it is about.
        Conflict: somebody answers it already; says who.
    """
    case, complaint = _complaint(complaint)
    _require_uninvolved(by, complaint)
    if complaint.owner_id == by.pk:
        return complaint
    _require_unanswered(complaint)
    if not complaint.owner.is_fallback:
        raise Conflict("already_owned", f"{complaint.owner.name} answers this complaint already.")
    _hand_to(case, complaint, by, by=by)
    return complaint


@transaction.atomic
def hand_on(complaint: Complaint, to: Agent, *, reason: str, by: Actor) -> Complaint:
    """Give a complaint to another supervisor whom it is not about. Its date stays: it has been promised.

    Args:
        reason: kept as an inside note.

    Raises:
        NotAllowed: the actor neither answers it nor is a supervisor whom it is not about.
        Conflict: it has been answered.
        Refused: no reason, or nobody who could answer it.
    """
    case, complaint = _complaint(complaint)
    involved = involved_in(complaint)
    permissions.require(
        permissions.may_hand_on_complaint(by, complaint, involved),
        "not_your_complaint",
        f"Only {_name(complaint.owner)}, or a supervisor whom it is not about, can hand this complaint on.",
    )
    if complaint.owner_id == to.pk:
        return complaint
    _require_unanswered(complaint)
    if not permissions.may_judge(to, involved):
        raise Refused(
            "cannot_judge", f"{to.name} cannot answer it: choose a supervisor whom it is not about.", field="to"
        )
    if not reason.strip():
        raise Refused("reason_needed", f"Say why: {to.first_name} reads it.", field="reason")
    note = Note.objects.create(case=case, body=reason.strip(), agent=agent_or_none(by), written_at=clock.now())
    _hand_to(case, complaint, to, by=by, note=note)
    return complaint


@transaction.atomic
def answer(complaint: Complaint, words: str, *, by: Actor) -> Complaint:
    """Answer a complaint; the customer reads it on their page.

    Raises:
        NotAllowed: the actor does not own it, or it is about them.
        Conflict: it has been answered, in other words.
        Refused: empty or too long.
    """
    case, complaint = _complaint(complaint)
    permissions.require(
        permissions.may_answer_complaint(by, complaint, involved_in(complaint)),
        "not_your_complaint",
        "Nobody answers a complaint about themselves: hand it on."
        if permissions.owns_complaint(by, complaint)
        else f"Only {_name(complaint.owner)} answers this complaint.",
    )
    words = words.strip()
    if complaint.answer and complaint.answer == words:
        return complaint
    _require_unanswered(complaint)
    _require_words(words, f"Write what {case.customer.first_name} is to read.")
    complaint.answer, complaint.answered_at, complaint.answered_by_agent = words, clock.now(), by
    complaint.save(update_fields=["answer", "answered_at", "answered_by_agent"])
    timeline.record(case, Kind.COMPLAINT_ANSWERED, by=by, complaint=complaint)
    return complaint


def _complaint(complaint: Complaint) -> tuple[Case, Complaint]:
    case = lock(complaint.case_id)
    return case, Complaint.objects.select_related("owner").get(pk=complaint.pk)


def _give(complaint: Complaint, owner: Agent) -> None:
    """The owner, and by when the owner answers: days of the owner's calendar."""
    complaint.owner = owner
    complaint.due_at = add_business_days(
        complaint.made_at, settings.COMPLAINTS_WITHIN_BUSINESS_DAYS, owner.department.calendar.hours
    )


def _hand_to(case: Case, complaint: Complaint, owner: Agent, *, by: Actor, **about) -> None:
    complaint.owner = owner
    complaint.save(update_fields=["owner"])
    data = {"answered_by": _name(owner)}
    timeline.record(case, Kind.COMPLAINT_HANDED_ON, by=by, complaint=complaint, data=data, **about)


def _name(owner: Agent) -> str:
    return "a supervisor" if owner.is_fallback else owner.name


def _require_uninvolved(by: Actor, complaint: Complaint) -> None:
    permissions.require(
        permissions.may_judge(by, involved_in(complaint)),
        "not_your_own",
        "Another supervisor has to answer this: nobody answers a complaint about themselves."
        if permissions.is_supervisor(by)
        else "Only a supervisor answers a complaint.",
    )


def _require_unanswered(complaint: Complaint) -> None:
    if not complaint.is_open:
        raise Conflict("answered_already", "This complaint has been answered already. Look at the case anew.")


def _require_words(words: str, ask_for_words: str) -> None:
    if not words:
        raise Refused("words_needed", ask_for_words, field="words")
    if len(words) > LONGEST:
        raise Refused("words_too_long", f"Please stay below {LONGEST:,} characters.", field="words")
