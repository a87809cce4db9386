"""The roll-up: what a case hangs on, in one query."""

from __future__ import annotations

from datetime import timedelta

from cases.rollup import roll_up, standing_in_the_way
from cases.verbs import answering, closing, subtasks
from tests.cast import TUESDAY, WEDNESDAY, proposed


def test_a_new_case_hangs_on_its_first_promise(case):
    rolled = roll_up(case)
    assert (rolled.parts, rolled.open_parts) == ({}, ())
    assert rolled.next_words == "be in touch with you"
    assert rolled.next_due_at == (TUESDAY + timedelta(hours=4)).isoformat()
    assert [hindrance.code for hindrance in rolled.hindrances] == ["no_yes"]


def test_parts_are_counted_by_department_and_state(cast, case):
    one, two, three = (subtasks.ask(case, cast.hardware, f"Board {n}", by=cast.nadia) for n in range(3))
    receipt = subtasks.ask(case, cast.warranty, "The receipt", by=cast.nadia)
    subtasks.done(one, outcome="Fine.", by=cast.olga)
    subtasks.accept(two, committed_at=WEDNESDAY, by=cast.olga)
    rolled = roll_up(case)
    assert rolled.parts == {"Hardware": {"done": 1, "in_work": 1, "asked": 1}, "Warranty": {"asked": 1}}
    assert [part.pk for part in rolled.open_parts] == [two.pk, three.pk, receipt.pk]
    assert [hindrance.anchor for hindrance in rolled.hindrances][:3] == [
        f"subtask-{part.pk}" for part in (two, three, receipt)
    ]


def test_it_is_one_query_however_many_parts(cast, case, django_assert_num_queries):
    for number in range(12):
        subtasks.ask(case, cast.hardware, f"Board {number}", by=cast.nadia)
    with django_assert_num_queries(1):
        assert len(roll_up(case).hindrances) == 13


def test_after_the_yes_only_parts_stand_in_the_way_and_after_closing_nothing(cast, case):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    proposed(case, cast.nadia)
    answering.say_yes(case, by=cast.carla)
    assert [hindrance.code for hindrance in standing_in_the_way(case)] == ["open_subtask"]
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert standing_in_the_way(case) == ()


def test_an_overridden_case_has_nothing_in_its_way_and_still_shows_its_open_part(cast, case):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    closing.override(case, reason="A double.", by=cast.sam)
    rolled = roll_up(case)
    assert rolled.hindrances == ()
    assert [each.pk for each in rolled.open_parts] == [part.pk]
