"""Who can take a case at this instant."""

from __future__ import annotations

from datetime import datetime

from staff.businesstime import is_open
from staff.models import Agent, Department


def departments_open(now: datetime) -> list[int]:
    """Ids of the departments within their working hours.

    Args:
        now: aware datetime.
    """
    departments = Department.objects.select_related("calendar")
    return [department.pk for department in departments if is_open(now, department.calendar.hours)]


def on_duty(now: datetime):
    """Agents who are active, able to sign in and within their department's hours.

    Args:
        now: aware datetime.
    """
    return Agent.objects.able_to_work().filter(department__in=departments_open(now))
