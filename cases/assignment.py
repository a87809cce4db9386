"""Who owns a new case (design rule 1), and who answers a complaint."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from cases.models import Complaint
from customers.models import Customer
from staff.duty import condition, not_away, on_duty
from staff.models import Agent, Department

# An urgent case weighs as much as four quiet ones.
WEIGHTS = {1: 4, 2: 3, 3: 2, 4: 1}


def find_owner(customer: Customer, department: Department, now: datetime, departments: Iterable[Department]) -> Agent:
    """The owner of a new case.

    The agent who looked after this customer last, if on duty and not overloaded; else, of those on duty in the
    department, the one with the least open work, then the one who has waited longest for a new case; else the fallback
    owner, whose cases are up for taking.

    Args:
        now: aware datetime.
        departments: all there are, with their calendars.
    """
    on_duty, values = condition(now, departments)
    person = customer.pk
    candidates = list(Agent.objects.raw(_CANDIDATES.format(on_duty=on_duty), [person, person, *values, department.pk]))
    fallback = next(agent for agent in candidates if agent.is_fallback)
    candidates.remove(fallback)
    familiar = next((agent for agent in candidates if agent.is_familiar), None)
    if familiar is not None and familiar.weight <= settings.OVERLOADED_ABOVE:
        return familiar
    there = [agent for agent in candidates if agent.department_id == department.pk]
    return min(there, key=_busy) if there else fallback


def find_complaint_owner(involved: Collection[int], now: datetime) -> Agent:
    """Who answers a complaint: a supervisor whom it is not about (design rule 14).

    Of those on duty the one with the fewest open complaints, then the one who has been without a new one the longest;
    with nobody on duty, of those who are not away, then of all supervisors likewise; with none at all the fallback
    owner, whose complaints are up for taking.

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
    pool = _among(candidates, on_duty(now)) or _among(candidates, not_away(now)) or candidates
    return min(pool, key=_busy) if pool else Agent.objects.fallback_owner()


def _among(candidates: list[Agent], agents) -> list[Agent]:
    """The candidates who are among these agents, a query set."""
    present = set(agents.filter(pk__in=[agent.pk for agent in candidates]).values_list("pk", flat=True))
    return [agent for agent in candidates if agent.pk in present]


def _busy(agent: Agent) -> tuple:
    """The least open work first, then who has waited longest for something new; never had one: longest."""
    return agent.weight, agent.last_assigned is not None, agent.last_assigned or datetime.min, agent.pk


# Of each who could own it: the weight of their open cases, when they were last given one, and whether it was they who
# looked after this person last, whichever of the person's rows that was. Each is a look into one index per agent. The
# fallback owner comes with them; of that one nothing is added up, for there may be thousands of cases.
_WEIGHT = " ".join(f"WHEN {priority} THEN {weight}" for priority, weight in WEIGHTS.items())
_CANDIDATES = f"""
SELECT a.*, coalesce(load.weight, 0) AS weight, given.owned_since AS last_assigned,
       coalesce(a.id = last.owner_id, false) AS is_familiar
  FROM staff_agent a
  LEFT JOIN (SELECT c.owner_id FROM cases_case c
              WHERE c.joined_into_id IS NULL AND c.customer_id IN (
                        SELECT p.id FROM customers_customer p
                         WHERE p.id = (SELECT coalesce(merged_into_id, id) FROM customers_customer WHERE id = %s)
                         UNION ALL
                        SELECT p.id FROM customers_customer p
                         WHERE p.merged_into_id =
                               (SELECT coalesce(merged_into_id, id) FROM customers_customer WHERE id = %s))
              ORDER BY c.opened_at DESC LIMIT 1) last ON true
  LEFT JOIN LATERAL (SELECT sum(CASE c.priority {_WEIGHT} END) AS weight
                       FROM cases_case c
                      WHERE NOT a.is_fallback AND c.owner_id = a.id AND c.closed_at IS NULL) load ON true
  LEFT JOIN LATERAL (SELECT c.owned_since FROM cases_case c WHERE c.owner_id = a.id
                      ORDER BY c.owned_since DESC LIMIT 1) given ON true
 WHERE {{on_duty}} AND (a.department_id = %s OR a.id = last.owner_id) OR a.is_fallback
"""
