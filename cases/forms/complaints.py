"""Write down a complaint, hand it on, answer it."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, Once, long_text
from cases.models import Complaint
from staff.models import Agent


class Complaining(CaseForm, Once):
    words = long_text("What went wrong, word for word", rows=5)
    about = forms.ModelMultipleChoiceField(
        Agent.objects.none(),
        label="About whom, if somebody was named",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def prepare(self, customer):
        self.fields["words"].help_text = f"As {customer} said it. {customer} can read it on the status page."
        people = Agent.objects.filter(is_service=False, pk__in=self.case.entries.exclude(agent=None).values("agent"))
        self.fields["about"].queryset = people
        if not people:
            del self.fields["about"]


class ComplaintForm(CaseForm):
    """A form about one complaint."""

    def __init__(self, *args, complaint: Complaint, involved: set[int], **kwargs):
        self.complaint, self.involved = complaint, involved
        super().__init__(*args, **kwargs)


class Taking(ComplaintForm):
    """Needs only to be confirmed."""


class HandOn(ComplaintForm):
    to = forms.ModelChoiceField(
        Agent.objects.none(),
        label="To whom",
        empty_label="Choose a supervisor",
        error_messages={"required": "Choose a supervisor."},
    )
    reason = long_text("Why", "They read it, as an inside note.", rows=3, most=2000)

    def prepare(self, customer):
        judges = Agent.objects.able_to_work().filter(is_supervisor=True)
        self.fields["to"].queryset = judges.exclude(pk__in={*self.involved, self.complaint.owner_id})
        self.fields["to"].help_text = "Supervisors whom it is not about."


class Answering(ComplaintForm):
    words = long_text("Your answer", rows=6)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{customer} reads it on the status page, with your name."
