"""What is asked of a forecast: a time, a department, or nothing."""

from __future__ import annotations

from django import forms

from cases.forms.fields import instant
from cases.verbs.promises import FURTHEST
from staff.models import Department
from supportdesk import clock


class Looking(forms.Form):
    due = instant("By when?", "How likely it is over by then. Empty: by when it is in 8 of 10.", required=False)
    department = forms.ModelChoiceField(
        Department.objects.select_related("calendar"),
        label="What does a department need?",
        help_text="From what its last parts took.",
        empty_label="Those that are asked",
        required=False,
    )
    part = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def clean_due(self):
        due, now = self.cleaned_data["due"], clock.now()
        if due is not None and due <= now:
            raise forms.ValidationError("Choose a time that is still ahead.")
        if due is not None and due > now + FURTHEST:
            raise forms.ValidationError("Choose a time within a year.")
        return due
