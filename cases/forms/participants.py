"""Other people who take part in a case."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, capital, short_text
from cases.models import Participant


class Person(CaseForm):
    """Who it is: a name and where they can be reached. Whoever is known by the address is that person."""

    name = short_text("Name", most=120)
    mail = forms.EmailField(
        label="Mail address",
        required=False,
        max_length=254,
        error_messages={"invalid": "This mail address cannot be right. It looks like name@example.org."},
    )
    phone = short_text("Telephone", required=False, most=40)
    relation = short_text("Who they are to the customer", most=80)

    def prepare(self, customer):
        self.fields["relation"].label = f"Who they are to {customer}"
        self.fields["relation"].help_text = "Such as “her daughter”. They read it too."

    def clean(self):
        found = super().clean()
        if "mail" not in self.errors and not found.get("mail") and not found.get("phone", "").strip():
            self.add_error("mail", "Give a mail address or a telephone number: by it we know who this is.")
        return found


class Sight(CaseForm):
    """What they may see and do."""

    sees = forms.ChoiceField(
        label="What they see",
        choices=capital(Participant.Sees),
        initial=Participant.Sees.STATUS,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what they may see."},
    )
    speaks_for = forms.BooleanField(required=False)

    def prepare(self, customer):
        super().prepare(customer)
        self.fields["speaks_for"].label = f"Answers for {customer}, who wants it so"


class Add(Sight, Person):
    field_order = ["name", "mail", "phone", "relation", "sees", "speaks_for"]


class Change(Sight):
    relation = short_text("Who they are to the customer", most=80)
    field_order = ["relation"]

    def prepare(self, customer):
        super().prepare(customer)
        self.fields["relation"].label = f"Who they are to {customer}"
