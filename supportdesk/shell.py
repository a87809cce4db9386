"""What stands around every page: where one can go, and how much is due there."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from cases import permissions, prepared
from cases.cover import stood_in_for
from cases.models import Case, Notice, Subtask
from escalations.models import Escalation
from staff import permissions as staff_permissions
from staff.administrators import is_administrator
from staff.models import Absence, Agent, Company
from supportdesk import clock
from supportdesk.addressing import address_of

# Counted no further than this: nobody acts differently on 120 than on 99+.
MOST = 99


def around_every_page(request: HttpRequest) -> dict:
    """``shell`` for staff, read only where a page shows it; the company's name and telephone for customers."""
    context = {"company": settings.COMPANY, "help_phone": settings.HELP_PHONE}
    if getattr(request, "user", None) is not None and request.user.is_authenticated:
        context["shell"] = SimpleLazyObject(lambda: _shell(request))
    return context


def _shell(request: HttpRequest) -> dict:
    agent = request.user
    counts = _counts(agent)
    places = [
        _place(request, "cases:mine", "My cases", counts["cases"], "g m", "list"),
        _place(request, "cases:queue", "Queue", counts["parts"], "g q", "inbox"),
        _place(request, "cases:customers", "Customers", 0, "g c", "users-round"),
    ]
    if agent.is_supervisor or counts["head"]:
        places.append(_place(request, "escalations:queue", "Escalations", counts["stays"], "g e", "flag"))
    if counts["last"]:
        places.append(_place(request, "escalations:last", "Last rung", counts["with_last"], "g l", "flag"))
    return {
        "places": places,
        "name": agent.name,
        "initials": agent.initials,
        "department": agent.department.name,
        "notices_url": address_of("cases:notices"),
        "hours_url": address_of("cases:hours"),
        "settings_url": address_of("settings:notices"),
        "tokens_url": address_of("settings:tokens"),
        "rules_url": address_of("escalations:rules") if permissions.may_keep_rules(agent) else "",
        "webhooks_url": address_of("webhooks:webhooks") if is_administrator(agent) else "",
        "away_url": address_of("cases:away"),
        "is_away": bool(counts["away"]),
        "people_url": address_of("cases:people") if staff_permissions.may_look_after_people(agent) else "",
        "unread": _said(counts["notices"]),
    }


def _place(request: HttpRequest, name: str, word: str, count: int, key: str, icon: str) -> dict:
    url = address_of(name)
    current = request.path == url or (url != "/" and request.path.startswith(url))
    return {"url": url, "word": word, "count": _said(count), "current": current, "key": key, "icon": icon}


def _counts(agent) -> dict[str, int]:
    """What is due in each place, in one statement, each counted up to a hundred."""
    ends = timezone.localtime(clock.now()).replace(hour=23, minute=59, second=59)
    return {**dict.fromkeys(PLACES, 0), **prepared.ask("(SELECT count(*) FROM ({}) counted)", _due, agent, ends)}


PLACES = ("cases", "parts", "stays", "notices", "away", "head", "last", "with_last")


def _due(agent, ends) -> dict[str, QuerySet]:
    """What is due for an agent until an instant, by place; whether they are away, the head, or the last rung."""
    now = clock.now()
    owners = Agent.objects.filter(pk=agent.pk).order_by().values("pk").union(stood_in_for(agent, now), all=True)
    stays = Escalation.objects.standing()
    looked_after = Case.objects.filter(owner__in=owners).open().exclude(next_step=Case.NextStep.REMINDER)
    found = {
        "cases": looked_after.filter(next_due_at__lte=ends),
        "parts": Subtask.objects.open().of_department(agent.department_id).filter(Q(agent=None) | Q(agent=agent)),
        "notices": Notice.objects.unread_by(agent),
        "away": Absence.objects.at(now).filter(agent=agent),
        "head": Company.objects.filter(head=agent),
        "last": Company.objects.filter(ombudsperson=agent),
        "with_last": stays.filter(Exists(Company.objects.filter(ombudsperson=agent)), rung=Escalation.Rung.LAST),
    }
    if agent.is_supervisor:
        found["stays"] = stays
    return {name: rows.order_by().values("pk")[: MOST + 1] for name, rows in found.items()}


def _said(count: int) -> str:
    return "" if not count else f"{MOST}+" if count > MOST else str(count)
