"""Intake: three small pages, kept in the session, then sent. No menu of categories: finding the way is our work."""

from __future__ import annotations

from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case
from customers.identity import normalise
from customers.models import Address
from portal import gate
from portal.draft import STEPS, Draft
from portal.first_answer import answered_by, latest_for_today
from portal.links import status_path
from portal.reading import read, zone_of
from portal.seclusion import open_to_all
from portal.sender import sender_of
from portal.sending import send
from staff.models import Department
from supportdesk import clock

_ORDER = list(STEPS)
_form_page = require_http_methods(["GET", "HEAD", "POST"])


@open_to_all
@_form_page
def words(request: HttpRequest) -> HttpResponse:
    """Step 1: what happened."""
    return _step(request, "intake")


@open_to_all
@_form_page
def wishes(request: HttpRequest) -> HttpResponse:
    """Step 2: what would put it right."""
    return _step(request, "wishes")


@open_to_all
@_form_page
def reach(request: HttpRequest) -> HttpResponse:
    """Step 3: how we can reach them; then it is sent."""
    draft = Draft(request.session)
    if request.method == "POST" and draft.sent and not draft.typed:
        return redirect("portal:sent")  # sent twice: the first one counted
    return _step(request, "reach")


@open_to_all
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What was sent last from this session: its number, who is in touch by when, and the link."""
    sent = Draft(request.session).sent
    if sent is None:
        return redirect("portal:intake")
    case = Case.objects.select_related("customer", "owner__department__calendar").get(pk=sent["case"])
    reading = read(case)
    context = {"case": case, "owner": case.owner, "voice": reading.voice, "reading": reading}
    context |= {"path": status_path(case), "name": sent["name"]}
    with timezone.override(zone_of(case)):
        return render(request, "portal/intake/sent.html", context)


# -- steps -----------------------------------------------------------------------------------------------------------


def _step(request: HttpRequest, step: str) -> HttpResponse:
    draft = Draft(request.session)
    if unfinished := draft.first_unfinished(step):
        return redirect(f"portal:{unfinished}")
    if request.method != "POST":
        return _show(request, step, _first_look(step, draft))
    form = STEPS[step](request.POST)
    draft.keep(step, form)
    if request.POST.get("go") == "back":
        return redirect(f"portal:{_ORDER[max(_ORDER.index(step) - 1, 0)]}")
    if not form.is_valid():
        return _show(request, step, form, status=422)
    if step == _ORDER[-1]:
        return _send(request, draft, form)
    return redirect(f"portal:{_ORDER[_ORDER.index(step) + 1]}")


def _first_look(step: str, draft: Draft) -> Form:
    """The step with what was typed before; a step left wrong says at once what is wrong."""
    form = STEPS[step]
    typed = {name: value for name, value in draft.typed.items() if name in form().fields}
    if any(typed.values()) and not form(typed).is_valid():
        return form(typed)
    return form(initial=typed)


def _send(request: HttpRequest, draft: Draft, form: Form) -> HttpResponse:
    if objection := gate.objection(request.POST):
        form.add_error(None, objection)
        return _show(request, "reach", form, status=422)
    given = draft.cleaned()
    if until := gate.shut_until(sender_of(request), _addresses(given)):
        return _shut(request, until)
    # Both or neither: what was sent is no draft any more. And the disk is waited for once.
    with transaction.atomic():
        case = send(given, once=draft.once)
        draft.sent_as(case.pk, given["name"])
        request.session.write_now()
    return redirect("portal:sent")


def _addresses(given: dict[str, str]) -> list[str]:
    kinds = {Address.Kind.MAIL: given["mail"], Address.Kind.PHONE: given["phone"]}
    return [normalise(kind, value) for kind, value in kinds.items() if value]


def _show(request: HttpRequest, step: str, form: Form, *, status: int = 200) -> HttpResponse:
    hours = _calendar().hours
    now = clock.now()
    context = {
        "form": form,
        "stamp": gate.kept_stamp(request.POST),
        "trap": gate.TRAP,
        "latest_for_today": latest_for_today(now, hours),
        "answered_by": answered_by(now, hours),
    }
    with timezone.override(hours.zone):
        response = render(request, f"portal/intake/{step}.html", context, status=status)
    # The browser may keep it: going back then shows what was typed and not yet sent.
    response["Cache-Control"] = "private, no-cache"
    return response


def _shut(request: HttpRequest, until) -> HttpResponse:
    with timezone.override(_calendar().zone):
        response = render(request, "portal/intake/shut.html", {"until": until}, status=429)
    response["Retry-After"] = str(int((until - clock.now()).total_seconds()) + 1)
    return response


def _calendar():
    return Department.objects.select_related("calendar").get(is_default=True).calendar
