"""The administrator's two pages: take a passage out of a case, erase a person."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.forms.fields import CaseForm, capital, long_text
from cases.models import Case
from cases.views.acts import Act, put_beside_field
from customers.models import Customer
from supportdesk.errors import Refused
from supportdesk.models import Erasure
from supportdesk.privacy import verbs


def _grounds() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="On what grounds?",
        choices=capital(Erasure.Grounds),
        widget=forms.RadioSelect,
        error_messages={"required": "Say on what grounds."},
    )


class Passage(CaseForm):
    passage = long_text("The words to take out", rows=2, most=verbs.LONGEST)
    grounds = _grounds()

    def prepare(self, customer):
        self.fields[
            "passage"
        ].help_text = "As they stand there. Wherever they stand in this case, “[taken out]” will stand in their place."


class Redact(Act):
    form_class = Passage
    title = "Take words out for good"
    lead = "Nobody can bring them back. The timeline says that you did it and on what grounds, not what it was."
    submit = "Take them out for good"
    not_yours = "Only an administrator takes words out."

    def may(self):
        return self.request.user.is_admin

    def call(self, found):
        places = verbs.redact(self.case, found["passage"], grounds=found["grounds"], by=self.request.user)
        if not places:
            raise Refused("nowhere", "These words stand nowhere in this case.", field="passage")
        places = "one place" if places == 1 else f"{places} places"
        messages.success(self.request, f"Taken out of {places}.")


class Person(forms.Form):
    grounds = _grounds()
    name = forms.CharField(label="The person’s name", help_text="Type it, to be sure that it is this person.")

    def __init__(self, *args, customer: Customer, **kwargs):
        super().__init__(*args, **kwargs)
        self.customer = customer

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if name != " ".join(self.customer.name.split()):
            raise forms.ValidationError(f"This is not the name. Type {self.customer.name}.")
        return name


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase a person, after their name was typed."""
    if not request.user.is_admin:
        raise PermissionDenied("Only an administrator can erase a person.")
    customer = Customer.objects.filter(pk=pk, erased_at=None).first()
    if customer is None:
        raise Http404
    form = Person(request.POST or None, customer=customer)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            verbs.erase(customer, grounds=form.cleaned_data["grounds"], by=request.user)
        except Refused as refused:
            refusal = refused
            put_beside_field(form, refused)
        else:
            messages.success(request, "Erased. What stays says nothing about anybody.")
            return redirect("/")
    context = {
        "form": form,
        "customer": customer,
        "cases": Case.objects.visible_to(request.user).filter(customer=customer).order_by("-pk")[:50],
        "hindrances": refusal.hindrances if refusal else (),
    }
    return render(request, "privacy/erase.html", context, status=422 if form.errors else 200)
