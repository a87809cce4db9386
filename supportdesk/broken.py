"""The last page: what is said when something broke that nobody had thought of, or the database is away."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def page(request: HttpRequest) -> HttpResponse:
    """Without the database: 503, and when to come back. Anything else: 500. Both pages need nothing but themselves."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "10"})
    return HttpResponse(render_to_string("500.html"), status=500)
