"""To which company or household a customer belongs."""

from __future__ import annotations

from django.db import transaction

from customers.models import Customer, Organisation
from customers.staff_only import require_staff
from staff.models import Agent
from supportdesk.errors import Refused

LONGEST_NAME = 120


@transaction.atomic
def belong_to(customer: Customer, name: str, *, by: Agent) -> Customer:
    """Set the organisation by its name; a new one is made of a new name.

    Args:
        name: however its letters are written; empty: none.

    Raises:
        NotAllowed: the actor is no active agent.
        Refused: the name is longer than any real one.
    """
    require_staff(by)
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.person_id)
    organisation = _named(" ".join(name.split()))
    if customer.organisation_id == (organisation.pk if organisation else None):
        return customer
    customer.organisation = organisation
    customer.save(update_fields=["organisation"])
    return customer


def _named(name: str) -> Organisation | None:
    if not name:
        return None
    if len(name) > LONGEST_NAME:
        raise Refused("name_too_long", f"Please give a name of at most {LONGEST_NAME} characters.", field="name")
    known = Organisation.objects.filter(name__iexact=name).first()
    return known or Organisation.objects.get_or_create(name=name)[0]
