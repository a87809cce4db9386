"""The supervisor's queue: why each case is here, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases import permissions
from cases.cover import ask_for_all
from cases.involvement import involved_in_each
from cases.models import Case, Complaint, Refusal
from cases.views.ways_back import leading_back
from escalations.answers import Waiting, waiting
from escalations.beside import beside
from escalations.models import Escalation
from escalations.queue import LAST
from escalations.rows import Filters, Key, Row, page
from escalations.rules import BY_NAME, RULES
from staff.models import Company, Department
from supportdesk import clock
from supportdesk.paging import read_key, write_key

PAGE = 50
# Counted no further than this: nobody acts differently on 120 than on more than 99.
MOST_COUNTED = 99
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


def supervisors_only(view):
    """Anybody else of the staff is told that this is not theirs."""

    def allowed(agent) -> bool:
        if not agent.is_supervisor:
            raise PermissionDenied("The escalation queue is the supervisors’.")
        return True

    return user_passes_test(allowed)(view)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The cases that need a supervisor, each once, in an order that can be explained.

    ``?why=`` shows those with one reason, ``?team=`` a department's; ``?at=`` names the case with which one goes on.
    """
    company = Company.objects.the()
    _require_place(request.user, company, request.user.is_supervisor or request.user.pk == company.head_id)
    teams = list(Department.objects.all())
    asked_for = request.GET.get("team", "")
    filters = Filters(
        why=BY_NAME.get(request.GET.get("why", "")),
        team=next((team for team in teams if str(team.pk) == asked_for), None),
    )
    now, mine = clock.now(), Q(case__owner=request.user.pk)
    below = Escalation.objects.standing().filter(rung__lt=LAST).exclude(mine)
    back = partial(leading_back, "queue", request.GET)
    rows, after = page(request.user, company, filters, Key.read(request.GET.get("after", "")), back)
    context = {
        **_around(rows, request.GET.get("at", "")),
        "rules": RULES,
        "teams": teams,
        "filters": filters,
        "after": after,
        "kept": urlencode({name: request.GET[name] for name in ("why", "team") if request.GET.get(name)}),
        "lead": _lead(waiting(below, company, MOST_COUNTED), bool(rows), now),
        "beside": beside(request.user, company, now),
        "unnamed": _unnamed(company),
    }
    return render(request, "escalations/queue.html", context)


@require_safe
def last(request: HttpRequest) -> HttpResponse:
    """What came to the last rung, for the one person who stands there."""
    company = Company.objects.the()
    _require_place(request.user, company, request.user.pk == company.ombudsperson_id)
    there = Escalation.objects.standing().filter(rung=LAST)
    back = partial(leading_back, "last", request.GET)
    rows, after = page(request.user, company, Filters(rung=LAST), Key.read(request.GET.get("after", "")), back)
    context = {
        **_around(rows, request.GET.get("at", "")),
        "after": after,
        "lead": _lead(waiting(there, company, MOST_COUNTED), bool(rows), clock.now()),
    }
    return render(request, "escalations/last.html", context)


def _require_place(agent, company: Company, stands_there: bool) -> None:
    if not stands_there:
        raise PermissionDenied("The escalation queue is the supervisors’.")
    permissions.remember_who_stands_above(agent, company)


def _around(rows: Sequence[Row], at: str) -> dict[str, Sequence[Row]]:
    """The rows, and apart those above the case with this number and from it on: with it one goes on, if it is here."""
    place = next((place for place, row in enumerate(rows) if row.case.number == at), len(rows))
    return {"rows": rows, "above": rows[:place], "below": rows[place:]}


def _lead(waits: Waiting, anything: bool, now: datetime) -> str:
    """How many need an answer, and how long the first has waited."""
    if not waits.count:
        return "Nothing waits for an answer from you." if anything else ""
    if waits.since is None:
        return f"More than {MOST_COUNTED} need an answer from you."
    count = NUMBERS[waits.count] if waits.count < len(NUMBERS) else str(waits.count)
    waited = _in_words(now - waits.since)
    if waits.count == 1:
        return f"{count} needs an answer from you. It has waited {waited}."
    return f"{count} need an answer from you. The first has waited {waited}."


def _in_words(amount: timedelta) -> str:
    minutes = int(amount.total_seconds()) // 60
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= size:
            return f"{minutes // size} {unit}{'' if minutes // size == 1 else 's'}"
    return "less than a minute"


def _unnamed(company: Company) -> str:
    """Who is not named above the supervisors; where there is nobody, what stays unanswered goes no higher."""
    missing = {"head": company.head_id, "last rung": company.ombudsperson_id}
    return " and no ".join(name for name, agent in missing.items() if agent is None)


@supervisors_only
@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    """Complaints that have not been answered, by when they were promised an answer."""
    after = read_key(request.GET.get("after", ""))
    standing = Complaint.objects.open().filter(case__in=Case.objects.visible_to(request.user))
    if after and after[0]:
        standing = standing.filter(due_at__gte=after[0]).exclude(due_at=after[0], pk__lte=after[1])
    found = list(standing.select_related("case__customer", "owner").order_by("due_at", "pk")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    involved = involved_in_each(found[:PAGE])
    rows = [
        (complaint, permissions.acts_on_complaint(request.user, complaint, involved[complaint.pk]))
        for complaint in found[:PAGE]
    ]
    context = {"rows": rows, "after": write_key((last.due_at, last.pk) if last else None)}
    return render(request, "escalations/complaints.html", context)


@supervisors_only
@require_safe
def refusals(request: HttpRequest) -> HttpResponse:
    """What customers were refused and asked another person to look at, the oldest wish first."""
    after = read_key(request.GET.get("after", ""))
    disputed = Refusal.objects.disputed().filter(case__in=Case.objects.visible_to(request.user))
    if after and after[0]:
        disputed = disputed.filter(another_look_at__gte=after[0]).exclude(another_look_at=after[0], pk__lte=after[1])
    found = list(
        disputed.select_related("case__customer", "case__owner", "said_by_agent", "look_by").order_by(
            "another_look_at", "pk"
        )[: PAGE + 1]
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    ask_for_all(refusal.case for refusal in found[:PAGE])
    rows = [(refusal, permissions.may_look_again(request.user, refusal, refusal.case)) for refusal in found[:PAGE]]
    context = {"rows": rows, "after": write_key((last.another_look_at, last.pk) if last else None)}
    return render(request, "escalations/refusals.html", context)
