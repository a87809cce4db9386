from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from staff.businesstime import BusinessHours, business_time_between
from supportdesk.demo.diary import Diary, business_time_before

NINE_TO_FIVE = (((time(9), time(17)),),) * 5 + ((), ())
BERLIN = BusinessHours(zone="Europe/Berlin", week=NINE_TO_FIVE)
TUESDAY_AT_THREE = datetime(2026, 3, 10, 14, 0, 37, tzinfo=UTC)  # three in the afternoon in Berlin
SATURDAY_NIGHT = datetime(2026, 3, 14, 22, 13, tzinfo=UTC)
MONDAY_AT_NINE_TWO = datetime(2026, 3, 30, 7, 2, tzinfo=UTC)  # after the night on which the clocks went forward


@pytest.mark.parametrize(
    ("now", "words", "meant"),
    [
        (TUESDAY_AT_THREE, "40m ago", datetime(2026, 3, 10, 13, 20, tzinfo=UTC)),
        (TUESDAY_AT_THREE, "1d 2h ago", datetime(2026, 3, 9, 12, 0, tzinfo=UTC)),
        (TUESDAY_AT_THREE, "in 50m", datetime(2026, 3, 10, 14, 50, tzinfo=UTC)),
        (SATURDAY_NIGHT, "40m ago", datetime(2026, 3, 13, 15, 20, tzinfo=UTC)),
        (SATURDAY_NIGHT, "in 50m", datetime(2026, 3, 16, 8, 50, tzinfo=UTC)),
        (MONDAY_AT_NINE_TWO, "10m ago", datetime(2026, 3, 27, 15, 52, tzinfo=UTC)),
    ],
)
def test_words_mean_an_instant_in_office_hours(now, words, meant):
    assert Diary(now, BERLIN).at(words) == meant


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("43m ago", datetime(2026, 3, 10, 13, 15, tzinfo=UTC)),
        ("40m ago", datetime(2026, 3, 10, 13, 20, tzinfo=UTC)),
        ("in 51m", datetime(2026, 3, 10, 14, 55, tzinfo=UTC)),
    ],
)
def test_people_promise_round_times(words, meant):
    assert Diary(TUESDAY_AT_THREE, BERLIN).due(words) == meant


@pytest.mark.parametrize("words", ["", "ago", "2h", "in 2h ago", "in", "2w ago", "2h 3", " 2h ago", "2h ago "])
def test_other_words_are_no_time(words):
    with pytest.raises(ValueError, match="is no time"):
        Diary(TUESDAY_AT_THREE, BERLIN).at(words)


@pytest.mark.parametrize("now", [TUESDAY_AT_THREE, SATURDAY_NIGHT, MONDAY_AT_NINE_TWO])
def test_as_much_business_time_passes_since_as_was_counted_back(now):
    for minutes in (1, 59, 479, 480, 481, 2400, 4803):
        amount = timedelta(minutes=minutes)
        begin = business_time_before(now, amount, BERLIN)
        assert business_time_between(begin, now, BERLIN) >= amount
        assert business_time_between(begin + timedelta(minutes=1), now, BERLIN) < amount


def test_longer_ago_is_earlier():
    instants = [business_time_before(SATURDAY_NIGHT, timedelta(minutes=m), BERLIN) for m in range(1, 1500, 7)]
    assert all(later > earlier for later, earlier in pairwise(instants))
