"""Sending again what a receiver has missed or lost: one thing, or everything since an instant."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from cases.actors import Actor
from cases.models import Entry
from channels.models import Delivery, Webhook
from channels.webhooks import wanting
from staff.administrators import require_administrator
from staff.origins import Origin
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

log = logging.getLogger(__name__)

State = Delivery.State

KEPT = timedelta(days=30)  # what is older has been forgotten
MOST = 10_000
FORGOTTEN_AT_ONCE = 5_000


@transaction.atomic
def send_again(delivery: Delivery, *, by: Actor) -> Delivery:
    """Send one delivery once more, at once, whatever became of it. Waiting already, it only waits no longer.

    Raises:
        NotAllowed: the actor is no administrator.
        Conflict: it is being sent at this moment.
        Refused: its webhook is off.
    """
    delivery = (
        Delivery.objects.select_related("webhook").select_for_update(of=("self",), no_key=True).get(pk=delivery.pk)
    )
    require_administrator(by)
    _require_on(delivery.webhook)
    if delivery.state == State.SENDING:
        raise Conflict("being_sent", "It is being sent at this moment. Look again in a minute.")
    _put_back(Delivery.objects.filter(pk=delivery.pk))
    wanting.ring_on_commit()
    log.info("Agent %s lets webhook %s hear of entry %s again.", by.pk, delivery.webhook_id, delivery.entry_id)
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def send_again_since(webhook: Webhook, since: datetime, *, also_delivered: bool = False, by: Actor) -> int:
    """Send everything that happened since an instant and has not arrived, also what nobody wrote down for it because it
    was off or wanted less.

    Args:
        since: aware datetime, at most thirty days ago.
        also_delivered: and what has arrived, for a receiver that lost it.

    Returns:
        how many are sent.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: too long ago or yet to come, too many at once, or the webhook is off.
    """
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    require_administrator(by)
    _require_on(webhook)
    now = clock.now()
    if not now - KEPT <= since < now:
        raise Refused("out_of_range", f"Choose a time within the last {KEPT.days} days.", field="since")
    known = Delivery.objects.filter(webhook=webhook, entry__at__gte=since).exclude(state=State.SENDING)
    if not also_delivered:
        known = known.exclude(state=State.DELIVERED)
    missing = list(_missing(webhook, since).order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if known.count() + len(missing) > MOST:
        raise Refused("too_many", f"These are more than {MOST:,}. Choose a later time.", field="since")
    again = _put_back(known)
    Delivery.objects.bulk_create(
        [Delivery(webhook=webhook, entry_id=pk, made_at=now, try_at=now) for pk in missing],
        ignore_conflicts=True,
        batch_size=1000,
    )
    wanting.ring_on_commit()
    log.info("Agent %s lets webhook %s hear again of %s entries.", by.pk, webhook.pk, again + len(missing))
    return again + len(missing)


def forget(now: datetime) -> int:
    """Take away what ended more than thirty days ago, with its log; how many deliveries.

    Args:
        now: aware datetime.
    """
    ended = Delivery.objects.filter(made_at__lt=now - KEPT).exclude(state__in=(State.PENDING, State.SENDING))
    forgotten = 0
    while True:
        pks = list(ended.order_by("made_at").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        Delivery.objects.filter(pk__in=pks).delete()
        forgotten += len(pks)
        if len(pks) < FORGOTTEN_AT_ONCE:
            return forgotten


def _put_back(deliveries) -> int:
    return deliveries.update(
        state=State.PENDING, try_at=clock.now(), attempts_before=F("attempts"), last_status=None, reason=""
    )


def _missing(webhook: Webhook, since: datetime):
    """Entries that it wants and that nobody wrote down for it. Of what was brought in nothing follows, here too."""
    found = Entry.objects.filter(at__gte=since, announced_at__isnull=False, case__origin=Origin.LIVE)
    if not webhook.every_kind:
        found = found.filter(kind__in=webhook.kinds)
    if not webhook.sends_confidential:
        found = found.filter(case__confidential_since=None)
    return found.exclude(pk__in=Delivery.objects.filter(webhook=webhook).values("entry"))


def _require_on(webhook: Webhook) -> None:
    if not webhook.is_on:
        raise Refused("off", "This webhook is off. Switch it on first.")
