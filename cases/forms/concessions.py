"""Give something, and decide about what goes beyond the mandate."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.db.models import Q

from cases.forms.fields import CaseForm, Once, capital, long_text, short_text
from cases.forms.people import Somebody
from cases.models import Concession
from staff.models import Agent


class Giving(CaseForm, Once):
    kind = forms.ChoiceField(
        label="What do you give?",
        choices=capital(Concession.Kind),
        widget=forms.RadioSelect,
        error_messages={"required": "Say what kind it is."},
    )
    amount = forms.DecimalField(
        label="How much",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"invalid": "Write an amount such as 12.50."},
    )
    words = short_text("What it is", most=300)
    why = long_text("Why", rows=3, most=2000)

    def prepare(self, customer):
        self.fields["amount"].label = f"How much, in {settings.CURRENCY}"
        self.fields["amount"].help_text = "Empty for a replacement."
        self.fields["words"].help_text = "Such as “the second licence”, “one month free”."
        self.fields["why"].help_text = f"Why {customer} should have it. Inside: {customer} does not read it."


class PassOn(CaseForm):
    to = Somebody("Who decides instead")
    reason = long_text("Why", "An inside note: they begin with it.", rows=3, most=2000)

    def __init__(self, *args, others: list[Agent], **kwargs):
        self.others = others
        super().__init__(*args, **kwargs)

    def prepare(self, customer):
        self.fields["to"].offer(but=None, among=Q(pk__in=[agent.pk for agent in self.others]))
        self.fields["to"].help_text = "Who is named in the mandate, leads the department, or is the company’s head."


class Deciding(CaseForm):
    granted = forms.TypedChoiceField(
        label="What do you say?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Say yes or no."},
    )
    answer = long_text("Your words", rows=3, most=2000, required=False)

    def prepare(self, customer):
        self.fields[
            "answer"
        ].help_text = f"A no needs them. {self.case.owner.first_name} reads them, {customer} does not."
