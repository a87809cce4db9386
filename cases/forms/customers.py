"""What is known of a customer."""

from __future__ import annotations

from django import forms

from cases.forms.fields import capital, missing, short_text
from customers.models import Address, Customer


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
        label="Their page or number",
        help_text="The number at the end of the other page’s address: /customers/123/.",
        max_length=200,
        error_messages=missing("Their page or number"),
    )

    def clean_other(self) -> Customer:
        digits = self.cleaned_data["other"].strip().rstrip("/").rpartition("/")[2]
        known = digits.isascii() and digits.isdigit() and len(digits) < 19
        other = Customer.objects.filter(pk=int(digits)).first() if known else None
        if other is None:
            raise forms.ValidationError("There is no such customer. Find them, and copy the address of their page.")
        return other
