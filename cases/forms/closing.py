"""Propose, close over what stands in the way, open again."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, KeepsWord, NextPromise, Once, Reason, capital, long_text, short_text
from cases.models import Resolution


class Proposing(CaseForm, Once, KeepsWord):
    field_order = ["kind", "words", "meets", "why_none", "keeps"]
    kind = forms.ChoiceField(label="How does it end?", choices=capital(Resolution.Kind), widget=forms.RadioSelect)
    words = long_text("What has been done", most=5000)
    meets = forms.ModelChoiceField(None, label="Which wish does it meet?", required=False, empty_label="None of them")
    why_none = short_text("If none, why", required=False, most=1000)

    def prepare(self, customer):
        self.fields["kind"].initial = Resolution.Kind.SOLVED
        self.fields["words"].help_text = f"{customer} reads it, and is asked whether it is over."
        wishes = self.case.preferences.all()
        self.fields["meets"].queryset = wishes
        if not wishes:
            del self.fields["meets"]
            self.fields["why_none"].label = "How it meets what was wanted"
            self.fields["why_none"].help_text = f"{customer} named no wishes."
            self.fields["why_none"].required = True
        self.offer(self.case.next_promise, self.case.owner.first_name)


class Override(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = f"Why it is closed without {customer}’s yes"
        self.fields["reason"].help_text = "Every override is looked at by another supervisor."


class Reopening(Reason, NextPromise):
    field_order = ["reason"]

    def prepare(self, customer):
        self.fields["reason"].label = "Why it is open again"
        self.fields["next_words"].help_text = f"{customer} reads it after “{self.agent.first_name} will …”"
