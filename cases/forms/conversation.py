"""Write to the customer, and inside."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, KeepsWord, NextPromise, Once, capital, long_text
from cases.models import Attempt

_CALLS = [(how, label) for how, label in capital(Attempt.How) if how in Attempt.CALLS]


class Message(CaseForm, Once, NextPromise, KeepsWord):
    body = long_text("Your message", rows=5)

    def prepare(self, customer):
        self.offer(self.case.next_promise, self.case.owner.first_name)


class Note(CaseForm, Once):
    body = long_text("Inside note", rows=5)


class Tried(CaseForm, Once):
    how = forms.ChoiceField(label="What happened?", choices=_CALLS, widget=forms.RadioSelect)

    def prepare(self, customer):
        self.fields["how"].initial = Attempt.How.NO_ANSWER


class Call(CaseForm, Once):
    body = long_text("What was said", rows=5)

    def prepare(self, customer):
        self.fields["body"].label = f"What {customer} said"
        self.fields["body"].help_text = f"In {customer}’s own words, so that nobody asks again."
