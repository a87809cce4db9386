"""Which cases to show: every choice stands in the address."""

from __future__ import annotations

from django import forms

from cases.finding import BY_NAME, WHICH, Filters
from staff.models import Department, Topic


class Find(forms.Form):
    """What is not understood is said beside its field and narrows nothing."""

    which = forms.ChoiceField(choices=[(which.name, which.title) for which in WHICH], required=False)
    department = forms.ModelChoiceField(Department.objects.all(), label="Department", required=False, empty_label="All")
    about = forms.ModelChoiceField(Topic.objects.all(), label="About", required=False, empty_label="All")
    priority = forms.TypedChoiceField(
        label="Priority",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "All"), (1, "1, urgent"), (2, "2"), (3, "3"), (4, "4, can wait")],
    )
    since = forms.DateField(
        label="Opened since", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def narrowing(self) -> list[forms.BoundField]:
        """The fields beside the tabs."""
        return [self[name] for name in self.fields if name != "which"]

    def filters(self) -> Filters:
        """What was understood."""
        self.full_clean()
        found = self.cleaned_data
        return Filters(
            which=BY_NAME[found.get("which") or "open"],
            department=found.get("department"),
            topic=found.get("about"),
            priority=found.get("priority"),
            since=found.get("since"),
        )
