"""An agent's own page: do notices come by mail too, and what became of the last one."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.models import Digest
from staff import mailing

# What an agent sees of the last mail that had something to tell.
SHOWN = (Digest.State.SENT, Digest.State.PENDING, Digest.State.UNCERTAIN, Digest.State.GIVEN_UP)


class ByMail(forms.Form):
    by_mail = forms.ChoiceField(
        label="Do notices come by mail too?",
        choices=[("yes", "Yes, what I have not read within two minutes"), ("no", "No, I look at the page")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say yes or no.", "invalid_choice": "Say yes or no."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """Asked, and answered, by the agent alone."""
    agent = request.user
    form = ByMail(
        request.POST if request.method == "POST" else None,
        initial={"by_mail": "yes" if agent.wants_mail else "no"},
    )
    if request.method == "POST" and form.is_valid():
        wants = form.cleaned_data["by_mail"] == "yes"
        mailing.want_mail(agent, wants, by=agent)
        messages.success(
            request, f"Notices come to {agent.email} too." if wants else "Notices stand in the page alone."
        )
        return redirect("settings:notices")
    context = {
        "form": form,
        "last": Digest.objects.filter(agent=agent, state__in=SHOWN).order_by("-pk").first(),
        "written_into_files": settings.MAIL_FOLDER is not None,
    }
    return render(request, "settings/notices.html", context, status=422 if form.errors else 200)
