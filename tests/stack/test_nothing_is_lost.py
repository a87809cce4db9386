"""A real worker, a real beat and a real Valkey: whatever dies, what follows from an entry follows, and once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from redis import Redis

from cases.models import Entry, Notice
from cases.verbs import conversation, ownership, promises, subtasks
from escalations.models import Flag
from supportdesk import clock
from tests.cast import Cast, a_case, assemble

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

PATIENCE = 60  # seconds


@pytest.fixture
def cast(transactional_db) -> Cast:
    return assemble()


@pytest.fixture
def start(desk_environment, tmp_path):
    """Starts a process of the desk; each is ended by its own id."""
    running: list[subprocess.Popen] = []

    def start_one(*arguments: str) -> subprocess.Popen:
        log = (tmp_path / f"{len(running)}.log").open("wb")
        environment = {**desk_environment, "BEAT_SECONDS": "2", "DATA_DIR": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "supportdesk", *arguments],
            env=environment,
            cwd=settings.ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield start_one
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)


def worker(start) -> subprocess.Popen:
    return start("worker", "--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat")


def beat(start, tmp_path) -> subprocess.Popen:
    return start("beat", "-s", str(tmp_path / "beat"))


def until(question, sentence: str) -> None:
    """Wait for something to become so."""
    ends = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < ends, sentence
        time.sleep(0.1)


def unannounced() -> int:
    return Entry.objects.unannounced().count()


def notices() -> Counter:
    return Counter(Notice.objects.exclude(entry=None).values_list("entry", "agent"))


def test_a_bell_that_was_rung_is_heard(cast, start):
    worker(start)
    case = a_case(cast.carla)
    conversation.customer_writes(case, "Is anybody there?", by=cast.carla)
    until(lambda: not unannounced(), "The worker never announced it.")


def test_what_valkey_forgot_and_a_killed_worker_left_is_announced_once(cast, start, tmp_path):
    redis = Redis.from_url(settings.REDIS_URL)
    case = a_case(cast.carla)
    ownership.take_over(case, reason="Whatever the hour, somebody owns it.", by=cast.sam)
    first = worker(start)
    for turn in range(30):
        conversation.customer_writes(case, f"Word {turn}", by=cast.carla)
        if turn == 10:
            os.killpg(first.pid, signal.SIGKILL)
        if turn in (5, 15, 25):
            redis.flushall()
    part = subtasks.ask(case, cast.hardware, "Look at it.", by=cast.sam)
    subtasks.done(part, outcome="Looked.", by=cast.olga)
    redis.flushall()
    assert unannounced(), "Nothing was left to be found again: the test proves nothing."

    worker(start)
    beat(start, tmp_path)
    until(lambda: not unannounced(), "The minute's bell never found what was left.")
    assert set(notices().values()) <= {1}
    assert Notice.objects.filter(agent=cast.sam, entry__kind="message_from_customer").count() == 30
    assert Notice.objects.filter(agent=cast.sam, entry__kind="subtask_done").count() == 1


def test_two_workers_and_two_beats_raise_a_flag_once(cast, start, tmp_path):
    case = a_case(cast.carla)
    late = clock.now() + timedelta(seconds=4)
    for turn in range(20):
        promises.make(case, promises.Pledge(f"call you, {turn}", late, in_closed_hours=True), by=cast.sam)
    for number in (1, 2):
        worker(start)
        start("beat", "-s", str(tmp_path / f"beat-{number}"))
    until(lambda: Flag.objects.filter(rule="promise_broken").count() >= 20, "The sweep raised nothing.")
    time.sleep(5)  # two more sweeps of each beat
    flags = Flag.objects.filter(rule="promise_broken")
    assert flags.count() == 20
    assert set(flags.values_list("became_true_at", flat=True)) == {late}
    assert Entry.objects.filter(kind="promise_broken").count() == 20
