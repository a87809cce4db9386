"""Ask a department, and its answers."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, Once, instant, long_text, short_text
from staff.models import Department


class Ask(CaseForm, Once):
    department = forms.ModelChoiceField(
        Department.objects.all(),
        label="Whom",
        empty_label="Choose a department",
        error_messages={"required": "Choose a department."},
    )
    what = long_text("What is needed", rows=3, most=2000)
    plain_words = short_text("In the customer’s words", required=False)

    def prepare(self, customer):
        self.fields["plain_words"].help_text = (
            f"What {customer} reads: “the workshop is looking at your board”. "
            "Empty: that the department is working on it."
        )


class Accept(CaseForm):
    committed_at = instant("Done by", "The owner plans with this, and promises the customer no earlier.")


class Done(CaseForm):
    words = long_text("What came of it", most=5000)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{self.case.owner.first_name} reads it. {customer} does not."


class NotOurs(CaseForm):
    words = long_text("Why it is not yours", rows=3, most=2000)


class Drop(CaseForm):
    words = long_text("Why it is not needed any more", rows=3, most=2000)
