"""The status page: who, what, by when. Reading it changes nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.models import Case
from portal.links import case_behind, status_path
from portal.reading import one_line, read
from portal.seclusion import nothing_here, open_to_all, secluded
from portal.steps import steps


@open_to_all
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's page behind their link."""
    case = case_behind(token)
    return nothing_here(request) if case is None else _status_page(request, case)


@secluded
@require_safe
def view(request: HttpRequest, number: int) -> HttpResponse:
    """The same page for staff who may see the case, with nothing to press."""
    visible = Case.objects.visible_to(request.user).select_related("customer", "owner__department__calendar")
    return _status_page(request, get_object_or_404(visible.behind(number)), read_only=True)


@open_to_all
def nowhere(request: HttpRequest) -> HttpResponse:
    """An address under /help/ that is none."""
    return nothing_here(request)


def _other(case: Case, read_only: bool) -> dict[str, str]:
    """Another problem of this customer in one line, and where it is read."""
    path = reverse("portal:view", args=[case.pk]) if read_only else status_path(case)
    return {"subject": one_line(case.subject), "path": path}


def _status_page(request: HttpRequest, case: Case, *, read_only: bool = False) -> HttpResponse:
    reading = read(case)
    context = {
        "reading": reading,
        "case": case,
        "owner": case.owner,
        "steps": steps(reading),
        "others": [_other(other, read_only) for other in reading.other_problems],
        "path": status_path(case),
        "read_only": read_only,
    }
    with timezone.override(reading.zone):
        return render(request, "portal/status.html", context)
