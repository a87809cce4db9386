"""What stands around every page: where one can go, and how much is due there."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from supportdesk import clock

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
    due, parts, flags, unread = _counts(agent)
    places = [
        _place(request, "cases:mine", "My cases", due, "g m", "list"),
        _place(request, "cases:queue", "Queue", parts, "g q", "inbox"),
    ]
    if agent.is_supervisor:
        places.append(_place(request, "escalations:queue", "Escalations", flags, "g e", "flag"))
    return {
        "places": places,
        "name": agent.name,
        "initials": agent.initials,
        "department": agent.department.name,
        "notices_url": reverse("cases:notices"),
        "unread": _said(unread),
    }


def _place(request: HttpRequest, name: str, word: str, count: int, key: str, icon: str) -> dict:
    url = reverse(name)
    current = request.path == url or (url != "/" and request.path.startswith(url))
    return {"url": url, "word": word, "count": _said(count), "current": current, "key": key, "icon": icon}


def _counts(agent) -> tuple[int, int, int, int]:
    """What is due in each place, in one statement, each counted up to a hundred: due cases, parts, flags, notices."""
    ends = timezone.localtime(clock.now()).replace(hour=23, minute=59, second=59)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM (SELECT 1 FROM cases_case WHERE owner_id = %(agent)s AND closed_at IS NULL
                     AND next_step <> 'reminder' AND next_due_at <= %(ends)s LIMIT %(most)s) due),
                   (SELECT count(*) FROM (SELECT 1 FROM cases_subtask WHERE department_id = %(department)s
                     AND ended_at IS NULL AND (agent_id IS NULL OR agent_id = %(agent)s) LIMIT %(most)s) parts),
                   CASE WHEN %(supervisor)s THEN (SELECT count(*) FROM (SELECT 1 FROM escalations_flag
                     WHERE settled_at IS NULL LIMIT %(most)s) flags) ELSE 0 END,
                   (SELECT count(*) FROM (SELECT 1 FROM cases_notice WHERE agent_id = %(agent)s
                     AND read_at IS NULL LIMIT %(most)s) notices)
            """,
            {
                "agent": agent.pk,
                "department": agent.department_id,
                "supervisor": agent.is_supervisor,
                "ends": ends,
                "most": MOST + 1,
            },
        )
        return cursor.fetchone()


def _said(count: int) -> str:
    return "" if not count else f"{MOST}+" if count > MOST else str(count)
