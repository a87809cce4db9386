"""The database reckons business time as ``staff.businesstime`` does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staff import openings
from staff.businesstime import add_business_time, business_time_between
from staff.models import Calendar, Opening

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 27, 10, tzinfo=UTC)  # two days before the clocks change in Europe
MINUTES = st.integers(min_value=-60 * 24 * 90, max_value=60 * 24 * 90)


@pytest.fixture
def berlin(db) -> Calendar:
    calendar = Calendar.objects.create(
        name="Berlin", zone="Europe/Berlin", country="DE", subdivision="BE", monday="09:00-12:30, 13:15-17:00",
        saturday="10:00-12:00", open_days={"2026-04-05": "10:00-14:00"},
    )  # fmt: skip
    openings.keep(NOW)
    return calendar


def asked(function: str, *values):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(values))})", values)
        return cursor.fetchone()[0]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=MINUTES, amount=st.integers(min_value=0, max_value=60 * 80))
def test_adding_and_counting_agree_with_the_rule(berlin, start, amount):
    begin, more = NOW + timedelta(minutes=start), timedelta(minutes=amount)
    due = asked("desk_business_due", berlin.pk, begin, more.total_seconds())
    assert due == add_business_time(begin, more, berlin.hours)
    passed = asked("desk_business_between", berlin.pk, begin, due)
    assert passed == business_time_between(begin, due, berlin.hours).total_seconds()


def test_what_is_kept_is_written_once_and_again_after_a_change(berlin):
    assert openings.keep(NOW + timedelta(days=90)) == 0
    rows = Opening.objects.filter(calendar=berlin).count()
    Calendar.objects.filter(pk=berlin.pk).update(saturday="")
    assert openings.keep(NOW) == 1
    assert Opening.objects.filter(calendar=berlin).count() < rows
    assert openings.keep(NOW + timedelta(days=150)) == Calendar.objects.count()


def test_beyond_what_is_kept_the_database_does_not_guess(berlin):
    assert asked("desk_business_due", berlin.pk, NOW, 3600.0 * 24 * 365) is None


def test_an_own_open_day_wins_over_the_holiday(berlin):
    opened = Opening.objects.filter(calendar=berlin, opens_at__date="2026-04-05").get()
    assert (opened.closes_at - opened.opens_at) == timedelta(hours=4)
