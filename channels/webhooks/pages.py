"""The administrators' pages: all webhooks, one with what became of each delivery, one delivery's attempts."""

from __future__ import annotations

import json

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cases.models.timeline import Kind
from cases.views.acts import put_beside_field
from channels.models import Delivery, Webhook
from channels.webhooks import payloads, verbs
from channels.webhooks.forms import About
from staff.administrators import require_administrator
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused
from supportdesk.paging import read_key, write_key

PAGE = 50
SECRET = "webhooks.secret"  # in the session, from the act to the next page
# Which deliveries are shown, by the word in the address.
WHICH = {"all": ("All", ()), "not-delivered": ("Not delivered", ("pending", "sending", "given_up", "stopped"))}


@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    """Every webhook, with what became of the last thing that was sent to it."""
    require_administrator(request.user)
    last = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-pk")
    hooks = Webhook.objects.annotate(
        last_state=Subquery(last.values("state")[:1]), last_at=Subquery(last.values("made_at")[:1])
    )
    return render(request, "channels/webhooks.html", {"hooks": hooks.select_related("off_by")})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new one; its secret is shown on the page that follows, once."""
    require_administrator(request.user)
    form = About(request.POST if request.method == "POST" else None)
    added = _called(form, lambda: verbs.add(**form.facts(), by=request.user))
    if added is None:
        return _about_page(request, form)
    show_once(request, added)
    messages.success(request, f"Added. {added.name} hears from now on.")
    return redirect("webhooks:webhook", added.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name or address, other things to hear of."""
    require_administrator(request.user)
    hook = get_object_or_404(Webhook, pk=pk)
    form = About.of(hook, request.POST if request.method == "POST" else None)
    if _called(form, lambda: verbs.change(hook, **form.facts(), by=request.user)) is None:
        return _about_page(request, form, hook)
    messages.success(request, "Kept.")
    return redirect("webhooks:webhook", hook.pk)


@never_cache
@require_safe
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook with its deliveries, newest first; a new secret only on the first look."""
    require_administrator(request.user)
    hook = get_object_or_404(Webhook.objects.select_related("made_by", "off_by"), pk=pk)
    which = request.GET.get("which") if request.GET.get("which") in WHICH else "all"
    key = read_key(request.GET.get("after", ""))
    found = hook.deliveries.select_related("entry__case").order_by("-pk")
    if WHICH[which][1]:
        found = found.filter(state__in=WHICH[which][1])
    if key:
        found = found.filter(pk__lt=key[1])
    page = list(found[: PAGE + 1])
    context = {
        "hook": hook,
        "two_sign": len(hook.secrets_at(clock.now())) > 1,
        "kinds": [Kind(kind).label.lower() for kind in hook.kinds if kind in Kind.values],
        "secret": _shown_once(request, hook),
        "deliveries": page[:PAGE],
        "after": write_key((None, page[PAGE - 1].pk)) if len(page) > PAGE else "",
        "first": key is None,
        "which": which,
        "tabs": [(word, title) for word, (title, _) in WHICH.items()],
    }
    return render(request, "channels/webhook.html", context)


@require_safe
def delivery(request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """One delivery: what is sent, and every attempt."""
    require_administrator(request.user)
    about = ("webhook", "entry__case", "entry__other_case")
    one = get_object_or_404(Delivery.objects.select_related(*about), pk=delivery_pk, webhook=pk)
    context = {
        "delivery": one,
        "log": one.log.order_by("-number")[:PAGE],
        "payload": json.dumps(payloads.payload(one), indent=2),
    }
    return render(request, "channels/delivery.html", context)


def show_once(request: HttpRequest, hook: Webhook) -> None:
    """Let the next page of this webhook show its secret."""
    request.session[SECRET] = {"webhook": hook.pk, "secret": hook.secret}


# -- steps -------------------------------------------------------------------------------------------------------------


def _shown_once(request: HttpRequest, hook: Webhook) -> str:
    if request.method == "HEAD" or request.session.get(SECRET, {}).get("webhook") != hook.pk:
        return ""
    return request.session.pop(SECRET)["secret"]


def _called(form: About, verb) -> Webhook | None:
    """What the verb made of a form that is whole; None where the form has to be shown (again)."""
    if not form.is_valid():
        return None
    try:
        return verb()
    except NotAllowed:
        raise
    except Refused as refusal:
        put_beside_field(form, refusal)
        return None


def _about_page(request: HttpRequest, form: About, hook: Webhook | None = None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "channels/about.html", {"form": form, "hook": hook}, status=status)
