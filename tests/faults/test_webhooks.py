"""Webhooks: killed before and behind the sending, with two workers; each arrives, what came twice under one id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from cases.verbs import conversation
from channels.models import Delivery, DeliveryAttempt
from channels.webhooks import verbs
from staff.models import Agent
from supportdesk import clock
from supportdesk.announce import announce
from tests.cast import a_case
from tests.channels.receiver import Receiver, opened
from tests.faults.parts import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with opened() as receiver:
        yield receiver


@pytest.fixture
def waiting(cast, receiver, settings, size) -> int:
    """So many deliveries wait."""
    settings.WEBHOOKS_TO_PRIVATE = True
    Agent.objects.filter(pk=cast.sam.pk).update(is_admin=True)
    cast.sam.refresh_from_db()
    verbs.add("Ledger", receiver.url, kinds=None, by=cast.sam)
    case = a_case(cast.carla)
    for number in range(size(3, 60)):
        conversation.customer_writes(case, f"Hello {number}?", by=cast.carla)
    announce()
    return Delivery.objects.count()


@pytest.fixture
def worker(parts):
    """A worker that may send to this machine."""
    parts.valkey()
    parts.beat()
    return lambda **facts: parts.worker(ready=False, WEBHOOKS_TO_PRIVATE="1", **facts)


def time_passes() -> None:
    """Claims run out, and what is to be tried again is due."""
    Delivery.objects.filter(state__in=("pending", "sending"), try_at__gt=clock.now()).update(try_at=clock.now())


def all_arrived() -> bool:
    time_passes()
    return not Delivery.objects.exclude(state="delivered").exists()


def crashes(worker) -> int:
    return worker.said().count("signal 9 (SIGKILL)")


def test_killed_before_the_sending_each_arrives_all_the_same(worker, waiting, receiver):
    deadly = worker(crash_at="webhook.claimed")
    until(lambda: time_passes() or crashes(deadly) >= 2, "Nobody died: the test proves nothing.")
    deadly.kill()
    assert receiver.got == []
    worker()
    until(all_arrived, "They never arrived.")
    assert set(receiver.ids) == {one.event_id for one in Delivery.objects.all()}


def test_killed_between_sending_and_writing_it_comes_twice_under_the_same_id(worker, waiting, receiver):
    deadly = worker(crash_at="webhook.sent")
    until(lambda: crashes(deadly) >= 1, "Nobody died: the test proves nothing.")
    deadly.kill()
    sent = set(receiver.ids)
    assert sent and not Delivery.objects.filter(state="delivered").exists()
    worker()
    until(all_arrived, "They never arrived.")
    assert set(receiver.ids) == {one.event_id for one in Delivery.objects.all()}
    assert Delivery.objects.count() == waiting
    twice = {event for event, times in Counter(receiver.ids).items() if times > 1}
    assert sent <= twice
    assert DeliveryAttempt.objects.filter(outcome="left").exists()


def test_two_workers_and_a_forgetful_broker_send_each_once(worker, parts, waiting, receiver):
    worker()
    worker()
    parts.redis().flushall()
    until(lambda: not Delivery.objects.exclude(state="delivered").exists(), "They never arrived.")
    assert Counter(receiver.ids) == Counter(one.event_id for one in Delivery.objects.all())
