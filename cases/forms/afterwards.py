"""Decide about what a customer wrote after the closing."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm
from cases.models import Message


class OnlyThanks(CaseForm):
    """Carries the last words that were on the page: what came later has not been read."""

    read = forms.ModelChoiceField(None, required=False, widget=forms.HiddenInput)

    def prepare(self, customer):
        heard = self.case.messages.filter(direction=Message.Direction.IN).order_by("-pk")
        self.fields["read"].queryset = heard
        self.fields["read"].initial = heard.first()
