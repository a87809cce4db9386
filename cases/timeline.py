"""The only way into the timeline, and the bell that says there is something new in it."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from celery import current_app
from django.db import connection, transaction

from cases import permissions
from cases.actors import Actor, agent_or_none, kind_of
from cases.models import Case, Entry, Handover
from cases.models.timeline import Kind
from customers.models import Customer
from staff import origins
from supportdesk import clock, crash
from supportdesk.statements import insert

log = logging.getLogger(__name__)

SELDOM = 1  # second

_together: ContextVar[list[Entry] | None] = ContextVar("entries_written_together", default=None)
_seldom: ContextVar[_Bell | None] = ContextVar("rings_seldom", default=None)


def record(case: Case, kind: Kind, *, by: Actor, **about) -> Entry:
    """Write one entry and, once it is committed, ring the bell.

    Args:
        by: who did it.
        **about: the rows it is about (``message``, ``note``, ``promise``, ``subtask``, ``handover``, ``resolution``,
            ``owner``) and ``data``, plain values for its sentence; never texts that a person wrote.

    Raises:
        NotAllowed: a confidential case that the actor may not see. The net under every verb: what cannot be recorded
            does not happen.
    """
    _require_sight(by, case, about.get("handover"))
    brought_in = origins.current()
    entry = Entry(
        case=case,
        kind=kind,
        at=clock.now(),
        actor=kind_of(by),
        agent=agent_or_none(by),
        customer=by if isinstance(by, Customer) else None,
        # Nothing follows from what was brought in from elsewhere: it is born announced.
        announced_at=clock.now() if brought_in else None,
        **about,
    )
    together = _together.get()
    if together is None:
        insert(entry)
    else:
        together.append(entry)
    ring_on_commit()
    crash.here("entry.written")
    return entry


def _require_sight(by: Actor, case: Case, handover: Handover | None) -> None:
    # Giving an offered case back ends one's sight of it.
    offered = handover is not None and permissions.may_answer_handover(by, handover)
    permissions.require(
        offered or permissions.may_see(by, case), "confidential", "This is not for you to see, nor to change."
    )


@contextmanager
def written_together() -> Iterator[None]:
    """For several entries in one transaction: they are written in one statement at the end, in their order.

    Inside another such block they are written with that one's.
    """
    if _together.get() is not None:
        yield
        return
    entries: list[Entry] = []
    token = _together.set(entries)
    try:
        yield
        if entries:
            insert(*entries)
    finally:
        _together.reset(token)


def ring_on_commit() -> None:
    """Ring once when the running transaction is committed; not for what was brought in: nothing follows from it."""
    if origins.current():
        return
    waiting = (callback[1] for callback in connection.run_on_commit)
    if ring not in waiting:
        transaction.on_commit(ring, robust=True)


@contextmanager
def ringing_seldom() -> Iterator[None]:
    """For many transactions in a row: in this block the bell rings once a second at most, and once at its end."""
    bell = _Bell()
    token = _seldom.set(bell)
    try:
        yield
    finally:
        _seldom.reset(token)
        if bell.is_owed:
            _say_look_now()


@dataclass
class _Bell:
    """Attributes:
    rung_at: seconds of the monotonic clock.
    is_owed: something was committed since.
    """

    rung_at: float = -math.inf
    is_owed: bool = False


def ring() -> None:
    """Say "look now". A bell that nobody hears costs delay only: the minute's bell finds the entry."""
    crash.here("entry.committed")
    bell = _seldom.get()
    if bell is not None and time.monotonic() - bell.rung_at < SELDOM:
        bell.is_owed = True
        return
    _say_look_now()
    if bell is not None:
        bell.rung_at, bell.is_owed = time.monotonic(), False


def _say_look_now() -> None:
    try:
        current_app.send_task("supportdesk.announce", retry=False)
    except Exception as unheard:  # whatever the broker's client raises when nobody is there
        log.warning("The bell was not heard (%s); the next minute's will be.", type(unheard).__name__)
