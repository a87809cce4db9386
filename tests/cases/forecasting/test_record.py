"""What departments took before: read by index, counted from when a part could be worked on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from cases.forecasting import record
from cases.forecasting.plans import look_ahead
from cases.forecasting.record import records, suggest
from cases.models import Case, Subtask
from cases.verbs import closing, subtasks
from staff.models import Absence
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, a_case, as_the_owner, fresh

pytestmark = pytest.mark.usefixtures("tuesday")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = TUESDAY - timedelta(days=28)  # a Tuesday at ten, too


def took(case, department, *hours, since=LONG_AGO, state=Subtask.State.DONE, **facts):
    """Parts of this department that were asked then and ended after so many hours of that day."""
    return Subtask.objects.bulk_create(
        Subtask(
            case=case, department=department, ask="Look at it", state=state, outcome="Done",
            asked_at=since, ended_at=since + length * HOUR, **facts,
        )
        for length in hours
    )  # fmt: skip


def is_away(agent, start, end):
    Absence.objects.create(agent=agent, starts_at=start, ends_at=end, announced_at=start, announced_by=agent)


def a_record(department, *, second_line=False):
    kind = (department.pk, second_line)
    return records({kind: department}, TUESDAY)[kind]


class TestASuggestion:
    def test_is_what_eight_of_ten_took_at_most_in_business_time(self, case, cast):
        took(case, cast.hardware, 1, 2, 3, 4, 5, 6, 7, 22, 23, 24 + 6)
        found = suggest(cast.hardware, TUESDAY)
        # The eighth of ten ended at eight the next morning: before the desk opens.
        assert (found.count, found.needs) == (10, 7 * HOUR)
        assert found.from_(TUESDAY) == TUESDAY + 7 * HOUR

    def test_fewer_than_five_are_too_few_to_say(self, case, cast):
        took(case, cast.hardware, 1, 2, 3, 4)
        found = suggest(cast.hardware, TUESDAY)
        assert (found.count, found.needs, found.from_(TUESDAY)) == (4, None, None)

    def test_only_the_last_fifty_say_something(self, case, cast):
        took(case, cast.hardware, *[1] * 50, since=TUESDAY - 7 * DAY)
        took(case, cast.hardware, *[6] * 50)
        assert suggest(cast.hardware, TUESDAY).needs == HOUR

    def test_what_was_dropped_or_given_back_was_not_finished(self, case, cast):
        took(case, cast.hardware, 1, 1, 1, 1)
        took(case, cast.hardware, 6, 6, 6, state=Subtask.State.DROPPED)
        took(case, cast.hardware, 6, state=Subtask.State.NOT_OURS)
        assert suggest(cast.hardware, TUESDAY).count == 4

    def test_names_the_open_ones_that_took_longer_already(self, case, cast):
        took(case, cast.hardware, 1, 1, 1, 1, 1)
        with clock.at(TUESDAY - 2 * HOUR):
            subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)
        subtasks.ask(case, cast.hardware, "The fan", by=cast.nadia)
        assert suggest(cast.hardware, TUESDAY).longer == 0
        assert suggest(cast.hardware, TUESDAY + HOUR).longer == 1

    def test_its_own_line_and_what_it_takes_over_are_two_kinds(self, case, cast):
        first = took(case, cast.support, *[1] * 5, state=Subtask.State.NOT_REPRODUCED)
        for part in first:
            took(case, cast.hardware, 6, follows=part)
        assert suggest(cast.hardware, TUESDAY).count == 0
        assert suggest(cast.hardware, TUESDAY, second_line=True).needs == 6 * HOUR

    def test_a_part_counts_from_when_it_could_be_worked_on(self, case, cast):
        (first,) = took(case, cast.warranty, 4)
        took(case, cast.hardware, *[5] * 5, after=first)
        assert suggest(cast.hardware, TUESDAY).needs == HOUR

    def test_what_was_done_before_its_turn_counts_from_when_it_was_asked(self, case, cast):
        (first,) = took(case, cast.warranty, 6)
        took(case, cast.hardware, *[2] * 5, after=first)
        assert suggest(cast.hardware, TUESDAY).needs == 2 * HOUR


class TestARecord:
    def test_knows_that_what_is_open_lasts_longer(self, case, cast):
        took(case, cast.hardware, *[1] * 5)
        before = a_record(cast.hardware).lasting.ended_by(3600)
        with clock.at(TUESDAY - 4 * HOUR):
            for _ in range(5):
                subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)
        assert a_record(cast.hardware).lasting.ended_by(3600) < before

    def test_does_not_count_what_waits_for_another_part(self, case, cast):
        took(case, cast.hardware, *[1] * 5)
        before = a_record(cast.hardware).lasting.ended_by(3600)
        first = subtasks.ask(case, cast.warranty, "Allow it", by=cast.nadia)
        with clock.at(TUESDAY - 4 * HOUR):
            held_up = subtasks.ask(case, cast.hardware, "The board", after=first, by=cast.nadia)
        assert held_up.is_held_up
        assert a_record(cast.hardware).lasting.ended_by(3600) == pytest.approx(before)

    def test_watches_a_part_of_a_closed_case_no_longer(self, case, cast):
        took(case, cast.hardware, *[1] * 5)
        with clock.at(TUESDAY - 20 * DAY):
            part = subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)
        Subtask.objects.filter(pk=part.pk).update(asked_at=TUESDAY - 20 * DAY)
        open_still = a_record(cast.hardware).lasting._longest
        with clock.at(TUESDAY - 19 * DAY):
            closing.override(case, reason="A double.", by=cast.sam)
        assert a_record(cast.hardware).lasting._longest < open_still

    def test_stands_on_the_whole_desks_where_it_has_none(self, case, cast):
        took(case, cast.warranty, *[2] * 9)
        found = a_record(cast.hardware)
        assert found.lasting.is_thin and not found.lasting.is_empty
        assert found.lasting.by(0.8) == 2 * 3600

    def test_says_nothing_on_a_desk_on_which_nothing_has_ended(self, cast):
        assert a_record(cast.hardware).lasting.is_empty

    def test_knows_how_many_dates_are_kept(self, case, cast):
        assert a_record(cast.hardware).keeps == pytest.approx(0.8)
        took(case, cast.hardware, *[2] * 20, committed_at=LONG_AGO + HOUR)
        assert a_record(cast.hardware).keeps < 0.2

    def test_costs_three_statements_for_any_number_of_departments(self, case, cast, django_assert_num_queries):
        took(case, cast.warranty, *[2] * 9)
        kinds = {(one.pk, False): one for one in (cast.hardware, cast.warranty, cast.support)}
        with django_assert_num_queries(3):
            records(kinds, TUESDAY)

    def test_is_found_by_index_and_never_by_reading_all(self, case, cast):
        for department in (cast.hardware, cast.warranty, cast.support):
            ended = took(case, department, *[nth % 7 for nth in range(800)])
            for first in ended[:20]:
                took(case, department, 1, follows=first)
        running = [Subtask(case=case, department=cast.hardware, ask="x", asked_at=LONG_AGO) for _ in range(300)]
        Subtask.objects.bulk_create(running)
        plans = {
            record._READ_KINDS: {"departments": [cast.hardware.pk], "last": 51, "running": 1000},
            record._READ_DESK: {"last": 301, "running": 1000},
        }
        as_the_owner()
        for statement, values in plans.items():
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE cases_subtask")
                cursor.execute("EXPLAIN " + statement, values)
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on cases_subtask" not in plan, plan
            assert "Index Scan using subtasks_ended" in plan, plan


class TestAPlan:
    @pytest.fixture
    def known(self, case, cast):
        """An hour is what Hardware needs, a day Warranty."""
        with clock.at(LONG_AGO):
            old = a_case(cast.mallory)
        took(old, cast.hardware, *[1] * 20)
        took(old, cast.warranty, *[24] * 20)

    @pytest.fixture
    def board(self, known, case, cast):
        return subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)

    def test_is_over_when_its_last_part_is(self, board, case, cast):
        assert look_ahead(case, TUESDAY).over_by == TUESDAY + HOUR
        subtasks.ask(case, cast.warranty, "Pay for it", after=board, by=cast.nadia)
        outlook = look_ahead(case, TUESDAY)
        assert outlook.over_by == WEDNESDAY + HOUR
        assert outlook.at_risk_from(TUESDAY + HOUR) == "Warranty"
        assert [one.department.name for one in outlook.suggestions] == ["Hardware", "Warranty"]

    def test_only_what_a_promise_hangs_on_is_played(self, board, case, cast):
        paid = subtasks.ask(case, cast.warranty, "Pay for it", after=board, by=cast.nadia)
        assert look_ahead(case, TUESDAY, hangs_on=board.pk).parts == 1
        assert look_ahead(case, TUESDAY, hangs_on=paid.pk).parts == 2

    def test_without_open_parts_nothing_is_forecast(self, known, case):
        outlook = look_ahead(case, TUESDAY)
        assert (outlook.parts, outlook.forecast) == (0, None)

    def test_on_a_desk_without_a_record_nothing_is_forecast(self, case, cast):
        subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)
        outlook = look_ahead(case, TUESDAY)
        assert (outlook.parts, outlook.forecast, outlook.thin) == (1, None, ["Hardware"])

    def test_whoever_has_it_does_nothing_while_away(self, board, case, cast):
        subtasks.accept(board, committed_at=TUESDAY + 2 * HOUR, by=cast.olga)
        is_away(cast.olga, TUESDAY, WEDNESDAY)
        assert look_ahead(case, TUESDAY).over_by >= WEDNESDAY + HOUR
        is_away(cast.olga, WEDNESDAY, None)
        outlook = look_ahead(case, TUESDAY)
        assert outlook.over_by is None
        assert outlook.at_risk_from(None) == "Hardware"

    def test_nobody_does_what_nobody_is_there_for(self, board, case, cast):
        other = type(cast.olga).objects.create(name="Otto Ohm", email="otto@desk.example", department=cast.hardware)
        is_away(cast.olga, TUESDAY, WEDNESDAY)
        assert look_ahead(case, TUESDAY).over_by == TUESDAY + HOUR
        is_away(other, TUESDAY - HOUR, WEDNESDAY)
        assert look_ahead(case, TUESDAY).over_by == WEDNESDAY + HOUR

    def test_a_date_that_is_given_counts(self, known, case, cast):
        paid = subtasks.ask(case, cast.warranty, "Pay for it", by=cast.nadia)
        free = look_ahead(case, TUESDAY).likely(TUESDAY + 3 * HOUR)
        subtasks.accept(paid, committed_at=TUESDAY + 3 * HOUR, by=cast.wanda)
        assert look_ahead(case, TUESDAY).likely(TUESDAY + 3 * HOUR) > free + 0.5

    def test_what_waits_is_over_later(self, board, case, cast):
        subtasks.accept(board, committed_at=TUESDAY + HOUR, by=cast.olga)
        with clock.at(TUESDAY + 30 * timedelta(minutes=1)):
            subtasks.wait(board, "the maker", by=cast.olga)
        assert look_ahead(fresh(case), TUESDAY + HOUR / 2).over_by >= TUESDAY + HOUR

    def test_what_the_first_line_passes_up_is_played_too(self, case, cast):
        cast.hardware.second_line = cast.warranty
        cast.hardware.save(update_fields=["second_line"])
        with clock.at(LONG_AGO):
            old = a_case(cast.mallory)
        for part in took(old, cast.hardware, *[1] * 20, state=Subtask.State.NOT_REPRODUCED):
            took(old, cast.warranty, 24, follows=part)
        subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)
        assert look_ahead(case, TUESDAY).over_by == WEDNESDAY + HOUR

    def test_costs_few_statements_however_long_it_is(self, board, case, cast, django_assert_max_num_queries):
        is_away(cast.olga, TUESDAY, WEDNESDAY)
        for department in (cast.warranty, cast.support, cast.hardware, cast.warranty):
            board = subtasks.ask(case, department, "More", after=board, by=cast.nadia)
        case = Case.objects.get(pk=case.pk)
        with django_assert_max_num_queries(6):
            assert look_ahead(case, TUESDAY).parts == 5
