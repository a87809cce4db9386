"""Who is this? One customer per address, whatever way the address was written."""

from __future__ import annotations

import re

from django.db import connection, transaction

from customers.models import Address, Customer
from supportdesk import clock
from supportdesk.errors import Refused
from supportdesk.statements import built_once, insert

LONGEST_NAME = 120
LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3, less its brackets


def normalise(kind: str, value: str) -> str:
    """The form in which an address is kept and looked for."""
    value = value.strip()
    if kind == Address.Kind.MAIL:
        return value.lower()
    if kind == Address.Kind.PHONE:
        digits = re.sub(r"[^\d+]", "", value)
        return "+" + digits[2:] if digits.startswith("00") else digits
    return value


def recognise(name: str, *, mail: str = "", phone: str = "", other: str = "", zone: str = "") -> Customer:
    """The person who has one of these addresses; a new one if nobody has. Of merged customers it is the kept one.

    What is known of a customer is not changed by who types one of their addresses: neither the name, nor by adding
    another address, which may be the typist's own.

    Args:
        name: as the customer gives it.
        mail, phone, other: at least one.
        zone: IANA zone of the customer, kept for a new one.

    Raises:
        ValueError: no address at all.
        Refused: name or address are longer than any real one.
    """
    _require_lengths(name, mail, phone, other)
    given = [
        (kind, normalise(kind, value))
        for kind, value in ((Address.Kind.MAIL, mail), (Address.Kind.PHONE, phone), (Address.Kind.OTHER, other))
        if value.strip()
    ]
    if not given:
        raise ValueError("A customer needs an address.")
    return _known(given) or _new(name.strip() or given[0][1], zone, given)


def person_of(customer: Customer) -> Customer:
    """The row that stands for this person, after all mergings."""
    while customer.merged_into_id:
        customer = customer.merged_into
    return customer


def rows_of(customer: Customer) -> list[int]:
    """The ids of all rows that are this person."""
    found = latest = [person_of(customer).pk]
    while latest := list(Customer.objects.filter(merged_into__in=latest).values_list("pk", flat=True)):
        found = found + latest
    return found


def _require_lengths(name: str, *addresses: str) -> None:
    if len(name.strip()) > LONGEST_NAME:
        raise Refused("name_too_long", f"Please give a name of at most {LONGEST_NAME} characters.", field="name")
    if any(len(address.strip()) > LONGEST_ADDRESS for address in addresses):
        raise Refused("address_too_long", f"An address has at most {LONGEST_ADDRESS} characters.", field="mail")


@transaction.atomic(savepoint=False)
def _new(name: str, zone: str, given: list[tuple[str, str]]) -> Customer:
    """A new one; or who was first, where two come from one address at the same moment."""
    customer = Customer(name=name, zone=zone, since=clock.now())
    insert(customer)
    if _keep(customer, given) == len(given):
        return customer
    # The address that was there first says who it is.
    winner = _known(given)
    if winner != customer:
        customer.addresses.update(customer=winner)
        customer.delete()
    return winner


def _keep(customer: Customer, given: list[tuple[str, str]]) -> int:
    """Write down the addresses that nobody has yet. How many that were."""
    values = ", ".join(["(%s, %s, %s)"] * len(given))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO customers_address (customer_id, kind, value) VALUES {values} ON CONFLICT DO NOTHING",
            [cell for kind, value in given for cell in (customer.pk, kind, value)],
        )
        return cursor.rowcount


def _known(given: list[tuple[str, str]]) -> Customer | None:
    for kind, value in given:
        for address in _in_use(kind, value):
            return address.customer.merged_into or address.customer
    return None


@built_once
def _in_use(kind: str, value: str):
    return Address.objects.in_use().select_related("customer__merged_into").filter(kind=kind, value=value)[:1]
