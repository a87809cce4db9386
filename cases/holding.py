"""Many verbs on one case in one transaction, such as a replayed log: locked and read once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cases.models import Case

_held: ContextVar[Case | None] = ContextVar("held_case", default=None)


@contextmanager
def hold(case: Case) -> Iterator[None]:
    """The verbs inside work on this very object: nobody else can change the row, so it is not read again.

    After a refusal the object may show what was undone; leave, and undo the whole transaction.

    Args:
        case: made or locked in the running transaction.
    """
    token = _held.set(case)
    try:
        yield
    finally:
        _held.reset(token)


def held(pk: int) -> Case | None:
    """The case with this id, if it is the one that is held."""
    case = _held.get()
    return case if case is not None and case.pk == pk else None
