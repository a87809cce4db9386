"""Write to the customer, and inside."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cases import permissions
from cases.forms import conversation as forms
from cases.models import Case
from cases.verbs import conversation
from cases.views.acts import NOT_YOURS, put_beside_field, visible_case
from cases.views.page import render_case
from supportdesk.errors import NotAllowed, Refused


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the composer's message."""
    case = visible_case(request.user, pk)
    if request.method != "POST":
        return _to_the_composer(case, "reply")
    if not permissions.may_speak(request.user, case):
        raise NotAllowed("not_yours", NOT_YOURS.format(owner=case.owner.first_name))
    form = forms.Message(request.POST, case=case, agent=request.user)

    def call(found):
        kept = [case.next_promise] if found.get("keeps") else []
        conversation.write_to_customer(
            case, found["body"], keeps=kept, next_promise=found["pledge"], once=found["once"], by=request.user
        )

    return _answer(request, case, form, call, mode="reply", said=f"{case.customer.first_name} can read it now.")


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the composer's inside note."""
    case = visible_case(request.user, pk)
    if request.method != "POST":
        return _to_the_composer(case, "note")
    form = forms.Note(request.POST, case=case, agent=request.user)

    def call(found):
        conversation.note(case, found["body"], once=found["once"], by=request.user)

    return _answer(request, case, form, call, mode="note", said="Noted inside.")


def _to_the_composer(case: Case, mode: str) -> HttpResponse:
    """Whoever signed in anew on the way, or loads the page again, comes to where they wrote."""
    return redirect(f"{case.get_absolute_url()}?write={mode}#compose")


def _answer(request, case, form, call, *, mode: str, said: str) -> HttpResponse:
    """The case again: as a whole page after a plain form, as its region after one that htmx sent."""
    if form.is_valid():
        try:
            call(form.cleaned_data)
        except NotAllowed:
            raise
        except Refused as refusal:
            put_beside_field(form, refusal)
            return render_case(request, case.pk, mode=mode, form=form, status=refusal.status)
        if not request.htmx:
            messages.success(request, said)
            return redirect(case)
        return render_case(request, case.pk, mode=mode, said=said)
    return render_case(request, case.pk, mode=mode, form=form, status=422)
