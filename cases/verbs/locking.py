"""The first beat of every verb."""

from __future__ import annotations

from cases.holding import held
from cases.models import Case


def lock(case: Case | int) -> Case:
    """The case as it is now, locked until the transaction ends; case first, then what hangs on it."""
    pk = case if isinstance(case, int) else case.pk
    if (in_hand := held(pk)) is not None:
        return in_hand
    # The lock takes the row alone. With the owner joined, PostgreSQL would look at the row again after waiting for a
    # change of owner, but beside the former owner's row: the join fails and the case seems not to exist.
    Case.objects.select_for_update(no_key=True).values_list("pk").get(pk=pk)
    return Case.objects.select_related("owner__department__calendar", "customer").get(pk=pk)
