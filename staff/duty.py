"""Who can take a case at this instant."""

from __future__ import annotations

from datetime import datetime

from staff.businesstime import is_open
from staff.models import Agent, Calendar


def on_duty(now: datetime):
    """Agents who are active, able to sign in and within their department's hours.

    Args:
        now: aware datetime.
    """
    # A desk has few calendars and many departments that share them.
    open_now = [calendar.pk for calendar in Calendar.objects.all() if is_open(now, calendar.hours)]
    return Agent.objects.able_to_work().filter(department__calendar__in=open_now)
