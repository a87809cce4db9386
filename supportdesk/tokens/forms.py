"""What is asked before a token or a service account is made."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone

from staff.models import AccessToken, Agent, Department
from staff.models.tokens import Scope
from supportdesk import clock

OWN_DATE = "own"
NEVER = "never"
# How long a token holds, in days.
PLAIN = {"30": "30 days", "90": "90 days", "365": "A year"}
SCOPES = {
    Scope.READ: "Read",
    Scope.WRITE: "Read and write",
    Scope.ADMIN: "Read, write and change how the desk works",
}


class Making(forms.Form):
    """A token for one agent.

    Args:
        agent: who acts with it.
        departments: id and name of each; read once for the form and for the list beside it.
    """

    name = forms.CharField(
        label="What it is for",
        help_text="“The shop’s site”: by this you find it again.",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say what the token is for."},
    )
    scope = forms.ChoiceField(
        label="What it may do",
        choices=list(SCOPES.items()),
        initial=Scope.READ,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it may do.", "invalid_choice": "Choose what it may do."},
    )
    departments = forms.TypedMultipleChoiceField(
        label="Only cases of",
        help_text="Nothing ticked: every case that may be seen.",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose departments from this list."},
    )
    until = forms.ChoiceField(
        label="How long it holds",
        choices=[*PLAIN.items(), (OWN_DATE, "Until a date of your own"), (NEVER, "Until it is revoked")],
        initial="90",
        widget=forms.RadioSelect,
        error_messages={"required": "Say how long it holds.", "invalid_choice": "Say how long it holds."},
    )
    expires_at = forms.DateField(
        label="Your own date",
        help_text="Its last day.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write a date."},
    )

    def __init__(self, *args, agent: Agent, departments: list[tuple[int, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.agent = agent
        self.fields["departments"].choices = departments
        if not agent.is_admin:
            self.fields["scope"].choices = [one for one in SCOPES.items() if one[0] != Scope.ADMIN]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        # Sent again by a reload it would be a second one, whose secret nobody asked for.
        if AccessToken.objects.usable(clock.now()).filter(agent=self.agent, name__iexact=name).exists():
            raise forms.ValidationError(f"There is a token “{name}” already. Take another name, or revoke that one.")
        return name

    def clean(self):
        found = super().clean()
        if found.get("until") == OWN_DATE and not found.get("expires_at") and "expires_at" not in self.errors:
            self.add_error("expires_at", "Write its last day, or choose how long it holds.")
        return found

    def ends(self) -> datetime | None:
        """When it ends, of a form that is valid; None: not by itself."""
        chosen = self.cleaned_data["until"]
        if chosen == NEVER:
            return None
        if chosen == OWN_DATE:
            return timezone.make_aware(datetime.combine(self.cleaned_data["expires_at"], time(23, 59, 59)))
        return clock.now() + timedelta(days=int(chosen))


class AddService(forms.Form):
    """A service account."""

    name = forms.CharField(
        label="Its name",
        help_text="Stands in the timeline beside everything that it does.",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give it a name: it stands beside everything that it does."},
    )
    department = forms.ModelChoiceField(
        Department.objects.order_by("name"),
        label="Department",
        help_text="It may do what an agent of this department may.",
        empty_label="Choose a department",
        error_messages={"required": "Choose a department.", "invalid_choice": "Choose a department from this list."},
    )
    administers = forms.BooleanField(
        label="It administers: it may be given tokens that change how the desk works", required=False
    )
