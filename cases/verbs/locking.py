"""The first beat of every verb, and writing what it has locked."""

from __future__ import annotations

from typing import TypeVar

from cases.holding import held
from cases.models import Case, Promise, Subtask

Part = TypeVar("Part", Promise, Subtask)


def lock(case: Case | int) -> Case:
    """The case as it is now, locked until the transaction ends; case first, then what hangs on it."""
    pk = case if isinstance(case, int) else case.pk
    if (in_hand := held(pk)) is not None:
        return in_hand.case
    # The lock takes the row alone. With the owner joined, PostgreSQL would look at the row again after waiting for a
    # change of owner, but beside the former owner's row: the join fails and the case seems not to exist.
    Case.objects.select_for_update(no_key=True).values_list("pk").get(pk=pk)
    return Case.objects.select_related("owner__department__calendar", "customer").get(pk=pk)


def as_it_is(part: Part) -> Part:
    """What hangs on a locked case, as it is now."""
    return part if held(part.case_id) else type(part).objects.get(pk=part.pk)


def write(case: Case, *fields: str) -> None:
    """Save these fields of a locked case; of a held one, when it is let go."""
    if (in_hand := held(case.pk)) is not None:
        in_hand.changed.update(fields)
    else:
        case.save(update_fields=fields)
