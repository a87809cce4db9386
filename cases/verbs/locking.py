"""The first beat of every verb."""

from __future__ import annotations

from cases.models import Case


def lock(case: Case | int) -> Case:
    """The case as it is now, locked until the transaction ends; case first, then what hangs on it."""
    pk = case if isinstance(case, int) else case.pk
    return (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("owner__department__calendar", "customer")
        .get(pk=pk)
    )
