"""An agent's own tokens, and for administrators the service accounts with theirs. A secret is shown once, right where
its token was made: in the answer to the form, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django import forms as django_forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from cases.views.acts import go_on, put_beside_field
from staff import access
from staff.administrators import is_administrator, require_administrator
from staff.models import AccessToken, Agent, Department
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused
from supportdesk.tokens import forms

# Of what has ended only the latest are listed.
ENDED = 20


@dataclass(frozen=True)
class Row:
    """One token as it stands in the list.

    Attributes:
        departments: names of those to which it is limited; none: it is not.
        is_over: its time has passed.
    """

    token: AccessToken
    may: str
    departments: list[str]
    is_over: bool


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The tokens with which machines act as oneself."""
    return _tokens_of(request, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """The tokens of one service account."""
    return _tokens_of(request, _service(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def services(request: HttpRequest) -> HttpResponse:
    """The service accounts; POST makes one."""
    require_administrator(request.user)
    form = forms.AddService(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        made, status = _add_service(request, form)
        if made is not None:
            messages.success(request, f"{made.name} is made. Now give it a token.")
            return redirect("settings:service", made.pk)
    usable = Count("access_tokens", filter=Q(access_tokens__in=AccessToken.objects.usable(clock.now())))
    machines = Agent.objects.filter(is_service=True).annotate(usable=usable).order_by("name", "pk")
    return render(request, "settings/services.html", {"form": form, "machines": machines}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token at once, after a question."""
    token = get_object_or_404(access.kept_by(request.user).select_related("agent"), pk=pk)
    back = _place_of(token.agent)
    if request.method == "POST":
        access.revoke(token, by=request.user)
        messages.success(request, f"“{token.name}” is revoked: whoever comes with it is refused.")
        return go_on(request, back)
    context = {
        "title": f"Revoke “{token.name}”?",
        "lead": f"Whatever comes with {token.start}… is refused from this moment. It cannot be taken back.",
        "submit": "Revoke it",
        "form": django_forms.Form(),
        "back": back,
        "back_to": "Tokens",
    }
    return render(request, "cases/act.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def switch_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a service account off with all its tokens, after a question."""
    account = _service(request, pk)
    context = {
        "title": f"Switch {account.name} off?",
        "lead": "Whatever comes with one of its tokens is refused from this moment, and it is given no new one. The "
        "tokens are revoked for good; the account itself can be switched on again.",
        "submit": "Switch it off",
    }
    done = f"{account.name} is switched off: all its tokens are revoked."
    return _switch(request, account, access.switch_off, context, done)


@require_http_methods(["GET", "HEAD", "POST"])
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a service account act again, after a question."""
    account = _service(request, pk)
    context = {
        "title": f"Switch {account.name} on again?",
        "lead": "It can be given tokens again. Those that it had stay revoked.",
        "submit": "Switch it on",
    }
    return _switch(request, account, access.switch_on, context, f"{account.name} is on again. Now give it a token.")


# -- steps -------------------------------------------------------------------------------------------------------------


def _service(request: HttpRequest, pk: int) -> Agent:
    require_administrator(request.user)
    return get_object_or_404(Agent, pk=pk, is_service=True)


def _switch(request: HttpRequest, account: Agent, verb: Callable, context: dict, done: str) -> HttpResponse:
    back = _place_of(account)
    if request.method == "POST":
        verb(account, by=request.user)
        messages.success(request, done)
        return go_on(request, back)
    context |= {"form": django_forms.Form(), "back": back, "back_to": f"Tokens of {account.name}"}
    return render(request, "cases/act.html", context)


@sensitive_variables("secret")
def _tokens_of(request: HttpRequest, agent: Agent) -> HttpResponse:
    departments = list(Department.objects.order_by("name").values_list("pk", "name"))
    form = forms.Making(request.POST if request.method == "POST" else None, agent=agent, departments=departments)
    status = 200
    if form.is_bound:
        made, status = _make(request, form)
        if made is not None:
            token, secret = made
            context = {"row": _row(token, dict(departments), clock.now()), "secret": secret, "back": _place_of(agent)}
            return render(request, "settings/token.html", context, status=201)
    standing, ended = _rows(agent, dict(departments), clock.now())
    context = {
        "whose": agent,
        "is_own": agent.pk == request.user.pk,
        "keeps_services": is_administrator(request.user),
        "form": form,
        "standing": standing,
        "ended": ended,
    }
    return render(request, "settings/tokens.html", context, status=status)


def _make(request: HttpRequest, form: forms.Making) -> tuple[tuple[AccessToken, str] | None, int]:
    """The token with its secret, or None and why not beside the form's fields; with the status of the answer."""
    if not form.is_valid():
        return None, 422
    told = form.cleaned_data
    departments = Department.objects.filter(pk__in=told["departments"])
    about = {"departments": departments, "expires_at": form.ends()}
    try:
        return access.make(form.agent, told["name"], told["scope"], by=request.user, **about), 201
    except NotAllowed:
        raise
    except Refused as refusal:
        put_beside_field(form, refusal)
        return None, refusal.status


def _add_service(request: HttpRequest, form: forms.AddService) -> tuple[Agent | None, int]:
    if not form.is_valid():
        return None, 422
    try:
        return access.add_service_account(**form.cleaned_data, by=request.user), 201
    except NotAllowed:
        raise
    except Refused as refusal:
        put_beside_field(form, refusal)
        return None, refusal.status


def _rows(agent: Agent, names: dict[int, str], now: datetime) -> tuple[list[Row], list[Row]]:
    """What can be used, and the latest of what cannot any more."""
    tokens = AccessToken.objects.filter(agent=agent).select_related("revoked_by", "made_by")
    usable = tokens.usable(now)
    ended = tokens.exclude(pk__in=usable.order_by().values("pk"))[:ENDED]
    return _rows_of(usable, names, now), _rows_of(ended, names, now)


def _rows_of(tokens: Iterable[AccessToken], names: dict[int, str], now: datetime) -> list[Row]:
    return [_row(token, names, now) for token in tokens]


def _row(token: AccessToken, names: dict[int, str], now: datetime) -> Row:
    return Row(
        token,
        may=forms.SCOPES[token.scope],
        departments=[names[pk] for pk in token.departments if pk in names],
        is_over=token.expires_at is not None and token.expires_at <= now,
    )


def _place_of(agent: Agent) -> str:
    return reverse("settings:service", args=[agent.pk]) if agent.is_service else reverse("settings:tokens")
