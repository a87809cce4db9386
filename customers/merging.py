"""Two rows turned out to be one person: merge them, and undo it.

Nothing is moved: each row keeps its addresses and its cases, and whoever asks for the person reads all their rows
(``Customer.objects.person``). What was merged stands in `Merging`, row under row; ``merged_into`` leads from every row
straight to the one on top.
"""

from __future__ import annotations

from django.db import transaction

from customers.models import Customer, Merging
from customers.staff_only import require_staff
from staff.models import Agent
from supportdesk import clock
from supportdesk.advisory import Alone, one_at_a_time
from supportdesk.errors import Conflict, Refused

# People are seldom merged and each merging may touch many rows: one at a time, so that no two of them make a ring.


@transaction.atomic
def merge(kept: Customer, merged: Customer, *, by: Agent) -> Merging:
    """Make two customers one person, known by the row that is kept.

    Of a row that is merged itself it is the whole person who is meant: merging goes to the one on top.

    Args:
        kept: by whose row the person is known from now on.
        merged: the other.

    Raises:
        NotAllowed: the actor is no active agent.
        Conflict: they are one person already, known by the other row.
        Refused: it is one and the same row.
    """
    agent = require_staff(by)
    one_at_a_time(Alone.MERGING)
    if kept.pk == merged.pk:
        raise Refused("same_customer", "Choose somebody else: this is one and the same.", field="other")
    top, below = _top_of(kept), _top_of(merged)
    if top == below:
        return _merged_before(merged, top)
    merging = Merging.objects.create(kept=top, merged=below, merged_at=clock.now(), merged_by=agent)
    Customer.objects.person(below).update(merged_into=top)
    return merging


@transaction.atomic
def undo(merging: Merging, *, by: Agent) -> Merging:
    """Take a merging back: whoever was under the merged row is under it again. There is no time limit.

    Raises:
        NotAllowed: the actor is no active agent.
    """
    agent = require_staff(by)
    one_at_a_time(Alone.MERGING)
    merging = Merging.objects.get(pk=merging.pk)
    if merging.undone_at is not None:
        return merging
    merging.undone_at, merging.undone_by = clock.now(), agent
    merging.save(update_fields=["undone_at", "undone_by"])
    Customer.objects.filter(pk__in=_under(merging.merged_id)).update(merged_into=merging.merged_id)
    Customer.objects.filter(pk=merging.merged_id).update(merged_into=None)
    return merging


def _merged_before(merged: Customer, top: Customer) -> Merging:
    """The merging that stands already; the opposite of what was asked is none."""
    standing = Merging.objects.filter(merged=merged, undone_at=None).first()
    if standing is None:
        raise Conflict("merged_already", f"They are one person already, known as {top.name}.")
    return standing


def _top_of(customer: Customer) -> Customer:
    now = Customer.objects.select_related("merged_into").get(pk=customer.pk)
    return now.merged_into or now


def _under(customer_id: int) -> list[int]:
    """Every row that was merged into this one, at first or second hand."""
    found: list[int] = []
    front = [customer_id]
    while front:
        front = list(Merging.objects.filter(kept__in=front, undone_at=None).values_list("merged", flat=True))
        found += front
    return found
