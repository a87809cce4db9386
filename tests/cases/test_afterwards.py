"""A customer who writes to a closed case is heard: only thanks, open again, or undecided and open by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cases.models import Case, Entry, Promise
from cases.models.timeline import Kind
from cases.verbs import afterwards, answering, closing, conversation, promises
from staff.origins import Origin
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict
from tests.cast import SUNDAY, TUESDAY, WEDNESDAY, a_case, everything, first_promise, fresh, kinds, pledge

pytestmark = pytest.mark.usefixtures("tuesday")

FRIDAY = datetime(2026, 3, 13, 16, tzinfo=UTC)
MONDAY = datetime(2026, 3, 16, 16, tzinfo=UTC)


@pytest.fixture
def words(cast, case):
    """Carla has said yes, and writes once more."""
    answering.say_yes(case, by=cast.carla)
    return conversation.customer_writes(case, "Thank you!", by=cast.carla)


def test_it_is_decided_within_one_business_day_of_the_owner(cast, case):
    with clock.at(FRIDAY):
        answering.say_yes(case, by=cast.carla)
        conversation.customer_writes(case, "Thank you!", by=cast.carla)
    assert fresh(case).decide_by == MONDAY


def test_the_owner_is_told(cast, case, words):
    announce()
    told = Entry.objects.get(case=case, kind=Kind.WROTE_AFTER_CLOSING)
    assert told.message == words
    assert cast.nadia.notices.filter(entry=told).exists()


def test_only_thanks_keeps_the_outcome(cast, case, words):
    afterwards.only_thanks(case, read=words, by=cast.nadia)
    case = fresh(case)
    assert (case.outcome, case.decide_by, case.closed_at) == ("confirmed", None, TUESDAY)


def test_words_that_nobody_has_read_are_no_thanks(cast, case, words):
    conversation.customer_writes(case, "It is broken again!", by=cast.carla)
    before = everything()
    with pytest.raises(Conflict) as refused:
        afterwards.only_thanks(case, read=words, by=cast.nadia)
    assert refused.value.code == "written_since"
    assert everything() == before


def test_what_is_open_again_is_not_closed_by_thanks(cast, case, words):
    answering.say_not_yet(case, by=cast.carla)
    with pytest.raises(Conflict) as refused:
        afterwards.only_thanks(case, read=words, by=cast.nadia)
    assert (refused.value.code, fresh(case).state) == ("open_again", "open")


def test_the_owner_opens_it_again(cast, case, words):
    closing.reopen(case, reason="More than thanks.", next_promise=pledge(), by=cast.nadia)
    assert (fresh(case).state, fresh(case).decide_by) == ("open", None)


def test_undecided_in_time_it_is_open_again_with_its_owner_and_the_desks_word(cast, case, words):
    assert afterwards.reopen_undecided(WEDNESDAY - timedelta(seconds=1)) == 0
    assert afterwards.reopen_undecided(WEDNESDAY) == 1
    case = fresh(case)
    assert (case.state, case.owner, case.outcome, case.yes_at, case.decide_by) == ("open", cast.nadia, "", None, None)
    made = case.next_promise
    assert (made.words, made.made_by, made.made_at) == ("be in touch with you", "desk", WEDNESDAY)
    assert made.due_at == WEDNESDAY + timedelta(hours=4)
    assert case.entries.get(kind=Kind.REOPENED).actor == "desk"


def test_a_second_sweep_changes_nothing(cast, case, words):
    afterwards.reopen_undecided(WEDNESDAY)
    once = everything()
    assert afterwards.reopen_undecided(WEDNESDAY + timedelta(hours=1)) == 0
    assert everything() == once


def test_what_is_promised_already_needs_no_word_of_the_desk(cast, case, words):
    Promise.objects.filter(pk=first_promise(case).pk).update(
        state="open", ended_at=None, due_at=WEDNESDAY + timedelta(days=3)
    )
    afterwards.reopen_undecided(WEDNESDAY)
    assert kinds(case).count(Kind.PROMISE_MADE) == 1
    assert fresh(case).next_promise == first_promise(case)


def test_of_many_each_is_opened_whatever_the_batch(cast, case, words, monkeypatch):
    monkeypatch.setattr(afterwards, "BATCH", 2)
    others = [a_case(cast.mallory, problem=f"Problem {number}") for number in range(4)]
    for other in others:
        answering.say_yes(other, by=cast.mallory)
        conversation.customer_writes(other, "Thank you.", by=cast.mallory)
    assert afterwards.reopen_undecided(WEDNESDAY, cases=[others[0].pk]) == 1
    assert afterwards.reopen_undecided(WEDNESDAY) == 4
    assert not Case.objects.to_decide().exists()
    assert {fresh(each).next_step for each in (case, *others)} == {"promise"}


def test_not_yet_opens_it_at_once(cast, case, words):
    answering.say_not_yet(case, by=cast.carla)
    assert (fresh(case).state, fresh(case).decide_by) == ("open", None)


def test_what_was_brought_in_from_elsewhere_is_announced_to_nobody(cast, case, words):
    Case.objects.filter(pk=case.pk).update(origin=Origin.REPLAY_UCI)
    Entry.objects.update(announced_at=SUNDAY)
    afterwards.reopen_undecided(WEDNESDAY)
    assert not Entry.objects.filter(announced_at=None).exists()


def test_a_promise_owed_after_reopening_is_kept_like_any_other(cast, case, words):
    afterwards.reopen_undecided(WEDNESDAY)
    with clock.at(WEDNESDAY + timedelta(hours=1)):
        promises.keep(fresh(case).next_promise, said="Yes?", next_promise=pledge(), by=cast.nadia)
    assert kinds(case).count(Kind.PROMISE_KEPT) == 1
