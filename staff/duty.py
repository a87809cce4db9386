"""Who can take a case at this instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models.expressions import RawSQL

from staff.businesstime import is_open
from staff.models import Absence, Agent, Department


def on_duty(now: datetime):
    """Agents who are active, able to sign in, not away, and within their department's hours.

    Args:
        now: aware datetime.
    """
    holds, values = condition(now, Department.objects.with_hours())
    return Agent.objects.filter(pk__in=RawSQL(f"SELECT a.id FROM staff_agent a WHERE {holds}", values))


def condition(now: datetime, departments: Iterable[Department]) -> tuple[str, list]:
    """The same as SQL that holds of an agent ``a``, and its values.

    Args:
        now: aware datetime.
        departments: all there are, with their calendars.
    """
    # A desk has few calendars and many departments that share them.
    open_now = [department.pk for department in departments if is_open(now, department.calendar.hours)]
    away = (
        "SELECT FROM staff_absence x WHERE x.agent_id = a.id AND x.starts_at <= %s AND coalesce(x.ends_at > %s, true)"
    )
    return (
        f"a.is_active AND a.can_sign_in AND a.department_id = ANY(%s) AND NOT EXISTS ({away})",
        [open_now, now, now],
    )


def not_away(now: datetime):
    """Agents who are active, able to sign in and not away; says nothing about their hours.

    Args:
        now: aware datetime.
    """
    return Agent.objects.able_to_work().exclude(pk__in=Absence.objects.at(now).values("agent"))
