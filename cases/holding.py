"""Many verbs on one case in one transaction, such as a replayed log: locked, read and written once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from cases.models import Case, Resolution
from supportdesk.statements import update


@dataclass
class Held:
    """A case in hand, which of its fields are still to be written, and its standing proposal once that is known."""

    case: Case
    changed: set[str] = field(default_factory=set)
    resolution: Resolution | None = None


_in_hand: ContextVar[Held | None] = ContextVar("held_case", default=None)


@contextmanager
def hold(case: Case) -> Iterator[None]:
    """The verbs inside work on this very object: nobody else can see or change the row, so it is not read again, and it
    is written once, at the end.

    The same goes for what hangs on it: give a verb the promise or sub-task that another verb has given back.

    After a refusal the object may show what was undone; leave, and undo the whole transaction.

    Args:
        case: made or locked in the running transaction.
    """
    in_hand = Held(case)
    token = _in_hand.set(in_hand)
    try:
        yield
        if in_hand.changed:
            update(case, *sorted(in_hand.changed))
    finally:
        _in_hand.reset(token)


def held(pk: int) -> Held | None:
    """The case with this id, if it is the one that is held."""
    in_hand = _in_hand.get()
    return in_hand if in_hand is not None and in_hand.case.pk == pk else None
