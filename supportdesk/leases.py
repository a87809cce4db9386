"""Rows that leave the house: each is claimed by one process for a while, and moved on by whoever still holds it.

Such a row has ``state``, ``attempts`` and ``try_at``: not before this instant, and while somebody holds it, when that
ends. Each claim counts one attempt; a state is left only from the attempt that is known, so that whoever stood still
beyond their time changes nothing any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import uniform
from typing import TypeVar

from django.db.models import F, Model, QuerySet

Row = TypeVar("Row", bound=Model)


def claim(waiting: QuerySet[Row], *, to: str, until: datetime) -> Row | None:
    """Claim the first of these rows that nobody else is claiming. To be called in a transaction.

    Args:
        waiting: in order.
        to: the state that says that somebody holds it.
        until: aware datetime; from then on it counts as left behind.
    """
    row = waiting.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
    if row is None or not step(row, to, attempts=F("attempts") + 1, try_at=until):
        return None
    row.attempts += 1
    return row


def step(row: Model, to: str, **facts) -> bool:
    """From its state into another, unless somebody else was there in between: whoever changed the row goes on."""
    held = type(row)._default_manager.filter(pk=row.pk, state=row.state, attempts=row.attempts)
    if not held.update(state=to, **facts):
        return False
    row.state = to
    return True


def with_chance(gap: timedelta, least: float, most: float) -> timedelta:
    """A gap stretched by chance, so that those who failed together do not come again together."""
    return gap * uniform(least, most)
