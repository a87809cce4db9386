"""Promises: kept by an act, broken by time, both dates stay; an open case always has a next one (rules 4 and 5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import DESK, LOG
from cases.models import Case, Promise
from cases.models.timeline import Kind
from cases.verbs import answering, closing, conversation, promises, silence, subtasks
from cases.verbs.promises import Pledge
from supportdesk import clock
from supportdesk.errors import Conflict, Refused
from tests.cast import (
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

DUE = TUESDAY + timedelta(hours=4)
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def promise(case) -> Promise:
    """The desk's first word, due at two o'clock."""
    return first_promise(case)


# -- making ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said, kept",
    [
        ("I will call you", "call you"),
        ("We'll  send   the key.", "send the key"),
        ("I’ll ask Wanda", "ask Wanda"),
        ("Call you with both codes", "call you with both codes"),
        ("NASA approves it", "NASA approves it"),
    ],
)
def test_the_words_continue_whoever_promises(cast, case, said, kept):
    assert promises.make(case, Pledge(said, WEDNESDAY), by=cast.nadia).words == kept


@pytest.mark.parametrize(
    "words, due_at, code",
    [
        pytest.param("", WEDNESDAY, "words_needed", id="no words"),
        pytest.param("I will ", WEDNESDAY, "words_needed", id="only the beginning"),
        pytest.param("x" * 201, WEDNESDAY, "words_too_long", id="too many words"),
        pytest.param("call you", TUESDAY, "due_in_the_past", id="now"),
        pytest.param("call you", TUESDAY - A_MOMENT, "due_in_the_past", id="a moment ago"),
        pytest.param("call you", TUESDAY + promises.FURTHEST + A_MOMENT, "due_too_far", id="in more than a year"),
    ],
)
def test_what_cannot_be_promised_is_refused(cast, case, words, due_at, code):
    before = everything()
    with pytest.raises(Refused) as refused:
        promises.make(case, Pledge(words, due_at), by=cast.nadia)
    assert refused.value.code == code
    assert everything() == before


def test_nothing_is_promised_on_a_closed_case(cast, case):
    closing.override(case, reason="A double.", by=cast.sam)
    with pytest.raises(Refused) as refused:
        promises.make(case, pledge(), by=cast.nadia)
    assert refused.value.code == "case_closed"


def test_the_earliest_promise_is_the_next_step(cast, case):
    later = promises.make(case, pledge(hours=48), by=cast.nadia)
    sooner = promises.make(case, pledge(hours=1), by=cast.nadia)
    assert fresh(case).next_promise == sooner
    promises.keep(sooner, said="Hello.", by=cast.nadia)
    promises.keep(first_promise(case), said="Hello.", by=cast.nadia)
    assert fresh(case).next_promise == later


# -- keeping -----------------------------------------------------------------------------------------------------------


def test_a_conversation_written_down_keeps_it(cast, case, promise):
    kept = promises.keep(promise, said="I called: the key works.", next_promise=pledge(), by=cast.nadia)
    assert (kept.state, kept.ended_at, kept.kept_by.delivery) == ("kept", TUESDAY, "spoken")


@pytest.mark.parametrize("said", ["", "  "])
def test_a_promise_is_not_kept_by_saying_that_it_is(cast, promise, said):
    before = everything()
    with pytest.raises(Refused) as refused:
        promises.keep(promise, said=said, next_promise=pledge(), by=cast.nadia)
    assert refused.value.code == "act_needed"
    assert everything() == before


def test_a_message_keeps_it_when_it_has_gone_out_and_not_before(cast, case, promise):
    message = conversation.write_to_customer(case, "Here.", send_at=TUESDAY + timedelta(hours=1), by=cast.nadia)
    with pytest.raises(Refused) as refused:
        promises.keep(promise, message=message, next_promise=pledge(), by=cast.nadia)
    assert refused.value.code == "not_sent_yet"
    with clock.at(message.send_at):
        assert promises.keep(promise, message=message, next_promise=pledge(), by=cast.nadia).state == "kept"


def test_the_customers_own_words_keep_no_promise_of_ours(cast, case, promise):
    message = conversation.customer_writes(case, "Hello?", by=cast.carla)
    with pytest.raises(Refused) as refused:
        promises.keep(promise, message=message, next_promise=pledge(), by=cast.nadia)
    assert refused.value.code == "not_an_act"


def test_a_message_of_another_case_keeps_nothing(cast, case, promise):
    message = conversation.write_to_customer(a_case(cast.mallory), "Here.", by=cast.sam)
    with pytest.raises(Refused) as refused:
        promises.keep(promise, message=message, next_promise=pledge(), by=cast.nadia)
    assert refused.value.code == "not_an_act"


def test_what_was_said_before_a_promise_was_made_does_not_keep_it(cast, case):
    message = conversation.write_to_customer(case, "Hello.", by=cast.nadia)
    with clock.at(TUESDAY + timedelta(hours=1)):
        promise = promises.make(case, pledge(), by=cast.nadia)
        with pytest.raises(Refused):
            promises.keep(promise, message=message, by=cast.nadia)
    assert fresh(promise).state == "open"


def test_the_last_promise_ends_only_with_the_next_one(cast, case, promise):
    before = everything()
    with pytest.raises(Refused) as refused:
        promises.keep(promise, said="I called.", by=cast.nadia)
    assert (refused.value.code, refused.value.status) == ("next_promise_needed", 422)
    assert everything() == before


def test_not_even_a_supervisor_leaves_a_case_without_a_promise(cast, promise):
    with pytest.raises(Refused):
        promises.keep(promise, said="I called.", by=cast.sam)


def test_only_a_replayed_log_may_leave_nothing_promised(case, promise):
    promises.keep(promise, said="So it was.", by=LOG)
    assert (fresh(case).next_step, fresh(case).next_due_at) == (Case.NextStep.NOTHING, TUESDAY)


def test_the_reminder_of_a_proposal_is_promise_enough(cast, case, promise):
    proposed(case, cast.nadia)
    promises.keep(promise, said="I called.", by=cast.nadia)
    assert fresh(case).next_step == Case.NextStep.REMINDER


def test_other_promises_are_enough(cast, case, promise):
    promises.make(case, pledge(), by=cast.nadia)
    assert promises.keep(promise, said="I called.", by=cast.nadia).state == "kept"


# -- breaking ----------------------------------------------------------------------------------------------------------


def test_broken_is_a_question_about_time_before_any_sweep(promise):
    assert not promise.is_broken(DUE - A_MOMENT)
    assert promise.is_broken(DUE)
    assert list(Promise.objects.due(DUE)) == [promise]
    assert not Promise.objects.due(DUE - A_MOMENT).exists()


def test_it_is_broken_at_its_due_time_whenever_that_is_discovered(case, promise):
    assert promises.break_due(DUE - A_MOMENT) == 0
    assert promises.break_due(DUE + timedelta(days=9)) == 1
    assert (fresh(promise).state, fresh(promise).ended_at) == ("broken", DUE)


def test_a_broken_promise_stays_owed_until_the_customer_was_spoken_to(cast, case, promise):
    promises.break_due(WEDNESDAY)
    assert (fresh(case).next_promise, fresh(case).next_due_at) == (promise, DUE)
    with clock.at(WEDNESDAY):
        answered = promises.keep(promise, said="I am sorry.", next_promise=pledge(), by=cast.nadia)
    assert (answered.state, answered.ended_at, answered.answered_at) == ("broken", DUE, WEDNESDAY)
    assert not answered.is_owed


@pytest.mark.parametrize("swept", [True, False], ids=["after a sweep", "before any sweep"])
def test_spoken_late_is_broken_and_answered_never_kept(cast, case, promise, swept):
    if swept:
        promises.break_due(WEDNESDAY)
    start = latest_entry()
    with clock.at(WEDNESDAY):
        promises.keep(promise, said="I am sorry.", next_promise=pledge(), by=cast.nadia)
    expected = [Kind.MESSAGE_TO_CUSTOMER, Kind.PROMISE_BROKEN, Kind.PROMISE_ANSWERED, Kind.PROMISE_MADE]
    if swept:
        expected.remove(Kind.PROMISE_BROKEN)
    assert kinds(case, start) == expected


def test_a_late_message_answers_as_well(cast, case, promise):
    with clock.at(WEDNESDAY):
        conversation.write_to_customer(case, "Sorry.", keeps=[promise], next_promise=pledge(), by=cast.nadia)
    assert (fresh(promise).state, fresh(promise).answered_at) == ("broken", WEDNESDAY)


def test_breaking_looks_only_at_the_cases_it_is_told(cast, case):
    other = a_case(cast.mallory)
    assert promises.break_due(WEDNESDAY, cases=[other.pk]) == 1
    assert first_promise(case).state == "open"


# -- another date ------------------------------------------------------------------------------------------------------


def test_with_the_customers_agreement_it_is_renegotiated_and_both_dates_stay(cast, case, promise):
    after = promises.renegotiate(promise, pledge(), agreement="On the telephone at ten.", by=cast.nadia)
    before = fresh(promise)
    assert (before.state, before.due_at, before.agreement) == ("renegotiated", DUE, "On the telephone at ten.")
    assert (after.replaces, after.due_at, after.state) == (promise, WEDNESDAY, "open")
    assert fresh(case).next_promise == after


def test_without_agreement_it_is_moved_and_both_dates_stay(cast, case, promise):
    after = promises.move(promise, pledge(), reason="The part is late.", by=cast.nadia)
    before = fresh(promise)
    assert (before.state, before.due_at, before.reason) == ("moved", DUE, "The part is late.")
    assert (after.replaces, after.due_at) == (promise, WEDNESDAY)
    assert case.entries.latest("pk").data["from"] == "2026-03-10T14:00:00Z"


def test_without_a_word_of_agreement_it_is_not_renegotiated(cast, promise):
    with pytest.raises(Refused) as refused:
        promises.renegotiate(promise, pledge(), agreement=" ", by=cast.nadia)
    assert refused.value.code == "agreement_needed"


def test_without_a_reason_it_is_not_moved(cast, promise):
    with pytest.raises(Refused) as refused:
        promises.move(promise, pledge(), reason=" ", by=cast.nadia)
    assert refused.value.code == "reason_needed"


@pytest.mark.parametrize("swept", [True, False], ids=["after a sweep", "before any sweep"])
@pytest.mark.parametrize("verb, words", [(promises.move, "reason"), (promises.renegotiate, "agreement")])
def test_what_is_late_can_no_longer_be_moved(cast, promise, verb, words, swept):
    if swept:
        promises.break_due(DUE)
    with clock.at(DUE), pytest.raises(Refused) as refused:
        verb(promise, pledge(), by=cast.nadia, **{words: "Later."})
    assert refused.value.code == "promise_broken"
    assert fresh(promise).due_at == DUE


def test_a_moved_promise_ends_no_second_time(cast, promise):
    promises.move(promise, pledge(), reason="The part is late.", by=cast.nadia)
    with pytest.raises(Conflict):
        promises.move(promise, pledge(hours=48), reason="Later still.", by=cast.nadia)
    with pytest.raises(Conflict):
        promises.keep(promise, said="Hello.", by=cast.nadia)


def test_the_first_date_is_found_through_every_move(cast, promise):
    second = promises.move(promise, pledge(hours=24), reason="Late.", by=cast.nadia)
    third = promises.renegotiate(second, pledge(hours=48), agreement="By mail.", by=cast.nadia)
    assert third.replaces.replaces == promise


# -- pointless ---------------------------------------------------------------------------------------------------------


def test_the_customers_yes_makes_what_is_ahead_moot_and_leaves_what_is_late_broken(cast, case, promise):
    ahead = promises.make(case, pledge(hours=48), by=cast.nadia)
    with clock.at(WEDNESDAY):
        answering.say_yes(case, by=cast.carla)
    assert (fresh(promise).state, fresh(ahead).state) == ("broken", "moot")


@pytest.mark.parametrize("how", ["override", "no answer"])
def test_no_other_closing_makes_a_promise_moot(cast, case, promise, how):
    if how == "override":
        closing.override(case, reason="A double.", by=cast.sam)
    else:
        proposed(case, cast.nadia)
        silence.unconfirm(case, by=LOG)
        silence.close_unanswered(case, by=cast.sam)
    assert fresh(promise).state == "open"
    promises.break_due(WEDNESDAY)
    assert fresh(promise).state == "broken"


# -- the desk's own word -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["not yet", "writing again", "a yes that waits"])
def test_where_the_customers_act_ends_the_last_promise_the_desk_promises_by_itself(cast, case, promise, act):
    subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    proposed(case, cast.nadia)
    promises.keep(promise, said="I called.", by=cast.nadia)
    {
        "not yet": lambda: answering.say_not_yet(case, by=cast.carla),
        "writing again": lambda: conversation.customer_writes(case, "Hm.", by=cast.carla),
        "a yes that waits": lambda: answering.say_yes(case, by=cast.carla),
    }[act]()
    made = fresh(case).next_promise
    assert (made.made_by, made.due_at, made.words) == (DESK.value, DUE, "be in touch with you")
