"""How long a commit waits for the disk: at once durable, unless what is lost with the machine's power is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_PATIENT = "synchronous_commit = off"


@contextmanager
def patient_transaction() -> Iterator[None]:
    """A transaction whose commit does not wait for the disk, as far as it is not part of another one.

    For what the next run finds and does again. Whatever follows from it is lost with it or kept with it: PostgreSQL
    writes commits in their order, and one that waits takes those before it along.
    """
    is_own = not connection.in_atomic_block
    with transaction.atomic():
        if is_own:
            _set(f"LOCAL {_PATIENT}")
        yield


def be_patient() -> None:
    """Not to wait on this connection: for who writes very much, and again what a crash of the machine has cost."""
    _set(_PATIENT)


def be_strict() -> None:
    """As before."""
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")


def _set(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET {what}")
