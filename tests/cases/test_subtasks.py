"""Sub-tasks: each department does its part, the owner sees the whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.models import Case, Subtask
from cases.models.timeline import Kind
from cases.verbs import closing, subtasks
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, WEDNESDAY, an_agent, everything, fresh, kinds, latest_entry

LATER = WEDNESDAY + timedelta(days=1)


@pytest.fixture
def part(cast, case) -> Subtask:
    return subtasks.ask(case, cast.hardware, " Test the board ", plain_words="The board is tested.", by=cast.nadia)


def test_what_is_asked_waits_to_be_seen(cast, part):
    assert (part.ask, part.state, part.asked_at, part.asked_by_agent) == (
        "Test the board",
        "asked",
        TUESDAY,
        cast.nadia,
    )


@pytest.mark.parametrize("what", ["", " \n"])
def test_nothing_is_not_asked(cast, case, what):
    with pytest.raises(Refused) as refused:
        subtasks.ask(case, cast.hardware, what, by=cast.nadia)
    assert refused.value.code == "words_needed"


def test_what_the_customer_reads_about_it_has_an_end(cast, case):
    before = everything()
    with pytest.raises(Refused) as refused:
        subtasks.ask(case, cast.hardware, "Test", plain_words="x" * 201, by=cast.nadia)
    assert refused.value.code == "words_too_long"
    assert everything() == before


def test_a_closed_case_asks_nobody(cast, case):
    closing.say_yes(case, by=cast.carla)
    with pytest.raises(Refused) as refused:
        subtasks.ask(case, cast.hardware, "Test", by=cast.nadia)
    assert refused.value.code == "case_closed"


def test_asking_works_while_a_resolution_is_proposed(cast, case):
    closing.propose(case, kind="solved", words="Done.", why_none="None fits.", by=cast.nadia)
    part = subtasks.ask(case, cast.hardware, "Test", by=cast.nadia)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert fresh(case).state == Case.State.PROPOSED


def test_who_accepts_has_it_and_gives_a_date(cast, part):
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    part = fresh(part)
    assert (part.state, part.agent, part.committed_at, part.seen_at) == ("in_work", cast.olga, WEDNESDAY, TUESDAY)


@pytest.mark.parametrize("committed_at", [TUESDAY, TUESDAY - timedelta(days=1)])
def test_a_date_that_is_past_is_none(cast, part, committed_at):
    with pytest.raises(Refused) as refused:
        subtasks.accept(part, committed_at=committed_at, by=cast.olga)
    assert refused.value.code == "date_in_the_past"


def test_a_colleague_does_not_take_it_away(cast, part):
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    otto = an_agent("Otto Olsen", cast.hardware)
    with pytest.raises(Conflict, match="Olga Orlova has this already"):
        subtasks.accept(part, committed_at=LATER, by=otto)
    assert fresh(part).agent == cast.olga


def test_another_date_later_is_written_down_with_both(cast, case, part):
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    start = latest_entry()
    subtasks.accept(part, committed_at=LATER, by=cast.olga)
    entry = case.entries.latest("pk")
    assert kinds(case, start) == [Kind.SUBTASK_DATE_MOVED]
    assert (entry.data["from"], entry.data["to"]) == ("2026-03-11T10:00:00Z", "2026-03-12T10:00:00Z")


def test_late_is_a_question_about_time(cast, part):
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    part = fresh(part)
    assert not part.is_late(WEDNESDAY - timedelta(seconds=1))
    assert part.is_late(WEDNESDAY)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert not fresh(part).is_late(LATER)


ENDINGS = {
    "done": lambda part, by, words: subtasks.done(part, outcome=words, by=by),
    "not_ours": lambda part, by, words: subtasks.not_ours(part, reason=words, by=by),
    "dropped": lambda part, by, words: subtasks.drop(part, reason=words, by=by),
}
ENDED_BY = {"done": "olga", "not_ours": "olga", "dropped": "nadia"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_part_ends_with_words_and_keeps_who_ended_it(cast, part, ending):
    by = getattr(cast, ENDED_BY[ending])
    with pytest.raises(Refused) as refused:
        ENDINGS[ending](part, by, "  ")
    assert refused.value.code == "words_needed"
    ENDINGS[ending](part, by, " It is the licence. ")
    part = fresh(part)
    assert (part.state, part.outcome, part.ended_at, part.ended_by_agent) == (ending, "It is the licence.", TUESDAY, by)


@pytest.mark.parametrize("first", ENDINGS)
@pytest.mark.parametrize("second", ENDINGS)
def test_a_part_ends_once(cast, part, first, second):
    ENDINGS[first](part, getattr(cast, ENDED_BY[first]), "So it is.")
    before = everything()
    if first == second:
        ENDINGS[second](part, getattr(cast, ENDED_BY[second]), "So it is.")
    # Other words are not swallowed: who writes them is told that the part has been answered.
    with pytest.raises(Conflict):
        ENDINGS[second](part, getattr(cast, ENDED_BY[second]), "Otherwise.")
    assert everything() == before


def test_what_has_ended_is_not_accepted(cast, part):
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    with pytest.raises(Conflict):
        subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)


def test_dropped_unseen_was_never_seen(cast, part):
    subtasks.drop(part, reason="It starts again.", by=cast.nadia)
    assert fresh(part).seen_at is None


def test_not_ours_goes_back_to_the_owner_and_on_to_nobody(cast, case, part):
    subtasks.not_ours(part, reason="It is the licence.", by=cast.olga)
    assert case.subtasks.open().count() == 0
    assert case.subtasks.count() == 1


def test_a_supervisor_does_not_do_a_departments_work(cast, part):
    with pytest.raises(NotAllowed):
        subtasks.done(part, outcome="Fine.", by=cast.sam)


def test_a_replayed_log_does_what_its_people_did(cast, part):
    subtasks.done(part, outcome="So it was.", by=LOG)
    assert (fresh(part).state, fresh(part).ended_by_agent) == ("done", None)


def test_what_a_replayed_log_has_in_work_is_held_by_nobody_on_the_desk(cast, part):
    subtasks.accept(part, committed_at=WEDNESDAY, by=LOG)
    with clock.at(TUESDAY + timedelta(hours=1)):
        subtasks.accept(part, committed_at=LATER, by=cast.olga)
    assert (fresh(part).agent, fresh(part).committed_at) == (cast.olga, LATER)


def test_the_queue_of_a_department_shows_its_own_dates_first(cast, case, part):
    dated = subtasks.ask(case, cast.hardware, "Send a board", by=cast.nadia)
    subtasks.ask(case, cast.warranty, "Look at the receipt", by=cast.nadia)
    subtasks.accept(dated, committed_at=WEDNESDAY, by=cast.olga)
    assert list(Subtask.objects.open().of_department(cast.hardware).by_due()) == [dated, part]
