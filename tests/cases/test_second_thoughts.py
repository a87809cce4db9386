"""When somebody says something else than before: nothing is lost, and nothing is taken for what it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import InternalError, transaction

from cases.models import Message, Promise
from cases.verbs import answering, closing, conversation, ownership, promises, silence, subtasks
from portal import answers
from supportdesk import clock
from supportdesk.errors import Conflict, Refused
from tests.cast import TUESDAY, a_case, as_the_owner, first_promise, fresh, kinds, latest_entry, pledge, proposed

pytestmark = pytest.mark.django_db


def test_a_form_that_went_back_and_was_written_anew_is_a_second_message(case, cast):
    conversation.write_to_customer(case, "First.", by=cast.nadia, once="k" * 22)
    conversation.write_to_customer(case, "Second.", by=cast.nadia, once="k" * 22)
    conversation.write_to_customer(case, "First.", by=cast.nadia, once="k" * 22)
    assert list(case.messages.filter(direction="out").values_list("body", flat=True)) == ["First.", "Second."]


def test_a_key_that_another_case_has_used_hinders_nobody(case, cast):
    other = a_case(cast.mallory)
    conversation.customer_writes(case, "Hello?", by=cast.carla, once="k" * 22)
    conversation.customer_writes(other, "Hello?", by=cast.mallory, once="k" * 22)
    assert Message.objects.filter(body="Hello?").count() == 2


def test_the_same_proposal_is_made_anew_when_the_customer_has_written_since(case, cast):
    proposed(case, cast.nadia)
    conversation.customer_writes(case, "Where is it?", by=cast.carla)
    assert not case.reminders.filter(waived_at=None).exists()
    proposed(case, cast.nadia)
    assert case.reminders.filter(waived_at=None).count() == 3


def test_a_yes_to_what_was_taken_back_does_not_count(case, cast):
    on_the_page = proposed(case, cast.nadia)
    closing.reopen(case, reason="Not done after all.", next_promise=pledge(), by=cast.nadia)
    with pytest.raises(Conflict):
        answers.yes(case, by=cast.carla, about=on_the_page.pk)
    assert fresh(case).is_open


def test_words_after_a_waiting_yes_take_it_back(case, cast):
    part = subtasks.ask(case, cast.hardware, "Look at it.", by=cast.nadia)
    answering.say_yes(case, by=cast.carla)
    conversation.customer_writes(case, "Stop, it is broken again!", by=cast.carla)
    subtasks.done(part, outcome="Looked.", by=cast.olga)
    assert fresh(case).is_open


def test_what_was_promised_after_the_yes_outlives_it(case, cast):
    part = subtasks.ask(case, cast.hardware, "Look at it.", by=cast.nadia)
    answering.say_yes(case, by=cast.carla)
    with clock.at(TUESDAY + timedelta(minutes=5)):
        refund = promises.make(case, pledge("send you the refund"), by=cast.nadia)
        subtasks.done(part, outcome="Looked.", by=cast.olga)
    assert fresh(case).outcome == "confirmed"
    assert fresh(refund).state == Promise.State.OPEN


def test_not_yet_to_a_case_with_a_broken_promise_is_promised_a_new_word(case, cast):
    with clock.at(first_promise(case).due_at + timedelta(days=1)):
        answering.say_yes(case, by=cast.carla)
        answering.say_not_yet(case, by=cast.carla)
        assert fresh(case).promises.filter(state="open", due_at__gt=clock.now()).exists()


def test_a_promise_kept_in_other_words_is_not_swallowed(case, cast):
    promises.keep(first_promise(case), said="I rang.", next_promise=pledge(), by=cast.nadia)
    with pytest.raises(Conflict):
        promises.keep(first_promise(case), said="I wrote.", next_promise=pledge(), by=cast.nadia)


def test_speaking_with_the_unconfirmed_ends_the_silence(case, cast):
    proposed(case, cast.nadia)
    with clock.at(TUESDAY + timedelta(days=20)):
        silence.remind_due(clock.now())
        silence.unconfirm_due(clock.now())
        promises.keep(first_promise(case), said="She will try tonight.", next_promise=pledge(), by=cast.nadia)
        with pytest.raises(Refused):
            silence.close_unanswered(case, by=cast.sam)


def test_nobody_calls_a_customer_silent_who_is_still_reminded(case, cast):
    proposed(case, cast.nadia)
    with pytest.raises(Refused, match="still being reminded"):
        silence.unconfirm(case, by=cast.sam)


def test_a_date_beyond_a_year_is_refused(case, cast):
    part = subtasks.ask(case, cast.hardware, "Look at it.", by=cast.nadia)
    with pytest.raises(Refused, match="within a year"):
        subtasks.accept(part, committed_at=TUESDAY + timedelta(days=400), by=cast.olga)


def test_an_unchanged_date_that_is_past_is_no_answer(case, cast):
    part = subtasks.ask(case, cast.hardware, "Look at it.", by=cast.nadia)
    subtasks.accept(part, committed_at=TUESDAY + timedelta(hours=1), by=cast.olga)
    with clock.at(TUESDAY + timedelta(hours=2)), pytest.raises(Refused):
        subtasks.accept(part, committed_at=TUESDAY + timedelta(hours=1), by=cast.olga)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_what_was_said_stays_as_it_was_said(case, change):
    with pytest.raises(InternalError), transaction.atomic():
        as_the_owner()
        if change == "update":
            case.messages.update(body="Never said.")
        else:
            case.messages.all().delete()


def test_the_reason_of_an_override_outlives_its_reopening(case, cast):
    before = latest_entry()
    closing.override(case, reason="Gone.", by=cast.sam)
    closing.reopen(case, reason="Not gone.", next_promise=pledge(), by=cast.nadia)
    assert fresh(case).override_reason == "Gone."
    assert kinds(case, before)[-2:] == ["reopened", "promise_made"]


def test_a_supervisor_who_handed_the_case_on_does_not_judge_what_broke_before(case, cast):
    from escalations import flags
    from escalations.models import Flag
    from escalations.sweep import sweep
    from supportdesk.errors import NotAllowed

    ownership.take_over(case, reason="Mine.", by=cast.sam)
    with clock.at(first_promise(case).due_at + timedelta(minutes=1)):
        sweep(clock.now())
        ownership.accept(ownership.hand_over(case, cast.nadia, brief="Yours.", by=cast.sam), by=cast.nadia)
        flag = Flag.objects.get(rule="promise_broken")
        with pytest.raises(NotAllowed):
            flags.settle(flag, reason="Fine.", by=cast.sam)
        flags.settle(flag, reason="Asked Carla.", by=cast.sue)
