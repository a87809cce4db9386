"""The status page: who, what, by when. Reading it changes nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases import permissions
from cases.models import Case, Participant
from portal.forms import NewTimeForm
from portal.links import reader_behind, status_path
from portal.reading import Reading, one_line, read, read_as
from portal.seclusion import nothing_here, open_to_all, secluded
from portal.steps import steps


@open_to_all
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's page behind their link."""
    reader = reader_behind(token)
    return nothing_here(request) if reader is None else _status_page(request, read_as(reader))


@secluded
@require_safe
def view(request: HttpRequest, number: int) -> HttpResponse:
    """The same page for staff who may see the case, with nothing to press."""
    visible = Case.objects.visible_to(request.user).select_related("customer", "owner__department__calendar")
    return _status_page(request, read(get_object_or_404(visible.behind(number))), read_only=True)


@secluded
@require_safe
def view_participant(request: HttpRequest, participant_pk: int) -> HttpResponse:
    """The page of somebody who takes part, for staff, with nothing to press; who may invite reads the link too."""
    taking_part = Participant.objects.taking_part().select_related("person", "case")
    participant = get_object_or_404(taking_part, pk=participant_pk)
    visible = Case.objects.visible_to(request.user).select_related("customer", "owner__department__calendar")
    reading = read(get_object_or_404(visible.behind(participant.case_id)), participant)
    link = request.build_absolute_uri(reading.path) if permissions.may_invite(request.user, reading.case) else ""
    return _status_page(request, reading, read_only=True, link=link)


@open_to_all
def nowhere(request: HttpRequest) -> HttpResponse:
    """An address under /help/ that is none."""
    return nothing_here(request)


def _other(case: Case, read_only: bool) -> dict[str, str]:
    """Another problem of this customer in one line, and where it is read."""
    path = reverse("portal:view", args=[case.pk]) if read_only else status_path(case)
    return {"subject": one_line(case.subject), "path": path}


def _status_page(request: HttpRequest, reading: Reading, *, read_only: bool = False, **more) -> HttpResponse:
    if not read_only:
        for promise in (*reading.to_agree, *reading.to_deny):
            promise.question = NewTimeForm.about(promise)
    context = {
        "reading": reading,
        "case": reading.case,
        "owner": reading.case.owner,
        "voice": reading.voice,
        "steps": steps(reading),
        "others": [_other(other, read_only) for other in reading.other_problems],
        "meanwhile": [(joining, _other(joining.into, read_only)) for joining in reading.taken_out],
        "path": reading.path,
        "read_only": read_only,
        **more,
    }
    template = "portal/taking_part.html" if reading.participant else "portal/status.html"
    with timezone.override(reading.zone):
        return render(request, template, context)
