"""The one clock. Everything that asks what time it is asks here.

The instant is the database's, so that two machines whose clocks differ agree on what is late, and it is read once for
each request or task (``reading``), so that everything done in one breath carries one time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.db import connection
from django.db.models import DateTimeField, Func

_set: ContextVar[datetime | None] = ContextVar("clock_set", default=None)
_read: ContextVar[list[datetime] | None] = ContextVar("clock_read", default=None)


def now() -> datetime:
    """The present instant: aware, UTC.

    Inside ``at`` the instant set there; inside ``reading`` the first one read; else the database's
    ``statement_timestamp()``.
    """
    instant = at_hand()
    if instant is None:
        instant = _database_time()
        came_with(instant)
    return instant


def at_hand() -> datetime | None:
    """The present instant, if nobody has to be asked for it."""
    return _set.get() or next(iter(_read.get() or ()), None)


def came_with(instant: datetime) -> None:
    """A statement that was sent anyway has brought the database's ``statement_timestamp()``: nobody need ask for it.

    Args:
        instant: aware datetime. Counts inside ``reading``, if nothing was read there before.
    """
    read = _read.get()
    if read is not None and not read:
        read.append(instant.astimezone(UTC))


@contextmanager
def reading() -> Iterator[None]:
    """One request or task: the database's clock is read at most once inside, at the first need."""
    token = _read.set([])
    try:
        yield
    finally:
        _read.reset(token)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Live inside at another instant. For replay, import, load, demo, ``sweep --now`` and tests only.

    Args:
        instant: aware datetime, any zone.

    Raises:
        ValueError: the instant names no zone.
    """
    if instant.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    token = _set.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _set.reset(token)


class DatabaseTime(Func):
    """The database's own time in a statement that is sent anyway, for ``came_with``."""

    template = "statement_timestamp()"
    output_field = DateTimeField()


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cursor.fetchone()[0].astimezone(UTC)
