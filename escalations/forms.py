"""The forms of what a supervisor does from the queue."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, NextPromise, Once, Reason, long_text


class NoteToOwner(CaseForm, Once):
    body = long_text("Your note", rows=4, most=5000)

    def prepare(self, customer):
        self.fields["body"].label = f"Your note to {self.case.owner.first_name}"
        self.fields["body"].help_text = "What you have seen, what you would do, what you can take off their hands."


class Settling(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = "What was done, or why nothing is needed"


class NotNeeded(Settling):
    """``seen``: the newest flag that was looked at; what was raised since stays."""

    seen = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class Answering(CaseForm, NextPromise):
    field_order = ["words"]
    words = long_text("Your answer", rows=6)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{customer} reads it on the status page, with your name."
        self.fields["next_words"].help_text = "Leave empty if something else is promised already."
        if not self.case.is_open:
            del self.fields["next_words"], self.fields["next_due"]
