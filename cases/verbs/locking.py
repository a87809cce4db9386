"""The first beat of every verb, and writing what it has locked."""

from __future__ import annotations

from typing import TypeVar

from django.db import connection, models
from django.db.models import Exists, OuterRef

from cases.holding import held
from cases.models import Case, Subtask
from supportdesk.advisory import Alone, one_at_a_time
from supportdesk.errors import Conflict
from supportdesk.statements import built_once, update

Row = TypeVar("Row", bound=models.Model)


def lock(case: Case | int) -> Case:
    """The case as it is now, locked until the transaction ends; case first, then what hangs on it.

    All numbers lead to one: of a case that was joined into another it is that other one.
    """
    pk = case if isinstance(case, int) else case.pk
    while True:
        if (in_hand := held(pk)) is not None:
            return in_hand.case
        # Where a locked case leads cannot change under us. Whoever follows takes the joined one before the surviving
        # one, and so does whoever undoes a joining: nobody waits in a ring.
        joined_into = _lock_row(pk)
        if joined_into is None:
            return _as_it_is(pk)
        pk = joined_into


def lock_with(row: Row) -> tuple[Case, Row]:
    """What hangs on a case (a promise, a part, an offer) as it is now, with its case locked.

    Joining may have carried it elsewhere since it was read.

    Returns:
        the case and the row.

    Raises:
        Conflict: it was given back to a case of its own at this very moment.
    """
    case = lock(row.case_id)
    if held(case.pk):
        return case, row
    row = type(row).objects.get(pk=row.pk)
    if row.case_id != case.pk and not Case.objects.behind(row.case_id).filter(pk=case.pk).exists():
        raise Conflict("moved_meanwhile", "This has changed since you opened it. Look at the case anew.")
    return case, row


def lock_itself(pk: int) -> Case:
    """This very case, even one that was joined into another: for joining and undoing alone."""
    _lock_row(pk)
    return _as_it_is(pk)


def one_joining_at_a_time() -> None:
    """Wait until no other transaction joins or undoes: where numbers lead stays as it is until this one ends."""
    one_at_a_time(Alone.JOINING)


def _lock_row(pk: int) -> int | None:
    """Lock the row and say into which case it was joined."""
    # The lock takes the row alone. With the owner joined, PostgreSQL would look at the row again after waiting for a
    # change of owner, but beside the former owner's row: the join fails and the case seems not to exist.
    with connection.cursor() as cursor:
        cursor.execute("SELECT joined_into_id FROM cases_case WHERE id = %s FOR NO KEY UPDATE", [pk])
        locked = cursor.fetchone()
    if locked is None:
        raise Case.DoesNotExist(f"There is no case {pk}.")
    return locked[0]


def _as_it_is(pk: int) -> Case:
    return _cases_as_they_are(pk)[0]


@built_once
def _cases_as_they_are(pk: int):
    # Most cases have no part that is open; what is promised on them is not asked whether it names a department.
    parts = Subtask.objects.open().filter(case=OuterRef("pk"))
    rows = Case.objects.select_related("owner__department__calendar", "customer")
    return rows.annotate(has_open_parts=Exists(parts)).filter(pk=pk)


def write(case: Case, *fields: str) -> None:
    """Save these fields of a locked case; of a held one, when it is let go."""
    if (in_hand := held(case.pk)) is not None:
        in_hand.changed.update(fields)
    else:
        update(case, *fields)
