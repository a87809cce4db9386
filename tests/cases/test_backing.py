"""Only what is in our power: what hangs on a department needs its date, and is promised no earlier (design rule 6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actors import DESK, LOG
from cases.models import Subtask
from cases.verbs import backing, conversation, joining, promises, subtasks
from cases.verbs.promises import Pledge
from staff import origins
from staff.origins import Origin
from supportdesk import clock
from supportdesk.errors import Refused
from tests.cast import TUESDAY, WEDNESDAY, a_case, an_agent, everything, first_promise, fresh, pledge

THURSDAY_AT_TWO = TUESDAY + timedelta(days=2, hours=4)
FRIDAY = TUESDAY + timedelta(days=3)
SATURDAY = TUESDAY + timedelta(days=4)


@pytest.fixture
def asked(case, cast) -> Subtask:
    """Hardware was asked, and has said nothing yet."""
    return subtasks.ask(case, cast.hardware, "Which board is it?", by=cast.nadia)


@pytest.fixture
def accepted(asked, cast) -> Subtask:
    """Hardware does it by Thursday at two."""
    return subtasks.accept(asked, committed_at=THURSDAY_AT_TWO, by=cast.olga)


def refused(case, a_pledge: Pledge, by) -> Refused:
    before = everything()
    with pytest.raises(Refused) as refusal:
        promises.make(case, a_pledge, by=by)
    assert everything() == before
    return refusal.value


# -- a date that the department has accepted ---------------------------------------------------------------------------


def test_it_hangs_on_the_part_that_was_named_beside_it(case, cast, accepted):
    made = promises.make(case, Pledge("send you the board", FRIDAY, backed_by=accepted), by=cast.nadia)
    assert made.backed_by == accepted


@pytest.mark.parametrize(
    "words",
    [
        "tell you what Hardware has found",
        "tell you what HARDWARE has found",
        "tell you what our hardware team has found",
        "tell you what the  hardware   team has found",
    ],
)
def test_it_hangs_on_the_department_that_its_words_name(case, cast, accepted, words):
    assert promises.make(case, Pledge(words, FRIDAY), by=cast.nadia).backed_by == accepted


@pytest.mark.parametrize("words", ["call you", "send you the hardwares", "talk about the board", "ask Warranty"])
def test_words_that_name_no_department_at_work_hang_on_nothing(case, cast, accepted, words):
    assert promises.make(case, Pledge(words, WEDNESDAY), by=cast.nadia).backed_by is None


def test_at_the_accepted_date_it_can_be_promised_and_a_moment_earlier_not(case, cast, accepted):
    at_the_date = Pledge("send you the board", THURSDAY_AT_TWO, backed_by=accepted)
    earlier = Pledge("send you the board", THURSDAY_AT_TWO - timedelta(minutes=1), backed_by=accepted)
    refusal = refused(case, earlier, cast.nadia)
    assert (refusal.code, refusal.field) == ("before_accepted_date", "due_at")
    assert "Hardware has said Thu 12 Mar, 14:00." in refusal.sentence
    after, honest = refusal.offers
    assert (after.words, after.due_at) == ("", THURSDAY_AT_TWO + timedelta(hours=1))
    assert (honest.words, honest.due_at) == ("be in touch with you", earlier.due_at)
    assert promises.make(case, at_the_date, by=cast.nadia).backed_by == accepted


@pytest.mark.parametrize("seen", [True, False])
def test_without_a_date_the_honest_sentence_is_offered(case, cast, asked, seen):
    if seen:
        subtasks.see(asked, by=cast.olga)
    refusal = refused(case, Pledge("send you the board", FRIDAY, backed_by=asked), cast.nadia)
    assert (refusal.code, refusal.field) == ("no_accepted_date", "backed_by")
    assert "Hardware has given no date yet" in refusal.sentence
    (honest,) = refusal.offers
    assert (honest.words, honest.due_at) == ("be in touch with you", FRIDAY)
    made = promises.make(case, Pledge(honest.words, honest.due_at), by=cast.nadia)
    assert made.backed_by is None


def test_a_name_in_the_words_needs_the_date_as_well(case, cast, asked):
    refusal = refused(case, Pledge("tell you what Hardware says", FRIDAY), cast.nadia)
    assert (refusal.code, refusal.field) == ("no_accepted_date", "words")


def test_the_honest_sentence_is_never_for_closed_hours(case, cast, asked):
    refusal = refused(case, Pledge("tell you what Hardware says", SATURDAY), cast.nadia)
    assert refusal.offers[0].due_at == TUESDAY + timedelta(days=6)


def test_of_several_it_hangs_on_the_last(case, cast, accepted):
    later = subtasks.ask(case, cast.warranty, "Is it covered?", by=cast.nadia)
    words = "tell you what Hardware and Warranty say"
    assert refused(case, Pledge(words, FRIDAY), cast.nadia).code == "no_accepted_date"
    subtasks.accept(later, committed_at=FRIDAY, by=cast.wanda)
    assert "Warranty has said" in refused(case, Pledge(words, FRIDAY - timedelta(hours=1)), cast.nadia).sentence
    assert promises.make(case, Pledge(words, FRIDAY), by=cast.nadia).backed_by == later


def test_the_part_that_was_chosen_stands_for_its_department(case, cast, accepted):
    subtasks.ask(case, cast.hardware, "And the cable?", by=cast.nadia)
    words = "tell you what Hardware says"
    assert refused(case, Pledge(words, FRIDAY), cast.nadia).code == "no_accepted_date"
    assert promises.make(case, Pledge(words, FRIDAY, backed_by=accepted), by=cast.nadia).backed_by == accepted


def test_what_has_ended_backs_nothing(case, cast, accepted):
    subtasks.done(accepted, outcome="Board B.", by=cast.olga)
    told = Pledge("tell you what Hardware has found", WEDNESDAY)
    assert promises.make(case, told, by=cast.nadia).backed_by is None
    refusal = refused(case, Pledge("send you the board", FRIDAY, backed_by=accepted), cast.nadia)
    assert (refusal.code, refusal.field) == ("backing_ended", "backed_by")


def test_a_part_of_another_case_backs_nothing(case, cast, accepted):
    other = a_case(cast.mallory)
    refusal = refused(other, Pledge("send you the board", FRIDAY, backed_by=accepted), cast.sam)
    assert refusal.code == "backing_ended"


@pytest.mark.parametrize("who", [DESK, LOG], ids=["the desk", "a log"])
def test_what_the_desk_or_a_log_says_by_itself_names_nobody(case, asked, who):
    assert promises.make(case, Pledge("ask Hardware", FRIDAY), by=who).backed_by is None


def test_a_new_time_hangs_on_what_it_is_said_to_hang_on(case, cast, accepted):
    moved = promises.move(
        first_promise(case), Pledge("send it", FRIDAY, backed_by=accepted), reason="Late.", by=cast.nadia
    )
    assert moved.backed_by == accepted
    with pytest.raises(Refused):
        promises.move(
            moved, Pledge("send it", WEDNESDAY, backed_by=accepted), reason="Sooner after all.", by=cast.nadia
        )
    assert fresh(moved).state == "open"


def test_what_the_first_line_could_not_reproduce_hangs_on_the_second(case, cast, accepted):
    cast.hardware.second_line = cast.warranty
    cast.hardware.save(update_fields=["second_line"])
    made = promises.make(case, Pledge("send you the board", FRIDAY, backed_by=accepted), by=cast.nadia)
    second = subtasks.could_not_reproduce(accepted, "Two hours at 40 degrees.", by=cast.olga)
    assert fresh(made).backed_by == second


def test_joining_carries_what_a_promise_hangs_on(case, cast, accepted):
    made = promises.make(case, Pledge("send you the board", FRIDAY, backed_by=accepted), by=cast.nadia)
    other = a_case(cast.carla, "Told again.")
    joining.join(case, other, by=cast.sam)
    assert (fresh(made).case, fresh(made).backed_by, fresh(accepted).case) == (other, accepted, other)
    # There it backs what is promised from now on, and is found by its name.
    assert promises.make(other, Pledge("ask Hardware", FRIDAY), by=cast.sam).backed_by == accepted
    joining.undo(case, by=cast.sam)
    assert (fresh(made).case, fresh(made).backed_by, fresh(accepted).case) == (case, accepted, case)


# -- what it costs -----------------------------------------------------------------------------------------------------


def asked_for_parts(act) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return sum(query["sql"].startswith('SELECT "cases_subtask"') for query in asked)


def test_only_a_case_with_an_open_part_is_asked_and_once(case, cast):
    def write():
        conversation.write_to_customer(
            case, "Hello.", keeps=[], next_promise=Pledge("ask Hardware", FRIDAY), by=cast.nadia
        )

    assert asked_for_parts(write) == 0
    part = subtasks.ask(case, cast.hardware, "Which board?", by=cast.nadia)
    subtasks.accept(part, committed_at=THURSDAY_AT_TWO, by=cast.olga)
    assert asked_for_parts(write) == 1
    assert case.promises.latest("pk").backed_by == part


# -- closed hours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "closed"),
    [(7, False), (7.01, True), (22.9, True), (23, False), (96, True)],
    ids=["at closing", "after closing", "before opening", "at opening", "on Saturday"],
)
def test_a_person_is_asked_about_closed_hours(case, cast, hours, closed):
    told = Pledge("call you", TUESDAY + timedelta(hours=hours))
    if not closed:
        assert promises.make(case, told, by=cast.nadia).due_at == told.due_at
        return
    refusal = refused(case, told, cast.nadia)
    assert (refusal.code, refusal.field) == ("closed_hours", "due_at")
    opens = "Mon 16 Mar, 09:00" if hours == 96 else "Wed 11 Mar, 09:00"
    assert f"opens next on {opens}" in refusal.sentence
    assert refusal.offers[0].due_at.hour == 10, "An hour after the opening."
    meant = Pledge(told.words, told.due_at, in_closed_hours=True)
    assert promises.make(case, meant, by=cast.nadia).due_at == told.due_at


def test_it_is_the_owners_department_that_is_closed(case, cast):
    night = cast.hardware.calendar
    night.pk, night.name = None, "Nights"
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday"):
        setattr(night, day, "00:00-06:00")
    night.save(force_insert=True)
    cast.hardware.calendar = night
    cast.hardware.save(update_fields=["calendar"])
    odo = an_agent("Odo Ottesen", cast.hardware, is_supervisor=True)
    at_night = Pledge("call you", TUESDAY + timedelta(hours=16))
    assert refused(case, at_night, odo).code == "closed_hours"


@pytest.mark.parametrize("who", [DESK, LOG], ids=["the desk", "a log"])
def test_nobody_else_is_asked(case, who):
    assert promises.make(case, Pledge("call you", SATURDAY), by=who).due_at == SATURDAY


def test_what_is_brought_in_is_not_asked(case, cast):
    with origins.bringing_in(Origin.DEMO):
        assert promises.make(case, Pledge("call you", SATURDAY), by=cast.nadia).due_at == SATURDAY


def test_every_way_to_promise_asks(case, cast):
    saturday = Pledge("call you", SATURDAY)
    promise = first_promise(case)
    acts = (
        lambda: promises.keep(promise, said="Hello.", next_promise=saturday, by=cast.nadia),
        lambda: promises.move(promise, saturday, reason="Late.", by=cast.nadia),
        lambda: promises.renegotiate(promise, saturday, agreement="By telephone.", by=cast.nadia),
        lambda: conversation.write_to_customer(case, "Hello.", next_promise=saturday, by=cast.nadia),
    )
    for act in acts:
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "closed_hours"


def test_the_past_is_refused_before_anything_is_asked(case, cast):
    with clock.at(SATURDAY):
        assert refused(case, pledge(hours=-1, in_closed_hours=False), cast.nadia).code == "due_in_the_past"


def test_a_department_is_named_by_whole_words(cast):
    cast.warranty.plain_name = "the people (of the warranty)"
    assert backing.names("ask the people (of the warranty) again", cast.warranty)
    assert not backing.names("ask about warrantyless parts", cast.warranty)
    assert not backing.names("", cast.warranty)
