"""What an administrator says about a webhook, and since when everything is sent again."""

from __future__ import annotations

from django import forms

from cases.forms.fields import instant, missing, short_text
from cases.models.timeline import Kind
from channels.models import Webhook
from channels.webhooks import addresses
from channels.webhooks.verbs import LONGEST_NAME

KINDS = sorted(((kind.value, kind.label.capitalize()) for kind in Kind), key=lambda choice: choice[1])


class About(forms.Form):
    """A webhook's name, address and what it hears of."""

    name = short_text("Name", "For you: which program it is, such as “Ledger”.", LONGEST_NAME)
    url = forms.CharField(
        label="Address",
        help_text="Begins with https:// and leads to a public address.",
        max_length=addresses.LONGEST,
        error_messages=missing("Address"),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    hears = forms.ChoiceField(
        label="What does it hear of?",
        choices=[("all", "Everything that happens to a case"), ("some", "Only what is ticked below")],
        widget=forms.RadioSelect,
        initial="all",
        error_messages={"required": "Say what it hears of."},
    )
    kinds = forms.MultipleChoiceField(
        label="Only these", required=False, choices=KINDS, widget=forms.CheckboxSelectMultiple
    )
    sends_confidential = forms.BooleanField(
        label="Confidential cases too",
        required=False,
        help_text="Without this nothing of a confidential case is sent, not even its number.",
    )

    @classmethod
    def of(cls, webhook: Webhook, data=None) -> About:
        """The form as the webhook is now."""
        now = {
            "name": webhook.name,
            "url": webhook.url,
            "hears": "all" if webhook.every_kind else "some",
            "kinds": webhook.kinds,
            "sends_confidential": webhook.sends_confidential,
        }
        return cls(data, initial=now)

    def facts(self) -> dict:
        """What the valid form says, as the verbs take it."""
        found = self.cleaned_data
        return {
            "name": found["name"],
            "url": found["url"],
            "kinds": None if found["hears"] == "all" else found["kinds"],
            "sends_confidential": found["sends_confidential"],
        }


class Confirmed(forms.Form):
    """An act that needs only to be confirmed."""


class Since(forms.Form):
    since = instant("Since when", "At most thirty days ago.")
    also_delivered = forms.BooleanField(
        label="Also what has arrived", required=False, help_text="For a receiver that has lost what it had."
    )
