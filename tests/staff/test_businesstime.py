"""Business time, held against a walk from minute to minute and against examples that a person can check by hand."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staff.businesstime import (
    BusinessHours,
    add_business_days,
    add_business_time,
    business_time_between,
    is_open,
    is_within,
    next_open,
    public_holiday,
)

# F35: adding at length is held against the walk ten thousand times, the rest a tenth as often.
EXAMPLES = 10_000 if os.environ.get("FAULTS_SIZE") == "long" else 100
FEWER = max(100, EXAMPLES // 10)
BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
SAO_PAULO, APIA, HAVANA = "America/Sao_Paulo", "Pacific/Apia", "America/Havana"

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NINE_TO_FIVE = ((time(9), time(17)),)
WITH_LUNCH = ((time(9), time(12)), (time(13), time(17)))
ALL_DAY = ((time(0), time(0)),)
NIGHT = ((time(0), time(6)), (time(22), time(0)))


def weekdays(blocks, zone=BERLIN, **own):
    return BusinessHours(zone, (blocks,) * 5 + ((), ()), **own)


def every_day(blocks, zone=BERLIN, **own):
    return BusinessHours(zone, (blocks,) * 7, **own)


def on(text, zone=BERLIN, fold=0):
    """The instant at which a clock in the zone shows this time; fold=1 for its second showing."""
    # In UTC, because Python calls an ambiguous time unequal to every instant of another zone (PEP 495).
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def passed(begin, end, hours):
    return business_time_between(begin, end, hours) / HOUR


# The reference: a walk from minute to minute. A minute is the number of whole minutes since 1970 in UTC.


def minute_of(instant):
    return int(instant.timestamp()) // 60


def instant_of(minute, zone="UTC"):
    return datetime.fromtimestamp(minute * 60, ZoneInfo(zone))


@lru_cache(maxsize=300)
def clock_through(zone, utc_day):
    """Each minute of a day in UTC with the minute of the day that a clock in the zone shows in it, by local date."""
    midnight = minute_of(datetime(utc_day.year, utc_day.month, utc_day.day, tzinfo=UTC))
    by_date = defaultdict(list)
    for minute in range(midnight, midnight + 1440):
        local = instant_of(minute, zone)
        by_date[local.date()].append((minute, local.hour * 60 + local.minute))
    return by_date


@lru_cache(maxsize=300)
def minutes_of_date(zone, day):
    """Each minute whose local date in the zone this is, with the minute of that date that the clock shows in it."""
    return [shown for n in (-1, 0, 1) for shown in clock_through(zone, day + n * DAY).get(day, ())]


@lru_cache
def public_holidays(country, subdivision):
    return holidays.country_holidays(country, subdiv=subdivision)


def blocks_on(day, hours):
    for own_day, blocks in hours.open_days:
        if own_day == day:
            return blocks
    if day in hours.closed_days or hours.country and day in public_holidays(hours.country, hours.subdivision):
        return ()
    return hours.week[day.weekday()]


def open_minutes_of_date(day, hours):
    """The minutes in which the clock shows a time inside a block of that date.

    Where the clock is set back over an edge of a block, the desk does not shut in between.
    """
    for opens, closes in blocks_on(day, hours):
        first = opens.hour * 60 + opens.minute
        last = closes.hour * 60 + closes.minute or 1440
        inside = [minute for minute, shown in minutes_of_date(hours.zone, day) if first <= shown < last]
        if inside:
            yield from range(inside[0], inside[-1] + 1)


def walk(start, days, hours) -> Iterator[tuple[int, bool]]:
    """Each minute from the start on for so many days, and whether the desk is open in it."""
    dates = (start.astimezone(UTC).date() + n * DAY for n in range(-1, days + 2))
    open_minutes = {minute for day in dates for minute in open_minutes_of_date(day, hours)}
    for minute in range(minute_of(start), minute_of(start) + days * 1440):
        yield minute, minute in open_minutes


# Generated hours and starts


CLOCK_CHANGES = {
    BERLIN: [date(2026, 3, 29), date(2026, 10, 25), date(1980, 4, 6), date(1996, 10, 27)],
    NEW_YORK: [date(2026, 3, 8), date(2026, 11, 1), date(1974, 1, 6), date(2006, 10, 29)],
    LORD_HOWE: [date(2026, 4, 5), date(2026, 10, 4), date(1981, 3, 1), date(1985, 10, 27)],
    SAO_PAULO: [date(2018, 2, 18), date(2018, 11, 4), date(2017, 10, 15), date(1999, 2, 21)],
    "UTC": [],
}
LEAP_DAYS_AND_YEAR_ENDS = [
    date(2000, 2, 29),
    date(2024, 2, 29),
    date(2028, 2, 29),
    date(2023, 12, 31),
    date(2026, 12, 31),
    date(2028, 12, 31),
]
PLACES = [("", ""), ("DE", "BE"), ("US", "NY"), ("AU", "NSW"), ("BR", "SP")]

ZONES = st.sampled_from(sorted(CLOCK_CHANGES))
# Around the clock changes of all five zones, at the ends of the day, and anywhere.
EDGES = (
    st.sampled_from([0, 30, 60, 75, 90, 105, 120, 135, 150, 165, 180, 240])
    | st.sampled_from([30, 105, 150, 1380, 1410, 1440])
    | st.integers(0, 1440)
)


def at_minute(minute):
    return time(minute // 60 % 24, minute % 60)


@st.composite
def some_blocks(draw):
    edges = sorted(draw(st.sets(EDGES, min_size=2, max_size=6)))
    return tuple((at_minute(opens), at_minute(closes)) for opens, closes in zip(edges[::2], edges[1::2], strict=False))


BLOCKS = some_blocks() | st.sampled_from([NINE_TO_FIVE, WITH_LUNCH, ALL_DAY, NIGHT])
WEEKS = st.tuples(*[st.just(()) | BLOCKS] * 7).filter(any) | BLOCKS.map(lambda blocks: (blocks,) * 7)


@st.composite
def start_and_hours(draw):
    zone = draw(ZONES)
    anchor = draw(
        st.sampled_from(CLOCK_CHANGES[zone] * 4 + LEAP_DAYS_AND_YEAR_ENDS)
        | st.dates(date(1971, 1, 1), date(2037, 12, 1))
    )
    midnight = datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC)
    start = midnight + draw(st.integers(-36 * 60, 24 * 60)) * MINUTE
    nearby = st.integers(-1, 9).map(lambda days: start.date() + days * DAY)
    open_days = draw(st.dictionaries(st.just(anchor) | nearby, some_blocks() | BLOCKS, max_size=2))
    closed_days = draw(st.frozensets(nearby, max_size=2)) - open_days.keys()
    country, subdivision = draw(st.sampled_from(PLACES))
    return start, BusinessHours(zone, draw(WEEKS), country, subdivision, closed_days, open_days)


START_AND_HOURS = start_and_hours()


def generated(examples=FEWER):
    """The same examples on every run, so that a red test stays red until it is mended."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


# Against the walk


@generated(EXAMPLES)
@given(START_AND_HOURS, st.integers(1, 60 * 60), st.integers(1, 10))
def test_f35_adding_business_time_ends_where_a_walk_from_minute_to_minute_ends(start_and_hours, minutes, days):
    start, hours = start_and_hours
    due = add_business_time(start, minutes * MINUTE, hours)
    left = minutes
    for minute, desk_open in walk(start, days, hours):
        left -= desk_open
        if not left:
            assert due == instant_of(minute + 1)
            return
    assert due > start + days * DAY


@generated()
@given(START_AND_HOURS, st.integers(0, 8 * 1440))
def test_the_time_between_is_the_number_of_open_minutes_walked(start_and_hours, minutes):
    start, hours = start_and_hours
    end = start + minutes * MINUTE
    until = minute_of(end)
    walked = sum(desk_open for minute, desk_open in walk(start, 9, hours) if minute < until)
    assert business_time_between(start, end, hours) == walked * MINUTE
    assert business_time_between(end, start, hours) == -walked * MINUTE


@generated()
@given(st.sampled_from([(zone, day) for zone, days in CLOCK_CHANGES.items() for day in days]), some_blocks())
def test_a_date_on_which_the_clock_changes_is_open_as_long_as_the_walk_says(change, blocks):
    zone, day = change
    noon_before = datetime(day.year, day.month, day.day, tzinfo=UTC) - 12 * HOUR
    hours = every_day(blocks, zone)
    walked = sum(desk_open for _minute, desk_open in walk(noon_before, 2, hours))
    assert business_time_between(noon_before, noon_before + 2 * DAY, hours) == walked * MINUTE


@generated()
@given(START_AND_HOURS, st.integers(0, 59_999_999))
def test_the_desk_is_open_in_the_minutes_that_the_walk_calls_open(start_and_hours, microseconds):
    start, hours = start_and_hours
    into_the_minute = timedelta(microseconds=microseconds)
    for minute, desk_open in walk(start, 1, hours):
        assert is_open(instant_of(minute) + into_the_minute, hours) is desk_open


@generated()
@given(START_AND_HOURS)
def test_the_next_opening_is_the_first_open_minute_walked(start_and_hours):
    start, hours = start_and_hours
    first = next((minute for minute, desk_open in walk(start, 8, hours) if desk_open), None)
    opening = next_open(start, hours)
    assert opening == instant_of(first) if first is not None else opening >= start + 8 * DAY


def walked_business_days(start, days, hours):
    """The rule of ``add_business_days`` as a walk, or None where thirty days are too few."""
    opened = next((minute for minute, desk_open in walk(start, 30, hours) if desk_open), None)
    if opened is None:
        return None
    wall = instant_of(opened, hours.zone)
    later = (wall.date() + n * DAY for n in range(1, 30))
    working = [(day, minutes) for day in later if (minutes := sorted(open_minutes_of_date(day, hours)))]
    if len(working) < days:
        return None
    day, minutes = working[days - 1]
    reached = [minute for minute, shown in minutes_of_date(hours.zone, day) if shown >= wall.hour * 60 + wall.minute]
    open_from_then = [minute for minute in minutes if reached and minute >= reached[0]]
    return instant_of(open_from_then[0] if open_from_then else minutes[-1] + 1)


@generated(FEWER // 2)
@given(START_AND_HOURS, st.integers(1, 6))
def test_adding_business_days_ends_where_a_walk_over_working_days_ends(start_and_hours, days):
    start, hours = start_and_hours
    expected = walked_business_days(start, days, hours)
    due = add_business_days(start, days, hours)
    assert due == expected if expected else due > start + 28 * DAY


@generated()
@given(START_AND_HOURS, st.integers(1, 10**12), st.integers(1, 10**12))
def test_amounts_add_up_to_the_microsecond(start_and_hours, one, other):
    start, hours = start_and_hours
    one, other = timedelta(microseconds=one), timedelta(microseconds=other)
    halfway = add_business_time(start, one, hours)
    assert add_business_time(halfway, other, hours) == add_business_time(start, one + other, hours)
    assert business_time_between(start, halfway, hours) == one


# By hand: an ordinary week (20 November 2026 is a Friday)


def test_an_hour_on_friday_half_past_four_runs_to_monday_half_past_nine():
    assert add_business_time(on("2026-11-20 16:30"), HOUR, weekdays(NINE_TO_FIVE)) == on("2026-11-23 09:30")


def test_the_lunch_break_does_not_count():
    assert add_business_time(on("2026-11-20 11:00"), 2 * HOUR, weekdays(WITH_LUNCH)) == on("2026-11-20 14:00")


def test_an_amount_that_fills_a_block_ends_with_the_block():
    assert add_business_time(on("2026-11-20 09:00"), 3 * HOUR, weekdays(WITH_LUNCH)) == on("2026-11-20 12:00")
    assert add_business_time(on("2026-11-20 09:00"), 7 * HOUR, weekdays(WITH_LUNCH)) == on("2026-11-20 17:00")


def test_no_time_at_all_ends_at_the_start_even_when_closed():
    saturday = on("2026-11-21 12:00")
    assert add_business_time(saturday, timedelta(0), weekdays(NINE_TO_FIVE)) == saturday


def test_the_answer_is_in_utc():
    hours = weekdays(NINE_TO_FIVE)
    start = on("2026-11-20 10:00")
    answers = [add_business_time(start, HOUR, hours), add_business_days(start, 1, hours), next_open(start, hours)]
    assert [answer.tzinfo for answer in answers] == [UTC] * 3


def test_a_start_may_be_told_in_any_zone_and_at_either_showing_of_a_doubled_time():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo(BERLIN))
    second = first.replace(fold=1)
    hours = every_day(ALL_DAY)
    assert add_business_time(first, HOUR, hours) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert add_business_time(second, HOUR, hours) == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    assert business_time_between(first, second, hours) == HOUR
    assert next_open(second, hours) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_the_time_between_counts_only_open_hours_and_knows_its_direction():
    hours = weekdays(WITH_LUNCH)
    friday, monday = on("2026-11-20 11:00"), on("2026-11-23 14:00")
    assert passed(friday, monday, hours) == 5 + 4
    assert passed(monday, friday, hours) == -9


def test_the_desk_is_open_at_its_opening_and_closed_at_its_closing():
    hours = weekdays(NINE_TO_FIVE)
    assert is_open(on("2026-11-20 09:00"), hours)
    assert not is_open(on("2026-11-20 17:00"), hours)
    assert next_open(on("2026-11-20 17:00"), hours) == on("2026-11-23 09:00")


def test_a_due_time_falls_within_the_hours_up_to_the_moment_of_closing():
    hours = weekdays(WITH_LUNCH)
    for inside in ("2026-11-20 09:00", "2026-11-20 12:00", "2026-11-20 13:00", "2026-11-20 17:00"):
        assert is_within(on(inside), hours)
    for outside in ("2026-11-20 08:59", "2026-11-20 12:01", "2026-11-20 12:59", "2026-11-20 17:01", "2026-11-21 09:00"):
        assert not is_within(on(outside), hours)


# By hand: holidays and own days


def test_a_public_holiday_has_its_name_in_the_place_where_it_is_one():
    womens_day = date(2027, 3, 8)
    assert public_holiday(womens_day, weekdays(NINE_TO_FIVE, country="DE", subdivision="BE")) == "Women's Day"
    assert public_holiday(womens_day, weekdays(NINE_TO_FIVE, country="DE", subdivision="BY")) == ""
    assert public_holiday(womens_day, weekdays(NINE_TO_FIVE)) == ""


def test_a_public_holiday_of_the_subdivision_is_closed():
    # 8 March, Women's Day, is a holiday in Berlin and a working Monday in Bavaria.
    monday = on("2027-03-08 09:00")
    assert not is_open(monday, weekdays(NINE_TO_FIVE, country="DE", subdivision="BE"))
    assert is_open(monday, weekdays(NINE_TO_FIVE, country="DE", subdivision="BY"))


def test_an_own_closed_day_is_passed_over():
    hours = weekdays(NINE_TO_FIVE, closed_days=frozenset({date(2026, 11, 23)}))
    assert add_business_time(on("2026-11-20 16:00"), 2 * HOUR, hours) == on("2026-11-24 10:00")


def test_an_own_open_day_wins_over_the_weekend_and_over_a_holiday():
    saturday, christmas = date(2026, 11, 21), date(2026, 12, 25)
    morning = ((time(10), time(12)),)
    hours = weekdays(NINE_TO_FIVE, country="DE", open_days={saturday: morning, christmas: morning})
    assert add_business_time(on("2026-11-20 16:00"), 2 * HOUR, hours) == on("2026-11-21 11:00")
    assert passed(on("2026-12-25 00:00"), on("2026-12-26 00:00"), hours) == 2


def test_an_own_open_day_replaces_the_blocks_of_the_week():
    hours = weekdays(NINE_TO_FIVE, open_days={date(2026, 11, 20): ((time(9), time(11)),)})
    assert passed(on("2026-11-20 00:00"), on("2026-11-21 00:00"), hours) == 2


# By hand: clocks that change, leap days and year ends


@pytest.mark.parametrize(
    "zone, day, lasts",
    [
        (BERLIN, "2026-03-29", 23),
        (BERLIN, "2026-10-25", 25),
        (NEW_YORK, "2026-03-08", 23),
        (NEW_YORK, "2026-11-01", 25),
        (LORD_HOWE, "2026-10-04", 23.5),
        (LORD_HOWE, "2026-04-05", 24.5),
        (SAO_PAULO, "2018-11-04", 23),
        (SAO_PAULO, "2018-02-17", 25),
        (HAVANA, "2026-11-01", 25),
        (HAVANA, "2026-10-31", 24),
        (APIA, "2011-12-30", 0),
    ],
)
def test_a_whole_day_lasts_the_hours_that_really_pass(zone, day, lasts):
    day = date.fromisoformat(day)
    only_that_day = BusinessHours(
        zone, (ALL_DAY,) * 7, closed_days=frozenset({day + n * DAY for n in (-3, -2, -1, 1, 2, 3)})
    )
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert passed(noon - 2 * DAY, noon + 2 * DAY, only_that_day) == lasts


def test_a_night_in_spring_is_an_hour_short_and_a_night_in_autumn_an_hour_long():
    hours = every_day(NIGHT)
    assert passed(on("2026-03-28 21:00"), on("2026-03-29 07:00"), hours) == 7
    assert passed(on("2026-10-24 21:00"), on("2026-10-25 07:00"), hours) == 9
    assert add_business_time(on("2026-03-28 22:00"), 7 * HOUR, hours) == on("2026-03-29 06:00")
    assert add_business_time(on("2026-10-24 22:00"), 9 * HOUR, hours) == on("2026-10-25 06:00")


def test_an_opening_that_the_clock_skips_is_the_moment_of_the_jump():
    hours = every_day(((time(2, 30), time(6)),))
    assert next_open(on("2026-03-29 00:00"), hours) == on("2026-03-29 03:00")


def test_a_closing_that_the_clock_skips_is_the_moment_of_the_jump():
    hours = every_day(((time(1), time(2, 30)),))
    assert passed(on("2026-03-29 00:00"), on("2026-03-30 00:00"), hours) == 1


def test_a_block_that_the_clock_skips_does_not_open():
    hours = every_day(((time(2, 15), time(2, 45)),))
    assert passed(on("2026-03-29 00:00"), on("2026-03-30 00:00"), hours) == 0


def test_an_hour_that_comes_twice_opens_at_its_first_showing_and_closes_at_its_last():
    late, early = every_day(((time(2, 30), time(6)),)), every_day(((time(1), time(2, 30)),))
    assert next_open(on("2026-10-25 00:00"), late) == on("2026-10-25 02:30", fold=0)
    assert add_business_time(on("2026-10-25 00:00"), 2.5 * HOUR, early) == on("2026-10-25 02:30", fold=1)
    assert next_open(on("2026-10-25 02:30", fold=1), early) == on("2026-10-26 01:00")


def test_a_pause_inside_the_doubled_hour_counts_once_as_open_and_not_twice():
    # From one to six this night six hours pass; in the pause, shown twice, one or the other block is still open.
    hours = every_day(((time(1), time(2, 15)), (time(2, 30), time(6))))
    assert passed(on("2026-10-25 00:00"), on("2026-10-26 00:00"), hours) == 6


def test_a_desk_that_shuts_as_the_doubled_hour_begins_does_not_open_again_for_its_second_showing():
    hours = every_day(((time(20), time(23)),), SAO_PAULO)
    assert passed(on("2018-02-17 12:00", SAO_PAULO), on("2018-02-18 12:00", SAO_PAULO), hours) == 3


def test_a_day_that_the_zone_skipped_is_no_working_day():
    # Samoa crossed the date line: 29 December 2011 was followed by the 31st.
    hours = every_day(NINE_TO_FIVE, APIA)
    thursday = on("2011-12-29 16:00", APIA)
    assert add_business_time(thursday, 2 * HOUR, hours) == on("2011-12-31 10:00", APIA)
    assert add_business_days(thursday, 1, hours) == on("2011-12-31 16:00", APIA)


def test_the_leap_day_counts_in_leap_years_only():
    hours = every_day(NINE_TO_FIVE)
    assert add_business_time(on("2028-02-28 16:00"), 2 * HOUR, hours) == on("2028-02-29 10:00")
    assert add_business_time(on("2027-02-28 16:00"), 2 * HOUR, hours) == on("2027-03-01 10:00")


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE, SAO_PAULO, "UTC"])
def test_the_year_ends_in_local_time_and_not_in_utc(zone):
    hours = every_day(ALL_DAY, zone, closed_days=frozenset({date(2027, 1, 1)}))
    eve = on("2026-12-31 23:00", zone)
    assert add_business_time(eve, HOUR, hours) == on("2027-01-01 00:00", zone)
    assert add_business_time(eve, 2 * HOUR, hours) == on("2027-01-02 01:00", zone)


def test_years_add_up():
    hours = every_day(ALL_DAY)
    assert business_time_between(on("2019-07-01 00:00"), on("2029-07-01 00:00"), hours) == 3653 * DAY
    assert add_business_time(on("2019-07-01 00:00"), 3653 * DAY, hours) == on("2029-07-01 00:00")


# By hand: business days


def test_business_days_keep_the_local_time_across_weekend_and_clock_change():
    assert add_business_days(on("2026-03-27 15:20"), 2, weekdays(NINE_TO_FIVE)) == on("2026-03-31 15:20")


def test_business_days_from_a_closed_start_count_from_the_next_opening():
    hours = weekdays(NINE_TO_FIVE)
    assert add_business_days(on("2026-11-21 12:00"), 0, hours) == on("2026-11-23 09:00")
    assert add_business_days(on("2026-11-21 12:00"), 2, hours) == on("2026-11-25 09:00")


def test_business_days_end_inside_the_blocks_of_the_day_they_reach():
    friday = date(2026, 11, 20)

    def reached(*blocks):
        return add_business_days(on("2026-11-19 12:30"), 1, weekdays(NINE_TO_FIVE, open_days={friday: blocks}))

    assert reached((time(9), time(12))) == on("2026-11-20 12:00")
    assert reached((time(9), time(12)), (time(13), time(17))) == on("2026-11-20 13:00")
    assert reached((time(9), time(12, 30)), (time(13), time(17))) == on("2026-11-20 13:00")
    assert reached((time(14), time(17))) == on("2026-11-20 14:00")


def test_business_days_that_reach_a_skipped_time_end_at_the_jump_and_a_doubled_one_at_its_first_showing():
    hours = every_day(ALL_DAY)
    assert add_business_days(on("2026-03-28 02:30"), 1, hours) == on("2026-03-29 03:00")
    assert add_business_days(on("2026-10-24 02:30"), 1, hours) == on("2026-10-25 02:30", fold=0)


# Refusals


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"zone": "Europe/Atlantis"}, "no time zone “Europe/Atlantis”"),
        ({"zone": "Europe"}, "no time zone “Europe”"),
        ({"zone": "../secret"}, "no time zone"),
        ({"zone": ""}, "no time zone"),
        ({"country": "XX"}, "country “XX”"),
        ({"country": "DE", "subdivision": "ZZ"}, "“ZZ” in the country “DE”"),
        ({"subdivision": "BE"}, "needs its country"),
        ({"week": (NINE_TO_FIVE,) * 6}, "seven days, not 6"),
        ({"week": ((),) * 7}, "at least one open hour"),
        ({"week": (((time(9), time(9)),),) + ((),) * 6}, "Monday, 09:00 to 09:00: ends before"),
        ({"week": ((),) * 6 + (((time(17), time(9)),),)}, "Sunday, 17:00 to 09:00: ends before"),
        ({"week": (((time(9), time(13)), (time(12), time(17))),) + ((),) * 6}, "Monday, 12:00 to 17:00: begins before"),
        ({"week": (((time(13), time(17)), (time(9), time(12))),) + ((),) * 6}, "Monday, 09:00 to 12:00: begins before"),
        ({"week": (((time(9), time(0)), (time(22), time(23))),) + ((),) * 6}, "Monday, 22:00 to 23:00: begins before"),
        ({"week": (((time(9), time(23, 59, 59)),),) + ((),) * 6}, "whole minutes"),
        ({"open_days": {date(2026, 1, 1): ()}}, "2026-01-01: an open day needs"),
        ({"open_days": {date(2026, 1, 1): ((time(9), time(8)),)}}, "2026-01-01, 09:00 to 08:00: ends before"),
        ({"open_days": ((date(2026, 1, 1), NINE_TO_FIVE), (date(2026, 1, 1), NIGHT))}, "named once"),
        ({"open_days": {date(2026, 1, 1): ALL_DAY}, "closed_days": {date(2026, 1, 1)}}, "either open or closed"),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_words(changed, words):
    with pytest.raises(ValueError, match=words):
        BusinessHours(**{"zone": BERLIN, "week": (NINE_TO_FIVE,) * 7} | changed)


def test_hours_from_lists_equal_hours_from_tuples():
    day = date(2026, 1, 1)
    week, all_day = [[[time(9), time(17)]]] * 7, [[time(0), time(0)]]
    from_rows = BusinessHours(BERLIN, week, closed_days=[], open_days={day: all_day})
    assert from_rows == every_day(NINE_TO_FIVE, open_days=((day, ALL_DAY),))
    assert hash(from_rows) == hash(every_day(NINE_TO_FIVE, open_days=((day, ALL_DAY),)))


@pytest.mark.parametrize(
    "ask",
    [
        lambda instant, hours: add_business_time(instant, HOUR, hours),
        lambda instant, hours: add_business_days(instant, 1, hours),
        lambda instant, hours: business_time_between(instant, instant.replace(tzinfo=UTC), hours),
        lambda instant, hours: business_time_between(instant.replace(tzinfo=UTC), instant, hours),
        next_open,
        is_open,
    ],
)
def test_an_instant_without_a_zone_is_refused(ask):
    with pytest.raises(ValueError, match="needs a time zone"):
        ask(datetime(2026, 11, 20, 12), weekdays(NINE_TO_FIVE))


def test_negative_amounts_are_refused():
    with pytest.raises(ValueError, match="cannot be negative"):
        add_business_time(on("2026-11-20 12:00"), -MINUTE, weekdays(NINE_TO_FIVE))
    with pytest.raises(ValueError, match="cannot be negative"):
        add_business_days(on("2026-11-20 12:00"), -1, weekdays(NINE_TO_FIVE))


def test_a_desk_that_never_opens_again_is_an_error_and_not_an_endless_search():
    closed = frozenset(date(2026, 1, 1) + n * DAY for n in range(366 * 14))
    hours = weekdays(NINE_TO_FIVE, closed_days=closed)
    for ask in (
        lambda: add_business_time(on("2026-11-20 12:00"), HOUR, hours),
        lambda: add_business_days(on("2025-12-31 12:00"), 1, hours),
        lambda: next_open(on("2026-11-20 12:00"), hours),
    ):
        with pytest.raises(ValueError, match="do not open for 10 years"):
            ask()


def test_a_desk_that_opens_again_after_nine_years_is_waited_for():
    closed = frozenset(date(2026, 1, 1) + n * DAY for n in range((date(2035, 1, 1) - date(2026, 1, 1)).days))
    hours = weekdays(NINE_TO_FIVE, closed_days=closed)
    assert add_business_time(on("2026-11-20 12:00"), HOUR, hours) == on("2035-01-01 10:00")


def test_the_calendar_ends_with_an_error_in_words():
    with pytest.raises(ValueError, match="not in 9999"):
        next_open(datetime(9999, 6, 1, tzinfo=UTC), weekdays(NINE_TO_FIVE))
