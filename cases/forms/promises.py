"""Promise, keep, give a new time."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, NextPromise, capital, instant, long_text, short_text
from cases.models import Promise
from cases.verbs.promises import Pledge


class Promising(CaseForm):
    words = short_text("What do you promise?")
    due_at = instant("By when?")
    kind = forms.ChoiceField(label="What kind", choices=capital(Promise.Kind), initial=Promise.Kind.UPDATE)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{customer} reads it after “{self.agent.first_name} will …”"

    def clean(self):
        found = super().clean()
        if {"words", "due_at", "kind"} <= found.keys():
            found["pledge"] = Pledge(found["words"], found["due_at"], found["kind"])
        return found


class Keeping(CaseForm, NextPromise):
    field_order = ["said"]
    said = long_text("What was said", rows=4)

    def prepare(self, customer):
        self.fields["said"].help_text = f"Saying it is what keeps it. {customer} can read this too."
        self.fields["next_words"].help_text = "Leave empty if something else is promised already."


class NewDate(CaseForm):
    due_at = instant("New time")
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
            found["pledge"] = Pledge(found["words"], found["due_at"])
        return found
