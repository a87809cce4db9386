"""Customers: find them, everything about one of them, and what can be changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases import lists
from cases.been_through import been_through
from cases.forms import customers as forms
from cases.views.acts import Act
from customers import addresses, merging, organisations
from customers.models import Address, Customer, Merging
from customers.search import find
from supportdesk.paging import read_key, write_key

MOST_COLLEAGUES = 20


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Customers by mail address, telephone number, the number of a case, or the beginning of a name."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:200]
    after = read_key(request.GET.get("after", ""))
    people, last = find(typed, also=forms.whose_case(request.user, typed), after=after[1] if after else None)
    context = {
        "typed": typed,
        "rows": lists.customers(request.user, people),
        "after": write_key((None, last) if last else None),
    }
    return render(request, "customers/search.html", context)


@require_safe
def page(request: HttpRequest, customer_pk: int) -> HttpResponse:
    """Everything about one person: how to reach them, their problems, and what they have been through with us."""
    customer = get_object_or_404(Customer.objects.select_related("organisation"), pk=customer_pk)
    if customer.merged_into_id:
        return redirect("cases:customer", customer.merged_into_id)
    rows, next_key = lists.problems(request.user, customer, read_key(request.GET.get("after", "")))
    groups = [(name, title, [row for row in rows if row.group == name]) for name, title in lists.PROBLEMS]
    context = {
        "customer": customer,
        "addresses": list(Address.objects.of_person(customer).order_by("kind", "pk")),
        "colleagues": _colleagues(customer),
        "mergings": _mergings(customer),
        "been_through": been_through(request.user, customer),
        "groups": [group for group in groups if group[2]],
        "after": write_key(next_key),
    }
    return render(request, "customers/page.html", context)


class CustomerAct(Act):
    """An act on one customer: as on a case, one form that calls one verb."""

    customer: Customer

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        self.customer = self.find(**kwargs)
        return super(Act, self).dispatch(request, *args, **kwargs)

    def find(self, customer_pk: int) -> Customer:
        return get_object_or_404(Customer.objects.select_related("organisation"), pk=customer_pk, merged_into=None)

    def may(self):
        return self.request.user.is_active

    def back(self):
        return reverse("cases:customer", args=[self.customer.person_id])

    def words(self, pattern):
        return pattern.format(customer=self.customer.name, first=self.customer.first_name)

    def get_form_kwargs(self):
        return {**super(Act, self).get_form_kwargs(), "customer": self.customer, "auto_id": "act_%s"}

    def get_context_data(self, **context):
        return super(Act, self).get_context_data(
            title=self.words(self.title),
            lead=self.words(self.lead),
            submit=self.words(self.submit),
            back=self.back(),
            back_to=self.customer.name,
            **context,
        )


class AddAddress(CustomerAct):
    form_class = forms.AddAddress
    title = "Add where {first} can be reached"
    lead = "Whoever writes from there is {first} from now on."
    submit = "Add it"
    said = "Added."

    def call(self, found):
        addresses.add(self.customer, found["kind"], found["value"], by=self.request.user)


class EndAddress(CustomerAct):
    form_class = forms.CustomerForm
    title = "{address} is not {first}’s any more?"
    lead = "Whoever writes from there is somebody else from now on. It stays on record."
    submit = "End it"
    said = "Ended."
    address: Address

    def find(self, address_pk: int):
        self.address = get_object_or_404(
            Address.objects.in_use().select_related("customer__merged_into"), pk=address_pk
        )
        return self.address.customer.merged_into or self.address.customer

    def words(self, pattern):
        return pattern.format(first=self.customer.first_name, address=self.address.value)

    def call(self, found):
        addresses.end(self.address, by=self.request.user)


class BelongTo(CustomerAct):
    form_class = forms.BelongTo
    title = "Where {first} belongs"
    submit = "Keep it"
    said = "Kept."

    def get_initial(self):
        return {"name": self.customer.organisation.name if self.customer.organisation else ""}

    def call(self, found):
        organisations.belong_to(self.customer, found["name"], by=self.request.user)


class Merge(CustomerAct):
    form_class = forms.Merge
    title = "{customer} is also somebody else here"
    lead = "They become one person, known as {customer}, with all addresses and problems. You can undo it at any time."
    submit = "Merge them"
    said = "{customer} and {other} are one person now."
    other = ""

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "agent": self.request.user}

    def words(self, pattern):
        return pattern.format(customer=self.customer.name, other=self.other)

    def call(self, found):
        # Said by name: whoever took the wrong one sees it at once, and undoes it.
        self.other = found["other"].name
        merging.merge(self.customer, found["other"], by=self.request.user)


class UndoMerging(CustomerAct):
    form_class = forms.CustomerForm
    title = "Are {first} and {other} two people?"
    lead = "Each gets back their own addresses and problems. What was written meanwhile stays where it was written."
    submit = "Make them two again"
    said = "They are two people again."
    merging: Merging

    def find(self, merging_pk: int):
        standing = Merging.objects.select_related("kept__merged_into", "merged").filter(undone_at=None)
        self.merging = get_object_or_404(standing, pk=merging_pk)
        return self.merging.kept.merged_into or self.merging.kept

    def words(self, pattern):
        return pattern.format(first=self.customer.name, other=self.merging.merged.name)

    def call(self, found):
        merging.undo(self.merging, by=self.request.user)


def _colleagues(customer: Customer) -> list[Customer]:
    """The other people of the organisation."""
    if customer.organisation_id is None:
        return []
    people = Customer.objects.people().filter(organisation=customer.organisation_id, erased_at=None)
    return list(people.exclude(pk=customer.pk).order_by("name", "pk")[:MOST_COLLEAGUES])


def _mergings(customer: Customer) -> list[Merging]:
    """What made one person of several rows, the latest first."""
    standing = Merging.objects.filter(undone_at=None, merged__merged_into=customer)
    return list(standing.select_related("merged", "merged_by").order_by("-pk")[:MOST_COLLEAGUES])
