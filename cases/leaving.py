"""What is still somebody's and has to be in other hands before they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from cases.models import Case, Complaint, Concession, Handover, Subtask
from staff.models import Absence, Agent
from staff.roles import Role, roles_of
from supportdesk.errors import Hindrance
from supportdesk.statements import read_together

# Shown no further: whoever has more begins with these.
MOST = 50


@dataclass(frozen=True)
class StillTheirs:
    """At most ``MOST`` of each.

    Attributes:
        cases: open ones, by what is due next, each with its standing offer as ``offered`` (or None).
        complaints: that they answer.
        offers: made to them and not answered.
        decisions: what owners asked of them and they have not decided.
        parts: of departments, that they have taken on.
        stands_in: absences of others in which they are the cover, now or ahead.
        roles: what they are named for.
    """

    cases: tuple[Case, ...]
    complaints: tuple[Complaint, ...]
    offers: tuple[Handover, ...]
    decisions: tuple[Concession, ...]
    parts: tuple[Subtask, ...]
    stands_in: tuple[Absence, ...]
    roles: tuple[Role, ...]

    def __bool__(self) -> bool:
        return any((self.cases, self.complaints, self.offers, self.decisions, self.parts, self.stands_in, self.roles))

    def hindrances(self) -> tuple[Hindrance, ...]:
        """Each in a sentence that says what to do."""
        found = [_of_case(case) for case in self.cases]
        found += [
            Hindrance("open_complaint", f"Hand on the complaint of {complaint.case.customer.name}.")
            for complaint in self.complaints
        ]
        found += [
            Hindrance("open_offer", f"{offer.from_agent.name} has offered {offer.case.number}: answer it.")
            for offer in self.offers
        ]
        found += [
            Hindrance("open_decision", f"{decision.asked_by_agent.name} asks for a decision in {decision.case.number}.")
            for decision in self.decisions
        ]
        found += [
            Hindrance("open_part", f"Give {part.department.name}’s part in {part.case.number} to somebody else.")
            for part in self.parts
        ]
        found += [
            Hindrance("stands_in", f"Choose another cover for {absence.agent.name}.") for absence in self.stands_in
        ]
        found += [Hindrance("role", f"Name somebody else {role.what}.") for role in self.roles]
        return tuple(found)


def still_theirs(agent: Agent, now: datetime) -> StillTheirs:
    """What is still this agent's, in four queries."""
    cases = list(Case.objects.owned_by(agent).open().select_related("customer").by_next_due()[:MOST])
    standing = _standing_offers(agent, cases)
    offered = {offer.case_id: offer for offer in standing if offer.to_agent_id != agent.pk}
    for case in cases:
        case.owner, case.offered = agent, offered.get(case.pk)
    found = read_together(_besides(agent, now))
    return StillTheirs(
        cases=tuple(cases),
        offers=tuple(offer for offer in standing if offer.to_agent_id == agent.pk)[:MOST],
        roles=roles_of(agent),
        **{name: tuple(rows) for name, rows in found.items()},
    )


def _besides(agent: Agent, now: datetime) -> dict[str, QuerySet]:
    """What is theirs beside cases, offers and roles, each by when it is due."""
    complaints = Complaint.objects.owned_by(agent).open().select_related("case__customer")
    decisions = Concession.objects.undecided().filter(decider=agent, case__closed_at=None)
    parts = Subtask.objects.open().filter(agent=agent).select_related("case__customer", "department")
    stands_in = Absence.objects.overlapping(now, None).filter(cover=agent).select_related("agent")
    return {
        "complaints": complaints.order_by("due_at", "pk")[:MOST],
        "decisions": decisions.select_related("case", "asked_by_agent").order_by("due_at", "pk")[:MOST],
        "parts": parts.order_by("committed_at", "pk")[:MOST],
        "stands_in": stands_in.order_by("starts_at", "pk")[:MOST],
    }


def _standing_offers(agent: Agent, cases: list[Case]) -> list[Handover]:
    """Not answered yet: those of their cases, of which each has one at most, and those that were made to them."""
    standing = Handover.objects.filter(Q(case__in=cases) | Q(to_agent=agent), state=Handover.State.OFFERED)
    made_to_them = ExpressionWrapper(Q(to_agent=agent), output_field=BooleanField())
    found = standing.select_related("case__customer", "from_agent", "to_agent").order_by(made_to_them, "pk")
    return list(found[: 2 * MOST])


def _of_case(case: Case) -> Hindrance:
    if case.offered:
        return Hindrance("open_case", f"{case.number} is offered to {case.offered.to_agent.name}, not accepted yet.")
    return Hindrance("open_case", f"{case.number}, {case.subject}, needs a new owner.")
