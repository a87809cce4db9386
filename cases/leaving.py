"""What is still somebody's and has to be in other hands before they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.models import Case, Complaint, Handover
from staff.models import Absence, Agent
from supportdesk.errors import Hindrance

# Shown no further: whoever has more begins with these.
MOST = 50


@dataclass(frozen=True)
class StillTheirs:
    """At most ``MOST`` of each.

    Attributes:
        cases: open ones, by what is due next, each with its standing offer as ``offered`` (or None).
        complaints: that they answer.
        offers: made to them and not answered.
        stands_in: absences of others in which they are the cover, now or ahead.
    """

    cases: tuple[Case, ...]
    complaints: tuple[Complaint, ...]
    offers: tuple[Handover, ...]
    stands_in: tuple[Absence, ...]

    def __bool__(self) -> bool:
        return any((self.cases, self.complaints, self.offers, self.stands_in))

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
            Hindrance("stands_in", f"Choose another cover for {absence.agent.name}.") for absence in self.stands_in
        ]
        return tuple(found)


def still_theirs(agent: Agent, now: datetime) -> StillTheirs:
    """What is still this agent's, in four queries and one more for what has been offered."""
    cases = list(Case.objects.owned_by(agent).open().select_related("customer").by_next_due()[:MOST])
    standing = Handover.objects.filter(case__in=cases, state=Handover.State.OFFERED).select_related("to_agent")
    offered = {offer.case_id: offer for offer in standing} if cases else {}
    for case in cases:
        case.owner, case.offered = agent, offered.get(case.pk)
    complaints = Complaint.objects.owned_by(agent).open().select_related("case__customer").order_by("due_at", "pk")
    offers = Handover.objects.filter(to_agent=agent, state=Handover.State.OFFERED)
    stands_in = Absence.objects.overlapping(now, None).filter(cover=agent).select_related("agent")
    return StillTheirs(
        cases=tuple(cases),
        complaints=tuple(complaints[:MOST]),
        offers=tuple(offers.select_related("case__customer", "from_agent").order_by("pk")[:MOST]),
        stands_in=tuple(stands_in.order_by("starts_at", "pk")[:MOST]),
    )


def _of_case(case: Case) -> Hindrance:
    if case.offered:
        return Hindrance("open_case", f"{case.number} is offered to {case.offered.to_agent.name}, not accepted yet.")
    return Hindrance("open_case", f"{case.number}, {case.subject}, needs a new owner.")
