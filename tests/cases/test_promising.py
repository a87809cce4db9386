"""Plain times to promise: worked out from the hours of whoever owes, without what cannot be kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import promising
from cases.promising import choices, in_hours, on_their_clock, plainly
from staff.businesstime import BusinessHours, business_time_between

NINE_TO_FIVE = ((time(9), time(17)),)
WEEK = (*[NINE_TO_FIVE] * 5, (), ())
OFFICE = BusinessHours(zone="UTC", week=WEEK)
BERLIN = BusinessHours(zone="Europe/Berlin", week=WEEK, country="DE", subdivision="BE")
LUNCH = BusinessHours(zone="UTC", week=(((time(8), time(11, 30)), (time(13), time(18))),) * 5 + ((), ()))
AFTERNOONS = BusinessHours(zone="UTC", week=(((time(13), time(18)),),) * 7)
ALWAYS = BusinessHours(zone="UTC", week=(((time(0), time(0)),),) * 7)
NIGHTS = BusinessHours(zone="UTC", week=(((time(0), time(6)), (time(22), time(0))),) * 7)
NEW_YORK = ZoneInfo("America/New_York")


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """March 2026: the tenth is a Tuesday."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def said(now: datetime, hours: BusinessHours, zone=UTC) -> list[str]:
    return [plainly(choice, now, zone) for choice in choices(now, hours)]


@pytest.mark.parametrize(
    ("now", "hours", "words"),
    [
        (at(10, 10), OFFICE, ["Today by 17:00", "Tomorrow morning, Wed 12:00", "In two working days, Thu 10:00"]),
        (at(10, 10, 7), OFFICE, ["Today by 17:00", "Tomorrow morning, Wed 12:00", "In two working days, Thu 11:00"]),
        (at(10, 15, 59), OFFICE, ["Today by 17:00", "Tomorrow morning, Wed 12:00", "In two working days, Thu 16:00"]),
        # No "today" within the last hour.
        (at(10, 16), OFFICE, ["Tomorrow morning, Wed 12:00", "In two working days, Thu 16:00"]),
        (at(10, 16, 40), OFFICE, ["Tomorrow morning, Wed 12:00", "In two working days, Thu 17:00"]),
        (at(10, 20), OFFICE, ["Tomorrow morning, Wed 12:00", "In two working days, Fri 10:00"]),
        # Before the first hour of the day, today is still ahead.
        (at(10, 6), OFFICE, ["Today by 17:00", "Tomorrow morning, Wed 12:00", "In two working days, Thu 10:00"]),
        # Over the weekend there is no tomorrow.
        (at(13, 10), OFFICE, ["Today by 17:00", "Monday morning, Mon 12:00", "In two working days, Tue 10:00"]),
        (at(14, 10), OFFICE, ["Monday morning, Mon 12:00", "In two working days, Wed 10:00"]),
        (at(15, 10), OFFICE, ["Tomorrow morning, Mon 12:00", "In two working days, Wed 10:00"]),
        # The morning ends with its block, and what would end in the lunch break ends before it.
        (at(10, 11, 10), LUNCH, ["Today by 18:00", "Tomorrow morning, Wed 11:30", "In two working days, Thu 11:30"]),
        (at(10, 12), LUNCH, ["Today by 18:00", "Tomorrow morning, Wed 11:30", "In two working days, Thu 14:00"]),
        # Who opens at one has no morning; who never closes has no end of the day but midnight.
        (at(10, 14), AFTERNOONS, ["Today by 18:00", "In two working days, Thu 14:00"]),
        (at(10, 14), ALWAYS, ["Today by midnight", "Tomorrow morning, Wed 12:00", "In two working days, Thu 14:00"]),
        (at(10, 23, 30), NIGHTS, ["Tomorrow morning, Wed 06:00", "In two working days, Fri 00:00"]),
    ],
)
def test_the_plain_times_of_an_instant(now, hours, words):
    assert said(now, hours) == words


def test_easter_is_no_tomorrow():
    thursday = datetime(2026, 4, 2, 8, tzinfo=UTC)
    assert said(thursday, BERLIN, ZoneInfo("Europe/Berlin")) == [
        "Today by 17:00",
        "Tuesday morning, Tue 12:00",
        "In two working days, Wed 10:00",
    ]


def test_after_the_holidays_the_date_is_named():
    closed = frozenset(date(2026, 3, day) for day in range(11, 21))
    hours = BusinessHours(zone="UTC", week=WEEK, closed_days=closed)
    assert said(at(10, 10), hours) == [
        "Today by 17:00",
        "Monday 23 March morning, Mon 23 Mar 12:00",
        "In two working days, Tue 24 Mar 10:00",
    ]


def test_to_a_reader_in_another_zone_a_morning_elsewhere_is_a_day_and_a_time():
    assert said(at(10, 10), OFFICE, NEW_YORK) == [
        "Today by 13:00",
        "Wed 08:00",
        "In two working days, Thu 06:00",
    ]


@pytest.mark.parametrize(
    ("due_at", "theirs", "words"),
    [
        (at(11, 12), NEW_YORK, "08:00"),
        (at(11, 2), NEW_YORK, "Tue 22:00"),
        (at(11, 12), ZoneInfo("Atlantic/Reykjavik"), ""),
        (at(11, 12), None, ""),
    ],
)
def test_the_customers_clock_is_named_where_it_differs(due_at, theirs, words):
    assert on_their_clock(due_at, UTC, theirs) == words


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "..", "Europe"])
def test_a_zone_that_is_none_is_none(name):
    assert promising.zone_named(name) is None


def test_a_closing_is_in_hours_and_the_moment_after_it_is_not():
    assert in_hours(at(10, 9), OFFICE) and in_hours(at(10, 17), OFFICE)
    assert not in_hours(at(10, 17) + timedelta(microseconds=1), OFFICE)
    assert not in_hours(at(10, 9) - timedelta(microseconds=1), OFFICE)


@pytest.mark.parametrize(
    ("date", "now", "due_at"),
    [
        (at(12, 14), at(10, 10), at(12, 15)),
        (at(12, 14, 20), at(10, 10), at(12, 16)),
        (at(12, 17), at(10, 10), at(13, 10)),
        (at(13, 16, 30), at(10, 10), at(16, 10)),
        # What is past is passed on from now.
        (at(9, 14), at(10, 10), at(10, 11)),
    ],
)
def test_an_open_hour_lies_between_what_it_hangs_on_and_a_promise(date, now, due_at):
    assert promising.after(date, now, OFFICE) == due_at


def test_in_touch_is_when_it_was_wished_for_if_somebody_works_then():
    assert promising.in_touch_by(at(11, 12), at(10, 10), OFFICE) == at(11, 12)
    assert promising.in_touch_by(at(14, 12), at(10, 10), OFFICE) == at(16, 10)
    assert promising.in_touch_by(at(9, 12), at(10, 10), OFFICE) == at(10, 11)


SOME_HOURS = st.sampled_from([OFFICE, BERLIN, LUNCH, AFTERNOONS, ALWAYS, NIGHTS])
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))


@given(now=INSTANTS, hours=SOME_HOURS)
@settings(max_examples=300, deadline=None)
def test_every_choice_is_ahead_in_open_hours_and_can_be_kept(now, hours):
    found = choices(now, hours)
    assert [choice.due_at for choice in found] == sorted(choice.due_at for choice in found)
    assert {choice.name for choice in found} <= {"today", "morning", "working_days"}
    for choice in found:
        assert in_hours(choice.due_at, hours)
        assert business_time_between(now, choice.due_at, hours) >= promising.MARGIN
