"""Times as people say them, in the reader's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from supportdesk import clock
from supportdesk.templatetags import desk

# Tuesday, 15:40 in Oslo.
NOW = datetime(2025, 11, 25, 14, 40, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture(autouse=True)
def reader_in_oslo():
    with clock.at(NOW), timezone.override(OSLO):
        yield


def oslo(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2025) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=OSLO)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (oslo(25, 14), "today 14:00"),
        (oslo(26, 12), "Wed 12:00"),
        (oslo(23, 9, 12), "Sun 09:12"),
        (oslo(2, 9, month=12), "Tue 2 Dec 09:00"),
        (oslo(2, 9, month=1, year=2026), "Fri 2 Jan 2026 09:00"),
    ],
)
def test_when_says_day_and_time(value, said):
    assert desk.when(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (NOW - timedelta(minutes=40), "40 min late"),
        (NOW - timedelta(minutes=100), "1 h 40 late"),
        (NOW + timedelta(minutes=50), "in 50 min"),
        (NOW + timedelta(minutes=80), "in 1 h 20"),
        (NOW + timedelta(hours=2), "in 2 h"),
        (NOW + timedelta(hours=18, minutes=20), "in 18 h"),
        (oslo(27, 12), "in 2 days"),
        (NOW - timedelta(days=1, hours=1), "1 day late"),
    ],
)
def test_relative_says_how_far_away(value, said):
    assert desk.relative(value).replace("\xa0", " ") == said


def test_urgency_turns_at_the_hour_and_at_the_due_time():
    assert desk.urgency(NOW + timedelta(minutes=60)) == "due"
    assert desk.urgency(NOW + timedelta(minutes=59)) == "soon"
    assert desk.urgency(NOW) == "late"
    assert desk.urgency(None) == "none"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (oslo(25, 15), "Tuesday 25\xa0November, 3\xa0pm"),
        (oslo(25, 15, 41), "Tuesday 25\xa0November, 3:41\xa0pm"),
        (oslo(26, 12), "Wednesday 26\xa0November, noon"),
        (oslo(26, 0), "Wednesday 26\xa0November, midnight"),
        (oslo(26, 0, 5), "Wednesday 26\xa0November, 12:05\xa0am"),
        (oslo(2, 9, month=1, year=2026), "Friday 2\xa0January 2026, 9\xa0am"),
    ],
)
def test_customers_read_the_whole_date(value, said):
    assert desk.spoken(value) == said


def test_customers_read_today_as_today():
    assert desk.spoken_short(NOW) == "today, 3:40\xa0pm"
    assert desk.spoken_short(oslo(23, 9, 12)) == "Sun 23\xa0Nov, 9:12\xa0am"


def test_today_is_the_readers_today_and_not_the_servers():
    late_evening = datetime(2025, 11, 25, 23, 30, tzinfo=UTC)
    assert desk.when(late_evening) == "Wed 00:30"


def test_a_moment_carries_machine_time_and_the_whole_in_words():
    assert desk.moment(oslo(26, 12)) == (
        '<time datetime="2025-11-26T12:00+01:00" title="Wednesday 26 November 2025, 12:00 (CET)">Wed 12:00</time>'
    )


def test_nothing_is_said_about_no_time():
    for say in (desk.when, desk.relative, desk.spoken, desk.stamp, desk.ago, desk.moment, desk.clock_time):
        assert say(None) == ""


def test_a_span_is_said_in_the_two_largest_units():
    assert desk.span(timedelta(days=2, hours=6, minutes=28)).replace("\xa0", " ") == "2 days 6 h"
    assert desk.span(timedelta(minutes=25)).replace("\xa0", " ") == "25 min"
    assert desk.ago(NOW - timedelta(minutes=5)).replace("\xa0", " ") == "5 min ago"
    assert desk.ago(NOW) == "just now"
