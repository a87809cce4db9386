"""Hand over, take over, give back."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, Reason, long_text
from staff.models import Agent


class HandOver(CaseForm):
    to = forms.ModelChoiceField(
        Agent.objects.none(),
        label="To whom",
        empty_label="Choose a person",
        error_messages={"required": "Choose a person."},
    )
    brief = long_text("What they need to know", most=2000)

    def prepare(self, customer):
        people = Agent.objects.able_to_work().exclude(pk=self.case.owner_id)
        self.fields["to"].queryset = people.order_by("department__name", "name")
        self.fields["to"].label_from_instance = lambda agent: f"{agent.name}, {agent.department.name}"
        self.fields["brief"].help_text = f"Why, and what {customer} should not have to tell again."


class TakeOver(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = f"Why, in a sentence that {self.case.owner.first_name} will read"


class GiveBack(Reason):
    def prepare(self, customer):
        self.fields["reason"].help_text = f"{self.case.owner.first_name} reads it and can plan."
