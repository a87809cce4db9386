"""A worker that lives and hears no bell notices it."""

from __future__ import annotations

import pytest
from celery.worker import state
from django.conf import settings
from redis import Redis

from supportdesk.watchdog import PATIENCE, Watch

QUEUE, OTHER = "watchdog-test", "watchdog-test-of-others"


@pytest.fixture
def bell():
    """One bell that waits."""
    redis = Redis.from_url(settings.REDIS_URL)
    redis.rpush(QUEUE, "ring")
    yield redis
    redis.delete(QUEUE)


def test_it_is_deaf_when_a_bell_has_waited_for_too_long(bell):
    watch = Watch(QUEUE)
    assert not watch.is_deaf(100)
    assert not watch.is_deaf(100 + PATIENCE - 1)
    assert watch.is_deaf(100 + PATIENCE)


def test_whatever_of_its_queues_it_is_in(bell):
    watch = Watch(OTHER, QUEUE)
    watch.is_deaf(100)
    assert watch.is_deaf(100 + PATIENCE)


def test_what_waits_for_others_is_theirs_to_hear(bell):
    watch = Watch(OTHER)
    watch.is_deaf(100)
    assert not watch.is_deaf(100 + PATIENCE)


def test_what_it_hears_begins_the_waiting_anew(bell):
    watch = Watch(QUEUE)
    watch.is_deaf(100)
    watch.hear()
    assert not watch.is_deaf(100 + PATIENCE)


def test_who_has_work_in_hand_is_not_deaf(bell, monkeypatch):
    watch = Watch(QUEUE)
    watch.is_deaf(100)
    monkeypatch.setattr(state, "active_requests", {"a task"})
    assert not watch.is_deaf(100 + PATIENCE)


def test_nobody_is_deaf_while_nothing_rings(bell):
    watch = Watch(QUEUE)
    watch.is_deaf(100)
    bell.delete(QUEUE)
    assert not watch.is_deaf(100 + PATIENCE)


def test_nor_while_the_broker_is_away(settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    watch = Watch(QUEUE)
    assert not watch.is_deaf(100)
    assert not watch.is_deaf(100 + PATIENCE)
