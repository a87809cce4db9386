"""What happens around every request."""

from __future__ import annotations

import logging
import random
import time

from csp.constants import SELF
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from staff.api import problems
from supportdesk import clock
from supportdesk import health as health_checks
from supportdesk.errors import Refused

log = logging.getLogger(__name__)

AGAIN = 3  # times that a request which lost to another one is done again
LOCKED = "55P03"  # somebody held a row for longer than `lock_timeout`


def health(get_response):
    """``/livez`` and ``/readyz`` answer before anything that needs a database, a session or a host name."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == "/livez":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            report = health_checks.readiness()
            return JsonResponse(report, status=200 if report["ready"] else 503)
        return get_response(request)

    return middleware


def only_session_keys(get_response):
    """A session cookie that no session could have is dropped before anybody asks the database for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if key and not (key.isascii() and key.isalnum()):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return get_response(request)

    return middleware


def one_instant_per_request(get_response):
    """Everything that one request does carries one time, shown in the reader's zone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with clock.reading():
            response = get_response(request)
        timezone.deactivate()
        return response

    return middleware


def scripts_of_the_admin(get_response):
    """Django's admin has scripts of its own that carry no nonce; there, and only there, our own host's are allowed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_replace = {"script-src": [SELF]}
        return response

    return middleware


def the_readers_zone(get_response):
    """Staff read times in the zone of their department."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            timezone.activate(request.user.department.calendar.zone)
        response = get_response(request)
        if request.user.is_authenticated:
            # Who goes back to a page reads what is so now, and nobody reads it after they have signed out.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


class refusals_as_answers:
    """A verb's refusal becomes a page of its own, where no form has answered it beside its field.

    Two who wait for each other are no refusal: PostgreSQL ends one of them, which is then done again from its
    beginning. It has changed nothing, and a verb reads its rows anew.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        # The last in line, so all others have agreed; and here, because who is told of a failure cannot try again.
        for attempt in range(AGAIN):
            try:
                return view(request, *args, **kwargs)
            except OperationalError as failure:
                if not _lost_a_race(failure):
                    return self._answered(request, failure)
                log.warning("Done again, for two waited for each other: %s", request.path)
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
            except Refused as refusal:
                return self._answered(request, refusal)
        return None  # once more, as every other request

    def _answered(self, request: HttpRequest, failure: Exception) -> HttpResponse:
        answer = self.process_exception(request, failure)
        if answer is None:
            raise failure
        return answer

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        if isinstance(failure, Refused):
            return _say(request, failure, failure.status)
        if isinstance(failure, OperationalError) and (_sqlstate(failure) == LOCKED or _lost_a_race(failure)):
            busy = Refused("busy", _("Somebody is changing this at this moment. Try again in a few seconds."))
            response = _say(request, busy, 503)
            response["Retry-After"] = "5"
            return response
        return None


def _lost_a_race(failure: Exception) -> bool:
    """Did PostgreSQL end this because two waited for each other, or could not be put in an order?"""
    return _sqlstate(failure) in ("40P01", "40001")


def _sqlstate(failure: Exception) -> str:
    return getattr(failure.__cause__, "pgcode", None) or ""


def _say(request: HttpRequest, refusal: Refused, status: int) -> HttpResponse:
    """The refusal in the form of where it happened: customers never see the staff's pages, and machines see none."""
    if request.path.startswith("/api/"):
        return problems.plain(status, refusal.code, refusal.sentence)
    of_customers = request.resolver_match and request.resolver_match.namespace == "portal"
    template = "portal/refused.html" if of_customers else "refused.html"
    return render(request, template, {"refusal": refusal}, status=status)
