"""Who wants to hear of an entry: for each webhook that does, one row. Writing them twice changes nothing."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import connection, transaction

from cases.models import Entry
from channels.models import Delivery, Webhook
from supportdesk import clock

log = logging.getLogger(__name__)


def write_deliveries(entry: Entry) -> None:
    """One delivery for each webhook that wants this entry, and the bell at commit."""
    wanting = Webhook.objects.wanting(entry.kind, confidential=entry.case.is_confidential).order_by("pk")
    now = clock.now()
    deliveries = [Delivery(webhook=webhook, entry=entry, made_at=now, try_at=now) for webhook in wanting]
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        ring_on_commit()


def ring_on_commit() -> None:
    """Ring once when the running transaction is committed."""
    if ring not in (callback[1] for callback in connection.run_on_commit):
        transaction.on_commit(ring, robust=True)


def ring(after: float = 0) -> None:
    """Say "look now". A bell that nobody hears costs delay only: the minute's bell finds the row.

    Args:
        after: seconds, fewer than a minute; then it rings.
    """
    try:
        current_app.send_task("supportdesk.deliver", retry=False, countdown=after or None, expires=after + 60)
    except Exception as unheard:  # whatever the broker's client raises when nobody is there
        log.warning("The bell of the webhooks was not heard (%s); the minute's will be.", type(unheard).__name__)
