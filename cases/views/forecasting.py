"""How likely a promise is kept, and what departments need: a page, and a slot beside forms and plan."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.forecasting import words
from cases.forecasting.plans import Outlook, at_a_quarter, look_ahead
from cases.forecasting.record import Suggestion, suggest
from cases.forms.forecasting import Looking
from cases.models import Case
from cases.views.acts import visible_case
from supportdesk import clock

ONLY_PLAN = "plan"


@require_safe
@vary_on_headers("HX-Request")
def forecast(request: HttpRequest, pk: int) -> HttpResponse:
    """How likely it is by ``?due=…``, or without it by when it is in eight of ten.

    ``?part=…`` looks only at that one and what comes before it; ``?department=…`` says what that department needs
    instead; ``?only=plan`` gives the one line beside the plan. For htmx the fragment comes alone.
    """
    case = visible_case(request.user, pk)
    if case.pk != pk and not request.htmx:
        return redirect(f"{case.get_absolute_url()}forecast/?{request.GET.urlencode()}")
    form = Looking(request.GET)
    found = {"case": case, "form": form, "said": None}
    if form.is_valid():
        found |= _found(case, form.cleaned_data)
    template = _template(request)
    # In a slot it stands beside a form that says the same in its own time.
    return render(request, template, found, status=200 if form.is_valid() or request.htmx else 422)


def _template(request: HttpRequest) -> str:
    if not request.htmx:
        return "cases/forecast.html"
    return "cases/_forecast_plan.html" if request.GET.get("only") == ONLY_PLAN else "cases/_forecast.html"


def _found(case: Case, asked: dict) -> dict:
    now, department = clock.now(), asked["department"]
    if department is not None:
        return {"needs": [need(suggest(department, now), now)]}
    if not case.is_open:
        return {"closed": True}
    outlook = look_ahead(case, now, hangs_on=asked["part"])
    found = {"outlook": outlook, "needs": [need(one) for one in outlook.suggestions]}
    return found | (_said(outlook, asked["due"]) if outlook.forecast else {})


def _said(outlook: Outlook, due: datetime | None) -> dict:
    """How likely, by when, and on whom it hangs."""
    likely = outlook.likely(due) if due else None
    return {
        "said": True,
        "due": due,
        "kept_in": words.of_ten(likely) if due else "",
        # Somebody who has typed a time is told the other one where theirs is not safe.
        "over_by": outlook.over_by if due is None or likely < words.SAFE else None,
        "hangs_on": outlook.at_risk_from(due),
        "never": outlook.over_by is None,
        "thin": outlook.thin,
    }


def need(suggestion: Suggestion, start: datetime | None = None) -> dict:
    """What a department needs, for a template; with a start (aware datetime) also by when that is."""
    by = suggestion.from_(start) if start else None
    return {
        "words": words.needs(suggestion),
        "longer": words.longer(suggestion),
        "by": at_a_quarter(by) if by else None,
    }
