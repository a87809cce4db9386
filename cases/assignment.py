"""Who owns a new case (design rule 1)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Case as SqlCase
from django.db.models import F, IntegerField, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from cases.models import Case
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
    candidates = _weighed(on_duty(now))
    last = Case.objects.filter(customer=customer).order_by("-opened_at").values_list("owner", flat=True).first()
    if last is not None:
        familiar = candidates.filter(pk=last, weight__lte=settings.OVERLOADED_ABOVE).first()
        if familiar is not None:
            return familiar
    rested = F("last_assigned").asc(nulls_first=True)
    least_busy = candidates.filter(department=department).order_by("weight", rested, "pk").first()
    return least_busy or Agent.objects.fallback_owner()


def _weighed(agents):
    """The agents with the weight of their open cases and when they were last given one.

    Each is a look into one index per agent: neither grows with the cases that are closed.
    """
    theirs = Case.objects.filter(owner=OuterRef("pk")).order_by()
    weight = SqlCase(
        *(When(priority=priority, then=Value(weight)) for priority, weight in WEIGHTS.items()),
        output_field=IntegerField(),
    )
    open_weight = theirs.open().values("owner").annotate(weight=Sum(weight)).values("weight")
    return agents.annotate(
        weight=Coalesce(Subquery(open_weight), 0),
        last_assigned=Subquery(theirs.order_by("-owned_since").values("owned_since")[:1]),
    )
