"""Sub-tasks: each department does its part, the owner sees the whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.models import Case, Entry, Notice, Subtask
from cases.models.timeline import Kind
from cases.reading import case_for_page, hanging_on, in_order
from cases.sentences import sentence
from cases.verbs import answering, closing, joining, ownership, proposing, subtasks
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, WEDNESDAY, a_case, an_agent, everything, fresh, kinds, latest_entry

SOONER = TUESDAY + timedelta(hours=4)
LATER = WEDNESDAY + timedelta(days=1)


@pytest.fixture
def part(cast, case) -> Subtask:
    return subtasks.ask(case, cast.hardware, " Test the board ", plain_words="The board is tested.", by=cast.nadia)


@pytest.fixture
def in_work(cast, part) -> Subtask:
    """Olga has it, and has said Wednesday."""
    return subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)


def notices():
    """Who has been told what."""
    announce()
    return [(notice.agent.first_name, notice.entry.kind) for notice in Notice.objects.order_by("pk")]


def refusal_of(act, kind=Refused) -> str:
    """The code of the refusal that the act meets, leaving everything as it was."""
    before = everything()
    with pytest.raises(kind) as refused:
        act()
    assert everything() == before
    return refused.value.code


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
    answering.say_yes(case, by=cast.carla)
    with pytest.raises(Refused) as refused:
        subtasks.ask(case, cast.hardware, "Test", by=cast.nadia)
    assert refused.value.code == "case_closed"


def test_asking_works_while_a_resolution_is_proposed(cast, case):
    proposing.propose(case, kind="solved", words="Done.", why_none="None fits.", by=cast.nadia)
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


def test_an_earlier_date_holds_at_once_and_is_written_down_with_both(cast, case, in_work):
    start = latest_entry()
    subtasks.accept(in_work, committed_at=SOONER, by=cast.olga)
    entry = case.entries.latest("pk")
    assert kinds(case, start) == [Kind.SUBTASK_DATE_MOVED]
    assert (entry.data["from"], entry.data["to"]) == ("2026-03-11T10:00:00Z", "2026-03-10T14:00:00Z")
    assert ("Nadia", Kind.SUBTASK_DATE_MOVED) in notices()


def test_late_is_a_question_about_time(cast, part):
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    part = fresh(part)
    assert not part.is_late(WEDNESDAY - timedelta(seconds=1))
    assert part.is_late(WEDNESDAY)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert not fresh(part).is_late(LATER)


# -- waiting -----------------------------------------------------------------------------------------------------------


def test_waiting_says_what_for_since_when_and_keeps_the_date(cast, in_work):
    part = subtasks.wait(in_work, " the board from the maker. ", by=cast.olga)
    part = fresh(part)
    assert (part.state, part.waiting_for, part.waiting_since) == ("waiting", "the board from the maker", TUESDAY)
    assert (part.committed_at, part.agent) == (WEDNESDAY, cast.olga)
    assert ("Nadia", Kind.SUBTASK_WAITS) in notices()


def test_what_it_waited_for_stays_to_be_read_after_it_has_gone_on(cast, case, in_work):
    subtasks.wait(in_work, "the board", by=cast.olga)
    subtasks.go_on(in_work, by=cast.olga)
    part = fresh(in_work)
    assert (part.state, part.waiting_for, part.waiting_since) == ("in_work", "", None)
    assert case.entries.get(kind=Kind.SUBTASK_WAITS).note.body == "Waiting for the board."
    assert not Entry.objects.filter(data__icontains="board").exists(), "Words of people stand in their own rows."


def test_only_what_is_in_work_waits(cast, part):
    assert refusal_of(lambda: subtasks.wait(part, "the board", by=cast.olga)) == "not_in_work"
    assert refusal_of(lambda: subtasks.go_on(part, by=cast.olga)) == "not_in_work"


@pytest.mark.parametrize("what_for, code", [(" \n", "words_needed"), ("x" * 201, "words_too_long")])
def test_what_it_waits_for_is_named_in_a_few_words(cast, in_work, what_for, code):
    assert refusal_of(lambda: subtasks.wait(in_work, what_for, by=cast.olga)) == code


def test_it_waits_for_one_thing_at_a_time(cast, in_work):
    subtasks.wait(in_work, "the board", by=cast.olga)
    assert refusal_of(lambda: subtasks.wait(in_work, "the screws", by=cast.olga), Conflict) == "waits_already"


def test_what_waits_is_late_as_well(cast, in_work):
    subtasks.wait(in_work, "the board", by=cast.olga)
    assert fresh(in_work).is_late(WEDNESDAY)
    assert in_work in Subtask.objects.late(WEDNESDAY)


def test_what_waits_can_be_given_an_earlier_date_and_goes_on_waiting(cast, in_work):
    subtasks.wait(in_work, "the board", by=cast.olga)
    subtasks.accept(in_work, committed_at=SOONER, by=cast.olga)
    assert (fresh(in_work).state, fresh(in_work).committed_at) == ("waiting", SOONER)


# -- a later date ------------------------------------------------------------------------------------------------------


def test_a_later_date_is_not_the_departments_own_decision(cast, in_work):
    assert refusal_of(lambda: subtasks.accept(in_work, committed_at=LATER, by=cast.olga)) == "later_is_asked"


def test_asked_for_it_changes_nothing_until_the_owner_has_answered(cast, in_work):
    subtasks.ask_later(in_work, LATER, " The board is late. ", by=cast.olga)
    part = fresh(in_work)
    assert (part.committed_at, part.later_at, part.later_reason) == (WEDNESDAY, LATER, "The board is late.")
    assert part.is_late(WEDNESDAY), "The date that was given still holds."
    assert ("Nadia", Kind.SUBTASK_LATER_ASKED) in notices()


def test_granted_it_is_the_departments_date_and_who_has_it_is_told(cast, case, in_work):
    subtasks.ask_later(in_work, LATER, "The board is late.", by=cast.olga)
    subtasks.grant_later(in_work, LATER, by=cast.nadia)
    part, entry = fresh(in_work), case.entries.latest("pk")
    assert (part.committed_at, part.later_at, part.later_reason) == (LATER, None, "")
    assert entry.kind == Kind.SUBTASK_DATE_MOVED
    assert sentence(entry) == "Nadia Novak gave Hardware until Thu 12 Mar, 10:00 instead of Wed 11 Mar, 10:00"
    assert ("Olga", Kind.SUBTASK_DATE_MOVED) in notices()


def test_refused_the_date_stays_and_who_has_it_reads_why(cast, case, in_work):
    subtasks.ask_later(in_work, LATER, "The board is late.", by=cast.olga)
    subtasks.refuse_later(in_work, LATER, reason="Carla leaves on Thursday.", by=cast.nadia)
    assert (fresh(in_work).committed_at, fresh(in_work).later_at) == (WEDNESDAY, None)
    assert case.entries.latest("pk").note.body == "Carla leaves on Thursday."
    assert ("Olga", Kind.SUBTASK_LATER_REFUSED) in notices()


def test_a_second_ask_replaces_the_first_which_nobody_can_answer_any_more(cast, in_work):
    subtasks.ask_later(in_work, LATER, "The board is late.", by=cast.olga)
    much_later = LATER + timedelta(days=30)
    subtasks.ask_later(in_work, much_later, "The board is lost.", by=cast.olga)
    for answer in (subtasks.grant_later, subtasks.refuse_later):
        act = lambda answer=answer: answer(in_work, LATER, by=cast.nadia)  # noqa: E731
        assert refusal_of(act, Conflict) == "not_asked_any_more"
    subtasks.grant_later(in_work, much_later, by=cast.nadia)
    assert fresh(in_work).committed_at == much_later


def test_who_answers_after_somebody_else_has_answered_otherwise_is_told(cast, in_work):
    subtasks.ask_later(in_work, LATER, "The board is late.", by=cast.olga)
    subtasks.grant_later(in_work, LATER, by=cast.sam)
    act = lambda: subtasks.refuse_later(in_work, LATER, by=cast.nadia)  # noqa: E731
    assert refusal_of(act, Conflict) == "not_asked_any_more"


@pytest.mark.parametrize(
    "later_at, reason, code",
    [
        (WEDNESDAY, "Late.", "not_later"),
        (SOONER, "Late.", "not_later"),
        (TUESDAY, "Late.", "date_in_the_past"),
        (TUESDAY + timedelta(days=400), "Late.", "date_too_far"),
        (LATER, "  ", "reason_needed"),
    ],
)
def test_a_later_date_is_later_within_a_year_and_has_a_reason(cast, in_work, later_at, reason, code):
    assert refusal_of(lambda: subtasks.ask_later(in_work, later_at, reason, by=cast.olga)) == code


def test_without_a_date_there_is_none_to_move(cast, part):
    assert refusal_of(lambda: subtasks.ask_later(part, LATER, "Late.", by=cast.olga)) == "no_date_yet"


def test_a_date_that_has_passed_meanwhile_is_granted_no_more(cast, in_work):
    subtasks.ask_later(in_work, LATER, "The board is late.", by=cast.olga)
    with clock.at(LATER):
        assert refusal_of(lambda: subtasks.grant_later(in_work, LATER, by=cast.nadia)) == "date_in_the_past"


def test_an_earlier_date_takes_back_what_was_asked(cast, in_work):
    subtasks.ask_later(in_work, LATER, "The board is late.", by=cast.olga)
    subtasks.accept(in_work, committed_at=SOONER, by=cast.olga)
    assert fresh(in_work).later_at is None


def test_what_has_ended_asks_for_nothing_and_waits_for_nothing(cast, in_work):
    subtasks.wait(in_work, "the board", by=cast.olga)
    subtasks.ask_later(in_work, LATER, "The board is late.", by=cast.olga)
    subtasks.done(in_work, outcome="It came.", by=cast.olga)
    part = fresh(in_work)
    assert (part.state, part.later_at, part.waiting_for, part.waiting_since) == ("done", None, "", None)


# -- one after another -------------------------------------------------------------------------------------------------


def test_a_part_comes_after_another_of_the_same_case_that_is_open(cast, case, part):
    second = subtasks.ask(case, cast.warranty, "Say yes", after=part, by=cast.nadia)
    assert fresh(second).is_held_up
    assert list(Subtask.objects.open().held_up()) == [second]
    assert list(Subtask.objects.open().held_up(False)) == [part]
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert not fresh(second).is_held_up
    assert list(Subtask.objects.open().held_up(False)) == [second]


def test_nothing_comes_after_what_has_ended_or_is_of_another_case(cast, case, part):
    other = a_case(cast.mallory)
    elsewhere = subtasks.ask(other, cast.hardware, "Test", by=other.owner)
    act = lambda: subtasks.ask(case, cast.warranty, "Say yes", after=elsewhere, by=cast.nadia)  # noqa: E731
    assert refusal_of(act) == "nothing_to_wait_for"
    subtasks.drop(part, reason="Not needed.", by=cast.nadia)
    act = lambda: subtasks.ask(case, cast.warranty, "Say yes", after=part, by=cast.nadia)  # noqa: E731
    assert refusal_of(act) == "nothing_to_wait_for"


@pytest.mark.parametrize("ending", ["done", "not_ours", "dropped"])
def test_who_comes_after_is_told_when_the_first_ends(cast, case, part, ending):
    second = subtasks.ask(case, cast.warranty, "Say yes", after=part, by=cast.nadia)
    subtasks.accept(second, committed_at=LATER, by=cast.wanda)
    subtasks.ask(case, cast.warranty, "Count the screws", after=part, by=cast.nadia)
    ENDINGS[ending](part, getattr(cast, ENDED_BY[ending]), "So it is.")
    assert [kind for who, kind in notices() if who == "Wanda"] == [f"subtask_{ending}"]


def test_the_plan_has_each_part_behind_what_it_comes_after(cast, case, part):
    cast.hardware.second_line = cast.warranty
    cast.hardware.save(update_fields=["second_line"])
    second = subtasks.ask(case, cast.support, "Tell Carla", after=part, by=cast.nadia)
    third = subtasks.ask(case, cast.warranty, "Say yes", by=cast.nadia)
    successor = subtasks.could_not_reproduce(part, "All of it.", by=cast.olga)
    assert hanging_on(case_for_page(cast.nadia, case.pk), ()).parts == [part, third, successor, second]


def test_a_plan_may_miss_what_came_first():
    lone, other = Subtask(pk=4, after_id=2), Subtask(pk=3)
    assert in_order([other, lone]) == [other, lone]


# -- upwards -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def second_line(cast):
    """Warranty stands behind Hardware."""
    cast.hardware.second_line = cast.warranty
    cast.hardware.save(update_fields=["second_line"])


def test_what_the_first_line_cannot_reproduce_is_asked_of_the_second_with_what_was_tried(cast, case, part, second_line):
    successor = subtasks.could_not_reproduce(part, " Two hours of load. ", by=cast.olga)
    part, successor = fresh(part), fresh(successor)
    assert (part.state, part.outcome, part.ended_at, part.ended_by_agent) == (
        "not_reproduced",
        "Two hours of load.",
        TUESDAY,
        cast.olga,
    )
    assert (successor.department, successor.ask, successor.plain_words) == (cast.warranty, part.ask, part.plain_words)
    assert (successor.state, successor.follows) == ("asked", part)
    assert ("Nadia", Kind.SUBTASK_NOT_REPRODUCED) in notices()


def test_it_is_no_end_a_yes_waits_for_the_second_line(cast, case, part, second_line):
    answering.say_yes(case, by=cast.carla)
    successor = subtasks.could_not_reproduce(part, "All of it.", by=cast.olga)
    assert fresh(case).is_open
    subtasks.done(successor, outcome="Found it.", by=cast.wanda)
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_where_nobody_stands_behind_the_department_it_says_what_to_do(cast, part):
    act = lambda: subtasks.could_not_reproduce(part, "All of it.", by=cast.olga)  # noqa: E731
    assert refusal_of(act) == "no_second_line"
    with pytest.raises(Refused, match="as “Not ours”: it goes back to the owner"):
        act()


def test_it_never_goes_back_to_who_has_tried_already(cast, part, second_line):
    cast.warranty.second_line = cast.hardware
    cast.warranty.save(update_fields=["second_line"])
    successor = subtasks.could_not_reproduce(part, "All of it.", by=cast.olga)
    act = lambda: subtasks.could_not_reproduce(successor, "All of it again.", by=cast.wanda)  # noqa: E731
    assert refusal_of(act) == "no_second_line"


def test_saying_nothing_of_what_was_tried_is_not_enough(cast, part, second_line):
    assert refusal_of(lambda: subtasks.could_not_reproduce(part, " ", by=cast.olga)) == "words_needed"


def test_on_a_closed_case_nobody_else_is_asked(cast, case, part, second_line):
    closing.override(case, reason="A double.", by=cast.sam)
    assert refusal_of(lambda: subtasks.could_not_reproduce(part, "All.", by=cast.olga)) == "case_closed"


def test_what_came_after_it_comes_after_the_second_lines_part(cast, case, part, second_line):
    behind = subtasks.ask(case, cast.support, "Tell Carla", after=part, by=cast.nadia)
    successor = subtasks.could_not_reproduce(part, "All of it.", by=cast.olga)
    assert fresh(behind).after == successor
    assert fresh(behind).is_held_up


# -- how it ends -------------------------------------------------------------------------------------------------------

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


# -- into other hands --------------------------------------------------------------------------------------------------


def test_given_to_a_colleague_it_stays_in_work_by_the_same_date_and_everybody_concerned_is_told(cast, case, in_work):
    otto = an_agent("Otto Orban", cast.hardware)
    notices()
    given = subtasks.give(in_work, otto, reason="Olga leaves. The board is on her desk.", by=cast.sam)
    assert (given.agent, given.state, given.committed_at) == (otto, "in_work", WEDNESDAY)
    entry = case.entries.latest("pk")
    assert sentence(entry) == "Sam Sato gave it from Olga Orlova to Otto Orban: Test the board"
    assert entry.note.body == "Olga leaves. The board is on her desk."
    told = set(notices())
    assert {(name, Kind.SUBTASK_GIVEN) for name in ("Otto", "Olga", "Nadia")} <= told
    assert subtasks.done(given, outcome="It is the fuse.", by=otto).ended_by_agent == otto


def test_given_back_whoever_takes_it_on_finds_the_date_that_was_given(cast, case, in_work):
    otto = an_agent("Otto Orban", cast.hardware)
    given = subtasks.give(in_work, None, reason="I am away.", by=cast.olga)
    assert (given.agent, given.state, given.committed_at) == (None, "in_work", WEDNESDAY)
    assert sentence(case.entries.latest("pk")).startswith("Olga Orlova gave it back to Hardware")
    taken = subtasks.accept(given, committed_at=WEDNESDAY, by=otto)
    assert (taken.agent, taken.committed_at) == (otto, WEDNESDAY)
    assert sentence(case.entries.latest("pk")).startswith("Otto Orban took it on, by Wed 11 Mar, 10:00")


def test_given_back_its_date_is_still_the_departments_word_and_a_later_one_is_asked_of_the_owner(cast, in_work):
    otto = an_agent("Otto Orban", cast.hardware)
    given = subtasks.give(in_work, None, reason="I am away.", by=cast.olga)
    with pytest.raises(Refused, match="Hardware has given Wed 11 Mar, 10:00. A later date is Nadia’s decision") as no:
        subtasks.accept(given, committed_at=LATER, by=otto)
    assert (no.value.code, no.value.field, fresh(given).agent) == ("later_is_asked", "committed_at", None)
    asked = subtasks.ask_later(given, LATER, "I begin tomorrow.", by=otto)
    assert (asked.agent, asked.committed_at, asked.later_at) == (otto, WEDNESDAY, LATER)
    assert subtasks.grant_later(asked, LATER, by=cast.nadia).committed_at == LATER
    announce()
    assert Notice.objects.filter(agent=otto, entry__kind=Kind.SUBTASK_DATE_MOVED).exists()


def test_given_back_and_late_by_now_it_is_taken_on_by_asking(cast, in_work):
    otto = an_agent("Otto Orban", cast.hardware)
    given = subtasks.give(in_work, None, reason="I am away.", by=cast.olga)
    with clock.at(WEDNESDAY + timedelta(hours=1)):
        assert refusal_of(lambda: subtasks.accept(given, committed_at=LATER, by=otto)) == "later_is_asked"
        assert subtasks.ask_later(given, LATER, "She left it half done.", by=otto).agent == otto


def test_given_back_with_a_later_date_asked_for_asking_the_same_again_takes_it_on(cast, case, in_work):
    otto = an_agent("Otto Orban", cast.hardware)
    subtasks.ask_later(in_work, LATER, "I am away.", by=cast.olga)
    given = subtasks.give(in_work, None, reason="I am away.", by=cast.olga)
    asked = subtasks.ask_later(given, LATER, "I am away.", by=otto)
    assert (fresh(asked).agent, asked.later_at) == (otto, LATER)
    start = latest_entry()
    subtasks.ask_later(asked, LATER, "I am away.", by=otto)
    assert kinds(case, start) == []


def test_given_back_on_a_case_that_was_joined_its_date_is_still_the_departments_word(cast, case, in_work):
    given = subtasks.give(in_work, None, reason="I am away.", by=cast.olga)
    joining.join(case, a_case(cast.carla, "Told again."), by=cast.nadia)
    assert fresh(given).is_at_its_word
    assert refusal_of(lambda: subtasks.accept(given, committed_at=LATER, by=cast.olga)) == "later_is_asked"


def test_given_back_an_earlier_date_needs_nobodys_yes(cast, in_work):
    otto = an_agent("Otto Orban", cast.hardware)
    given = subtasks.give(in_work, None, reason="I am away.", by=cast.olga)
    sooner = WEDNESDAY - timedelta(hours=1)
    assert subtasks.accept(given, committed_at=sooner, by=otto).committed_at == sooner


def test_a_colleague_takes_it_over_from_who_is_away_and_what_it_waits_for_stays(cast, case, in_work):
    otto = an_agent("Otto Orban", cast.hardware)
    subtasks.wait(in_work, "a new board", by=cast.olga)
    given = subtasks.give(in_work, otto, reason="Olga is ill.", by=otto)
    assert (given.agent, given.state, given.waiting_for) == (otto, "waiting", "a new board")
    assert sentence(case.entries.latest("pk")) == "Otto Orban took it on from Olga Orlova: Test the board"


@pytest.mark.parametrize("whom, code", [("wanda", "not_their_department"), ("gone", "cannot_work")])
def test_only_somebody_of_the_department_who_can_work_is_given_it(cast, in_work, whom, code):
    gone = an_agent("Gustav Gone", cast.hardware, can_sign_in=False)
    to = gone if whom == "gone" else cast.wanda
    assert refusal_of(lambda: subtasks.give(in_work, to, reason="Olga leaves.", by=cast.sam)) == code


def test_whoever_is_given_it_reads_why(cast, in_work):
    assert refusal_of(lambda: subtasks.give(in_work, None, reason=" ", by=cast.olga)) == "reason_needed"


def test_what_nobody_has_taken_on_is_given_to_nobody_and_what_has_ended_stays(cast, part):
    assert refusal_of(lambda: subtasks.give(part, cast.olga, reason="Yours.", by=cast.sam)) == "not_in_work"
    subtasks.done(part, outcome="It is the fuse.", by=cast.olga)
    assert refusal_of(lambda: subtasks.give(part, cast.olga, reason="Yours.", by=cast.sam), Conflict) == "subtask_ended"


def test_a_replayed_log_does_what_its_people_did(cast, part):
    subtasks.done(part, outcome="So it was.", by=LOG)
    assert (fresh(part).state, fresh(part).ended_by_agent) == ("done", None)


def test_what_a_replayed_log_has_in_work_is_held_by_nobody_on_the_desk(cast, part):
    subtasks.accept(part, committed_at=WEDNESDAY, by=LOG)
    with clock.at(TUESDAY + timedelta(hours=1)):
        subtasks.accept(part, committed_at=LATER, by=cast.olga)
    assert (fresh(part).agent, fresh(part).committed_at) == (cast.olga, LATER)


def test_a_new_owner_answers_what_the_former_one_was_asked(cast, case, in_work):
    subtasks.ask_later(in_work, LATER, "The board is late.", by=cast.olga)
    ownership.take_over(case, reason="Carla asked for me.", by=cast.sam)
    with pytest.raises(NotAllowed):
        subtasks.grant_later(in_work, LATER, by=cast.nadia)
    subtasks.grant_later(in_work, LATER, by=cast.sam)
    assert fresh(in_work).committed_at == LATER


def test_the_queue_of_a_department_shows_its_own_dates_first(cast, case, part):
    dated = subtasks.ask(case, cast.hardware, "Send a board", by=cast.nadia)
    subtasks.ask(case, cast.warranty, "Look at the receipt", by=cast.nadia)
    subtasks.accept(dated, committed_at=WEDNESDAY, by=cast.olga)
    assert list(Subtask.objects.open().of_department(cast.hardware).by_due()) == [dated, part]
