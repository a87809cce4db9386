"""Changing when somebody is there: a calendar's hours, and whose calendar it is. Administrators alone.

No time that was promised moves with them: what is due stays due when it was said.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

from django.db import transaction

from staff import hours_in_words
from staff.administrators import require_administrator
from staff.businesstime import BusinessHours, next_open
from staff.models import Agent, Calendar, Company, Department
from staff.models.calendars import WEEKDAYS
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

log = logging.getLogger(__name__)

OPENS_WITHIN = timedelta(days=366)
_LONGEST_NAME = 80


@transaction.atomic
def change(calendar: Calendar, hours: BusinessHours, *, read_as: str = "", by: Agent) -> Calendar:
    """Give a calendar other hours. Whoever shares it has them too.

    Args:
        read_as: the ``fingerprint`` of the calendar when its page was read; empty: whatever it is now.

    Raises:
        NotAllowed: the actor is no administrator.
        Conflict: somebody else has changed it since it was read.
        Refused: with these hours nobody would be there for a year.
    """
    calendar = Calendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)
    require_administrator(by)
    if hours_of(calendar) == hours:
        return calendar
    if read_as and read_as != fingerprint(calendar):
        raise Conflict("changed_meanwhile", "Somebody has changed these hours since you read them. Load the page anew.")
    _require_opening(hours)
    changed = {name: value for name, value in hours_in_words.columns(hours).items() if getattr(calendar, name) != value}
    for name, value in changed.items():
        setattr(calendar, name, value)
    calendar.changed_at, calendar.changed_by = clock.now(), by
    calendar.save(update_fields=[*changed, "changed_at", "changed_by"])
    log.info("Agent %s has changed the hours of calendar %s.", by.pk, calendar.pk)
    return calendar


@transaction.atomic
def give_own_hours(department: Department, *, by: Agent) -> Department:
    """Give a department hours of its own, which begin as a copy of the company's.

    Raises:
        NotAllowed: the actor is no administrator.
    """
    department = _locked(department)
    require_administrator(by)
    companys = Company.objects.the().calendar
    if department.calendar_id != companys.pk:
        return department
    _keep(department, _copy(companys, f"Hours of {department.name}", by), by)
    return department


@transaction.atomic
def follow_company(department: Department, *, by: Agent) -> Department:
    """Let a department follow the company's hours again. Hours that nobody has any more are gone.

    Raises:
        NotAllowed: the actor is no administrator.
    """
    department = _locked(department)
    require_administrator(by)
    companys = Company.objects.the().calendar
    if department.calendar_id == companys.pk:
        return department
    own = department.calendar
    _keep(department, companys, by)
    _forget_if_unused(own)
    return department


@transaction.atomic
def give_supervisors_own_hours(*, by: Agent) -> Company:
    """Give the supervisors hours of their own, which begin as a copy of the company's.

    Raises:
        NotAllowed: the actor is no administrator.
    """
    company = _locked_company()
    require_administrator(by)
    if company.supervisors_calendar_id is not None:
        return company
    _let_supervisors_keep(company, _copy(company.calendar, "Hours of the supervisors", by), by)
    return company


@transaction.atomic
def let_supervisors_follow_company(*, by: Agent) -> Company:
    """Let the supervisors answer in the company's hours again. Hours that nobody has any more are gone.

    Raises:
        NotAllowed: the actor is no administrator.
    """
    company = _locked_company()
    require_administrator(by)
    if company.supervisors_calendar_id is None:
        return company
    own = company.supervisors_calendar
    _let_supervisors_keep(company, None, by)
    _forget_if_unused(own)
    return company


def hours_of(calendar: Calendar) -> BusinessHours | None:
    """The calendar's hours; None where what stands in it, by whatever hand, makes none."""
    try:
        return calendar.hours
    except ValueError:
        return None


def why_unreckonable(calendar: Calendar) -> str:
    """Why nothing can be reckoned with what stands in a calendar, by whatever hand, in a sentence; empty: it can."""
    try:
        _ = calendar.hours
    except ValueError as wrong:
        return str(wrong)
    return ""


def fingerprint(calendar: Calendar) -> str:
    """The same for the same words in the calendar's fields, and for no others."""
    words = sorted(hours_in_words.write(calendar).items())
    return hashlib.sha256(repr(words).encode()).hexdigest()[:32]


# -- steps -------------------------------------------------------------------------------------------------------------


def _require_opening(hours: BusinessHours) -> None:
    now = clock.now()
    try:
        opens = next_open(now, hours)
    except ValueError:
        opens = None
    if opens is None or opens > now + OPENS_WITHIN:
        raise Refused(
            "closed_for_too_long",
            "With these nobody would be there for a year. Take some of the closed days out.",
            field="closed_days",
        )


def _locked(department: Department) -> Department:
    locked = Department.objects.select_for_update(no_key=True, of=("self",)).select_related("calendar")
    return locked.get(pk=department.pk)


def _locked_company() -> Company:
    Company.objects.select_for_update(no_key=True).get(pk=1)
    return Company.objects.the()


def _keep(department: Department, calendar: Calendar, by: Agent) -> None:
    department.calendar = calendar
    department.hours_chosen_at, department.hours_chosen_by = clock.now(), by
    department.save(update_fields=["calendar", "hours_chosen_at", "hours_chosen_by"])
    log.info("Agent %s has let department %s keep the hours of calendar %s.", by.pk, department.pk, calendar.pk)


def _let_supervisors_keep(company: Company, calendar: Calendar | None, by: Agent) -> None:
    company.supervisors_calendar = calendar
    company.supervisors_hours_chosen_at, company.supervisors_hours_chosen_by = clock.now(), by
    company.save(update_fields=["supervisors_calendar", "supervisors_hours_chosen_at", "supervisors_hours_chosen_by"])
    kept = calendar or company.calendar
    log.info("Agent %s has let the supervisors keep the hours of calendar %s.", by.pk, kept.pk)


def _copy(calendar: Calendar, name: str, by: Agent) -> Calendar:
    facts = ("zone", *WEEKDAYS, "country", "subdivision", "closed_days", "open_days")
    copied = {fact: getattr(calendar, fact) for fact in facts}
    return Calendar.objects.create(name=_free(name), **copied, changed_at=clock.now(), changed_by=by)


def _free(name: str) -> str:
    """The name, with a number where another calendar has it."""
    taken = set(Calendar.objects.values_list("name", flat=True))
    wished, number = name[:_LONGEST_NAME], 2
    while wished in taken:
        wished, number = f"{name[: _LONGEST_NAME - 5]} ({number})", number + 1
    return wished


def _forget_if_unused(calendar: Calendar) -> None:
    # Locked against whoever would begin to use it at this moment.
    Calendar.objects.select_for_update().get(pk=calendar.pk)
    company = Company.objects.filter(calendar=calendar) | Company.objects.filter(supervisors_calendar=calendar)
    if not calendar.departments.exists() and not company.exists():
        calendar.delete()
