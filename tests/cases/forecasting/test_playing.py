"""The pure core: open time as a table, how long parts last, and a thousand plays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.forecasting.lasting import FROM_ITS_BEGINNING, Going, Lasting, Seen, Span, watched
from cases.forecasting.opentime import OpenTime, apart, common
from cases.forecasting.playing import Line, Step, play
from staff.businesstime import BusinessHours, add_business_time, business_time_between

HOUR, DAY = 3600.0, 8 * 3600.0
OFFICE = BusinessHours("UTC", (((time(9), time(17)),),) * 5 + ((), ()))
BERLIN = BusinessHours(
    "Europe/Berlin", (((time(9), time(12, 30)), (time(13, 15), time(17))),) * 5 + ((), ()), "DE", "BE",
    closed_days=frozenset([date(2026, 5, 15)]),
)  # fmt: skip
NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)  # a Tuesday
NOW_S = NOW.timestamp()
TIME = OpenTime.around(NOW, OFFICE)

few = settings(max_examples=40, deadline=None)
lengths = st.lists(st.floats(min_value=0, max_value=40 * DAY), min_size=1, max_size=50)
moments = st.integers(min_value=-60 * 24 * 500, max_value=60 * 24 * 200).map(lambda at: NOW + timedelta(minutes=at))


def lasting(*ages: float, **more) -> Lasting:
    return Lasting.of([Span(FROM_ITS_BEGINNING, age, True) for age in ages], **more)


def line(*ages: float, name: str = "Parts", time: OpenTime = TIME, **more) -> Line:
    return Line(name, lasting(*ages), time, TIME, **more)


def over_by(plan, share: float = 0.8, seed: int = 1) -> float:
    return play(plan, NOW_S, seed=seed, plays=60).by(share) or inf


class TestOpenTime:
    @given(start=moments, amount=st.integers(min_value=0, max_value=60 * 80), hours=st.sampled_from([OFFICE, BERLIN]))
    @settings(max_examples=200, deadline=None)
    def test_is_the_same_time_as_the_rules(self, start, amount, hours):
        table, more = OpenTime.around(NOW, hours), timedelta(minutes=amount)
        due = add_business_time(start, more, hours)
        if start > NOW - timedelta(days=399):
            assert table.later(start.timestamp(), more.total_seconds()) == pytest.approx(due.timestamp(), abs=0.01)
        passed = business_time_between(start, due, hours).total_seconds()
        assert table.between(start.timestamp(), due.timestamp()) == pytest.approx(passed, abs=0.01)

    def test_ends_in_more_than_a_year(self):
        assert TIME.later(NOW_S, 400 * DAY) == inf

    def test_leaves_out_when_nobody_works(self):
        away = TIME.without([(NOW_S + HOUR, NOW_S + 25 * HOUR)])
        assert away.later(NOW_S, HOUR) == NOW_S + HOUR
        assert away.later(NOW_S, 2 * HOUR) == NOW_S + 26 * HOUR
        assert TIME.without([(NOW_S, inf)]).later(NOW_S, 1) == inf
        assert TIME.without([]) is TIME

    def test_knows_when_everybody_is_away(self):
        assert common([[(0, 10), (20, 30)], [(5, 25)]]) == [(5, 10), (20, 25)]
        assert common([[(0, 10)], []]) == common([]) == []
        assert apart([(5, 7), (0, 3), (2, 4), (9, 9)]) == [(0, 4), (5, 7)]


class TestHowLongPartsLast:
    def test_of_what_has_ended_alone_it_is_the_plain_share(self):
        known = lasting(*range(1, 11))
        assert [known.by(share) for share in (0.1, 0.5, 0.8, 1)] == [1, 5, 8, 10]
        assert known.ended_by(8) == pytest.approx(0.8)
        assert known.ended_by(0.5) == 0

    def test_what_is_still_open_lasts_at_least_so_long(self):
        """The textbook's example of Kaplan and Meier: 6, 6, 6, 6+, 7, 9+, 10, 10+, 11+, 13, 16, …"""
        ended = (6, 6, 6, 7, 10, 13, 16, 22, 23)
        still = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
        spans = [Span(FROM_ITS_BEGINNING, age, True) for age in ended]
        spans += [Span(FROM_ITS_BEGINNING, age, False) for age in still]
        lasts = [round(1 - Lasting.of(spans).ended_by(age), 3) for age in (6, 7, 10, 13, 16, 22, 23)]
        assert lasts == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]

    def test_who_was_open_before_the_watching_says_nothing_about_the_time_before(self):
        young = [Span(FROM_ITS_BEGINNING, 1, True), Span(FROM_ITS_BEGINNING, 5, True)]
        old = [Span(4, 6, True)] * 10
        assert Lasting.of(young + old).ended_by(1) == pytest.approx(0.5)

    def test_watching_begins_with_the_last_but_so_many(self):
        def seen(began, ended=None):
            return Seen(TIME, NOW_S + began * HOUR, None if ended is None else NOW_S + ended * HOUR)

        ended = [seen(4, 5), seen(1, 4), seen(0, 3), seen(0, 2)]
        spans = watched(ended, [seen(2), seen(4)], NOW_S + 6 * HOUR, last=3, most_running=9)
        found = sorted((max(span.entered, 0) / HOUR, span.left / HOUR, span.ended) for span in spans)
        # Known since the second hour: then the fourth last ended, and two others were one and two hours old.
        assert found == [(0, 1, True), (0, 2, False), (0, 4, False), (1, 3, True), (2, 3, True)]

    def test_where_only_the_newest_open_ones_are_known_older_ones_are_not_looked_at(self):
        ended = [Seen(TIME, NOW_S, NOW_S + HOUR), Seen(TIME, NOW_S + 2 * HOUR, NOW_S + 3 * HOUR)]
        running = [Seen(TIME, NOW_S + HOUR)]
        spans = list(watched(ended, running, NOW_S + 4 * HOUR, last=9, most_running=1))
        assert [span.left for span in spans] == [HOUR, 3 * HOUR]

    def test_what_was_dropped_is_only_not_watched_any_more(self):
        dropped = Seen(TIME, NOW_S, NOW_S + HOUR, finished=False)
        assert [span.ended for span in watched([dropped], [], NOW_S + HOUR, last=9, most_running=9)] == [False]

    @given(own=lengths, desk=lengths)
    @few
    def test_few_of_its_own_stand_on_the_desks(self, own, desk):
        behind = lasting(*desk)
        assert Lasting.of([], behind).by(0.8) == pytest.approx(behind.by(0.8))
        mixed = lasting(*own, desk=behind)
        for age in (*own, *desk):
            between = sorted((lasting(*own).ended_by(age), behind.ended_by(age)))
            weight = len(own) / (len(own) + 3)
            expected = weight * lasting(*own).ended_by(age) + (1 - weight) * behind.ended_by(age)
            assert mixed.ended_by(age) == pytest.approx(expected, abs=1e-6)
            assert between[0] - 1e-6 <= mixed.ended_by(age) <= between[1] + 1e-6

    @given(ages=lengths, ran=st.one_of(st.none(), st.floats(min_value=0, max_value=50 * DAY)))
    @few
    def test_it_lasts_longer_than_it_has_already_and_a_higher_chance_never_ends_it_earlier(self, ages, ran):
        going = Going(lasting(*ages), ran)
        found = [going.age(chance / 20)[0] for chance in range(20)]
        assert found == sorted(found)
        assert all(age >= ran if ran is not None else age >= 0 for age in found)

    def test_beyond_all_that_was_seen_it_lasts_as_long_again_half_of_the_time(self):
        assert Going(lasting(DAY, DAY), 4 * DAY).age(0.5)[0] == pytest.approx(8 * DAY)

    def test_of_nothing_it_says_nothing(self):
        assert Lasting.of([]).is_empty
        assert Lasting.of([]).by(0.5) is None


class TestAPlan:
    @given(ages=lengths, seed=st.integers(min_value=0, max_value=9999))
    @few
    def test_the_same_seed_plays_the_same(self, ages, seed):
        plan = [Step(1, line(*ages)), Step(2, line(*ages, name="Warranty"), after=1)]
        first, again = (play(plan, NOW_S, seed=seed, plays=50) for _ in range(2))
        assert (first.ends, first.hung_on) == (again.ends, again.hung_on)

    @given(ages=lengths, dues=st.lists(st.floats(min_value=0, max_value=400 * 86400), min_size=2, max_size=9))
    @few
    def test_a_later_due_time_is_never_less_likely(self, ages, dues):
        forecast = play([Step(1, line(*ages), ran=HOUR)], NOW_S, seed=1, plays=100)
        likely = [forecast.likely(NOW_S + due) for due in sorted(dues)]
        assert likely == sorted(likely)
        assert forecast.likely(forecast.by(0.8) or inf) >= 0.8

    @given(ages=lengths, others=lengths)
    @few
    def test_a_department_twice_as_slow_never_helps(self, ages, others):
        """Of parts that begin: one that has run long already is the more surely about to end the faster it could be."""

        def plan(factor):
            return [
                Step(1, line(*(age * factor for age in ages))),
                Step(2, line(*others, name="Warranty"), after=1),
                Step(3, line(*others, name="Hardware")),
            ]

        for share in (0.2, 0.5, 0.8):
            assert over_by(plan(2), share) >= over_by(plan(1), share)

    @given(
        ages=lengths,
        ran=st.one_of(st.none(), st.floats(min_value=0, max_value=5 * DAY)),
        dated=st.booleans(),
        waits=st.booleans(),
        gone=st.integers(min_value=0, max_value=40),
        back=st.integers(min_value=0, max_value=40),
    )
    @few
    def test_absences_only_delay(self, ages, ran, dated, waits, gone, back):
        away = TIME.without([(NOW_S + gone * 86400, NOW_S + (gone + back) * 86400)])

        def plan(time):
            date = NOW_S + 9 * 86400 if dated else None
            waiting = ran if waits else None
            first = Step(1, line(*ages, time=time, keeps=0.7), ran=ran, committed_at=date, ran_until_waiting=waiting)
            return [first, Step(2, line(*ages), after=1)]

        for share in (0.2, 0.5, 0.8):
            assert over_by(plan(away), share) >= over_by(plan(TIME), share)

    @given(ages=lengths, ran=st.floats(min_value=1, max_value=5 * DAY))
    @few
    def test_waiting_only_delays(self, ages, ran):
        waits = Step(1, line(*ages), ran=ran, ran_until_waiting=ran / 2)
        assert over_by([waits]) >= over_by([Step(1, line(*ages), ran=ran)])

    def test_what_comes_after_begins_when_the_other_has_ended(self):
        plan = [Step(1, line(DAY)), Step(2, line(DAY, name="Warranty"), after=1)]
        assert over_by(plan[:1]) == (NOW + timedelta(days=1)).timestamp()
        assert over_by(plan) == (NOW + timedelta(days=2)).timestamp()

    def test_who_needs_longest_on_the_way_is_whom_it_hangs_on(self):
        plan = [
            Step(1, line(3 * DAY)),
            Step(2, line(HOUR, name="Warranty"), after=1),
            Step(3, line(HOUR, name="Other")),
        ]
        forecast = play(plan, NOW_S, seed=1, plays=50)
        assert forecast.at_risk_from(NOW_S + DAY) == "Parts"
        assert forecast.at_risk_from(NOW_S + 30 * 86400) == ""

    def test_where_several_hold_it_up_alike_none_is_named(self):
        plan = [Step(nth, line(HOUR, 5 * DAY, 5 * DAY + nth, name=str(nth))) for nth in range(5)]
        assert play(plan, NOW_S, seed=1, plays=500).at_risk_from(NOW_S + DAY) == ""

    def test_a_date_is_kept_as_often_as_the_department_keeps_its_dates(self):
        date = (NOW + timedelta(days=1)).timestamp()
        step = Step(1, line(HOUR, HOUR, HOUR, 5 * DAY, keeps=0.3), ran=0, committed_at=date)
        assert play([step], NOW_S, seed=1).likely(date) == pytest.approx(0.3, abs=0.05)

    def test_a_date_for_which_nothing_speaks_is_kept_at_the_last_moment(self):
        date = (NOW + timedelta(days=1)).timestamp()
        step = Step(1, line(5 * DAY, keeps=0.9), ran=0, committed_at=date)
        forecast = play([step], NOW_S, seed=1)
        assert forecast.by(0.8) == pytest.approx(date)
        assert forecast.by(0.99) > date

    def test_a_date_that_has_passed_says_nothing(self):
        late = Step(1, line(DAY, 2 * DAY), ran=HOUR, committed_at=NOW_S - 1)
        assert play([late], NOW_S, seed=1).ends == play([Step(1, line(DAY, 2 * DAY), ran=HOUR)], NOW_S, seed=1).ends

    def test_what_is_passed_up_takes_as_long_as_the_second_line_does(self):
        up = Lasting.of([Span(FROM_ITS_BEGINNING, HOUR, True, went_up=True)])
        second = line(DAY, name="Second line")
        assert (
            over_by([Step(1, Line("First", up, TIME, above=second))]) == (NOW + timedelta(days=1, hours=1)).timestamp()
        )
        assert over_by([Step(1, Line("First", up, TIME))]) == NOW_S + HOUR

    def test_where_nobody_ever_comes_back_nobody_can_say(self):
        gone = line(HOUR, time=TIME.without([(NOW_S, inf)]), name="Gone")
        forecast = play([Step(1, gone), Step(2, line(HOUR), after=1)], NOW_S, seed=1, plays=50)
        assert forecast.by(0.1) is None
        assert forecast.at_risk_from(NOW_S) == "Gone"
