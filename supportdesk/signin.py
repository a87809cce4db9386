"""Who gets in: staff that an administrator has added, by mail address; nobody signs up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.sender import sender_of
from staff import signing_in
from staff.models import Agent
from supportdesk.statements import built_once

SIGNED_OFF = "Your sign-in is turned off. A supervisor or an administrator can turn it on again."


def may_sign_in(agent: Agent) -> bool:
    return agent.is_active and agent.can_sign_in


class StaffOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False

    def get_password_change_redirect_url(self, request) -> str:
        return "/"

    def authenticate(self, request: HttpRequest, **credentials) -> Agent | None:
        """The agent of this address and password.

        Raises:
            ValidationError: they are right, and the sign-in is turned off. Without it allauth would sign them in: a
                session that shows nothing, and comes to life as soon as they may sign in again.
        """
        agent = super().authenticate(request, **credentials)
        if agent is not None and not may_sign_in(agent):
            raise ValidationError(SIGNED_OFF)
        return agent

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whose tries at a password are counted together."""
        return sender_of(request) or "nowhere"


@built_once
def _agent(pk: int):
    return Agent.objects.filter(pk=pk)


class StaffBackend(AuthenticationBackend):
    """Asked at sign-in and on every request: whoever is turned off is out at once."""

    def user_can_authenticate(self, agent: Agent) -> bool:
        return may_sign_in(agent)

    def get_user(self, user_id: int) -> Agent | None:
        return next((agent for agent in _agent(user_id) if self.user_can_authenticate(agent)), None)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link that an administrator hands over. Looking changes nothing; pressing the button uses it."""
    if request.method != "POST":
        link = signing_in.usable(token)
        return render(request, "account/by_link.html", {"link": link}, status=200 if link else 410)
    agent = signing_in.redeem(token)
    if agent is None:
        return render(request, "account/by_link.html", {"link": None}, status=410)
    login(request, agent, backend="supportdesk.signin.StaffBackend")
    if agent.has_usable_password():
        return redirect("/")
    messages.success(request, f"Welcome, {agent.first_name}. Choose a password for the next time.")
    return redirect("account_set_password")
