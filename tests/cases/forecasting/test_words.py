"""What a forecast says, in words."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from cases.forecasting.record import Suggestion
from cases.forecasting.words import longer, needs, of_ten, working_time
from staff.businesstime import BusinessHours
from staff.models import Calendar, Department

OFFICE = BusinessHours("UTC", (((time(9), time(17)),),) * 4 + (((time(9), time(13)),), (), ()))
ALWAYS = BusinessHours("UTC", (((time(0), time(0)),),) * 7)
PARTS = Department(name="Parts", calendar=Calendar(name="Office", zone="UTC"))


@pytest.mark.parametrize(
    "share, words",
    [
        (1.0, "more than 9 of 10"), (0.951, "more than 9 of 10"), (0.95, "9 of 10"), (0.9, "9 of 10"),
        (0.84, "8 of 10"), (0.05, "1 of 10"), (0.049, "fewer than 1 of 10"), (0.0, "fewer than 1 of 10"),
    ],
)  # fmt: skip
def test_how_likely_is_said_in_tenths(share, words):
    assert of_ten(share) == words


@pytest.mark.parametrize(
    "minutes, hours, words",
    [
        (0, OFFICE, "1 min"), (25, OFFICE, "25 min"), (59, OFFICE, "59 min"), (60, OFFICE, "1 h"),
        (61, OFFICE, "1 h 30"),
        (7 * 60 + 20, OFFICE, "7 h 30"), (8 * 60 - 1, OFFICE, "1 day"), (8 * 60, OFFICE, "1 day"),
        (12 * 60, OFFICE, "1 day 4 h"), (12 * 60 + 1, OFFICE, "1 day 5 h"), (16 * 60 - 5, OFFICE, "2 days"),
        (30 * 60, ALWAYS, "1 day 6 h"),
    ],
)  # fmt: skip
def test_business_time_is_told_in_the_departments_own_days_and_rounded_up(minutes, hours, words):
    assert working_time(timedelta(minutes=minutes), hours).replace("\N{NO-BREAK SPACE}", " ") == words


def test_a_suggestion_says_from_how_many():
    said = needs(Suggestion(PARTS, 50, timedelta(hours=12))).replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Parts needs up to 1 day 4 h, 8 of 10 times (its last 50)"


@pytest.mark.parametrize("count, words", [(4, "(4 ended)"), (0, "(none has ended)")])
def test_too_few_are_too_few_to_say(count, words):
    assert needs(Suggestion(PARTS, count, None)) == f"Parts: too few to say {words}"


@pytest.mark.parametrize("count, words", [(0, ""), (1, "1 that is open has"), (3, "3 that are open have")])
def test_what_takes_longer_is_not_kept_quiet(count, words):
    assert longer(Suggestion(PARTS, 50, timedelta(hours=1), count)).startswith(words)
    assert bool(longer(Suggestion(PARTS, 50, timedelta(hours=1), count))) == bool(words)
