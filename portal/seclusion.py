"""What every customer's page has in common: open without an account, found by nobody, passed on to nobody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[..., HttpResponse]


def secluded(view: View) -> View:
    """A customer's page: no search engine lists it, no other site learns its address, no cache keeps it.

    A view may say itself how its page is kept.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def open_to_all(view: View) -> View:
    """A customer's page that needs no sign-in: the link, or nothing at all, is enough."""
    return login_not_required(secluded(view))


def nothing_here(request: HttpRequest) -> HttpResponse:
    """The same page for every link that leads nowhere: wrong, cut, old, or of a problem that is not there."""
    return render(request, "portal/nowhere.html", status=404)
