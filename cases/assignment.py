"""Who owns a new case (design rule 1), and who answers a complaint."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db.models import Case as SqlCase
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from cases.models import Case, Complaint
from customers.models import Customer
from staff.duty import on_duty
from staff.models import Agent, Department

# An urgent case weighs as much as four quiet ones.
WEIGHTS = {1: 4, 2: 3, 3: 2, 4: 1}


def find_owner(customer: Customer, department: Department, now: datetime) -> Agent:
    """The owner of a new case.

    The agent who looked after this customer last, if on duty and not overloaded; else, of those on duty in the
    department, the one with the least open work, then the one who has waited longest for a new case; else the fallback
    owner, whose cases are up for taking.

    Args:
        now: aware datetime.
    """
    theirs = Case.objects.filter(customer__in=Customer.objects.person(customer), joined_into=None)
    last = theirs.order_by("-opened_at").values_list("owner", flat=True).first()
    present = on_duty(now).filter(Q(department=department) | Q(pk=last)).values_list("pk", flat=True)
    candidates = _weighed(list(present))
    familiar = next((agent for agent in candidates if agent.pk == last), None)
    if familiar is not None and familiar.weight <= settings.OVERLOADED_ABOVE:
        return familiar
    there = [agent for agent in candidates if agent.department_id == department.pk]
    return min(there, key=_busy) if there else Agent.objects.fallback_owner()


def find_complaint_owner(involved: Collection[int], now: datetime) -> Agent:
    """Who answers a complaint: a supervisor whom it is not about (design rule 14).

    Of those on duty the one with the fewest open complaints, then the one who has been without a new one the longest;
    with nobody on duty, of all supervisors likewise; with none at all the fallback owner, whose complaints are up for
    taking.

    Args:
        involved: ids of the agents whom it is about, see ``cases.involvement``.
        now: aware datetime.
    """
    free = Agent.objects.able_to_work().filter(is_supervisor=True, is_fallback=False).exclude(pk__in=involved)
    theirs = Complaint.objects.filter(owner=OuterRef("pk")).order_by()
    candidates = list(
        free.annotate(
            weight=Coalesce(Subquery(theirs.open().values("owner").annotate(n=Count("pk")).values("n")), 0),
            last_assigned=Subquery(theirs.order_by("-made_at").values("made_at")[:1]),
        )
    )
    present = set(on_duty(now).filter(pk__in=[agent.pk for agent in candidates]).values_list("pk", flat=True))
    pool = [agent for agent in candidates if agent.pk in present] or candidates
    return min(pool, key=_busy) if pool else Agent.objects.fallback_owner()


def _busy(agent: Agent) -> tuple:
    """The least open work first, then who has waited longest for something new; never had one: longest."""
    return agent.weight, agent.last_assigned is not None, agent.last_assigned or datetime.min, agent.pk


def _weighed(agents: list[int]) -> list[Agent]:
    """The agents with these ids, with the weight of their open cases and when they were last given one.

    Each is a look into one index per agent: neither grows with the cases that are closed.
    """
    if not agents:
        return []
    theirs = Case.objects.filter(owner=OuterRef("pk")).order_by()
    weight = SqlCase(
        *(When(priority=priority, then=Value(weight)) for priority, weight in WEIGHTS.items()),
        output_field=IntegerField(),
    )
    open_weight = theirs.open().values("owner").annotate(weight=Sum(weight)).values("weight")
    weighed = Agent.objects.filter(pk__in=agents).annotate(
        weight=Coalesce(Subquery(open_weight), 0),
        last_assigned=Subquery(theirs.order_by("-owned_since").values("owned_since")[:1]),
    )
    return list(weighed)
