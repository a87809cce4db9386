"""The last page: what is said when something broke that nobody had thought of, or the database is away.

Machines read the same as a problem of theirs.
"""

from __future__ import annotations

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import bad_request

from staff.api import problems

log = logging.getLogger(__name__)

_BROKEN = "Something broke on our side. Nothing was changed. Go back and try again in a minute."
_AWAY = "We cannot reach what we know at this moment. Nothing is lost. Try again in a few seconds."


def page(request: HttpRequest) -> HttpResponse:
    """Without the database: 503, and when to come back. Anything else: 500. Both pages need nothing but themselves."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if request.path.startswith("/api/"):
        return _for_machines(away)
    if away:
        return HttpResponse(_drawn("503.html", _AWAY), status=503, headers={"Retry-After": "10"})
    return HttpResponse(_drawn("500.html", _BROKEN), status=500)


def _drawn(template: str, words: str) -> str:
    """The page; or its words alone where not even that can be drawn: the style sheets were never gathered."""
    try:
        return render_to_string(template)
    except Exception:
        log.exception("The page %s cannot be drawn.", template)
        return f"<!doctype html><html lang=en-GB><title>Supportdesk</title><main><p>{words}</p></main></html>"


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent is no request to this desk; it names another host, for instance."""
    if request.path.startswith("/api/"):
        return problems.plain(400, "unreadable", "This is no request to this desk.")
    return bad_request(request, exception)


def _for_machines(away: bool) -> HttpResponse:
    if not away:
        return problems.plain(500, "broken", "Something broke that nobody had thought of. Nothing was changed.")
    answer = problems.plain(503, "away", "The desk cannot reach its database. Try again in a few seconds.")
    answer["Retry-After"] = "10"
    return answer
