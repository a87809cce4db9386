"""Sending the intake form: who is this, and their problem, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actors import DESK
from cases.models import Case, Preference
from cases.verbs import conversation
from cases.verbs.opening import open_case
from customers.identity import normalise, recognise
from customers.models import Address, Customer
from staff.models import Topic


@transaction.atomic
def send(given: Mapping[str, str], *, once: str) -> Case:
    """Open the problem that somebody told us in the intake form.

    Args:
        given: cleaned values of the three steps.
        once: key of the draft; the same key opens one.
    """
    customer = recognise(given["name"], mail=given["mail"], phone=given["phone"])
    _keep_best_time(customer, given["best_time"])
    case = open_case(
        customer,
        given["words"],
        by=customer,
        desired_outcome=given["desired_outcome"],
        preferences=[given[f"wish_{rank}"] for rank in range(1, Preference.MOST + 1)],
        topic=Topic.objects.filter(pk=given["about"]).first() if given.get("about") else None,
        once=once,
    )
    _note_what_is_not_proven(case, given)
    return case


def _note_what_is_not_proven(case: Case, given: Mapping[str, str]) -> None:
    """Whoever types a known address has proven nothing: what else they gave is told to the owner, and only there."""
    if case.customer.since == case.opened_at:
        return  # nobody knew them before this very form
    known = set(Address.objects.of_person(case.customer).values_list("value", flat=True))
    kinds = ((Address.Kind.MAIL, given["mail"]), (Address.Kind.PHONE, given["phone"]))
    new = [value for kind, value in kinds if value and normalise(kind, value) not in known]
    if given["name"] != case.customer.name:
        new.insert(0, given["name"])
    if new:
        conversation.note(case, _("Given with this problem, not proven: %s") % ", ".join(new), by=DESK)


def _keep_best_time(customer: Customer, best_time: str) -> None:
    """A new customer's wish is kept. What is known of somebody is not overwritten by who types their address."""
    if (
        best_time
        and not customer.best_time
        and not Case.objects.filter(customer__in=Customer.objects.person(customer)).exists()
    ):
        customer.best_time = best_time
        customer.save(update_fields=["best_time"])
