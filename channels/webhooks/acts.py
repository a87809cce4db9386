"""What an administrator does to a webhook: each a page with one form that calls one verb."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from cases.views.acts import Act
from channels.models import Delivery, Webhook
from channels.webhooks import forms, pages, replaying, verbs
from staff.administrators import require_administrator


class WebhookAct(Act):
    """An act on a webhook: as on a case, one form that calls one verb."""

    form_class = forms.Confirmed
    hook: Webhook

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        require_administrator(request.user)
        self.find(**kwargs)
        return super(Act, self).dispatch(request, *args, **kwargs)

    def may(self):
        return True  # nobody else has come this far

    def find(self, pk: int) -> None:
        self.hook = get_object_or_404(Webhook, pk=pk)

    def back(self):
        return reverse("webhooks:webhook", args=[self.hook.pk])

    def words(self, pattern):
        return pattern.format(name=self.hook.name)

    def get_form_kwargs(self):
        return {**super(Act, self).get_form_kwargs(), "auto_id": "act_%s"}

    def get_context_data(self, **context):
        return super(Act, self).get_context_data(
            title=self.words(self.title),
            lead=self.words(self.lead),
            submit=self.words(self.submit),
            busy=self.busy,
            back=self.back(),
            back_to=self.hook.name,
            **context,
        )


class NewSecret(WebhookAct):
    title = "A new secret for {name}?"
    lead = (
        "It is shown once, on the page that follows. For 24 hours the old one signs too, so that the receiver can"
        " change over without missing anything."
    )
    submit = "Make a new secret"

    def call(self, found):
        pages.show_once(self.request, verbs.rotate(self.hook, by=self.request.user))


class SwitchOff(WebhookAct):
    title = "Switch {name} off?"
    lead = (
        "Nothing is sent any more. What waits is sent when it is on again; what happens meanwhile is not kept for it."
    )
    submit = "Switch it off"
    said = "{name} is off."

    def call(self, found):
        verbs.switch_off(self.hook, by=self.request.user)


class SwitchOn(WebhookAct):
    title = "Switch {name} on?"
    lead = "What waited is sent at once. What happened while it was off can be sent too: “Send again” on its page."
    submit = "Switch it on"
    said = "{name} is on."

    def call(self, found):
        verbs.switch_on(self.hook, by=self.request.user)


class SendAgainSince(WebhookAct):
    form_class = forms.Since
    title = "Send again to {name}"
    lead = (
        "Everything that happened since then and has not arrived, also what happened while it was off. The receiver"
        " knows by its id what it has had already."
    )
    submit = "Send it"

    def call(self, found):
        count = replaying.send_again_since(self.hook, **found, by=self.request.user)
        many = "Nothing has to be" if not count else "One is" if count == 1 else f"{count:,} are"
        messages.success(self.request, f"{many} sent again.")


class SendAgain(WebhookAct):
    title = "Send this once more?"
    lead = "{name} hears of it once more, under the same id."
    submit = "Send it again"
    said = "It is sent again."
    delivery: Delivery

    def find(self, pk: int, delivery_pk: int) -> None:
        about = Delivery.objects.select_related("webhook")
        self.delivery = get_object_or_404(about, pk=delivery_pk, webhook=pk)
        self.hook = self.delivery.webhook

    def call(self, found):
        replaying.send_again(self.delivery, by=self.request.user)
