"""Put aside what is no case."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, capital
from cases.models import Case


class PutAside(CaseForm):
    why = forms.ChoiceField(
        label="What is it?",
        choices=capital(Case.NotACase),
        widget=forms.RadioSelect,
        error_messages={"required": "Say what it is."},
    )
