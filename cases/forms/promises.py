"""Promise, keep, give a new time."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, NextPromise, Once, Promising, capital, long_text, short_text, time_to_promise
from cases.models import Promise


class Make(CaseForm, Promising):
    words = short_text("What do you promise?")
    due_at = time_to_promise("By when?")
    kind = forms.ChoiceField(label="What kind", choices=capital(Promise.Kind), initial=Promise.Kind.UPDATE)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{customer} reads it after “{self.agent.first_name} will …”"

    def clean(self):
        found = super().clean()
        if {"words", "due_at", "kind"} <= found.keys():
            found["pledge"] = self.pledge(found["words"], found["due_at"], found["kind"])
        return found


class Keeping(CaseForm, NextPromise):
    field_order = ["said"]
    said = long_text("What was said", rows=4)

    def prepare(self, customer):
        self.fields["said"].help_text = f"Saying it is what keeps it. {customer} can read this too."
        self.fields["next_words"].help_text = "Leave empty if something else is promised already."


class MakeRight(CaseForm, NextPromise):
    field_order = ["apology", "why", "doing"]
    apology = long_text("What you are sorry for", rows=4, most=5000)
    why = long_text("Why it happened", rows=3, most=5000)
    doing = long_text("What we do about it", rows=3, most=5000)

    def prepare(self, customer):
        self.fields[
            "apology"
        ].help_text = (
            f"In your own words, about what it meant for {customer}. A text that others were sent settles nothing."
        )
        self.fields["doing"].help_text = f"{customer} reads all three as one message."
        self.fields["next_words"].help_text = "Leave empty if something else is promised already."


class NewDate(CaseForm, Promising):
    due_at = time_to_promise("New time")
    words = short_text("What you promise")
    reason = short_text("Why it moves", required=False, most=500)
    agreement = short_text("How it was agreed", required=False, most=500)

    def prepare(self, customer):
        self.fields["reason"].help_text = f"{customer} reads it."
        self.fields["agreement"].label = f"{customer} agreed"
        self.fields[
            "agreement"
        ].help_text = "How: “on the telephone, at ten”. Leave empty if you only tell the new date."

    def clean(self):
        found = super().clean()
        if {"words", "due_at"} <= found.keys():
            found["pledge"] = self.pledge(found["words"], found["due_at"])
        return found


class TheyAgreed(CaseForm, Once):
    """What the customer said to a time that has moved already, as somebody heard it."""

    how = short_text("How you heard it", "“On the telephone, at ten.”", most=500)
    words = long_text("What was said", rows=3, most=5000)

    def prepare(self, customer):
        self.fields["words"].label = f"What {customer} said"
        self.fields["words"].help_text = f"Word for word. {customer} reads it, and can say that it was not so."
