"""Hand over, take over, give back."""

from __future__ import annotations

from cases.forms.fields import CaseForm, Reason, long_text
from cases.forms.people import Somebody


class HandOver(CaseForm):
    to = Somebody("To whom")
    brief = long_text("What they need to know", most=2000)

    def prepare(self, customer):
        self.fields["to"].offer(but=self.case.owner_id)
        self.fields["brief"].help_text = f"Why, and what {customer} should not have to tell again."


class TakeOver(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = f"Why, in a sentence that {self.case.owner.first_name} will read"


class GiveBack(Reason):
    def prepare(self, customer):
        self.fields["reason"].help_text = f"{self.case.owner.first_name} reads it and can plan."
