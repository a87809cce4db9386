"""Conversation: one voice to the customer, notes inside, and the customer's own words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import DESK, LOG
from cases.models import Case, Message
from cases.models.timeline import Kind
from cases.verbs import answering, assurances, closing, conversation, promises, silence, subtasks
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


def test_a_message_stands_before_the_customer_from_its_send_at(cast, case):
    later = conversation.write_to_customer(case, "Good morning.", send_at=WEDNESDAY, by=cast.nadia)
    before_her = case.messages.before_the_customer(WEDNESDAY - timedelta(seconds=1))
    assert later not in before_her
    assert later in case.messages.before_the_customer(WEDNESDAY)


def test_nothing_is_sent_into_the_past(cast, case):
    message = conversation.write_to_customer(case, "Hello.", send_at=TUESDAY - timedelta(days=1), by=cast.nadia)
    assert message.send_at == TUESDAY


def test_a_supervisor_may_speak_and_it_is_recorded_who_did(cast, case):
    conversation.write_to_customer(case, "I look after this myself.", by=cast.sam)
    assert case.entries.latest("pk").agent == cast.sam


def test_what_the_customer_wrote_is_new_until_we_write(cast, case):
    assert fresh(case).has_new_words
    with clock.at(TUESDAY + timedelta(minutes=5)):
        conversation.write_to_customer(case, "We look.", by=cast.nadia)
    assert not fresh(case).has_new_words


def test_a_message_that_goes_out_tomorrow_does_not_hide_what_the_customer_writes_today(cast, case):
    conversation.write_to_customer(case, "Good morning.", send_at=WEDNESDAY, by=cast.nadia)
    with clock.at(TUESDAY + timedelta(hours=1)):
        conversation.customer_writes(case, "It has become worse.", by=cast.carla)
    assert fresh(case).has_new_words


def test_to_a_closed_case_nothing_is_written(cast, case):
    answering.say_yes(case, by=cast.carla)
    before = everything()
    with pytest.raises(Refused) as refused:
        conversation.write_to_customer(case, "By the way.", by=cast.nadia)
    assert refused.value.code == "case_closed"
    assert everything() == before


@pytest.mark.parametrize("body, code", [(" \n", "words_needed"), ("x" * (conversation.LONGEST + 1), "words_too_long")])
@pytest.mark.parametrize(
    "verb, by",
    [
        (conversation.write_to_customer, "nadia"),
        (conversation.note, "ben"),
        (conversation.customer_writes, "carla"),
    ],
)
def test_words_are_needed_and_have_an_end(cast, case, verb, by, body, code):
    before = everything()
    with pytest.raises(Refused) as refused:
        verb(case, body, by=getattr(cast, by))
    assert (refused.value.code, refused.value.field) == (code, "body")
    assert everything() == before


@pytest.mark.parametrize("key", ["k", ""])
def test_only_a_form_with_a_key_is_known_again(cast, case, key):
    for _ in range(2):
        conversation.write_to_customer(case, "Hello.", once=key, by=cast.nadia)
    assert case.messages.filter(direction=Message.Direction.OUT).count() == (1 if key else 2)


# -- the customer writes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["yes", "override", "no answer"])
def test_the_customers_message_leaves_a_closed_case_closed_until_somebody_has_decided(cast, case, how):
    closed(cast, case, how)
    before, start = fresh(case), latest_entry()
    conversation.customer_writes(case, "It is back.", by=cast.carla)
    case = fresh(case)
    assert (case.state, case.owner, case.outcome) == ("closed", cast.nadia, before.outcome)
    assert (case.decide_by, case.latest_words) == (WEDNESDAY, "It is back.")
    assert kinds(case, start) == [Kind.WROTE_AFTER_CLOSING]


def test_more_words_do_not_move_the_date_of_the_decision(cast, case):
    closed(cast, case, "yes")
    conversation.customer_writes(case, "Thank you.", by=cast.carla)
    with clock.at(TUESDAY + timedelta(hours=3)):
        conversation.customer_writes(case, "And it is back.", by=cast.carla)
    assert fresh(case).decide_by == WEDNESDAY


def closed(cast, case, how):
    if how == "yes":
        answering.say_yes(case, by=cast.carla)
    elif how == "override":
        closing.override(case, reason="A double.", by=cast.sam)
    else:
        proposed(case, cast.nadia)
        silence.unconfirm(case, by=LOG)
        silence.close_unanswered(case, by=cast.sam)


def test_where_nothing_is_promised_any_more_the_desk_promises_within_four_business_hours(cast, case):
    proposed(case, cast.nadia)
    promises.keep(first_promise(case), said="It is in your account.", by=cast.nadia)
    conversation.customer_writes(case, "Where do I find it?", by=cast.carla)
    promise = fresh(case).next_promise
    assert (promise.words, promise.due_at, promise.made_by) == (
        "be in touch with you",
        TUESDAY + timedelta(hours=4),
        "desk",
    )


def test_where_something_is_promised_nothing_more_is(cast, case):
    conversation.customer_writes(case, "One more thing.", by=cast.carla)
    assert case.promises.count() == 1


def test_free_text_is_never_read_as_a_yes(cast, case):
    proposed(case, cast.nadia)
    conversation.customer_writes(case, "Yes, it is solved, thank you!", by=cast.carla)
    assert (fresh(case).state, fresh(case).yes_at) == (Case.State.PROPOSED, None)


def test_who_has_written_is_not_reminded_any_more_but_can_still_say_yes(cast, case):
    proposed(case, cast.nadia)
    conversation.customer_writes(case, "Wait, I try it.", by=cast.carla)
    assert silence.remind_due(TUESDAY + timedelta(days=60)) == 0
    assert silence.unconfirm_due(TUESDAY + timedelta(days=60)) == 0
    answering.say_yes(case, by=cast.carla)
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_writing_ends_the_unconfirmed(cast, case):
    proposed(case, cast.nadia)
    silence.unconfirm(case, by=LOG)
    conversation.customer_writes(case, "I was on holiday.", by=cast.carla)
    assert fresh(case).state == Case.State.PROPOSED
    with pytest.raises(Refused):
        silence.close_unanswered(case, by=cast.sam)


def test_what_lists_show_follows_the_customers_last_words(cast, case):
    with clock.at(WEDNESDAY):
        conversation.customer_writes(case, "It  is\nback.", by=cast.carla)
    assert (fresh(case).latest_words, fresh(case).customer_wrote_at) == ("It is back.", WEDNESDAY)


# -- promises kept by a message ----------------------------------------------------------------------------------------


def test_a_message_keeps_the_promises_that_it_names(cast, case):
    second = promises.make(case, pledge("send you the key"), by=cast.nadia)
    message = conversation.write_to_customer(case, "Here I am.", keeps=[first_promise(case)], by=cast.nadia)
    assert (first_promise(case).state, first_promise(case).kept_by) == ("kept", message)
    assert fresh(second).state == "open"


def test_a_message_that_keeps_the_last_promise_carries_the_next(cast, case):
    before = everything()
    with pytest.raises(Refused) as refused:
        conversation.write_to_customer(case, "Here I am.", keeps=[first_promise(case)], by=cast.nadia)
    assert (refused.value.code, refused.value.status) == ("next_promise_needed", 422)
    assert everything() == before
    conversation.write_to_customer(
        case, "Here I am.", keeps=[first_promise(case)], next_promise=pledge(), by=cast.nadia
    )
    assert fresh(case).next_promise.words == "call you"


def test_a_message_that_goes_out_later_keeps_nothing_yet(cast, case):
    before = everything()
    with pytest.raises(Refused) as refused:
        conversation.write_to_customer(
            case,
            "Good morning.",
            send_at=TUESDAY + timedelta(hours=1),
            keeps=[first_promise(case)],
            next_promise=pledge(),
            by=cast.nadia,
        )
    assert refused.value.code == "not_sent_yet"
    assert everything() == before


def test_a_promise_of_another_case_is_not_kept_here(cast, case):
    other = a_case(cast.mallory)
    with pytest.raises(Refused) as refused:
        conversation.write_to_customer(case, "Hello.", keeps=[first_promise(other)], by=cast.nadia)
    assert refused.value.code == "not_this_case"
    assert first_promise(other).state == "open"


def test_a_note_is_for_everybody_on_the_staff_and_never_before_the_customer(cast, case):
    subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    note = conversation.note(case, "  The board is from 2024. ", by=cast.olga)
    assert (note.body, note.agent) == ("The board is from 2024.", cast.olga)
    assert not Message.objects.filter(body__contains="2024").exists()


# -- calls that reach nobody -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["voice_mail", "no_answer", "engaged"])
def test_a_call_that_reaches_nobody_keeps_nothing_and_is_listed_on_the_promise(cast, case, how):
    before = fresh(case)
    tried = conversation.attempt(case, how, promise=first_promise(case), by=cast.nadia)
    assert (tried.how, tried.at, tried.agent, tried.promise) == (how, TUESDAY, cast.nadia, first_promise(case))
    assert first_promise(case).state == "open"
    assert fresh(case).next_due_at == before.next_due_at
    assert fresh(case).we_wrote_at is None, "Nobody has been told anything."
    assert not case.messages.filter(direction=Message.Direction.OUT).exists()


def test_a_late_promise_is_tried_for_and_stays_owed(cast, case):
    with clock.at(WEDNESDAY):
        conversation.attempt(case, "voice_mail", promise=first_promise(case), by=cast.nadia)
    assert first_promise(case).is_owed and first_promise(case).is_broken(WEDNESDAY)


def test_nothing_is_tried_for_a_promise_that_has_ended_or_is_anothers(cast, case):
    other = a_case(cast.mallory)
    with pytest.raises(Refused) as refused:
        conversation.attempt(case, "engaged", promise=first_promise(other), by=cast.nadia)
    assert refused.value.code == "not_this_case"
    promises.keep(first_promise(case), said="We spoke.", next_promise=pledge(), by=cast.nadia)
    with pytest.raises(Conflict) as refused:
        conversation.attempt(case, "engaged", promise=first_promise(case), by=cast.nadia)
    assert refused.value.code == "promise_ended"


def test_how_it_failed_is_one_of_three(cast, case):
    with pytest.raises(Refused) as refused:
        conversation.attempt(case, "bored", by=cast.nadia)
    assert refused.value.code == "how_needed"


def test_two_calls_are_two_attempts(cast, case):
    for key in ("one", "two"):
        conversation.attempt(case, "no_answer", once=key, by=cast.nadia)
    assert case.attempts.count() == 2


def test_to_a_closed_case_nobody_is_called(cast, case):
    answering.say_yes(case, by=cast.carla)
    with pytest.raises(Refused) as refused:
        conversation.attempt(case, "no_answer", by=cast.nadia)
    assert refused.value.code == "case_closed"


# -- what did not arrive -----------------------------------------------------------------------------------------------


def wrote_back(case, cast, *keeps):
    """Nadia's answer, which keeps promises and carries the next."""
    return conversation.write_to_customer(
        case, "We found it.", keeps=keeps, next_promise=pledge("write again", hours=48), by=cast.nadia
    )


def test_what_a_message_kept_is_owed_again_when_it_did_not_arrive(cast, case):
    promise = first_promise(case)
    with clock.at(TUESDAY + timedelta(hours=1)):
        message = wrote_back(case, cast, promise)
    start = latest_entry()
    with clock.at(TUESDAY + timedelta(hours=2)):
        conversation.did_not_arrive(message, "the mailbox is full.", by=DESK)
    promise, message = fresh(promise), fresh(message)
    assert (promise.state, promise.ended_at, promise.kept_by, message.delivery) == ("open", None, None, "not_arrived")
    assert kinds(case, start) == [Kind.MESSAGE_DID_NOT_ARRIVE]
    entry = case.entries.latest("pk")
    assert (entry.message, entry.promise) == (message, promise)
    assert entry.data == {"why": "the mailbox is full", "owed_again": [promise.pk]}
    tried = promise.attempts.get()
    assert (tried.how, tried.agent, tried.at) == ("bounced", cast.nadia, TUESDAY + timedelta(hours=2))
    assert fresh(case).next_promise == promise
    assert fresh(case).has_new_words


def test_what_was_due_in_the_meantime_is_broken_at_its_due_time(cast, case):
    promise = first_promise(case)
    with clock.at(TUESDAY + timedelta(hours=1)):
        message = wrote_back(case, cast, promise)
    start = latest_entry()
    with clock.at(TUESDAY + timedelta(hours=5)):
        conversation.did_not_arrive(message, "", by=DESK)
    assert kinds(case, start) == [Kind.MESSAGE_DID_NOT_ARRIVE, Kind.PROMISE_BROKEN]
    assert (fresh(promise).state, fresh(promise).ended_at, fresh(promise).answered_at) == (
        "broken",
        promise.due_at,
        None,
    )
    assert fresh(case).next_promise == promise


def test_a_broken_promise_that_it_answered_is_owed_again(cast, case):
    promise = first_promise(case)
    with clock.at(WEDNESDAY):
        message = wrote_back(case, cast, promise)
        assert fresh(promise).answered_at == WEDNESDAY
        start = latest_entry()
        conversation.did_not_arrive(message, "no such address", by=DESK)
    assert kinds(case, start) == [Kind.MESSAGE_DID_NOT_ARRIVE]
    assert (fresh(promise).state, fresh(promise).answered_at) == ("broken", None)
    assert case.entries.filter(kind=Kind.PROMISE_BROKEN).count() == 1


def test_whoever_made_sure_still_does_and_an_earlier_message_still_counts(cast, case):
    with clock.at(TUESDAY + timedelta(minutes=5)):
        first = conversation.write_to_customer(case, "We look.", by=cast.nadia)
    with clock.at(TUESDAY + timedelta(minutes=10)):
        assurance = assurances.take_call(case, "Nobody called me.", by=cast.ben)
    with clock.at(TUESDAY + timedelta(minutes=15)):
        message = conversation.write_to_customer(case, "I am on it.", by=cast.nadia)
    assert fresh(assurance).ended_at is not None
    with clock.at(WEDNESDAY):
        conversation.did_not_arrive(message, "the mailbox is full", by=DESK)
    assert fresh(assurance).ended_at is None
    assert fresh(case).we_wrote_at == first.written_at


def test_what_a_closed_case_came_to_stays(cast, case):
    promise = first_promise(case)
    message = wrote_back(case, cast, promise)
    answering.say_yes(case, by=cast.carla)
    conversation.did_not_arrive(message, "the mailbox is full", by=DESK)
    assert (fresh(promise).state, fresh(case).state) == ("kept", "closed")


@pytest.mark.parametrize(("which", "code"), [("hers", "not_ours"), ("later", "not_sent_yet"), ("spoken", "was_spoken")])
def test_only_what_we_wrote_and_has_gone_out_can_come_back(cast, case, which, code):
    promises.keep(first_promise(case), said="I called.", next_promise=pledge(hours=48), by=cast.nadia)
    messages = {
        "hers": case.messages.earliest("pk"),
        "later": conversation.write_to_customer(case, "Good morning.", send_at=WEDNESDAY, by=cast.nadia),
        "spoken": case.messages.get(delivery="spoken"),
    }
    before = everything()
    with pytest.raises(Refused) as refused:
        conversation.did_not_arrive(messages[which], "the mailbox is full", by=DESK)
    assert refused.value.code == code
    assert everything() == before
