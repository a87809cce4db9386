"""What is no case at all is put aside, hurts nobody there, and comes back in when that was wrong (design section 3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case, Entry
from cases.models.timeline import Kind
from cases.verbs import answering, aside, closing, conversation, promises, proposing, subtasks
from escalations.models import Flag
from escalations.sweep import sweep
from supportdesk import clock
from supportdesk.errors import Conflict, Refused
from tests.cast import TUESDAY, WEDNESDAY, everything, first_promise, fresh, kinds, latest_entry

IN_THIRTY_DAYS = TUESDAY + timedelta(days=30)


@pytest.mark.parametrize("why", Case.NotACase.values)
@pytest.mark.parametrize("who", ["nadia", "sam"])
def test_the_owner_or_a_supervisor_puts_it_aside_and_says_why(cast, case, why, who):
    aside.put_aside(case, why, by=getattr(cast, who))
    case = fresh(case)
    assert (case.state, case.outcome, case.not_a_case) == ("closed", "not_a_case", why)
    assert (case.closed_by_agent, case.closed_at) == (getattr(cast, who), TUESDAY)


@pytest.mark.parametrize("why", ["", "boring"])
def test_without_a_reason_nothing_is_put_aside(cast, case, why):
    with pytest.raises(Refused) as refused:
        aside.put_aside(case, why, by=cast.nadia)
    assert (refused.value.code, fresh(case).state) == ("why_needed", "open")


def test_it_is_refused_over_an_open_part(cast, case):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    with pytest.raises(Refused) as refused:
        aside.put_aside(case, "spam", by=cast.nadia)
    assert [hindrance.anchor for hindrance in refused.value.hindrances] == [f"subtask-{part.pk}"]
    subtasks.drop(part, reason="Spam.", by=cast.nadia)
    aside.put_aside(case, "spam", by=cast.nadia)


def test_what_has_ended_in_another_way_is_not_put_aside(cast, case):
    answering.say_yes(case, by=cast.carla)
    with pytest.raises(Conflict):
        aside.put_aside(case, "test", by=cast.nadia)


def test_another_reason_is_not_swallowed(cast, case):
    aside.put_aside(case, "spam", by=cast.nadia)
    with pytest.raises(Conflict):
        aside.put_aside(case, "test", by=cast.nadia)


def test_while_aside_no_promise_breaks_and_no_flag_rises(cast, case):
    told = {"kind": "cannot", "words": "No.", "tried": "All.", "why_none": "None."}
    proposing.propose(case, **told, by=cast.nadia)
    answering.do_not_accept(case, by=cast.carla)
    aside.put_aside(case, "spam", by=cast.nadia)
    before = everything()
    sweep(TUESDAY + timedelta(days=20))
    assert first_promise(case).state == "open"
    assert not Flag.objects.exists()
    assert everything() == before


def test_taken_back_in_it_is_open_with_its_owner_and_a_promise(cast, case):
    aside.put_aside(case, "mistake", by=cast.sam)
    start = latest_entry()
    with clock.at(WEDNESDAY):
        aside.take_back_in(case, by=cast.nadia)
        case = fresh(case)
        assert (case.state, case.owner, case.outcome, case.not_a_case) == ("open", cast.nadia, "", "")
        # What was promised before is late by now, and stays so; the desk promises anew.
        assert kinds(case, start) == [Kind.TAKEN_BACK_IN, Kind.PROMISE_MADE]
        promises.break_due(WEDNESDAY)
    assert first_promise(case).state == "broken"


def test_thirty_days_long_and_no_longer(cast, case):
    aside.put_aside(case, "spam", by=cast.nadia)
    with clock.at(IN_THIRTY_DAYS), pytest.raises(Refused) as refused:
        aside.take_back_in(case, by=cast.nadia)
    assert refused.value.code == "too_late"
    with clock.at(IN_THIRTY_DAYS - timedelta(seconds=1)):
        aside.take_back_in(case, by=cast.nadia)
    assert fresh(case).is_open


def test_only_what_was_put_aside_is_taken_back_in(cast, case):
    closing.override(case, reason="A double.", by=cast.sam)
    with pytest.raises(Conflict):
        aside.take_back_in(case, by=cast.nadia)


@pytest.mark.parametrize("how", ["not yet", "writing"])
def test_whoever_sent_it_objects_and_it_is_open_at_once_also_after_thirty_days(cast, case, how):
    aside.put_aside(case, "spam", by=cast.nadia)
    start = latest_entry()
    with clock.at(IN_THIRTY_DAYS + timedelta(days=1)):
        if how == "not yet":
            answering.say_not_yet(case, by=cast.carla)
        else:
            conversation.customer_writes(case, "I am no advertising!", by=cast.carla)
        case = fresh(case)
        assert (case.state, case.not_a_case, case.decide_by) == ("open", "", None)
        assert case.next_promise is not None
    assert Kind.PROMISE_MADE in kinds(case, start)
    assert Entry.objects.filter(case=case, kind=Kind.WROTE_AFTER_CLOSING).count() == 0
