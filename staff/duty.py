"""Who can take a case at this instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models.expressions import RawSQL

from staff.businesstime import is_open
from staff.models import Agent, Department


def on_duty(now: datetime):
    """Agents who are active, able to sign in and within their department's hours.

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
    return "a.is_active AND a.can_sign_in AND a.department_id = ANY(%s)", [open_now]
