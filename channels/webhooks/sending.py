"""Sending: each delivery is claimed, posted, and written down; at least once, under the same id.

``pending`` → ``sending`` (claimed) → ``delivered`` | ``pending`` (after a gap that grows) | ``given_up`` (after three
days). Whoever dies between the posting and the writing leaves a claim that runs out, and it is posted once more: unlike
a mail it carries an id by which the receiver knows it. One webhook is worked on by one process at a time: a slow
receiver holds one of them, and nobody else's deliveries.
"""

from __future__ import annotations

import logging
import random
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from cases.actors import DESK
from channels.models import Delivery, DeliveryAttempt, Webhook
from channels.webhooks import payloads, posting, signatures, verbs, wanting
from channels.webhooks.posting import Answer
from supportdesk import clock, crash, leases

log = logging.getLogger(__name__)

State, Outcome = Delivery.State, DeliveryAttempt.Outcome

# Longer than any attempt takes, looking the name up included: whoever claimed one longer ago is dead or stands still.
LEASE = timedelta(minutes=1)
# A round ends after so many seconds, and of one webhook after so many seconds or deliveries; the next bell goes on.
SECONDS, SECONDS_EACH, MOST_EACH = 45, 15, 200
# After the first failure, the second …; behind the last it is given up. With the chance in them never under three days.
GAPS = tuple(
    timedelta(**gap)
    for gap in (
        {"seconds": 5},
        {"minutes": 5},
        {"minutes": 30},
        {"hours": 2},
        {"hours": 5},
        {"hours": 10},
        {"hours": 14},
        {"hours": 20},
        {"hours": 24},
    )
)
SWITCH_OFF_AFTER = timedelta(days=3)
GONE = 410
_ABOUT = ("webhook", "entry__case", "entry__other_case")


def send_due() -> int:
    """Send what is due, each webhook's oldest first, in one bounded round; how many arrived."""
    _take_back()
    ends, delivered = time.monotonic() + SECONDS, 0
    due = Delivery.objects.due(clock.now()).filter(webhook=OuterRef("pk"))
    hooks = list(Webhook.objects.on().filter(Exists(due)).order_by("pk").values_list("pk", flat=True))
    random.shuffle(hooks)  # so that where many are slow none is always the last
    for hook in hooks:
        if time.monotonic() >= ends:
            break
        delivered += _send_those_of(hook, min(ends, time.monotonic() + SECONDS_EACH))
    if delivered and Webhook.objects.on().filter(Exists(due)).exists():
        wanting.ring()
    return delivered


def _send_those_of(hook: int, ends: float) -> int:
    """One webhook's, until one does not arrive: the next would hardly fare better."""
    for delivered in range(MOST_EACH):
        delivery = _claim(hook) if time.monotonic() < ends else None
        if delivery is None or not _send(delivery):
            return delivered
    return MOST_EACH


@transaction.atomic
def _take_back() -> None:
    """Whoever claimed these is dead or stands still; whether it arrived nobody knows. They are sent again."""
    left = Delivery.objects.filter(state=State.SENDING, try_at__lte=clock.now())
    for delivery in left.select_related(*_ABOUT).select_for_update(of=("self",), skip_locked=True, no_key=True):
        _failed(delivery, Outcome.LEFT, Answer(None, "Whoever sent it died, or stood still."), None)


@transaction.atomic
def _claim(hook: int) -> Delivery | None:
    """The oldest due one of a webhook on which nobody else works."""
    now = clock.now()
    if Webhook.objects.on().filter(pk=hook).select_for_update(skip_locked=True, no_key=True).first() is None:
        return None
    if Delivery.objects.filter(webhook=hook, state=State.SENDING).exists():
        return None
    due = Delivery.objects.due(now).filter(webhook=hook).order_by("try_at", "pk").select_related(*_ABOUT)
    return leases.claim(due, to=State.SENDING, until=now + LEASE)


def _send(delivery: Delivery) -> bool:
    """Send one that is claimed; whether the next of the same webhook can be sent."""
    crash.here("webhook.claimed")
    if delivery.entry.case.is_confidential and not delivery.webhook.sends_confidential:
        leases.step(delivery, State.LEFT_OUT)
        return True
    body, now = payloads.body(delivery), clock.now()
    signed = signatures.headers(delivery.event_id, now, body, delivery.webhook.secrets_at(now))
    began = time.monotonic()
    answer = posting.post(
        delivery.webhook.url, body, {"Content-Type": "application/json", "User-Agent": "Supportdesk-Webhooks", **signed}
    )
    took = timedelta(seconds=time.monotonic() - began)
    crash.here("webhook.sent")
    if answer.is_success:
        return _arrived(delivery, answer, took)
    outcome = Outcome.REFUSED if answer.refused else Outcome.ANSWERED if answer.status else Outcome.NO_ANSWER
    _failed(delivery, outcome, answer, took)
    return False


@transaction.atomic
def _arrived(delivery: Delivery, answer: Answer, took: timedelta) -> bool:
    now = clock.now()
    if not leases.step(delivery, State.DELIVERED, delivered_at=now, try_at=now, last_status=answer.status, reason=""):
        return False  # our claim has run out: it is somebody else's
    _log(delivery, Outcome.DELIVERED, answer, took)
    Webhook.objects.filter(pk=delivery.webhook_id, failing_since__isnull=False).update(failing_since=None)
    return True


@transaction.atomic
def _failed(delivery: Delivery, outcome: str, answer: Answer, took: timedelta | None) -> None:
    now, tried = clock.now(), delivery.attempts - delivery.attempts_before
    gap = leases.with_chance(GAPS[tried - 1], 1, 1.2) if tried <= len(GAPS) else None
    goes_on = State.PENDING if Webhook.objects.on().filter(pk=delivery.webhook_id).exists() else State.STOPPED
    facts = {"last_status": answer.status, "reason": answer.reason[:200], "try_at": now + gap if gap else now}
    if not leases.step(delivery, goes_on if gap else State.GIVEN_UP, **facts):
        return
    _log(delivery, outcome, answer, took)
    log.warning("Webhook %s, %s: %s", delivery.webhook_id, delivery.event_id, answer.status or answer.reason)
    if outcome == Outcome.LEFT:
        return  # nothing that the receiver did
    Webhook.objects.filter(pk=delivery.webhook_id, failing_since=None).update(failing_since=now)
    if answer.status == GONE:
        verbs.switch_off(delivery.webhook, why=Webhook.Off.GONE, by=DESK)
    elif Webhook.objects.filter(pk=delivery.webhook_id, failing_since__lte=now - SWITCH_OFF_AFTER).exists():
        verbs.switch_off(delivery.webhook, why=Webhook.Off.FAILING, by=DESK)
    elif gap and gap < timedelta(seconds=30):
        transaction.on_commit(lambda: wanting.ring(after=gap.total_seconds()), robust=True)


def _log(delivery: Delivery, outcome: str, answer: Answer, took: timedelta | None) -> None:
    DeliveryAttempt.objects.create(
        delivery=delivery,
        number=delivery.attempts,
        at=clock.now(),
        took=took,
        outcome=outcome,
        status=answer.status,
        reason=answer.reason[:200],
    )
