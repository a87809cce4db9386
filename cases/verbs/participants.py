"""Participants: other people who take part in a case beside the customer, each with a link of their own."""

from __future__ import annotations

from django.db import transaction

from cases import permissions, timeline
from cases.actors import Actor
from cases.models import Case, Participant
from cases.models.timeline import Kind
from cases.verbs.locking import lock
from customers.models import Customer
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

LONGEST_RELATION = 80


@transaction.atomic
def add(case: Case, person: Customer, *, relation: str, sees: str, speaks_for: bool, by: Actor) -> Participant:
    """Let somebody take part. They see what is said here and no more, may add something, and may answer for the
    customer only if they speak for them.

    Args:
        person: of somebody who was merged it is the row that is kept.
        relation: who they are to the customer: "her daughter".
        sees: one of ``Participant.Sees``.
        speaks_for: answers for the customer, who wants it so; whoever answers has to read everything.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: they take part already, otherwise than said here.
        Refused: it is the customer, no relation is given, or they should answer what they cannot read.
    """
    case = lock(case)
    _require_host(by, case)
    relation = _relation(case, relation)
    _require_possible(case, sees, speaks_for)
    person = Customer.objects.select_related("merged_into").get(pk=person.pk)
    if person.person_id == case.customer.person_id:
        raise Refused("is_the_customer", f"This is {case.customer.name}, whose problem it is.", field="name")
    standing = _standing(case, person)
    if standing is not None:
        if (standing.relation, standing.sees, standing.speaks_for) != (relation, sees, speaks_for):
            name = standing.person.name
            raise Conflict("takes_part_already", f"{name} takes part already. Change what {name} may see instead.")
        return standing
    participant = Participant.objects.create(
        case=case,
        person=person.merged_into or person,
        relation=relation,
        sees=sees,
        speaks_for=speaks_for,
        added_at=clock.now(),
        added_by_agent=by,
    )
    timeline.record(case, Kind.PARTICIPANT_ADDED, by=by, participant=participant)
    return participant


@transaction.atomic
def change(participant: Participant, *, relation: str, sees: str, speaks_for: bool, by: Actor) -> Participant:
    """Change who they are to the customer, what they may see, and whether they answer. Their link stays.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: they no longer take part.
        Refused: no relation is given, or they should answer what they cannot read.
    """
    case = lock(participant.case_id)
    _require_host(by, case)
    participant = _again(participant)
    relation = _relation(case, relation)
    if participant.ended_at is not None:
        raise Conflict("takes_part_no_more", f"{participant.person.name} no longer takes part.")
    if (participant.relation, participant.sees, participant.speaks_for) == (relation, sees, speaks_for):
        return participant
    _require_possible(case, sees, speaks_for)
    participant.relation, participant.sees, participant.speaks_for = relation, sees, speaks_for
    participant.save(update_fields=["relation", "sees", "speaks_for"])
    timeline.record(case, Kind.PARTICIPANT_CHANGED, by=by, participant=participant)
    return participant


@transaction.atomic
def end(participant: Participant, *, by: Actor) -> Participant:
    """They no longer take part: their link is dead at once. What they have said stays.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
    """
    case = lock(participant.case_id)
    _require_host(by, case)
    participant = _again(participant)
    if participant.ended_at is not None:
        return participant
    participant.ended_at = clock.now()
    participant.save(update_fields=["ended_at"])
    timeline.record(case, Kind.PARTICIPANT_ENDED, by=by, participant=participant)
    return participant


def _require_host(by: Actor, case: Case) -> None:
    permissions.require(
        permissions.may_invite(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor says who takes part.",
    )


def _standing(case: Case, person: Customer) -> Participant | None:
    standing = case.participants.taking_part().filter(person__in=Customer.objects.person(person))
    return standing.select_related("person").first()


def _again(participant: Participant) -> Participant:
    return Participant.objects.select_related("person").get(pk=participant.pk)


def _relation(case: Case, relation: str) -> str:
    relation = " ".join(relation.split())
    if not relation:
        raise Refused("relation_needed", f"Say who they are to {case.customer.first_name}.", field="relation")
    if len(relation) > LONGEST_RELATION:
        raise Refused("words_too_long", f"Say it in at most {LONGEST_RELATION} characters.", field="relation")
    return relation


def _require_possible(case: Case, sees: str, speaks_for: bool) -> None:
    if sees not in Participant.Sees.values:
        raise Refused("sight_needed", "Say what they may see.", field="sees")
    if speaks_for and sees != Participant.Sees.MESSAGES:
        raise Refused(
            "speaker_reads", f"Whoever answers for {case.customer.first_name} has to see everything.", field="sees"
        )
