"""Announcing: what follows from a committed entry follows once, whatever rings, fails or is lost in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from redis import Redis

from cases import timeline
from cases.models import Entry, Notice
from cases.models.timeline import Kind
from cases.verbs import conversation, ownership, subtasks
from staff import origins
from staff.origins import Origin
from supportdesk import clock, queues
from supportdesk.announce import BATCH, GIVE_UP_AFTER, announce
from supportdesk.models import FailedReaction
from supportdesk.reactions import REACTIONS, tell_owner
from tests.cast import TUESDAY, a_case, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def bell():
    """The real queue, empty; says how often it was rung."""
    valkey = Redis.from_url(settings.REDIS_URL)
    valkey.delete(queues.DEFAULT)
    yield lambda: valkey.llen(queues.DEFAULT)
    valkey.delete(queues.DEFAULT)
    valkey.close()


@pytest.fixture
def told(cast):
    """Nadia's case on which Carla has written; nothing is announced yet except its opening."""
    case = a_case(cast.carla)
    announce()
    conversation.customer_writes(case, "Hello?", by=cast.carla)
    return case


def reactions_of_a_note(monkeypatch, *reactions):
    monkeypatch.setitem(REACTIONS, Kind.NOTED, reactions)


def notices():
    return list(Notice.objects.order_by("pk").values_list("entry__kind", "reaction", "agent__name"))


# -- the bell ----------------------------------------------------------------------------------------------------------


def test_the_bell_rings_once_for_a_transaction_however_much_it_wrote(cast, bell):
    a_case(cast.carla)
    assert bell() == 1
    with transaction.atomic():
        case = a_case(cast.carla)
        conversation.note(case, "Hm.", by=cast.ben)
        assert bell() == 1
    assert bell() == 2


def test_of_many_transactions_in_a_row_the_bell_tells_at_once_and_at_the_end(cast, bell, monkeypatch):
    monkeypatch.setattr(timeline, "SELDOM", 60)
    with timeline.ringing_seldom():
        for _ in range(5):
            a_case(cast.carla)
        assert bell() == 1
    assert bell() == 2


def test_where_nothing_is_committed_the_bell_says_nothing_at_the_end(bell):
    with timeline.ringing_seldom():
        pass
    assert bell() == 0


def test_the_bell_does_not_ring_for_what_was_taken_back(cast, bell):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        a_case(cast.carla)
        raise ZeroDivisionError
    assert bell() == 0
    assert not Entry.objects.exists()


def test_what_a_savepoint_takes_back_rings_only_for_the_rest(cast, bell):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            a_case(cast.carla)
            raise ZeroDivisionError
        a_case(cast.mallory)
    assert bell() == 1


def test_a_lost_bell_costs_delay_only(cast, told, bell):
    Redis.from_url(settings.REDIS_URL).flushall()
    assert bell() == 0
    announce()
    assert notices() == [("message_from_customer", "tell_owner", "Nadia Novak")]


def test_when_nobody_hears_the_bell_the_entry_is_there_all_the_same(cast, monkeypatch):
    from supportdesk.celery import app

    with app.connection_for_write("redis+socket:///tmp/nobody-listens-here.sock") as deaf:
        monkeypatch.setattr(app, "send_task", lambda name, **options: deaf.ensure_connection(max_retries=1))
        case = a_case(cast.carla)
    assert case.entries.unannounced().count() == 2


# -- once --------------------------------------------------------------------------------------------------------------


def test_announcing_twice_tells_once(told):
    assert announce() == 1
    assert announce() == 0
    assert notices() == [("message_from_customer", "tell_owner", "Nadia Novak")]


def test_an_entry_announced_again_tells_nobody_again(told):
    announce()
    Entry.objects.update(announced_at=None)
    announce()
    assert len(notices()) == 1


def test_two_workers_at_the_same_moment_tell_once(cast, told, monkeypatch):
    monkeypatch.setattr("supportdesk.announce.BATCH", 10)
    for number in range(40):
        conversation.customer_writes(told, f"Hello {number}?", by=cast.carla)
    waiting = Entry.objects.unannounced().count()
    announced = at_once(announce, announce)
    assert sum(announced) + announce() == waiting
    assert not Entry.objects.unannounced().exists()
    assert Notice.objects.count() == 40 + 1


def test_more_than_a_batch_is_announced_in_one_go(cast):
    case = a_case(cast.carla)
    with transaction.atomic():
        for _ in range(BATCH + 10):
            conversation.note(case, "Hm.", by=cast.ben)
    assert announce() == BATCH + 12


# -- who is told -------------------------------------------------------------------------------------------------------


def test_nobody_is_told_of_their_own_act(cast):
    case = a_case(cast.carla)
    part = subtasks.ask(case, cast.support, "Look it up", by=cast.nadia)
    subtasks.done(part, outcome="Found.", by=cast.nadia)
    announce()
    assert notices() == []


def test_the_owner_is_told_when_a_part_ends_or_its_date_moves(cast):
    case = a_case(cast.carla)
    part = subtasks.ask(case, cast.hardware, "Test", by=cast.nadia)
    for hours in (2, 1):
        subtasks.accept(part, committed_at=TUESDAY + timedelta(hours=hours), by=cast.olga)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    announce()
    assert [kind for kind, _, name in notices() if name == "Nadia Novak"] == ["subtask_date_moved", "subtask_done"]


def test_a_later_date_is_asked_of_the_owner_and_granted_to_who_has_the_part(cast):
    case = a_case(cast.carla)
    part = subtasks.ask(case, cast.hardware, "Test", by=cast.nadia)
    subtasks.accept(part, committed_at=TUESDAY + timedelta(hours=1), by=cast.olga)
    later = TUESDAY + timedelta(hours=2)
    subtasks.ask_later(part, later, "The board is late.", by=cast.olga)
    subtasks.grant_later(part, later, by=cast.nadia)
    announce()
    assert [(kind, name) for kind, _, name in notices()] == [
        ("subtask_later_asked", "Nadia Novak"),
        ("subtask_date_moved", "Olga Orlova"),
    ]


def test_an_offered_case_tells_the_receiver_and_its_answer_the_giver(cast):
    case = a_case(cast.carla)
    ownership.accept(ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia), by=cast.ben)
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    announce()
    assert notices() == [
        ("handover_offered", "tell_receiver", "Ben Becker"),
        ("handover_accepted", "tell_giver", "Nadia Novak"),
        ("taken_over", "tell_former_owner", "Ben Becker"),
    ]


def test_who_cannot_sign_in_is_not_told(cast, told):
    type(cast.nadia).objects.filter(pk=cast.nadia.pk).update(can_sign_in=False)
    announce()
    assert notices() == []


@pytest.mark.parametrize("origin", [Origin.DEMO, Origin.REPLAY_UCI])
def test_what_was_brought_in_is_born_announced_and_rings_no_bell(cast, bell, origin):
    with origins.bringing_in(origin):
        case = a_case(cast.carla)
        conversation.customer_writes(case, "Hello?", by=cast.carla)
    assert bell() == 0
    assert not case.entries.unannounced().exists()
    assert announce() == 0
    assert notices() == []


# -- failing -----------------------------------------------------------------------------------------------------------


def test_a_failing_reaction_holds_nobody_back_and_is_kept(cast, told, monkeypatch):
    def cannot(entry):
        raise ValueError("the disk is full")

    reactions_of_a_note(monkeypatch, cannot, tell_owner)
    note = conversation.note(told, "Hm.", by=cast.ben)
    conversation.customer_writes(told, "Still there?", by=cast.carla)
    announce()
    assert not Entry.objects.unannounced().exists()
    assert [kind for kind, _, _ in notices()] == ["message_from_customer", "noted", "message_from_customer"]
    failed = FailedReaction.objects.get()
    assert (failed.entry.note, failed.reaction, failed.attempts) == (note, "cannot", 1)
    assert failed.error == "ValueError: the disk is full"
    assert failed.try_again_at == TUESDAY + timedelta(minutes=1)


def test_what_a_failing_reaction_wrote_is_taken_back(cast, told, monkeypatch):
    def tell_and_fail(entry):
        tell_owner(entry)
        raise ValueError

    reactions_of_a_note(monkeypatch, tell_and_fail)
    conversation.note(told, "Hm.", by=cast.ben)
    announce()
    assert [kind for kind, _, _ in notices()] == ["message_from_customer"]


def test_it_is_tried_again_and_forgotten_when_it_works(cast, told, monkeypatch):
    works = []

    def sometimes(entry):
        if not works:
            raise ValueError
        tell_owner(entry)

    reactions_of_a_note(monkeypatch, sometimes)
    conversation.note(told, "Hm.", by=cast.ben)
    announce()
    announce()
    assert FailedReaction.objects.get().attempts == 1  # not before its time
    works.append(True)
    with clock.at(TUESDAY + timedelta(minutes=1)):
        announce()
    assert not FailedReaction.objects.exists()
    assert ("noted", "tell_owner", "Nadia Novak") in notices()


def test_it_is_given_up_after_five_attempts_and_stays_to_be_seen(cast, told, monkeypatch):
    attempts = []

    def never(entry):
        attempts.append(clock.now())
        raise ValueError

    reactions_of_a_note(monkeypatch, never)
    conversation.note(told, "Hm.", by=cast.ben)
    for minute in range(60):
        with clock.at(TUESDAY + timedelta(minutes=minute)):
            announce()
    assert len(attempts) == GIVE_UP_AFTER == 5
    failed = FailedReaction.objects.get()
    assert (failed.attempts, failed.try_again_at) == (5, None)
