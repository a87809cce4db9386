"""Naming who stands above the supervisors: the head, and the last rung, outside the queue."""

from __future__ import annotations

from django.db import transaction

from staff.administrators import require_administrator
from staff.models import Agent, Company
from staff.naming import require_able_to_work
from supportdesk.errors import Refused

LONGEST_CONTACT = 200


@transaction.atomic
def name_rungs(*, head: Agent | None, ombudsperson: Agent | None, contact: str, by: Agent) -> Company:
    """Say to whom goes what the supervisors leave unanswered, and whom customers can turn to in the end.

    Args:
        head: a supervisor; None: nobody.
        ombudsperson: somebody outside the queue, whose name customers read; None: nobody.
        contact: how customers reach the ombudsperson.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: somebody who could not do it, or a name without a way to reach it.
    """
    Company.objects.select_for_update(no_key=True).get(pk=1)
    company = Company.objects.the()
    require_administrator(by)
    contact = " ".join(contact.split())
    if (company.head, company.ombudsperson, company.ombudsperson_contact) == (head, ombudsperson, contact):
        return company
    _require_head(head)
    _require_ombudsperson(ombudsperson, head)
    _require_contact(contact, ombudsperson)
    company.head, company.ombudsperson, company.ombudsperson_contact = head, ombudsperson, contact
    company.save(update_fields=["head", "ombudsperson", "ombudsperson_contact"])
    return company


# -- steps -------------------------------------------------------------------------------------------------------------


def _require_head(head: Agent | None) -> None:
    require_able_to_work(head, "head", "would see nothing of it")
    if head is not None and not head.is_supervisor:
        raise Refused(
            "head_supervises",
            f"{head.name} does not supervise, and so cannot act on what was left. Name a supervisor, or nobody.",
            field="head",
        )


def _require_ombudsperson(ombudsperson: Agent | None, head: Agent | None) -> None:
    require_able_to_work(ombudsperson, "ombudsperson", "would see nothing of it")
    if ombudsperson is not None and ombudsperson == head:
        raise Refused("two_rungs", "The head and the last rung are two people: name another.", field="ombudsperson")
    if ombudsperson is not None and ombudsperson.is_supervisor:
        raise Refused(
            "outside_the_queue",
            f"{ombudsperson.name} supervises, and would judge their own. Name somebody who stands outside the queue.",
            field="ombudsperson",
        )


def _require_contact(contact: str, ombudsperson: Agent | None) -> None:
    if ombudsperson is not None and not contact:
        raise Refused(
            "contact_needed",
            f"Customers read {ombudsperson.name}’s name: say how they reach them, by an address or a telephone number.",
            field="contact",
        )
    if len(contact) > LONGEST_CONTACT:
        raise Refused("contact_too_long", f"Say it in at most {LONGEST_CONTACT} characters.", field="contact")
