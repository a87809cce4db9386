"""Ask a department, and its answers."""

from __future__ import annotations

from django import forms
from django.db.models import Q
from django.utils.text import Truncator

from cases.forms.fields import CaseForm, Once, instant, long_text, short_text
from cases.forms.people import Somebody
from cases.models import Subtask
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
    after = forms.ModelChoiceField(
        Subtask.objects.none(), label="After another part", required=False, empty_label="No, at once"
    )

    def prepare(self, customer):
        open_parts = self.case.subtasks.open().select_related("department").order_by("pk")
        self.fields["after"].queryset = open_parts
        self.fields["after"].label_from_instance = lambda part: (
            f"{part.department.name}: {Truncator(part.ask).chars(60)}"
        )
        if not open_parts:
            del self.fields["after"]
        self.fields["plain_words"].help_text = (
            f"What {customer} reads: “the workshop is looking at your board”. "
            "Empty: that the department is working on it."
        )


class Accept(CaseForm):
    committed_at = instant("Done by", "The owner plans with this, and promises the customer no earlier.")


class Give(CaseForm):
    to = Somebody("To whom", required=False)
    reason = long_text(
        "Why, and how far it is", "An inside note: whoever has it then begins with it.", rows=3, most=2000
    )

    def __init__(self, *args, part: Subtask, **kwargs):
        self.part = part
        super().__init__(*args, **kwargs)

    def prepare(self, customer):
        department = self.part.department
        self.fields["to"].empty = f"Whoever takes it on in {department.name}"
        self.fields["to"].offer(but=self.part.agent_id, among=Q(department=department))


class Wait(CaseForm):
    what_for = short_text("What is it waiting for?", "Continues “waiting for …”. The date stays as it is.")


class OtherDate(CaseForm):
    """``only_later``: the date that was given has passed."""

    committed_at = instant("Done by")
    reason = long_text("Why it takes longer", rows=3, most=2000, required=False)

    def __init__(self, *args, only_later: bool, **kwargs):
        self.only_later = only_later
        super().__init__(*args, **kwargs)

    def prepare(self, customer):
        owner, date, reason = self.case.owner.first_name, self.fields["committed_at"], self.fields["reason"]
        date.help_text = f"{'' if self.only_later else 'Earlier holds at once. '}Later is for {owner} to say."
        reason.required = self.only_later
        reason.help_text = f"{'' if self.only_later else 'Needed for a later date: '}{owner} decides with it."


class DateAsked(CaseForm):
    """Carries the date that was on the page, so that another one asked meanwhile is not answered unseen."""

    asked = forms.DateTimeField(widget=forms.HiddenInput)


class RefuseLater(DateAsked):
    reason = long_text("Why not", rows=3, most=2000, required=False)


class NotReproduced(CaseForm):
    tried = long_text("What you tried", most=5000)


class Done(CaseForm):
    words = long_text("What came of it", most=5000)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{self.case.owner.first_name} reads it. {customer} does not."


class NotOurs(CaseForm):
    words = long_text("Why it is not yours", rows=3, most=2000)


class Drop(CaseForm):
    words = long_text("Why it is not needed any more", rows=3, most=2000)
