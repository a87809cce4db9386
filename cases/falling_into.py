"""What falls into a time in which an owner is away: "these promises break; call this customer first"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce

from cases.models import Appeal, Case, Complaint, Concession, Promise, Refusal, Subtask
from cases.models.case import seen_by
from cases.sentences import given
from customers.models import Address, Customer
from staff.models import Absence, Agent
from supportdesk.statements import read_together

PAGE = 50
# Counted no further than this.
MOST = 99


@dataclass(frozen=True)
class Falling:
    """One promise that nobody would keep.

    Attributes:
        promise: with its case and customer.
        reached_at: the customer's telephone number, else a mail address; empty: neither is known.
    """

    promise: Promise
    reached_at: str

    @property
    def is_by_phone(self) -> bool:
        return "@" not in self.reached_at

    @property
    def case(self) -> Case:
        return self.promise.case

    @property
    def customer(self) -> Customer:
        return self.promise.case.customer


def promises_of(agent: Agent, start: datetime, end: datetime | None):
    """What this agent owes at that time, on cases they own: the first to call first.

    What somebody else keeps (another look at a no, an answer by someone else) is not theirs to break.

    Args:
        start, end: aware datetimes; an end of None: from the start on.
    """
    theirs = {"case": OuterRef("case")}
    others = Exists(Refusal.objects.filter(look_by=OuterRef("pk"), **theirs))
    others |= Exists(Appeal.objects.filter(promise=OuterRef("pk"), **theirs))
    owed = Promise.objects.owed().filter(case__owner=agent, case__closed_at=None, due_at__gte=start).exclude(others)
    return (owed if end is None else owed.filter(due_at__lt=end)).order_by("due_at", "case__priority", "pk")


def promises_in(absence: Absence):
    """What falls into an absence and was not left to who stands in."""
    return promises_of(absence.agent, absence.starts_at, absence.ends_at).exclude(covered_in=absence)


@dataclass(frozen=True)
class Page:
    """A page of what falls into an absence.

    Attributes:
        many: how many there are on it and behind it, ``99+`` beyond.
        after: the id of the promise after which the next page begins; None: it does not.
    """

    rows: list[Falling]
    many: str
    after: int | None


def page_of(promises, after: int | None = None) -> Page:
    """A page of what falls into an absence.

    Args:
        promises: as ``promises_of`` gives them.
        after: id of the last promise of the page before.
    """
    last = Promise.objects.select_related("case").filter(pk=after).first() if after else None
    if last is not None:
        promises = promises.filter(due_at__gte=last.due_at).exclude(_not_behind(last))
    found = list(promises.select_related("case__customer").annotate(many=Window(Count("pk")))[: PAGE + 1])
    reached = _reached({promise.case.customer.person_id for promise in found[:PAGE]}) if found else {}
    rows = [Falling(promise, reached.get(promise.case.customer.person_id, "")) for promise in found[:PAGE]]
    many = found[0].many if found else 0
    return Page(rows, f"{MOST}+" if many > MOST else str(many), found[PAGE - 1].pk if len(found) > PAGE else None)


@dataclass(frozen=True)
class Uncovered:
    """What falls due at that time and for which nobody stands in: it is done before, or given to somebody else.

    Attributes:
        complaints: that this agent answers.
        decisions: that owners wait for, each with what it is in words.
        parts: of departments, that they have taken on.
    """

    complaints: list[Complaint]
    decisions: list[tuple[Concession, str]]
    parts: list[Subtask]

    def __bool__(self) -> bool:
        return bool(self.complaints or self.decisions or self.parts)


def uncovered_of(agent: Agent, start: datetime, end: datetime | None, *, reader: Agent) -> Uncovered:
    """Read it, in one statement, as far as the reader may see it; each by when it is due."""
    complaints = Complaint.objects.owned_by(agent).open()
    decisions = Concession.objects.undecided().filter(decider=agent, case__closed_at=None)
    parts = Subtask.objects.open().filter(agent=agent)
    found = read_together(
        {
            "complaints": _falling(complaints, "due_at", start, end, reader)[:PAGE],
            "decisions": _falling(decisions, "due_at", start, end, reader).select_related("asked_by_agent")[:PAGE],
            "parts": _falling(parts, "committed_at", start, end, reader).select_related("department")[:PAGE],
        }
    )
    decided = [(one, given(one)) for one in found["decisions"]]
    return Uncovered(found["complaints"], decided, found["parts"])


def _falling(rows: QuerySet, due: str, start: datetime, end: datetime | None, reader: Agent) -> QuerySet:
    found = rows.filter(seen_by(reader, "case__"), **{f"{due}__gte": start})
    found = found if end is None else found.filter(**{f"{due}__lt": end})
    return found.select_related("case__customer").order_by(due, "pk")


def _not_behind(last: Promise) -> Q:
    """Of what is due at the same instant, the rows up to the last one."""
    priority = last.case.priority
    before = Q(case__priority__lt=priority) | Q(case__priority=priority, pk__lte=last.pk)
    return Q(due_at=last.due_at) & before


def _reached(people: set[int]) -> dict[int, str]:
    """By person, a telephone number, else a mail address, in one query."""
    rows = Customer.objects.filter(Q(pk__in=people) | Q(merged_into__in=people))
    person = Coalesce("customer__merged_into", "customer")
    kinds = {Address.Kind.PHONE: 0, Address.Kind.MAIL: 1}
    known = Address.objects.in_use().filter(customer__in=rows, kind__in=kinds).order_by("pk")
    found: dict[int, tuple[int, str]] = {}
    for whose, kind, value in known.values_list(person, "kind", "value"):
        if whose not in found or kinds[kind] < found[whose][0]:
            found[whose] = (kinds[kind], value)
    return {whose: value for whose, (_, value) in found.items()}
