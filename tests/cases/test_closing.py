"""Closing: the customer ends it, silence never does, and the only way round is visible (design rules 2 and 3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.models import Case, Resolution
from cases.models.timeline import Kind
from cases.verbs import answering, closing, conversation, ownership, promises, proposing, silence, subtasks
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import (
    REMINDERS,
    SILENCE,
    TUESDAY,
    WEDNESDAY,
    a_case,
    as_at_commit,
    everything,
    first_promise,
    fresh,
    kinds,
    latest_entry,
    pledge,
    proposed,
)


@pytest.fixture
def part(cast, case):
    return subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)


# -- proposing ---------------------------------------------------------------------------------------------------------


def test_a_proposal_asks_the_customer_and_says_which_wish_it_meets(cast, case):
    resolution = proposed(case, cast.nadia)
    assert (fresh(case).state, resolution.meets.words) == (Case.State.PROPOSED, "The upgrade works")
    assert case.messages.latest("pk").body == resolution.words


@pytest.mark.parametrize(
    "facts, code",
    [
        pytest.param({"kind": "magic"}, "kind_needed", id="no such kind"),
        pytest.param({"words": " "}, "words_needed", id="no words"),
        pytest.param({"words": "x" * (conversation.LONGEST + 1)}, "words_too_long", id="too many words"),
        pytest.param({"why_none": " "}, "wish_needed", id="neither a wish nor why none"),
    ],
)
def test_a_proposal_that_says_too_little_or_too_much_is_refused(cast, case, facts, code):
    before = everything()
    with pytest.raises(Refused) as refused:
        proposing.propose(
            case, by=cast.nadia, **{"kind": "solved", "words": "Done.", "why_none": "None fits.", **facts}
        )
    assert refused.value.code == code
    assert everything() == before


def test_another_customers_wish_is_not_met_here(cast, case):
    other = a_case(cast.mallory)
    with pytest.raises(Refused) as refused:
        proposing.propose(case, kind="solved", words="Done.", meets=other.preferences.first(), by=cast.nadia)
    assert refused.value.code == "not_this_case"


def test_a_proposal_made_anew_takes_the_place_of_the_one_that_stands(cast, case):
    first = proposed(case, cast.nadia)
    second = proposed(case, cast.nadia, words="Now it really works.")
    assert (fresh(first).ended_at, fresh(first).answer) == (TUESDAY, "")
    assert list(case.resolutions.filter(ended_at=None)) == [second]
    assert not first.reminders.filter(waived_at=None).exists()


def test_a_form_sent_twice_proposes_once_even_when_the_customer_was_quicker(cast, case):
    form = {"kind": "solved", "words": "Done.", "why_none": "None fits.", "once": "k", "by": cast.nadia}
    first = proposing.propose(case, **form)
    answering.say_not_yet(case, by=cast.carla)
    assert proposing.propose(case, **form) == first
    assert fresh(case).state == Case.State.OPEN


def test_a_proposal_can_keep_the_promise_it_answers(cast, case):
    proposing.propose(case, kind="solved", words="Done.", why_none="None.", keeps=[first_promise(case)], by=cast.nadia)
    assert first_promise(case).state == "kept"
    assert (fresh(case).next_step, fresh(case).next_due_at) == (Case.NextStep.REMINDER, REMINDERS[0])


def test_on_a_closed_case_nothing_is_proposed(cast, case):
    answering.say_yes(case, by=cast.carla)
    with pytest.raises(Refused) as refused:
        proposed(case, cast.nadia)
    assert refused.value.code == "case_closed"


# -- yes ---------------------------------------------------------------------------------------------------------------


def test_the_customers_yes_closes_the_case(cast, case):
    proposed(case, cast.nadia)
    answering.say_yes(case, words="Thank you!", by=cast.carla)
    case = fresh(case)
    assert (case.state, case.outcome, case.closed_by, case.closed_at, case.closed_by_agent) == (
        "closed",
        "confirmed",
        "customer",
        TUESDAY,
        None,
    )
    assert case.resolutions.get().answer == Resolution.Answer.YES
    assert case.latest_words == "Thank you!"


def test_the_customer_may_end_it_before_anybody_asks(cast, case):
    answering.say_yes(case, by=cast.carla)
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_a_yes_with_an_open_part_waits_and_closes_with_the_last(cast, case, part):
    other = subtasks.ask(case, cast.warranty, "Look at the receipt", by=cast.nadia)
    proposed(case, cast.nadia)
    answering.say_yes(case, by=cast.carla)
    assert (fresh(case).state, fresh(case).yes_at) == (Case.State.OPEN, TUESDAY)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert fresh(case).is_open
    with clock.at(WEDNESDAY):
        subtasks.drop(other, reason="Not needed.", by=cast.nadia)
    case = fresh(case)
    assert (case.outcome, case.closed_by, case.closed_at, case.yes_at) == ("confirmed", "customer", WEDNESDAY, TUESDAY)
    as_at_commit()


@pytest.mark.parametrize("ending", ["done", "not_ours", "drop"])
def test_whatever_way_the_last_part_ends_the_waiting_yes_closes(cast, case, part, ending):
    answering.say_yes(case, by=cast.carla)
    if ending == "done":
        subtasks.done(part, outcome="Fine.", by=cast.olga)
    elif ending == "not_ours":
        subtasks.not_ours(part, reason="The licence.", by=cast.olga)
    else:
        subtasks.drop(part, reason="Not needed.", by=cast.nadia)
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_a_waiting_yes_is_taken_back_by_not_yet(cast, case, part):
    answering.say_yes(case, by=cast.carla)
    answering.say_not_yet(case, by=cast.carla)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert (fresh(case).state, fresh(case).yes_at) == (Case.State.OPEN, None)


@pytest.mark.parametrize("who", ["nadia", "sam", "nobody", "mallory"])
def test_nobody_says_yes_for_the_customer(cast, case, who):
    proposed(case, cast.nadia)
    before = everything()
    for verb in (answering.say_yes, answering.say_not_yet):
        with pytest.raises(NotAllowed) as refused:
            verb(case, by=getattr(cast, who))
        assert refused.value.code == "customer_only"
    with pytest.raises(NotAllowed):
        answering.say_yes(case, by=LOG)
    assert everything() == before


# -- not yet -----------------------------------------------------------------------------------------------------------


def test_not_yet_is_open_again_at_once_with_the_same_owner(cast, case):
    proposed(case, cast.nadia)
    answering.say_not_yet(case, words="It fails again.", by=cast.carla)
    case = fresh(case)
    assert (case.state, case.owner, case.latest_words) == ("open", cast.nadia, "It fails again.")
    assert case.resolutions.get().answer == Resolution.Answer.NOT_YET
    assert not case.reminders.filter(waived_at=None).exists()


def test_not_yet_reopens_even_what_was_closed(cast, case):
    answering.say_yes(case, by=cast.carla)
    start = latest_entry()
    answering.say_not_yet(case, by=cast.carla)
    assert (fresh(case).state, fresh(case).owner, fresh(case).outcome) == ("open", cast.nadia, "")
    assert kinds(case, start) == [Kind.CUSTOMER_SAID_NOT_YET, Kind.PROMISE_MADE]
    assert case.entries.filter(kind=Kind.CUSTOMER_SAID_NOT_YET).get().data == {"was_closed": True}


def test_not_yet_to_what_nobody_proposed_is_silent(cast, case):
    before = everything()
    answering.say_not_yet(case, by=cast.carla)
    assert everything() == before


# -- close -------------------------------------------------------------------------------------------------------------


def test_close_is_refused_with_each_thing_in_the_way(cast, case, part):
    subtasks.ask(case, cast.warranty, "Look at the receipt", by=cast.nadia)
    with pytest.raises(Refused) as refused:
        closing.close(case, by=cast.nadia)
    found = refused.value.hindrances
    assert [hindrance.code for hindrance in found] == ["open_subtask", "open_subtask", "no_yes"]
    assert found[0].sentence == "Hardware has not finished (not seen yet): Test the board"
    assert found[0].anchor == f"subtask-{part.pk}"
    assert found[2].sentence == "Carla has not said that it is over."
    assert fresh(case).is_open


def test_a_proposal_that_was_not_answered_stands_in_the_way(cast, case):
    proposed(case, cast.nadia)
    with pytest.raises(Refused) as refused:
        closing.close(case, by=cast.nadia)
    assert [hindrance.sentence for hindrance in refused.value.hindrances] == ["Carla has not answered yet."]


@pytest.mark.parametrize("by", ["nadia", "sam", LOG], ids=str)
def test_close_is_refused_whoever_asks(cast, case, part, by):
    answering.say_yes(case, by=cast.carla)
    with pytest.raises(Refused) as refused:
        closing.close(case, by=by if by is LOG else getattr(cast, by))
    assert [hindrance.code for hindrance in refused.value.hindrances] == ["open_subtask"]


# -- silence -----------------------------------------------------------------------------------------------------------


def test_three_reminders_stand_two_five_and_eight_business_days_after_the_proposal(cast, case):
    resolution = proposed(case, cast.nadia)
    assert tuple(resolution.reminders.values_list("due_at", flat=True)) == REMINDERS
    assert resolution.unconfirmed_due_at == SILENCE


def test_each_reminder_is_written_down_at_its_time_and_the_case_waits_for_the_next(cast, case):
    proposed(case, cast.nadia)
    promises.keep(first_promise(case), said="Done.", by=cast.nadia)
    for sent, due in enumerate(REMINDERS):
        assert silence.remind_due(due - timedelta(seconds=1)) == 0
        assert fresh(case).next_due_at == due
        assert silence.remind_due(due) == 1
        assert case.reminders.filter(sent_at__isnull=False).count() == sent + 1
    assert (fresh(case).next_step, fresh(case).next_due_at) == (Case.NextStep.SUPERVISORS, SILENCE)


def test_two_business_days_after_the_last_reminder_it_is_unconfirmed_and_never_closed(cast, case):
    proposed(case, cast.nadia)
    promises.keep(first_promise(case), said="Done.", by=cast.nadia)
    silence.remind_due(SILENCE)
    assert silence.unconfirm_due(SILENCE - timedelta(seconds=1)) == 0
    with clock.at(SILENCE):
        assert silence.unconfirm_due(SILENCE) == 1
    assert (fresh(case).state, fresh(case).next_step) == (Case.State.UNCONFIRMED, Case.NextStep.SUPERVISORS)
    assert fresh(case).next_due_at == SILENCE + timedelta(days=2)
    for day in range(1, 400, 30):
        later = SILENCE + timedelta(days=day)
        silence.remind_due(later)
        silence.unconfirm_due(later)
    assert fresh(case).state == Case.State.UNCONFIRMED


def test_a_case_whose_reminders_have_not_gone_out_is_not_unconfirmed(cast, case):
    proposed(case, cast.nadia)
    assert silence.unconfirm_due(SILENCE) == 0
    silence.remind_due(SILENCE)
    assert silence.unconfirm_due(SILENCE) == 1


def test_yes_and_not_yet_are_heard_from_the_unconfirmed(cast, case):
    other = a_case(cast.carla)
    for each in (case, other):
        proposed(each, each.owner)
        silence.unconfirm(each, by=LOG)
    answering.say_yes(case, by=cast.carla)
    answering.say_not_yet(other, by=cast.carla)
    assert (fresh(case).outcome, fresh(other).state) == ("confirmed", "open")


def test_only_what_was_proposed_becomes_unconfirmed(cast, case):
    with pytest.raises(Refused) as refused:
        silence.unconfirm(case, by=LOG)
    assert refused.value.code == "nothing_proposed"


def test_a_supervisor_closes_the_unconfirmed_as_no_answer(cast, case):
    proposed(case, cast.nadia)
    silence.unconfirm(case, by=LOG)
    silence.close_unanswered(case, by=cast.sue)
    case = fresh(case)
    assert (case.outcome, case.closed_by, case.closed_by_agent, case.yes_at) == ("no_answer", "agent", cast.sue, None)


@pytest.mark.parametrize("state", ["open", "proposed"])
def test_no_answer_is_only_for_the_unconfirmed(cast, case, state):
    if state == "proposed":
        proposed(case, cast.nadia)
    with pytest.raises(Refused) as refused:
        silence.close_unanswered(case, by=cast.sam)
    assert refused.value.code == "not_unconfirmed"
    assert fresh(case).is_open


def test_no_answer_is_refused_over_an_open_part(cast, case, part):
    proposed(case, cast.nadia)
    silence.unconfirm(case, by=LOG)
    with pytest.raises(Refused) as refused:
        silence.close_unanswered(case, by=cast.sam)
    assert [hindrance.anchor for hindrance in refused.value.hindrances] == [f"subtask-{part.pk}"]
    assert fresh(case).state == Case.State.UNCONFIRMED


# -- override and reopen -----------------------------------------------------------------------------------------------


def test_a_supervisor_overrides_with_a_reason_over_everything(cast, case, part):
    with pytest.raises(Refused) as refused:
        closing.override(case, reason=" ", by=cast.sam)
    assert refused.value.code == "reason_needed"
    closing.override(case, reason="A double of C-10400.", by=cast.sam)
    case = fresh(case)
    assert (case.outcome, case.override_reason, case.closed_by_agent) == ("override", "A double of C-10400.", cast.sam)
    assert fresh(part).is_open


def test_what_the_customer_closed_is_not_overridden(cast, case):
    answering.say_yes(case, by=cast.carla)
    with pytest.raises(Conflict):
        closing.override(case, reason="A double.", by=cast.sam)
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_closing_ends_an_offer_that_nobody_answered(cast, case):
    offer = ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
    answering.say_yes(case, by=cast.carla)
    assert fresh(offer).state == "overtaken"


def test_the_owner_reopens_with_a_reason_and_a_promise(cast, case):
    answering.say_yes(case, by=cast.carla)
    for facts, code in (
        ({"reason": " ", "next_promise": pledge()}, "reason_needed"),
        ({"reason": "More."}, "next_promise_needed"),
    ):
        before = everything()
        with pytest.raises(Refused) as refused:
            closing.reopen(case, by=cast.nadia, **facts)
        assert refused.value.code == code
        assert everything() == before
    closing.reopen(case, reason="More.", next_promise=pledge(), by=cast.nadia)
    assert (fresh(case).state, fresh(case).owner, fresh(case).yes_at) == ("open", cast.nadia, None)
