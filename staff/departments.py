"""Saying who leads a department, and which one takes over what it cannot reproduce."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from staff.administrators import require_administrator
from staff.models import Agent, Department
from staff.naming import require_able_to_work
from supportdesk.errors import Refused


@transaction.atomic
def set_lines(department: Department, *, lead: Agent | None, second_line: Department | None, by: Agent) -> Department:
    """Say who leads a department and who stands behind it.

    Args:
        lead: is told when the department is late; None: nobody.
        second_line: takes over what the department cannot reproduce; None: nobody.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: the lead cannot sign in, or the lines would lead back to where they came from.
    """
    # All of them, in one order: two who set the two halves of a ring do so one after the other.
    departments = Department.objects.select_for_update(no_key=True).order_by("pk").in_bulk()
    department = departments[department.pk]
    require_administrator(by)
    said = {"lead_id": lead and lead.pk, "second_line_id": second_line and second_line.pk}
    if all(getattr(department, name) == value for name, value in said.items()):
        return department
    require_able_to_work(lead, "lead", "would hear of nothing")
    # As it stands now, not as the caller has read it: what stands behind it may have changed.
    department.lead, department.second_line = lead, second_line and departments[second_line.pk]
    try:
        department.clean()
    except ValidationError as ring:
        raise Refused(
            "line_leads_back",
            f"Behind {second_line} stands, sooner or later, {department} itself. Choose another, or nobody.",
            field="second_line",
        ) from ring
    department.save(update_fields=["lead", "second_line"])
    return department
