"""Opening: a case has an owner, its words and a first promise from the instant it exists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cases.models import Case, Message
from cases.models.timeline import Kind
from cases.verbs.opening import LONGEST_PROBLEM, first_line, last_words, open_case
from supportdesk import clock
from supportdesk.errors import Refused
from tests.cast import SUNDAY, TUESDAY, a_case, everything, first_promise, kinds, pledge

pytestmark = pytest.mark.usefixtures("tuesday")


def test_the_customers_words_are_kept_as_given(cast):
    words = "It says:\n\n  “Error 17”.   I PAID for this!"
    case = open_case(cast.carla, f"  {words}\n", desired_outcome=" That it works ", by=cast.carla)
    assert (case.problem, case.desired_outcome) == (words, "That it works")
    assert case.messages.get().body == words
    assert case.messages.get().direction == Message.Direction.IN


def test_the_desk_promises_a_first_answer_within_four_business_hours(cast):
    promise = first_promise(a_case(cast.carla))
    assert promise.due_at == TUESDAY + timedelta(hours=4)
    assert (promise.words, promise.made_by) == ("be in touch with you", "desk")


@pytest.mark.parametrize(
    "opened, due",
    [
        pytest.param(datetime(2026, 3, 10, 15, tzinfo=UTC), datetime(2026, 3, 11, 11, tzinfo=UTC), id="over night"),
        pytest.param(datetime(2026, 3, 13, 16, tzinfo=UTC), datetime(2026, 3, 16, 12, tzinfo=UTC), id="over Saturday"),
        pytest.param(SUNDAY, datetime(2026, 3, 9, 13, tzinfo=UTC), id="from Monday's opening"),
    ],
)
def test_the_first_answer_is_reckoned_in_the_departments_hours(cast, opened, due):
    with clock.at(opened):
        assert first_promise(a_case(cast.carla)).due_at == due


def test_the_next_step_of_a_new_case_is_its_first_promise(case):
    assert (case.next_step, case.next_promise, case.next_due_at) == (
        "promise",
        first_promise(case),
        TUESDAY + timedelta(hours=4),
    )


def test_the_one_who_answers_can_give_another_first_promise(cast):
    case = a_case(cast.carla, first_promise=pledge("call you", hours=2))
    assert list(case.promises.values_list("words", flat=True)) == ["call you"]


def test_wishes_keep_their_order_and_empty_lines_are_none(cast):
    case = a_case(cast.carla, preferences=(" The upgrade ", "", "My money", "  "))
    assert list(case.preferences.values_list("rank", "words")) == [(1, "The upgrade"), (2, "My money")]


def test_the_same_form_sent_twice_opens_one_case(cast):
    assert a_case(cast.carla, once="k") == a_case(cast.carla, once="k")
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "problem, facts, code",
    [
        pytest.param("  \n ", {}, "words_needed", id="no words"),
        pytest.param("x" * (LONGEST_PROBLEM + 1), {}, "words_too_long", id="too many words"),
        pytest.param("It fails.", {"preferences": list("abcde")}, "too_many_wishes", id="five wishes"),
        pytest.param("It fails.", {"preferences": ["x" * 301]}, "words_too_long", id="a wish without end"),
        pytest.param("It fails.", {"subject": "x" * 121}, "words_too_long", id="a subject without end"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_there(cast, problem, facts, code):
    before = everything()
    with pytest.raises(Refused) as refused:
        open_case(cast.carla, problem, by=cast.carla, **facts)
    assert refused.value.code == code
    assert everything() == before


def test_exactly_the_longest_problem_is_taken(cast):
    assert len(a_case(cast.carla, "x" * LONGEST_PROBLEM).problem) == LONGEST_PROBLEM


def test_a_case_begins_with_its_opening_and_its_promise(case):
    assert kinds(case) == [Kind.OPENED, Kind.PROMISE_MADE]
    assert case.entries.first().owner == case.owner


def test_keys_of_two_cases_differ_and_numbers_are_for_people(cast):
    one, two = a_case(cast.carla), a_case(cast.carla)
    assert one.key != two.key and len(one.key) == 22
    assert two.pk > one.pk > 10_400
    assert one.number == f"C-{one.pk}"


@pytest.mark.parametrize(
    "words, line",
    [
        ("The upgrade fails. I paid for it.", "The upgrade fails"),
        ("Hi!\nThe   upgrade\nfails", "Hi! The upgrade fails"),
        ("word " * 40, ("word " * 14).strip() + "…"),
        ("x" * 90, "x" * 70 + "…"),
    ],
)
def test_the_subject_is_the_beginning_of_the_words(words, line):
    assert first_line(words) == line


def test_lists_show_at_most_three_hundred_characters_on_one_line():
    assert last_words("a\n b") == "a b"
    assert last_words("x" * 301) == "x" * 299 + "…"
    assert last_words("x" * 300) == "x" * 300
