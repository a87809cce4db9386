"""Rows of the staff's lists: plain values, made in one pass, so that a template only puts them down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import dateformat, timezone

from cases import prepared
from cases.been_through import problems_of
from cases.finding import Filters, find
from cases.models import Assurance, Case, Complaint, Concession, Handover, Subtask
from cases.models.case import seen_by
from cases.sentences import given, until
from customers.models import Address, Customer
from staff.models import Absence
from supportdesk import clock
from supportdesk.addressing import address_of
from supportdesk.statements import built_once

PAGE = 50
# So many of those have room beside the list whose customers are asked; all of them have a page of their own.
ASKED_BESIDE = 5
# So many answers after closing stand above it: what is decided makes room for the next.
MOST_TO_DECIDE = 20
SOON = timedelta(hours=1)
StandingIn = Mapping[int, Absence]
NOBODY_AWAY: StandingIn = MappingProxyType({})


@dataclass(frozen=True)
class Row:
    """One row of a list.

    Attributes:
        url: where it leads.
        title, subject: first line; ``words``: the customer's own.
        what, why: what is promised, and why it stands here.
        due_at: aware datetime, or None.
        group: ``late``, ``today``, ``later``, ``undated``, or ``held_up`` for a part that comes after an open one.
        unread: the customer has written since we last did.
    ended: when it was closed, in words.
    mark: for whom one stands in: "for Mia, away until Thursday".
    """

    url: str
    title: str
    subject: str
    words: str
    what: str
    why: str
    due_at: datetime | None
    group: str
    unread: bool = False
    pk: int = 0
    act: str = ""
    ended: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Section:
    """A small section beside a list. ``more``: there are others, which have no room here."""

    rows: list
    more: bool

    @property
    def count(self) -> str:
        """What is shown, and a sign that there is more."""
        return f"{len(self.rows)}+" if self.more else str(len(self.rows))


NOTHING_BESIDE = Section([], more=False)


def my_cases(
    agent, after: tuple[datetime, int] | None = None, standing_in: StandingIn = NOBODY_AWAY
) -> tuple[list[Row], tuple[datetime, int] | None]:
    """A page of the open cases that an agent looks after, by what is due next, and the key of the page after it.

    Args:
        after: the last row's (due, id) of the page before.
        standing_in: the absences in which the agent stands in, by owner; their cases stand among the agent's, marked.
    """
    return _as_page(_looked_after((agent.pk, *standing_in), after), _marking(_row, standing_in))


@built_once
def _looked_after(owners: tuple[int, ...], after: tuple[datetime, int] | None):
    cases = Case.objects.looked_after_by(owners).open().exclude(next_step=Case.NextStep.REMINDER)
    return _from(_as_rows(cases.by_next_due()), after)[: PAGE + 1]


def beside_my_cases(agent, standing_in: StandingIn = NOBODY_AWAY) -> set[str]:
    """Which of the small sections beside an agent's cases there is anything for, by name, in one query."""
    if standing_in:
        found = prepared.ask_anew("EXISTS ({})", _sections(agent, clock.now(), tuple(standing_in)))
    else:
        found = prepared.ask("EXISTS ({})", _sections, agent, clock.now())
    return {name for name, there in found.items() if there}


def _sections(agent, now, owners: Sequence[int] = ()) -> dict[str, QuerySet]:
    owned = Case.objects.looked_after_by([agent.pk, *owners]).order_by()
    return {
        "offers": Handover.objects.filter(to_agent=agent, state=Handover.State.OFFERED),
        "sure": Assurance.objects.standing().filter(agent=agent),
        "complaints": Complaint.objects.owned_by(agent).open(),
        "decisions": Concession.objects.undecided().filter(decider=agent),
        "afterwards": owned.to_decide(),
        "waiting": owned.open().waiting_for_customer(),
    }


def answers_after_closing(agent, standing_in: StandingIn = NOBODY_AWAY) -> list[Row]:
    """Closed cases of an agent whose customer has written since, what must be decided first on top."""
    row, days = _marking(_row_to_decide, standing_in), _days()
    return [row(case, *days) for case in _to_decide((agent.pk, *standing_in))]


@built_once
def _to_decide(owners: tuple[int, ...]):
    cases = Case.objects.looked_after_by(owners).to_decide().order_by("decide_by").select_related("customer")
    return cases.only("owner", "subject", "latest_words", "decide_by", "customer__name")[:MOST_TO_DECIDE]


def up_for_taking(agent, after=None):
    """A page of the cases that nobody owns yet, as ``my_cases``."""
    cases = Case.objects.visible_to(agent).up_for_taking().by_next_due()
    return _page(cases, after)


def waiting_for_customer(agent, standing_in: StandingIn = NOBODY_AWAY) -> Section:
    """Cases of an agent in which the customer was asked, the next reminder first: as many as have room, and whether
    there are more."""
    row, days = _marking(_row, standing_in), _days()
    rows = [row(case, *days) for case in _waiting((agent.pk, *standing_in))]
    return Section(rows[:ASKED_BESIDE], len(rows) > ASKED_BESIDE)


@built_once
def _waiting(owners: tuple[int, ...]):
    return _as_rows(_asked_by(owners))[: ASKED_BESIDE + 1]


def all_waiting_for_customer(agent, after=None, standing_in: StandingIn = NOBODY_AWAY):
    """A page of those cases, as ``my_cases``."""
    return _page(_as_rows(_asked_by((agent.pk, *standing_in))), after, row=_marking(_row, standing_in))


def _asked_by(owners: tuple[int, ...]) -> QuerySet:
    return Case.objects.looked_after_by(owners).open().waiting_for_customer().by_next_due()


def handed_to(agent) -> list[Handover]:
    """Offers that this agent has not answered."""
    return _offers(agent.pk)


@built_once
def _offers(to_agent: int):
    offers = Handover.objects.filter(to_agent=to_agent, state=Handover.State.OFFERED)
    return offers.select_related("case__customer", "case__next_promise", "from_agent").only(
        "case__subject", "case__customer__name", "case__next_promise__words", "case__next_promise__due_at",
        "from_agent__name", "brief",
    ).order_by("pk")[:PAGE]  # fmt: skip


def found(agent, filters: Filters, after=None):
    """A page of the cases that the filters leave, by what is due next; closed ones by when, the latest first.

    Args:
        after: as ``my_cases``; with closed cases the last row's (closed, id).
    """
    cases = find(agent, filters).select_related("customer", "next_promise", "owner")
    if filters.which.name == "closed":
        return _closed_page(cases.order_by("-closed_at", "-pk"), after)
    return _page(cases.by_next_due(), after, row=_row_with_owner)


def i_make_sure(agent) -> list[Row]:
    """Cases of others in which this agent took a call, and whose owner has not been in touch since; each case once."""
    standing = (
        Assurance.objects.standing()
        .filter(agent=agent, case__closed_at=None)
        .select_related("case__customer", "case__owner", "case__next_promise", "promise")
        .order_by("pk")[:PAGE]
    )
    first = {assurance.case_id: assurance for assurance in reversed(standing)}
    return sorted((_sure_row(assurance, *_days()) for assurance in first.values()), key=lambda row: row.due_at)


def complaints_to_answer(agent) -> list[Complaint]:
    """The complaints that this agent answers, by when an answer was promised."""
    return list(
        Complaint.objects.owned_by(agent).open().select_related("case__customer").order_by("due_at", "pk")[:PAGE]
    )


def concessions_to_decide(agent) -> list[tuple[Concession, str]]:
    """What this agent is asked to decide, each with what it is in words, by when a decision is due."""
    asked = (
        Concession.objects.undecided()
        .filter(seen_by(agent, "case__"), decider=agent)
        .select_related("case__customer", "asked_by_agent")
        .order_by("due_at", "pk")[:PAGE]
    )
    return [(concession, given(concession)) for concession in asked]


def parts_of_department(
    department, agent, whose: str = "all", after: tuple | None = None, held_up: bool = False
) -> tuple[list[Row], tuple | None]:
    """A page of a department's open sub-tasks by their due time, the undated last, and the key of the next page.

    Args:
        agent: who is asking; another department's queue shows nothing confidential.
        whose: ``mine``, ``nobodys`` or ``all``.
        after: the last row's (committed or None, id) of the page before.
        held_up: those that come after another part which is still open, instead of those that can be worked on.
    """
    parts = (
        Subtask.objects.open()
        .of_department(department)
        .held_up(held_up)
        .filter(seen_by(agent, "case__"))
        .select_related(
            "case__customer", "case__owner", "case__next_promise", "agent", "after__department", "follows__department"
        )
    )
    if whose == "mine":
        parts = parts.filter(agent=agent)
    elif whose == "nobodys":
        parts = parts.filter(agent=None)
    if after is not None:
        parts = parts.filter(_behind(*after))
    page = list(parts.by_due()[: PAGE + 1])
    now, today_ends = _days()
    rows = [_part_row(part, agent, now, today_ends) for part in page[:PAGE]]
    last = page[PAGE - 1] if len(page) > PAGE else None
    return rows, (last.committed_at, last.pk) if last else None


# The groups of a customer's problems.
PROBLEMS = (("open", "Open"), ("over", "Over"))


def problems(agent, customer: Customer, after: tuple | None = None) -> tuple[list[Row], tuple | None]:
    """A page of a customer's problems that the agent may see: what is open, then what ended last, and the next key.

    Args:
        after: the last row's (closed or None, id) of the page before.
    """
    cases = problems_of(agent, customer).select_related("customer", "owner", "next_promise")
    if after is not None:
        closed_at, pk = after
        if closed_at is None:
            cases = cases.filter(Q(closed_at=None, pk__lt=pk) | Q(closed_at__isnull=False))
        else:
            cases = cases.filter(Q(closed_at__lt=closed_at) | Q(closed_at=closed_at, pk__lt=pk))
    found = list(cases.order_by(F("closed_at").desc(nulls_first=True), "-pk")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return [_problem_row(case) for case in found[:PAGE]], (last.closed_at, last.pk) if last else None


def customers(agent, people: list[Customer]) -> list[Row]:
    """Customers as rows: how to reach them, and how many of their problems are open."""
    ids = [person.pk for person in people]
    person = Coalesce("customer__merged_into", "customer")
    rows = Customer.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids))
    addresses: dict[int, list[str]] = {}
    for value, whose in Address.objects.in_use().filter(customer__in=rows).order_by("pk").values_list("value", person):
        addresses.setdefault(whose, []).append(value)
    cases = Case.objects.visible_to(agent).open().filter(customer__in=rows).order_by()
    open_cases = dict(cases.values_list(person).annotate(Count("pk")))
    return [_customer_row(one, addresses.get(one.pk, []), open_cases.get(one.pk, 0)) for one in people]


def _behind(committed_at: datetime | None, pk: int) -> Q:
    if committed_at is None:
        return Q(committed_at=None, pk__gt=pk)
    return Q(committed_at__gt=committed_at) | Q(committed_at=committed_at, pk__gt=pk) | Q(committed_at=None)


def _page(cases, after, row=None):
    cases = _from(cases if row else _as_rows(cases), after)
    return _as_page(list(cases[: PAGE + 1]), row or _row)


def _from(cases: QuerySet, after: tuple[datetime, int] | None) -> QuerySet:
    if after is None:
        return cases
    due_at, pk = after
    # Said twice, so that the index is entered at the right place: a row comparison is beyond the ORM.
    return cases.filter(next_due_at__gte=due_at).exclude(next_due_at=due_at, pk__lte=pk)


def _as_page(found: Sequence[Case], row: Callable[..., Row]) -> tuple[list[Row], tuple[datetime, int] | None]:
    now, today_ends = _days()
    rows = [row(case, now, today_ends) for case in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return rows, (last.next_due_at, last.pk) if last else None


def _closed_page(cases, after):
    if after is not None:
        closed_at, pk = after
        cases = cases.filter(closed_at__lte=closed_at).exclude(closed_at=closed_at, pk__gte=pk)
    page = list(cases[: PAGE + 1])
    now, today_ends = _days()
    rows = [replace(_row(case, now, today_ends), **_ended(case, now)) for case in page[:PAGE]]
    last = page[PAGE - 1] if len(page) > PAGE else None
    return rows, (last.closed_at, last.pk) if last else None


def _ended(case: Case, now: datetime) -> dict:
    """What a row says of a case that is over."""
    return {
        "what": _capital(case.get_outcome_display()),
        "why": _owner(case),
        "ended": _when(case.closed_at, now),
        "due_at": None,
        "group": "closed",
        "unread": False,
    }


def _row_with_owner(case: Case, now: datetime, today_ends: datetime) -> Row:
    row = _row(case, now, today_ends)
    return replace(row, why=f"{_owner(case)}, new words" if row.unread else _owner(case))


def _owner(case: Case) -> str:
    return "Up for taking" if case.owner.is_fallback else f"{case.owner.name} owns it"


def _as_rows(cases):
    """Only what ``_row`` reads: most of a case is for its own page."""
    return cases.select_related("customer", "next_promise").only(
        "owner", "subject", "latest_words", "state", "yes_at", "withdrawn_at", "customer_wrote_at", "we_wrote_at",
        "next_step", "next_due_at", "next_promise__words", "customer__name",
    )  # fmt: skip


def _row(case: Case, now: datetime, today_ends: datetime) -> Row:
    promised = case.next_promise
    nothing = case.next_step == Case.NextStep.NOTHING
    return Row(
        url=case.get_absolute_url(),
        title=case.customer.name,
        subject=case.subject,
        words=case.latest_words,
        what=_capital(promised.words) if promised else _what_without_promise(case),
        why=_why(case),
        due_at=None if nothing else case.next_due_at,
        group=_group(case.next_due_at, now, today_ends),
        unread=case.has_new_words,
        pk=case.pk,
    )


def _marking(row: Callable[..., Row], standing_in: StandingIn) -> Callable[..., Row]:
    """The same rows, those of somebody for whom one stands in marked: "for Mia, away until Thursday"."""
    if not standing_in:
        return row

    def marked(case: Case, now: datetime, today_ends: datetime) -> Row:
        made, absence = row(case, now, today_ends), standing_in.get(case.owner_id)
        if absence is None:
            return made
        mark = f"for {absence.agent.first_name}, away {until(absence.ends_at, now)}"
        return replace(made, why=made.why.removesuffix(" since you wrote"), mark=mark if made.why else _capital(mark))

    return marked


def _row_to_decide(case: Case, now: datetime, today_ends: datetime) -> Row:
    return Row(
        url=case.get_absolute_url(),
        title=case.customer.name,
        subject=case.subject,
        words=case.latest_words,
        what="Only thanks, or more?",
        why="Undecided it is open again",
        due_at=case.decide_by,
        group=_group(case.decide_by, now, today_ends),
        unread=True,
        pk=case.pk,
    )


def _part_row(part: Subtask, agent, now: datetime, today_ends: datetime) -> Row:
    case = part.case
    promised = case.next_promise
    mine = agent is not None and part.agent_id == agent.pk
    return Row(
        url=f"{case.get_absolute_url()}#subtask-{part.pk}",
        title=part.ask,
        subject=f"for {case.customer.name}, owner {'nobody yet' if case.owner.is_fallback else case.owner.first_name}",
        words=case.latest_words,
        what=f"{_capital(promised.words)}, {_when(promised.due_at, now)}" if promised else "Nothing promised",
        why=_who_has(part, mine, now),
        due_at=part.committed_at,
        group=_part_group(part, now, today_ends),
        pk=part.pk,
        act=_act_on(part, mine),
    )


def _problem_row(case: Case) -> Row:
    promised = case.next_promise
    if case.is_open:
        what = _capital(promised.words) if promised else _what_without_promise(case)
    else:
        what = _capital(case.get_outcome_display())
    return Row(
        url=case.get_absolute_url(),
        title=case.subject,
        subject=case.number,
        words=case.latest_words,
        what=what,
        why="Nobody owns it yet"
        if case.is_up_for_taking
        else f"{case.owner.name} {'owns' if case.is_open else 'owned'} it",
        due_at=case.next_due_at if case.is_open and case.next_step != Case.NextStep.NOTHING else case.closed_at,
        group="open" if case.is_open else "over",
        pk=case.pk,
    )


def _customer_row(person: Customer, addresses: list[str], open_cases: int) -> Row:
    return Row(
        url=address_of("cases:customer", person.pk),
        title=person.name,
        subject=person.organisation.name if person.organisation else "",
        words="",
        what=", ".join(addresses[:3]),
        why=f"{open_cases} open" if open_cases else "Nothing open",
        due_at=None,
        group="people",
        pk=person.pk,
    )


def _part_group(part: Subtask, now: datetime, today_ends: datetime) -> str:
    if part.is_held_up:
        return "held_up"
    return _group(part.committed_at, now, today_ends) if part.committed_at else "undated"


def _act_on(part: Subtask, mine: bool) -> str:
    if mine:
        return "go_on" if part.state == Subtask.State.WAITING else "answer"
    return "take" if part.agent_id is None and part.state != Subtask.State.WAITING else "look"


def _who_has(part: Subtask, mine: bool, now: datetime) -> str:
    """Who has it and how it stands, what holds it up first: "Waiting for a board, since Tue 10:00. You have it"."""
    who = "You have it" if mine else f"{part.agent.first_name} has it" if part.agent_id else "Nobody has it"
    asked = f", asked for {_when(part.later_at, now)}" if part.later_at else ""
    if part.state == Subtask.State.WAITING:
        return f"Waiting for {part.waiting_for}, since {_when(part.waiting_since, now)}. {who}{asked}"
    if part.is_held_up:
        return f"After {part.after.department.name} is done. {who}, {part.get_state_display()}{asked}"
    if part.follows_id:
        return f"{part.follows.department.name} could not reproduce it. {who}, {part.get_state_display()}{asked}"
    return f"{who}, {part.get_state_display()}{asked}"


def _sure_row(assurance: Assurance, now: datetime, today_ends: datetime) -> Row:
    case = assurance.case
    # When the owner gave another time, that is the one to watch.
    told = assurance.promise if assurance.promise.is_owed or not case.next_promise else case.next_promise
    owner = "Somebody" if case.owner.is_fallback else case.owner.first_name
    return Row(
        url=case.get_absolute_url(),
        title=case.customer.name,
        subject=case.subject,
        words=case.latest_words,
        what=f"{owner} will {told.words}",
        why="Nobody owns it yet; you took the call"
        if case.owner.is_fallback
        else f"{owner} owns it; you took the call",
        due_at=told.due_at,
        group=_group(told.due_at, now, today_ends),
        pk=case.pk,
    )


def _what_without_promise(case: Case) -> str:
    if case.next_step == Case.NextStep.REMINDER:
        return "Asked whether it is solved"
    if case.next_step == Case.NextStep.SUPERVISORS:
        return "No answer: the supervisors look at it"
    return f"Nobody has promised {case.customer.first_name} anything"


def _why(case: Case) -> str:
    if case.has_new_words and case.we_wrote_at:
        return "New words since you wrote"
    if case.withdrawn_at:
        return f"{case.customer.first_name} no longer needs it; drop the open part"
    if case.yes_at:
        return f"{case.customer.first_name} said yes; a part is still open"
    if case.awaits_answer:
        return "Waiting for the answer"
    if case.we_wrote_at is None:
        return "Not answered yet"
    return ""


def _group(due_at: datetime, now: datetime, today_ends: datetime) -> str:
    return "late" if due_at <= now else "today" if due_at < today_ends else "later"


def _days() -> tuple[datetime, datetime]:
    """Now, and when today ends where the reader is."""
    now = clock.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return now, midnight + timedelta(days=1)


def _when(value: datetime, now: datetime) -> str:
    """``17:00`` today, else ``Wed 12:00`` or ``1 Dec 12:00``."""
    at, today = timezone.localtime(value), timezone.localtime(now)
    if at.date() == today.date():
        return f"today {at:%H:%M}"
    return dateformat.format(at, "D H:i" if abs((at.date() - today.date()).days) < 7 else "j M H:i")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
