"""The only way into the timeline, and the bell that says there is something new in it."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import connection, transaction

from cases.actors import Actor, agent_or_none, kind_of
from cases.models import Case, Entry
from cases.models.timeline import Kind
from customers.models import Customer
from staff import origins
from supportdesk import clock

log = logging.getLogger(__name__)


def record(case: Case, kind: Kind, *, by: Actor, **about) -> Entry:
    """Write one entry and, once it is committed, ring the bell.

    Args:
        by: who did it.
        **about: the rows it is about (``message``, ``note``, ``promise``, ``subtask``, ``handover``, ``resolution``,
            ``owner``) and ``data``, plain values for its sentence; never texts that a person wrote.
    """
    brought_in = origins.current()
    entry = Entry.objects.create(
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
    if not brought_in:
        ring_on_commit()
    return entry


def ring_on_commit() -> None:
    """Ring once when the running transaction is committed, however many entries it wrote."""
    waiting = (callback[1] for callback in connection.run_on_commit)
    if ring not in waiting:
        transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Say "look now". A bell that nobody hears costs delay only: the minute's bell finds the entry."""
    try:
        current_app.send_task("supportdesk.announce", retry=False)
    except Exception as unheard:  # whatever the broker's client raises when nobody is there
        log.warning("The bell was not heard (%s); the next minute's will be.", type(unheard).__name__)
