"""Fields and forms that several acts share."""

from __future__ import annotations

import secrets

from django import forms

from cases.models import Case, Promise
from cases.verbs.promises import Pledge
from staff.models import Agent


def short_text(label: str, hint: str = "", most: int = 200, **options) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, max_length=most, error_messages=missing(label), **options)


def missing(label: str) -> dict[str, str]:
    """What is said beside a field that was left empty."""
    return {"required": f"Fill in “{label}”."}


def long_text(label: str, hint: str = "", rows: int = 4, most: int = 20_000, **options) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, help_text=hint, max_length=most, widget=area, error_messages=missing(label), **options
    )


def instant(label: str, hint: str = "", **options) -> forms.DateTimeField:
    """A date and time in the agent's zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, help_text=hint, widget=widget, error_messages=missing(label), **options)


def capital(choices: type) -> list[tuple[str, str]]:
    """Choices as they stand in a list of their own: each begins with a capital."""
    return [(value, label[:1].upper() + label[1:]) for value, label in choices.choices]


class KeepsWord(forms.Form):
    """Whether the form keeps the next promise, and which one that was when the page was read."""

    keeps = forms.BooleanField(required=False)
    promise = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def offer(self, promise: Promise | None, owner: str) -> None:
        """Offer to keep this promise; without one there is nothing to tick."""
        if promise is None:
            del self.fields["keeps"], self.fields["promise"]
            return
        self.fields["keeps"].label = f"This keeps what was promised: {owner} will {promise.words}"
        self.fields["promise"].initial = promise.pk
        self.promised = promise.pk

    def clean(self):
        found = super().clean()
        if found.get("keeps") and found.get("promise") not in (None, self.promised):
            self.add_error("keeps", "Something else is promised since you opened this page. Look at the case anew.")
        return found


class CaseForm(forms.Form):
    """A form about one case, used by one agent."""

    def __init__(self, *args, case: Case, agent: Agent, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.agent = case, agent
        self.prepare(case.customer.first_name)
        for bound in self:
            if str(bound.field.error_messages.get("required", "")).startswith("Fill in"):
                bound.field.error_messages.update(missing(bound.label))

    def prepare(self, customer: str) -> None:
        """Fit labels and choices to the case; ``customer`` is the first name."""


class Once(forms.Form):
    """Carries a random key, so that a form sent twice is done once."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["once"].initial = secrets.token_urlsafe(16)


class NextPromise(forms.Form):
    """What is promised next: words and time, both or neither."""

    next_words = short_text("Next promise", required=False)
    next_due = instant("By when", required=False)

    def clean(self):
        found = super().clean()
        words, due = found.get("next_words"), found.get("next_due")
        if words and not due and "next_due" not in self.errors:
            self.add_error("next_due", "Say by when.")
        if due and not words:
            self.add_error("next_words", "Say what you promise.")
        return {**found, "pledge": Pledge(words, due) if words and due else None}


class Nothing(CaseForm):
    """An act that needs only to be confirmed."""


class Reason(CaseForm):
    reason = long_text("Why", rows=3, most=2000)
