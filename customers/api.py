"""The customers' part of the API: who they are, found by any address or number, and where they can be reached."""

from __future__ import annotations

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, IntegerField, Serializer

from customers import addresses, merging
from customers.models import Address, Customer
from customers.search import find
from staff.api import versions
from staff.api.described import acting, listing, reading
from staff.api.doors import Door
from staff.api.fields import Id, Words
from staff.api.pages import page_of
from staff.api.shapes import Named


class AddressShape(Serializer):
    id = IntegerField()
    kind = ChoiceField(Address.Kind.choices)
    value = CharField()
    ended_at = DateTimeField(allow_null=True)


class CustomerShape(Serializer):
    """A person who told us about a problem; not a user."""

    id = IntegerField()
    name = CharField()
    zone = CharField(allow_blank=True)
    best_time = CharField(allow_blank=True)
    since = DateTimeField()
    organisation = Named(allow_null=True)
    merged_into = IntegerField(allow_null=True, help_text="The row of the same person that is kept.")
    addresses = AddressShape(many=True)


class AddressRead(Serializer):
    kind = ChoiceField(Address.Kind.choices)
    value = Words(most=254)


class MergeRead(Serializer):
    merged = Id(help_text="The customer who turned out to be the same person.")


def customer(row: Customer) -> dict:
    organisation = row.organisation
    return {
        "id": row.pk,
        "name": row.name,
        "zone": row.zone,
        "best_time": row.best_time,
        "since": row.since,
        "organisation": {"id": organisation.pk, "name": organisation.name} if organisation else None,
        "merged_into": row.merged_into_id,
        "addresses": [
            {"id": one.pk, "kind": one.kind, "value": one.value, "ended_at": one.ended_at}
            for one in sorted(row.addresses.all(), key=lambda one: one.pk)
        ],
    }


def customers_of(request: Request):
    """Those whom a token sees; of one that is limited to departments, who has told one of them about a problem."""
    rows = Customer.objects.select_related("organisation").prefetch_related("addresses")
    departments = request.auth.departments
    return rows.filter(cases__department__in=departments).distinct() if departments else rows


def _found(request: Request, pk: int) -> Customer:
    row = customers_of(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


class Customers(Door):
    @listing(
        "customers",
        "Customers, or those whom `q` means: a mail address, digits of a number, the beginning of a name",
        CustomerShape,
        OpenApiParameter("q", str),
    )
    def get(self, request: Request) -> Response:
        rows, typed = customers_of(request).filter(erased_at=None), request.query_params.get("q", "")
        if typed:
            meant, _ = find(typed[:200].replace("\0", ""))
            rows = rows.filter(pk__in=[one.pk for one in meant])
        return page_of(request, rows, customer, names=("q",))


class OneCustomer(Door):
    @reading("customer", "A customer", CustomerShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.one(request, customer(_found(request, pk)))


class _Acting(Door):
    def done(self, request: Request, **where) -> Response:
        def do() -> Response:
            if versions.is_asked(request):
                Customer.objects.select_for_update(no_key=True).filter(pk=where["pk"]).first()
            row = _found(request, where["pk"])
            versions.require_same(request, versions.version_of(customer(row)))
            self.act(request, row, **where)
            return self.one(request, customer(_found(request, row.pk)))

        return self.once(request, do)


class AddAddress(_Acting):
    takes = AddressRead

    @acting("add_address", "Another way to reach them", AddressRead, CustomerShape)
    def post(self, request: Request, **where) -> Response:
        return self.done(request, **where)

    def act(self, request: Request, row: Customer, pk: int) -> None:
        addresses.add(row, **self.given(request), by=request.user)


class EndAddress(_Acting):
    @acting("end_address", "It is not theirs any more", None, CustomerShape)
    def post(self, request: Request, **where) -> Response:
        return self.done(request, **where)

    def act(self, request: Request, row: Customer, pk: int, address: int) -> None:
        found = Address.objects.filter(pk=address, customer__in=Customer.objects.person(row)).first()
        if found is None:
            raise Http404
        addresses.end(found, by=request.user)


class Merge(_Acting):
    takes = MergeRead

    @acting("merge_customers", "Two customers are one person", MergeRead, CustomerShape)
    def post(self, request: Request, **where) -> Response:
        return self.done(request, **where)

    def act(self, request: Request, row: Customer, pk: int) -> None:
        merging.merge(row, _found(request, self.given(request)["merged"]), by=request.user)


urlpatterns = [
    path("customers", Customers.as_view(), name="customers"),
    path("customers/<int:pk>", OneCustomer.as_view(), name="customer"),
    path("customers/<int:pk>/addresses", AddAddress.as_view(), name="add_address"),
    path("customers/<int:pk>/addresses/<int:address>/end", EndAddress.as_view(), name="end_address"),
    path("customers/<int:pk>/merge", Merge.as_view(), name="merge_customers"),
]
