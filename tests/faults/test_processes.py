"""Processes that are killed, stopped and woken: what was accepted is there once, and what follows from it follows."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
from datetime import timedelta
from functools import partial

import psutil
import pytest
from celery import Celery
from django.db import connection
from django.test import Client

from cases.models import Case, Entry, Notice
from cases.verbs import conversation, ownership, promises
from escalations.models import Flag, LastSweep
from supportdesk import clock, queues
from supportdesk.embedded.addresses import for_celery
from supportdesk.models import Begun, FailedReaction
from tests.cast import a_case
from tests.faults.customers import Customer
from tests.faults.invariants import check
from tests.faults.parts import listens, until

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = 60


def unannounced() -> int:
    return Entry.objects.unannounced().count()


def all_announced(sentence: str = "What was left was never announced.") -> float:
    return until(lambda: not unannounced(), sentence)


def owned_case(cast):
    """Sam's, whatever the hour, so that there is somebody to be told."""
    case = a_case(cast.carla)
    ownership.take_over(case, reason="Whatever the hour, somebody owns it.", by=cast.sam)
    return case


def words(case, cast, count: int) -> list[Entry]:
    """The customer writes so often; each is something to tell the owner."""
    for number in range(count):
        conversation.customer_writes(case, f"Word {number}", by=cast.carla)
    return list(case.entries.filter(kind="message_from_customer").order_by("pk"))


def told_of(cast, entries) -> int:
    return Notice.objects.filter(agent=cast.sam, entry__in=entries).count()


@contextlib.contextmanager
def customers_come(ledger, port: int):
    """Customers press the button one after the other, until the end of the block; each until it worked."""
    going = threading.Event()
    going.set()
    failures: list[Exception] = []

    def come():
        try:
            while going.is_set():
                customer = ledger.keeps(Customer())
                while customer.presses(port) != 302 and going.is_set():
                    time.sleep(0.2)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    thread = threading.Thread(target=come)
    thread.start()
    try:
        yield
    finally:
        going.clear()
        thread.join()
    assert not failures, failures


# -- the web -------------------------------------------------------------------------------------------------------


def test_f01_killed_after_the_commit_and_before_the_bell(parts, ledger, size):
    parts.valkey()
    _, deadly = parts.web(crash_at="entry.committed")
    _, healthy = parts.web()
    customers = [ledger.keeps(Customer()) for _ in range(size(3, 100))]
    for customer in customers:
        assert customer.presses(deadly) == 0
        until(lambda: listens(deadly), "The web never came back.")
    assert Case.objects.count() == len(customers), "It was committed, although nobody was told so."
    assert unannounced() == 2 * len(customers)
    ledger.notes_the_timeline()
    for customer in customers:
        assert customer.presses(healthy) == 302
    parts.worker(ready=False)
    parts.beat()
    assert all_announced() < MINUTE + 30
    check(ledger)


def test_f02_killed_before_the_commit(parts, ledger, size):
    parts.valkey()
    _, deadly = parts.web(crash_at="entry.written")
    customers = [ledger.keeps(Customer()) for _ in range(size(3, 100))]
    for customer in customers:
        assert customer.presses(deadly) == 0
        until(lambda: listens(deadly), "The web never came back.")
    assert not Case.objects.exists() and not Entry.objects.exists()
    _, healthy = parts.web()
    for customer in customers:
        assert customer.presses(healthy) == 302
    assert Case.objects.count() == len(customers)
    check(ledger, announced=False)


# -- the worker ----------------------------------------------------------------------------------------------------


def test_f12_a_workers_child_killed_in_the_middle_of_its_task(parts, cast, size):
    parts.valkey()
    case = owned_case(cast)
    entries = words(case, cast, size(7, 60))
    worker = parts.worker(crash_at="entry.claimed:3")  # every child dies at its third entry
    parts.beat()
    all_announced()
    assert "SIGKILL" in worker.said() or "signal 9" in worker.said(), "No child died: the test proves nothing."
    assert told_of(cast, entries) == len(entries)
    assert not Begun.objects.exists() and not FailedReaction.objects.exists()
    check()


def test_f13_the_whole_worker_killed_in_the_middle_of_its_task(parts, cast, size, dice):
    parts.valkey()
    case = owned_case(cast)
    parts.beat()
    entries = []
    for _ in range(size(2, 20)):
        worker = parts.worker()
        entries = words(case, cast, 20)
        until(lambda: Begun.objects.exists() or not unannounced(), "The worker never began.")
        time.sleep(dice.uniform(0, 0.05))
        worker.kill()
    parts.worker(ready=False)
    assert all_announced() < MINUTE + 30
    assert told_of(cast, entries) == len(entries)
    check()


def test_f14_what_kills_whoever_touches_it_is_given_up_and_the_queue_moves_on(parts, cast, size):
    parts.valkey()
    case = owned_case(cast)
    entries = words(case, cast, 5)
    poison = entries[2]
    worker = parts.worker(crash_at=f"entry.{poison.pk}")
    parts.beat()
    all_announced("The poison was never given up.")
    deaths = worker.said().count("Process 'ForkPoolWorker") or worker.said().count("WorkerLostError")
    assert deaths >= 3, "It never died: the test proves nothing."
    failed = FailedReaction.objects.get()
    assert (failed.entry, failed.attempts, failed.try_again_at) == (poison, 3, None)
    assert told_of(cast, [entry for entry in entries if entry != poison]) == 4
    after = words(case, cast, size(1, 20))[-1]
    all_announced()
    assert told_of(cast, [after]) == 1
    report = Client().get("/readyz").json()
    assert report["given_up"] == 1 and "given up" in " ".join(report["warnings"])
    check()


def test_f15_a_worker_stopped_in_the_middle_and_woken_when_another_has_done_it(parts, cast, size):
    parts.valkey()
    # The lease is the transaction: who stands still in one for this long loses it.
    impatient = parts.env["DATABASE_URL"] + "&options=-c%20idle_in_transaction_session_timeout%3D2s"
    for _ in range(size(1, 5)):
        case = owned_case(cast)
        entries = words(case, cast, 3)
        stopped = parts.worker(stop_at="entry.claimed", DATABASE_URL=impatient)
        _ring(parts)
        until(partial(_stands_still, stopped), "The worker never stopped.")
        other = parts.worker()
        beat = parts.beat()
        all_announced("The other worker never got what the stopped one held.")
        assert told_of(cast, entries) == 3
        stopped.send(signal.SIGCONT)
        time.sleep(3)
        assert told_of(cast, entries) == 3
        check()
        for part in (stopped, other, beat):
            part.kill()


def _stands_still(worker) -> bool:
    return any(child.status() == psutil.STATUS_STOPPED for child in worker.children())


def test_f16_asked_to_end_with_work_in_flight(parts, cast, size):
    parts.valkey()
    case = owned_case(cast)
    worker = parts.worker()
    beat = parts.beat()
    entries = words(case, cast, size(50, 500))
    until(lambda: Begun.objects.exists() or not unannounced(), "The worker never began.")
    assert worker.ask_to_end() == 0
    assert not Begun.objects.exists(), "It left in the middle of what it had begun."
    beat.kill()
    parts.worker(ready=False)
    parts.beat()
    all_announced()
    assert told_of(cast, entries) == len(entries)
    check()


# -- Valkey --------------------------------------------------------------------------------------------------------


def test_f17_valkey_killed_and_started_again_under_load(parts, cast, ledger, size, dice):
    valkey = parts.valkey()
    _, port = parts.web()
    parts.worker()
    parts.beat()
    with customers_come(ledger, port):
        for _ in range(size(1, 10)):
            time.sleep(dice.uniform(1, 2))
            valkey.kill()
            gone = ledger.keeps(Customer())
            assert gone.presses(port) == 302, "Without Valkey nobody gets in."
            time.sleep(dice.uniform(0, 1))
            valkey = parts.valkey()
    assert all_announced("The worker did not resume by itself.") < MINUTE + 30
    quiet = clock.now()
    until(lambda: _swept_since(quiet), "Nobody sweeps any more.", within=MINUTE + 30)
    check(ledger)


def test_a_worker_that_hears_no_bell_starts_anew(parts, cast):
    parts.valkey()
    # It listens to a queue into which nobody rings, while the bells wait in theirs.
    worker = parts.worker("--queues", "elsewhere", DEAF_SECONDS="2")
    with parts.redis() as redis:
        redis.rpush(queues.DEFAULT, "a bell")
    until(lambda: "starts anew" in worker.said(), "It does not notice that it is deaf.")
    until(lambda: worker.said().count(" ready.") == 2, "It did not come back.")
    assert worker.process.poll() is None


def test_f18_valkey_forgets_everything_under_load(parts, cast, ledger, size, dice):
    parts.valkey()
    _, port = parts.web()
    parts.worker()
    parts.beat()
    case = owned_case(cast)
    due = clock.now() + timedelta(seconds=2)
    promises.make(case, promises.Pledge("call you", due, in_closed_hours=True), by=cast.sam)
    with customers_come(ledger, port), parts.redis() as redis:
        for _ in range(size(3, 50)):
            time.sleep(dice.uniform(0.2, 1))
            redis.flushall()
    until(lambda: Flag.objects.filter(became_true_at=due).exists(), "The broken promise was never seen.")
    assert all_announced() < MINUTE + 30
    check(ledger)


def test_f19_without_valkey_everybody_gets_in_within_two_seconds(parts, ledger, size):
    _, port = parts.web()
    Customer().presses(port)  # the first request of a process pays for its imports
    for _ in range(size(5, 1000)):
        assert ledger.keeps(Customer()).presses(port) == 302
    slow = [told for told in ledger.told if told.seconds[0] >= 2]
    assert len(slow) <= size(2, 10), [told.seconds for told in slow]  # the machine is shared with other tests
    check(ledger, announced=False)


def test_f22_every_bell_heard_twice_and_in_disorder(parts, cast, size, dice):
    parts.valkey()
    case = owned_case(cast)
    entries = words(case, cast, size(10, 500))
    for _ in range(size(10, 500)):
        _ring(parts)
    with parts.redis() as redis:
        bells = redis.lrange(queues.DEFAULT, 0, -1)
        assert bells
        doubled = bells * 2
        dice.shuffle(doubled)
        redis.delete(queues.DEFAULT)
        redis.rpush(queues.DEFAULT, *doubled)
    parts.worker(ready=False)
    all_announced()
    with parts.redis() as redis:
        until(lambda: redis.llen(queues.DEFAULT) == 0, "The worker never heard them all.")
    assert told_of(cast, entries) == len(entries)
    check()


def _ring(parts) -> None:
    with Celery(broker=for_celery(parts.redis_url), set_as_current=False) as app:
        app.send_task("supportdesk.announce", queue=queues.DEFAULT)


# -- time ----------------------------------------------------------------------------------------------------------


def _swept_since(moment) -> bool:
    return LastSweep.objects.filter(finished_at__gt=moment).exists()


def test_f32_nobody_swept_for_three_hours(parts, cast, size):
    count = size(40, 300)
    now = clock.now()
    with clock.at(now - timedelta(hours=4)):
        cases = [a_case(cast.carla) for _ in range(4)]
        due = {}
        for number in range(count):
            at = now - timedelta(hours=3) + timedelta(seconds=number * 10_000 // count)
            made = promises.make(cases[number % 4], promises.Pledge("call you", at, in_closed_hours=True), by=cast.sam)
            due[made.pk] = at
    LastSweep.objects.create(pk=1, finished_at=clock.now() - timedelta(seconds=80), looked_until=now)
    assert _sweep_says() == "ok"
    LastSweep.objects.update(finished_at=clock.now() - timedelta(minutes=2))
    assert _sweep_says() == "too long ago"
    LastSweep.objects.update(finished_at=now - timedelta(hours=3), looked_until=now - timedelta(hours=3))

    parts.valkey()
    parts.worker(ready=False)  # no beat: a worker that starts sweeps at once
    until(lambda: _swept_since(now), "The worker never swept.")
    broken = Flag.objects.filter(rule="promise_broken", subject__in=due)
    flags = dict(broken.values_list("subject", "became_true_at"))
    assert flags == due
    until(lambda: Client().get("/readyz").json()["sweep"] == "ok", "It never became well.")
    all_announced()
    check()


def _sweep_says() -> str:
    answer = Client().get("/readyz")
    report = answer.json()
    assert answer.status_code == (200 if report["ready"] else 503)
    assert report["serves"]
    return report["sweep"]


@pytest.mark.parametrize("wrong_by", [-3600, 86_400, 90], ids=["an hour slow", "a day fast", "90 seconds fast"])
def test_f36_only_the_databases_clock_counts(parts, cast, wrong_by):
    case = owned_case(cast)
    now = clock.now()
    soon = promises.make(
        case, promises.Pledge("call you", now + timedelta(seconds=60), in_closed_hours=True), by=cast.sam
    )
    with clock.at(now - timedelta(hours=1)):
        late = promises.make(
            case, promises.Pledge("write to you", now - timedelta(seconds=60), in_closed_hours=True), by=cast.sam
        )
    done = parts.manage("shell", "-v0", "-c", f"from tests.faults import wrong_clock; wrong_clock.sweep({wrong_by})")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert abs(told["wall"] - now.timestamp() - wrong_by) < MINUTE * 5, "The clock was not wrong: nothing is proven."
    flags = dict(Flag.objects.filter(rule="promise_broken").values_list("subject", "became_true_at"))
    assert flags.get(late.pk) == late.due_at
    if clock.now() < soon.due_at:
        assert soon.pk not in flags, "A flag came early."
    assert abs((LastSweep.objects.get().finished_at - clock.now()).total_seconds()) < MINUTE * 5
    check(announced=False)
