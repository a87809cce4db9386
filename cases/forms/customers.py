"""What is known of a customer."""

from __future__ import annotations

import re

from django import forms

from cases.forms.fields import capital, missing, short_text
from cases.models import Case
from customers.models import Address, Customer
from customers.search import find
from staff.models import Agent

MOST_NAMED = 5
_CASE = re.compile(r"(?:[Cc]-)?([1-9][0-9]{0,17})")
_PAGE = re.compile(r".*/customers/([1-9][0-9]{0,17})/?")


class CustomerForm(forms.Form):
    """A form about one customer, used by one agent."""

    def __init__(self, *args, customer: Customer, **kwargs):
        super().__init__(*args, **kwargs)
        self.customer = customer


class AddAddress(CustomerForm):
    kind = forms.ChoiceField(
        label="What kind", choices=capital(Address.Kind), initial=Address.Kind.MAIL, widget=forms.RadioSelect
    )
    value = short_text("Address or number", most=254)


class BelongTo(CustomerForm):
    name = short_text("Company or household", "Leave empty if there is none.", most=120, required=False)


class Merge(CustomerForm):
    other = forms.CharField(
        label="Who else are they here?",
        help_text="Their mail address, telephone number, the number of a case of theirs, or the address of their page.",
        max_length=200,
        error_messages=missing("Who else are they here?"),
    )

    def __init__(self, *args, agent: Agent, **kwargs):
        super().__init__(*args, **kwargs)
        self.agent = agent

    def clean_other(self) -> Customer:
        others = self._meant(self.cleaned_data["other"].replace("\0", "").strip())
        if not others:
            raise forms.ValidationError("Nobody else is known by this.")
        if len(others) > 1:
            names = ", ".join(other.name for other in others[:MOST_NAMED])
            raise forms.ValidationError(f"This means more than one person: {names}. Give a whole address or number.")
        return others[0]

    def _meant(self, typed: str) -> list[Customer]:
        page = _PAGE.fullmatch(typed)
        if page:
            return list(Customer.objects.filter(pk=int(page[1]), erased_at=None))
        people, _last = find(typed, also=whose_case(self.agent, typed))
        return [person for person in people if person.pk != self.customer.person_id]


def whose_case(agent: Agent, typed: str) -> int | None:
    """Whose the case with this number is (id), if the agent may see it."""
    number = _CASE.fullmatch(typed)
    if number is None:
        return None
    found = Case.objects.visible_to(agent).filter(pk=int(number[1]))
    return found.values_list("customer", flat=True).first()
