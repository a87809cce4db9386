"""Mails to staff: killed before, in and behind the handing over, with the database away; never sent twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from cases.models import Digest, Notice
from cases.verbs import conversation
from escalations.models import LastSweep
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.queues import QUEUES
from tests.cast import a_case, an_agent
from tests.faults.invariants import check
from tests.faults.parts import until
from tests.supportdesk.post_office import PostOffice, opened, waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with opened() as office:
        yield office


@pytest.fixture
def told(cast, size) -> int:
    """So many agents have something to be told of that has waited long enough."""
    case = a_case(cast.carla)
    conversation.customer_writes(case, "Hello?", by=cast.carla)
    announce()
    Notice.objects.all().delete()
    entry = case.entries.get(kind="message_from_customer")
    ago, count = clock.now() - timedelta(minutes=5), size(3, 40)
    for number in range(count):
        agent = an_agent(f"Agent{number} Test", cast.support)
        Notice.objects.create(entry=entry, reaction="tell_owner", agent=agent, made_at=ago)
    return count


@pytest.fixture
def worker(parts, office):
    """A worker that sends to the post office."""
    parts.valkey()
    parts.beat()

    def start(**facts):
        env = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(office.port), "EMAIL_TIMEOUT": "5"}
        return parts.worker(ready=False, **env, **facts)

    return start


def states() -> set[str]:
    return set(Digest.objects.values_list("state", flat=True))


def time_passes() -> None:
    """Claims run out, and what is to be tried again is due."""
    Digest.objects.filter(try_at__gt=clock.now()).update(try_at=clock.now())


def nothing_waits(count: int) -> bool:
    time_passes()
    return Digest.objects.count() == count and not states() & {"pending", "sending"}


def all_are_sent(count: int) -> bool:
    """One that is being handed over at this moment is uncertain until its server has answered."""
    return nothing_waits(count) and states() == {"sent"}


def crashes(worker) -> int:
    return worker.said().count("signal 9 (SIGKILL)")


def test_f07_killed_before_the_handing_over_each_is_sent_once(worker, told, office):
    deadly = worker(crash_at="mail.claimed")
    until(lambda: time_passes() or crashes(deadly) >= 2, "Nobody died: the test proves nothing.")
    deadly.kill()
    assert office.taken == []
    worker()
    until(lambda: all_are_sent(told), "They were never sent.")
    assert len(office.taken) == told
    check(office=office)


def test_f07_killed_while_gathering_each_is_sent_once(worker, told, office):
    deadly = worker(crash_at="mail.gathered")
    until(lambda: crashes(deadly) >= 1, "Nobody died: the test proves nothing.")
    deadly.kill()
    assert not Digest.objects.exists()
    worker()
    until(lambda: all_are_sent(told), "They were never sent.")
    assert len(office.taken) == told
    check(office=office)


@pytest.mark.parametrize(("crash_at", "copies"), [("mail.handing", 0), ("mail.accepted", 1)])
def test_f08_killed_in_the_middle_it_is_uncertain_and_nobody_sends_it_again(worker, told, office, crash_at, copies):
    deadly = worker(crash_at=crash_at)
    until(lambda: nothing_waits(told) and crashes(deadly) >= told, "They were never tried, each by one who dies.")
    assert states() == {"uncertain"}
    assert len(office.taken) == told * copies
    deadly.kill()
    healthy = worker()
    until(lambda: healthy.said().count("supportdesk.tell") >= 6, "Nobody looked again.")
    time_passes()
    assert states() == {"uncertain"}
    assert len(office.taken) == told * copies
    check(office=office)


@pytest.mark.parametrize(("when", "answer"), [("CONNECT", "220 post.example"), (".", "250 taken")])
def test_the_database_goes_away_before_or_behind_the_handing_over(worker, told, office, when, answer):
    cut = []

    def cuts_the_database_off() -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'desk'"
                " AND pid <> pg_backend_pid() AND datname = current_database()"
            )
        connection.close()
        cut.append(when)
        return answer

    office.answers = {when: [cuts_the_database_off]}
    at_work = worker()
    until(lambda: nothing_waits(told), "They were never sent.")
    rounds = at_work.said().count("supportdesk.tell")
    until(lambda: at_work.said().count("supportdesk.tell") >= rounds + 4, "Nobody looked again.")
    assert cut, "The database was never away: the test proves nothing."
    # Whoever had handed one over at that moment, this process or the one beside it, cannot say so any more.
    assert states() <= {"sent", "uncertain"}
    assert "uncertain" in states() or when == "CONNECT"
    unsaid = Digest.objects.filter(state="uncertain").exclude(message_id__in=office.ids).count()
    assert len(office.taken) + unsaid == told
    check(office=office)


@pytest.mark.parametrize("workers", [(QUEUES,), tuple((queue,) for queue in QUEUES)], ids=["one worker", "one a queue"])
def test_a_slow_mail_server_does_not_hold_up_the_sweep(parts, told, office, workers):
    office.answers = {"CONNECT": waits(20, "220 post.example")}
    parts.valkey()
    parts.beat()
    env = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(office.port)}
    for of in workers:
        parts.worker(of=of, **env)
    until(lambda: office.calls, "Nobody spoke to the mail server.")
    spoken, swept = time.monotonic(), clock.now()
    until(lambda: LastSweep.objects.filter(finished_at__gt=swept + timedelta(seconds=6)).exists(), "Nobody swept.")
    assert time.monotonic() - spoken < 20, "The mail server had answered by then: the test proves nothing."
    assert not office.taken
