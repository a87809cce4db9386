"""From when until when a rule that waits has to look: all that has become due in between, and nothing at night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from escalations import looking
from staff import openings
from staff.businesstime import add_business_time
from tests.cast import TUESDAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PATIENCE = timedelta(hours=8)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
MORNING = datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def hours_are_kept(cast):
    openings.keep(TUESDAY)


def window(since: datetime, now: datetime) -> looking.Window:
    return looking.windows(since, now, {PATIENCE})[PATIENCE]


def test_while_the_house_is_closed_there_is_nothing_to_look_at():
    since, until = window(MIDNIGHT, MIDNIGHT + timedelta(minutes=15))
    assert since == until


def test_with_the_first_minute_of_the_morning_there_is():
    since, until = window(MORNING - timedelta(minutes=1), MORNING + timedelta(minutes=1))
    assert since < until


def test_what_becomes_due_between_two_looks_began_in_the_window_of_the_later_one(cast):
    hours, step = cast.support.calendar.hours, timedelta(minutes=30)
    looks = [TUESDAY + timedelta(days=1) + step * number for number in range(96)]
    beginnings = [TUESDAY + timedelta(minutes=7) * number for number in range(400)]
    missed = []
    for last, now in zip(looks, looks[1:], strict=False):
        since, until = window(last, now)
        due = [began for began in beginnings if last < add_business_time(began, PATIENCE, hours) <= now]
        missed += [(began, now) for began in due if not since < began <= until]
    assert missed == []
