""" "I make sure": who took a call answers for the owner being in touch, until the owner has been."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.lists import i_make_sure
from cases.models import Case, Message, Notice
from cases.models.timeline import Kind
from cases.verbs import answering, assurances, conversation, ownership, promises, silence
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Refused
from tests.cast import (
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    a_case,
    everything,
    first_promise,
    fresh,
    kinds,
    latest_entry,
    pledge,
    proposed,
)


@pytest.fixture
def sure(cast, case):
    """Ben has taken Carla's call."""
    return assurances.take_call(case, " Nobody called me. ", by=cast.ben)


def test_what_the_customer_said_is_written_down_in_their_words(cast, case, sure):
    call = sure.call
    assert (call.body, call.direction, call.channel, call.agent) == ("Nobody called me.", "in", "phone", cast.ben)
    assert (fresh(case).latest_words, fresh(case).customer_wrote_at) == ("Nobody called me.", TUESDAY)


def test_what_is_promised_soon_enough_already_is_what_ben_makes_sure_of(cast, case, sure):
    assert sure.promise == first_promise(case)
    assert case.promises.count() == 1


@pytest.mark.parametrize("promised", ["late", "only tomorrow"])
def test_else_the_desk_promises_within_the_owners_hours(cast, case, promised):
    promises.keep(first_promise(case), said="We spoke.", next_promise=pledge("write", 24), by=cast.nadia)
    now = TUESDAY + timedelta(hours=1 if promised == "only tomorrow" else 24)
    with clock.at(now):
        sure = assurances.take_call(case, "Where is it?", by=cast.ben)
    assert sure.promise.words == "be in touch with you"
    assert sure.promise.due_at == now + timedelta(hours=4)
    assert (sure.promise.made_by, fresh(case).promises.owed().count()) == ("desk", 2)


def test_the_owner_is_told_and_ben_has_it_on_his_list(cast, case, sure):
    announce()
    assert Notice.objects.get(entry__kind=Kind.CALL_TAKEN).agent == cast.nadia
    (row,) = i_make_sure(cast.ben)
    assert (row.title, row.what, row.due_at) == (
        "Carla Conti",
        "Nadia will be in touch with you",
        first_promise(case).due_at,
    )
    assert i_make_sure(cast.nadia) == []


SPOKEN = {
    "a message": lambda case, by: conversation.write_to_customer(case, "Here I am.", by=by),
    "a conversation": lambda case, by: promises.keep(
        first_promise(case), said="I rang her.", next_promise=pledge(), by=by
    ),
    "a proposal": lambda case, by: proposed(case, by),
}


@pytest.mark.parametrize("who", ["nadia", "sam"])
@pytest.mark.parametrize("spoken", SPOKEN)
def test_it_ends_when_the_owner_or_a_supervisor_has_spoken(cast, case, sure, spoken, who):
    start = latest_entry()
    with clock.at(TUESDAY + timedelta(minutes=30)):
        SPOKEN[spoken](case, getattr(cast, who))
    assert fresh(sure).ended_at == TUESDAY + timedelta(minutes=30)
    assert kinds(case, start).count(Kind.MADE_SURE) == 1
    assert i_make_sure(cast.ben) == []
    announce()
    assert Notice.objects.get(entry__kind=Kind.MADE_SURE).agent == cast.ben


@pytest.mark.parametrize(
    "not_spoken",
    [
        lambda case, cast: conversation.note(case, "I should ring.", by=cast.nadia),
        lambda case, cast: conversation.attempt(case, "voice_mail", by=cast.nadia),
        lambda case, cast: conversation.write_to_customer(case, "Tomorrow.", send_at=WEDNESDAY, by=cast.nadia),
        lambda case, cast: conversation.customer_writes(case, "Hello?", by=cast.carla),
        lambda case, cast: promises.make(case, pledge(), by=cast.nadia),
        lambda case, cast: promises.keep(first_promise(case), said="So it was.", by=LOG),
    ],
    ids=["a note", "voice mail", "a message for tomorrow", "the customer", "a promise", "a replayed log"],
)
def test_nothing_else_ends_it(cast, case, sure, not_spoken):
    not_spoken(case, cast)
    assert fresh(sure).ended_at is None


def test_two_who_took_a_call_are_free_by_one_word(cast, case, sure):
    other = assurances.take_call(case, "It is me again.", by=cast.olga)
    conversation.write_to_customer(case, "Here I am.", by=cast.nadia)
    assert fresh(sure).ended_at and fresh(other).ended_at
    assert kinds(case).count(Kind.MADE_SURE) == 1


def test_two_calls_of_one_case_stand_on_the_list_once(cast, case, sure):
    assurances.take_call(case, "It is me again.", by=cast.ben)
    assert len(i_make_sure(cast.ben)) == 1


def test_a_closed_case_is_open_again_with_the_same_owner(cast, case):
    answering.say_yes(case, by=cast.carla)
    start = latest_entry()
    assurances.take_call(case, "It is back.", by=cast.ben)
    assert (fresh(case).state, fresh(case).owner, fresh(case).outcome) == ("open", cast.nadia, "")
    assert kinds(case, start) == [Kind.CALL_TAKEN, Kind.REOPENED, Kind.PROMISE_MADE]


def test_a_call_ends_the_silence(cast, case):
    proposed(case, cast.nadia)
    silence.unconfirm(case, by=LOG)
    assurances.take_call(case, "I was on holiday.", by=cast.ben)
    assert fresh(case).state == Case.State.PROPOSED
    assert not case.reminders.filter(waived_at=None).exists()


def test_what_is_closed_again_is_on_nobodys_list(cast, case, sure):
    answering.say_yes(case, by=cast.carla)
    assert i_make_sure(cast.ben) == []


def test_the_owner_answers_instead(cast, case):
    before = everything()
    with pytest.raises(Refused) as refused:
        assurances.take_call(case, "Hello?", by=cast.nadia)
    assert refused.value.code == "owns_it"
    assert everything() == before


def test_no_words_are_no_call(cast, case):
    before = everything()
    with pytest.raises(Refused) as refused:
        assurances.take_call(case, "  ", by=cast.ben)
    assert refused.value.code == "words_needed"
    assert everything() == before


def test_where_nobody_owns_the_case_yet_somebody_is_made_sure_of(cast, tuesday):
    with clock.at(SUNDAY):
        case = a_case(cast.carla)
    assurances.take_call(case, "Is anybody there?", by=cast.ben)
    (row,) = i_make_sure(cast.ben)
    assert (row.what, row.why) == ("Somebody will be in touch with you", "Nobody owns it yet; you took the call")
    ownership.take(case, by=cast.ben)
    conversation.write_to_customer(case, "I am here.", by=cast.ben)
    assert i_make_sure(cast.ben) == []


def test_words_taken_down_by_telephone_are_the_customers(cast, case, sure):
    assert Message.objects.get(pk=sure.call_id).is_from_customer
    assert fresh(case).has_new_words
