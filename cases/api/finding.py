"""Which cases a token sees, and the one that an address means; filters for what machines ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from cases.finding import BY_NAME
from cases.models import Case, Entry, Subtask
from cases.prepared import built_once_for_agents
from staff.models import Agent
from supportdesk import clock
from supportdesk.statements import built_once

WITH = ("department", "owner", "customer")


def cases_of(request: Request) -> QuerySet:
    """Those that the agent may see; of a token that is limited to departments, those they own or have a part in."""
    return _of_departments(Case.objects.visible_to(request.user), request.auth.departments)


def _of_departments(cases: QuerySet, departments: Sequence[int]) -> QuerySet:
    if not departments:
        return cases
    parts = Subtask.objects.filter(case=OuterRef("pk"), department__in=departments)
    return cases.filter(Q(department__in=departments) | Exists(parts))


def case_behind(request: Request, number: int) -> Case:
    """The case to which this number leads, with its version (``newest``): all numbers of one problem lead to one.

    Raises:
        Http404: there is none, or not for this token.
    """
    asked = request.user, number, tuple(request.auth.departments)
    # Few are joined: to ask where a number leads takes as long as to read what stands there.
    found = _under(*asked) or _behind(*asked)
    if not found:
        raise Http404
    return found[0]


@built_once_for_agents
def _under(agent: Agent, number: int, departments: tuple[int, ...]):
    return _with_version(_of_departments(Case.objects.visible_to(agent), departments)).filter(
        pk=number, joined_into=None
    )


@built_once_for_agents
def _behind(agent: Agent, number: int, departments: tuple[int, ...]):
    return _with_version(_of_departments(Case.objects.visible_to(agent), departments)).behind(number)


def _with_version(cases: QuerySet) -> QuerySet:
    return cases.select_related(*WITH).annotate(newest=Subquery(_newest()))


def case_itself(request: Request, number: int) -> Case:
    """This very case, even one that was joined into another: the token has to see both.

    Raises:
        Http404: there is none, or not for this token.
    """
    case_behind(request, number)
    case = cases_of(request).filter(pk=number).select_related(*WITH).first()
    if case is None:
        raise Http404
    return case


def case_seen_after(request: Request, number: int) -> Case:
    """The case on which this request has just acted, read anew: who gave it away reads a last time what came of it."""
    return (_seen_under(number) or _seen_behind(number))[0]


@built_once
def _seen_under(number: int):
    return _with_version(Case.objects.filter(pk=number, joined_into=None))


@built_once
def _seen_behind(number: int):
    return _with_version(Case.objects.behind(number))


def version(case: Case) -> str:
    """Every change writes one entry: the newest one tells whether anything has changed."""
    return f"{case.number}.{_newest_of(case.pk)[0]}"


@built_once
def _newest_of(number: int):
    return Entry.objects.filter(case=number).order_by("-pk").values_list("pk", flat=True)[:1]


def version_read(case: Case) -> str:
    """The same, of a case that ``case_behind`` has read."""
    return f"{case.number}.{case.newest}"


def _newest() -> QuerySet:
    return Entry.objects.filter(case=OuterRef("pk")).order_by("-pk").values("pk")[:1]


class CaseFilter(filters.FilterSet):
    """What people ask of cases: mine, late, by department, waiting, since."""

    mine = filters.BooleanFilter(method="only_mine", help_text="Owned by whoever asks.")
    late = filters.BooleanFilter(method="only_late", help_text="What comes next is past its time.")
    waiting = filters.ChoiceFilter(
        method="only_waiting",
        choices=[("customer", "for the customer"), ("department", "for a department")],
        help_text="For whom it waits.",
    )
    state = filters.MultipleChoiceFilter(choices=Case.State.choices)
    outcome = filters.ChoiceFilter(choices=Case.Outcome.choices)
    department = filters.NumberFilter(field_name="department", help_text="Id of a department.")
    topic = filters.NumberFilter(field_name="topic", help_text="Id of a topic.")
    customer = filters.NumberFilter(method="of_customer", help_text="Id of a customer; all rows of that person.")
    priority = filters.ChoiceFilter(choices=[(str(n), str(n)) for n in range(1, 5)])
    since = filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte", help_text="Opened then or later.")

    class Meta:
        model = Case
        fields: list[str] = []

    def only_mine(self, cases: QuerySet, name: str, yes: bool) -> QuerySet:
        return cases.filter(owner=self.request.user) if yes else cases.exclude(owner=self.request.user)

    def only_late(self, cases: QuerySet, name: str, yes: bool) -> QuerySet:
        late = BY_NAME["late"].narrow(cases, clock.now())
        return late if yes else cases.exclude(pk__in=late.order_by().values("pk"))

    def only_waiting(self, cases: QuerySet, name: str, whom: str) -> QuerySet:
        return BY_NAME["asked" if whom == "customer" else "parts"].narrow(cases, clock.now())

    def of_customer(self, cases: QuerySet, name: str, pk) -> QuerySet:
        return cases.filter(Q(customer=pk) | Q(customer__merged_into=pk))


# Beyond this the database has no number.
_DIGITS = 18


def is_by_due(request: Request) -> bool:
    """In which order they are asked for: by what is due next, or as they were opened."""
    order = request.query_params.get("order", "number")
    if order not in ("number", "due"):
        raise ValidationError({"order": "number or due."})
    return order == "due"


def filtered(request: Request, cases: QuerySet) -> QuerySet:
    """What the parameters of the address leave.

    Raises:
        ValidationError: a parameter that says nothing.
    """
    said_nothing = next((name for name in FILTERS if "" in request.query_params.getlist(name)), None)
    if said_nothing:
        raise ValidationError({said_nothing: "Say which, or leave it out."})
    for name in ("department", "topic", "customer"):
        text = request.query_params.get(name, "0")
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
            raise ValidationError({name: "An id."})
    for name in ("mine", "late"):
        if request.query_params.get(name, "true") not in ("true", "false"):
            raise ValidationError({name: "true or false."})
    wanted = _only(frozenset(request.query_params).intersection(FILTERS))
    asked = wanted(request.query_params, queryset=cases, request=request)
    if not asked.is_valid():
        raise ValidationError(asked.errors)
    return asked.qs


@lru_cache(maxsize=256)
def _only(names: frozenset[str]) -> type[CaseFilter]:
    """The filters that are asked for: making all that could be, for each request, takes longer than reading rows."""
    asked = type("CaseFilterAsked", (CaseFilter,), {})
    asked.base_filters = {name: one for name, one in CaseFilter.base_filters.items() if name in names}
    return asked


FILTERS = tuple(CaseFilter.base_filters)
