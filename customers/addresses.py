"""Add an address to a customer, or end one. An address belongs to one customer at a time."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from customers.identity import LONGEST_ADDRESS, normalise
from customers.models import Address, Customer
from customers.staff_only import require_staff
from staff.models import Agent
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

FEWEST_DIGITS = 6


@transaction.atomic
def add(customer: Customer, kind: str, value: str, *, by: Agent) -> Address:
    """Add where a customer can be reached; from now on whoever writes from there is this customer.

    Args:
        kind: one of ``Address.Kind``.
        value: however it is written.

    Raises:
        NotAllowed: the actor is no active agent.
        Conflict: it belongs to somebody else; says whom.
        Refused: it cannot be an address of its kind.
    """
    agent = require_staff(by)
    customer = _lock(customer)
    value = normalise(kind, value)
    known = _in_use(kind, value)
    if known is not None:
        return _theirs(known, customer)
    _require_possible(kind, value)
    try:
        with transaction.atomic():
            return Address.objects.create(customer=customer, kind=kind, value=value, added_by=agent)
    except IntegrityError:
        # Somebody else was given it at the same moment.
        return _theirs(_in_use(kind, value), customer)


@transaction.atomic
def end(address: Address, *, by: Agent) -> Address:
    """An address is not the customer's any more: whoever writes from there is somebody else. It stays on record.

    Raises:
        NotAllowed: the actor is no active agent.
        Refused: it is the last one; nobody could reach them.
    """
    agent = require_staff(by)
    customer = _lock(address.customer)
    address = Address.objects.get(pk=address.pk)
    if address.ended_at is not None:
        return address
    if not Address.objects.of_person(customer).exclude(pk=address.pk).exists():
        raise Refused("last_address", f"This is the last one. Add where {customer.first_name} can be reached first.")
    address.ended_at, address.ended_by = clock.now(), agent
    address.save(update_fields=["ended_at", "ended_by"])
    return address


def _lock(customer: Customer) -> Customer:
    """The person's kept row, locked: two who end the last two addresses do so one after the other."""
    return Customer.objects.select_for_update(no_key=True).get(pk=customer.person_id)


def _in_use(kind: str, value: str) -> Address | None:
    return Address.objects.in_use().select_related("customer__merged_into").filter(kind=kind, value=value).first()


def _theirs(address: Address, customer: Customer) -> Address:
    if address.customer.person_id != customer.person_id:
        whose = (address.customer.merged_into or address.customer).name
        raise Conflict(
            "belongs_to_another", f"This is {whose}’s. If they are one person, merge them instead.", field="value"
        )
    return address


def _require_possible(kind: str, value: str) -> None:
    if kind not in Address.Kind.values:
        raise Refused("kind_needed", "Say what kind of address it is.", field="kind")
    if not value:
        raise Refused("address_needed", "Give the address.", field="value")
    if len(value) > LONGEST_ADDRESS:
        raise Refused("address_too_long", f"An address has at most {LONGEST_ADDRESS} characters.", field="value")
    if kind == Address.Kind.MAIL and not _is_mail(value):
        raise Refused(
            "no_mail_address", "This mail address cannot be right. It looks like name@example.org.", field="value"
        )
    if kind == Address.Kind.PHONE and len(re.sub(r"\D", "", value)) < FEWEST_DIGITS:
        raise Refused("no_number", "This number cannot be right. It needs at least six digits.", field="value")


def _is_mail(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True
