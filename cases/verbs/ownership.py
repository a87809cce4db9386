"""Ownership: take, hand over, accept, give back, take over. Never none, never two (design rule 1)."""

from __future__ import annotations

from django.db import transaction

from cases import permissions, timeline
from cases.actors import Actor
from cases.models import Case, Handover, Note
from cases.models.timeline import Kind
from cases.verbs.locking import lock, lock_with, write
from staff.models import Agent
from supportdesk import clock
from supportdesk.errors import Conflict, Refused


@transaction.atomic
def take(case: Case, *, by: Actor) -> Case:
    """Take a case that is up for taking. Of many at the same moment one wins.

    Raises:
        NotAllowed: the actor cannot own cases.
        Conflict: somebody owns it already; says who.
        Refused: it is closed.
    """
    case = lock(case)
    permissions.require(permissions.may_take(by, case), "cannot_own", "Only an agent who can sign in can take a case.")
    if permissions.owns(by, case):
        return case
    _require_open(case)
    if not case.owner.is_fallback:
        raise Conflict("already_owned", f"{case.owner.name} owns this case already.")
    _give(case, by, Kind.TAKEN, by=by)
    return case


@transaction.atomic
def hand_over(case: Case, to: Agent, *, brief: str, by: Actor) -> Handover:
    """Offer the case to somebody else, with what they need to know. The owner stays the owner until it is accepted.

    A supervisor may offer it on the owner's behalf. A new offer overtakes one that has not been answered.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: no brief, nobody who could own it, or the case is closed.
    """
    case = lock(case)
    permissions.require(
        permissions.may_hand_over(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor can hand it over.",
    )
    standing = case.handovers.filter(state=Handover.State.OFFERED).first()
    if standing and standing.to_agent_id == to.pk and standing.brief == brief.strip():
        return standing
    _require_open(case)
    _require_receiver(case, to)
    if not brief.strip():
        raise Refused(
            "brief_needed",
            f"Say why, and what {case.customer.first_name} should not have to tell again.",
            field="brief",
        )
    _overtake_offers(case)
    handover = Handover.objects.create(
        case=case, from_agent=case.owner, to_agent=to, brief=brief.strip(), offered_at=clock.now()
    )
    timeline.record(case, Kind.HANDOVER_OFFERED, by=by, handover=handover)
    return handover


@transaction.atomic
def accept(handover: Handover, *, by: Actor) -> Case:
    """Accept an offered case and become its owner.

    Raises:
        NotAllowed: it was offered to somebody else.
        Conflict: the offer no longer stands.
        Refused: the actor was turned off meanwhile.
    """
    case, handover = lock_with(handover)
    _require_receiving(handover, by)
    if handover.state == Handover.State.ACCEPTED and permissions.owns(by, case):
        return case
    _require_standing(case, handover)
    _answer(handover, Handover.State.ACCEPTED)
    _give(case, handover.to_agent, Kind.HANDOVER_ACCEPTED, by=by, handover=handover)
    return case


@transaction.atomic
def give_back(handover: Handover, *, reason: str, by: Actor) -> Handover:
    """Decline an offered case. The owner stays and reads why.

    Raises:
        NotAllowed: it was offered to somebody else.
        Conflict: the offer no longer stands.
        Refused: no reason.
    """
    case, handover = lock_with(handover)
    _require_receiving(handover, by)
    if handover.state == Handover.State.GIVEN_BACK:
        return handover
    _require_standing(case, handover)
    if not reason.strip():
        raise Refused("reason_needed", f"Say why, so that {handover.from_agent.first_name} can plan.", field="reason")
    _answer(handover, Handover.State.GIVEN_BACK, reason.strip())
    timeline.record(case, Kind.HANDOVER_GIVEN_BACK, by=by, handover=handover)
    return handover


@transaction.atomic
def take_over(case: Case, *, reason: str, by: Actor) -> Case:
    """A supervisor becomes the owner at once. The owner so far and the customer read who it is now.

    Raises:
        NotAllowed: the actor is no supervisor.
        Refused: no reason, or the case is closed.
    """
    case = lock(case)
    permissions.require(permissions.may_take_over(by), "supervisors_only", "Only a supervisor can take a case over.")
    if permissions.owns(by, case):
        return case
    _require_open(case)
    if not reason.strip():
        raise Refused("reason_needed", f"Say why: {case.owner.first_name} reads it.", field="reason")
    why = Note.objects.create(case=case, body=reason.strip(), agent=by, written_at=clock.now())
    _give(case, by, Kind.TAKEN_OVER, by=by, note=why, data={"from": case.owner_id})
    return case


def _give(case: Case, agent: Agent, kind: Kind, *, by: Actor, **about) -> None:
    _require_here(agent)
    _overtake_offers(case)
    case.owner, case.owned_since = agent, clock.now()
    write(case, "owner", "owned_since")
    timeline.record(case, kind, by=by, owner=agent, **about)


def _overtake_offers(case: Case) -> None:
    case.handovers.filter(state=Handover.State.OFFERED).update(state=Handover.State.OVERTAKEN, answered_at=clock.now())


def _answer(handover: Handover, state: str, reason: str = "") -> None:
    handover.state, handover.answered_at, handover.reason = state, clock.now(), reason
    handover.save(update_fields=["state", "answered_at", "reason"])


def _require_open(case: Case) -> None:
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed. Reopen it first.")


def _require_here(agent: Agent) -> None:
    """Whoever is turned off or leaves at this moment is waited for, and is given nothing more."""
    here = Agent.objects.able_to_work().select_for_update(no_key=True, of=("self",)).filter(pk=agent.pk)
    if not here.exists():
        raise Refused("cannot_own", f"{agent.name} cannot sign in any more and so cannot own a case.")


def _require_receiver(case: Case, to: Agent) -> None:
    if to.pk == case.owner_id:
        raise Refused("owns_it_already", f"{to.name} owns this case already.", field="to")
    if not (to.is_active and to.can_sign_in):
        raise Refused("cannot_own", f"{to.name} cannot sign in and so cannot own a case.", field="to")


def _require_receiving(handover: Handover, by: Actor) -> None:
    permissions.require(
        permissions.may_answer_handover(by, handover),
        "not_offered_to_you",
        f"This case was offered to {handover.to_agent.name}.",
    )


def _require_standing(case: Case, handover: Handover) -> None:
    if handover.state != Handover.State.OFFERED or not case.is_open:
        raise Conflict("offer_over", f"This offer no longer stands: {case.owner.name} owns the case.")
