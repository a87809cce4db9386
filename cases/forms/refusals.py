"""Say no, and look at a no once more."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, NextPromise, Once, capital, long_text, short_text
from cases.models import Refusal


class Refusing(CaseForm, Once):
    asked = short_text("What was asked for", most=300)
    kind = forms.ChoiceField(label="What kind of no", choices=capital(Refusal.Kind), widget=forms.RadioSelect)
    ground = long_text("What it rests on", rows=4, most=5000)
    read_before = short_text("What you read before you said it", "The offer, the terms, the receipt.", most=300)
    decider = short_text("Who may say yes", "A person or a team, by name.", most=120)

    def prepare(self, customer):
        self.fields["kind"].initial = Refusal.Kind.NOT_ENTITLED
        self.fields["asked"].help_text = f"In words that {customer} would know again: “my money back”."
        self.fields["ground"].help_text = (
            f"{customer} reads it and can check it: which term, which date, which fact. "
            "“That is how we do it” is no ground."
        )


class LookAgain(CaseForm, NextPromise):
    field_order = ["look", "words"]
    look = forms.ChoiceField(
        label="What did you find?",
        choices=[(Refusal.Look.UPHELD, "The no stands"), (Refusal.Look.CHANGED, "The no is taken back")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the no stands."},
    )
    words = long_text("What you found", rows=5, most=5000)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{customer} reads it, with your name."
        self.fields["next_words"].help_text = "Leave empty if something else is promised already."
