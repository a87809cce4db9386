"""Working hours as people write them."""

from __future__ import annotations

from datetime import time

import pytest
from django.core.exceptions import ValidationError

from staff.models import Calendar
from staff.models.calendars import read_blocks


@pytest.mark.parametrize(
    "words, blocks",
    [
        ("", ()),
        ("9:00-17:00", ((time(9), time(17)),)),
        ("09:00 – 12:30, 13:30-17:00", ((time(9), time(12, 30)), (time(13, 30), time(17)))),
        ("22:00-24:00", ((time(22), time(0)),)),
    ],
)
def test_blocks_are_read_from_words(words, blocks):
    assert read_blocks(words) == blocks


@pytest.mark.parametrize("words", ["nine to five", "9-17", "09:00-17:00; 18:00-19:00", "25:00-26:00", "09:00-24:30"])
def test_what_is_no_block_is_said_so(words):
    with pytest.raises(ValueError):
        read_blocks(words)


@pytest.mark.parametrize(
    "facts",
    [
        {"monday": "nine to five"},
        {"tuesday": "12:00-09:00"},
        {"zone": "Mars/Olympus"},
        {"country": "XX"},
        {"open_days": ["2026-12-19"]},
        {"open_days": {"2026-12-19": 10}},
        {"open_days": {"19.12.2026": "10:00-14:00"}},
        {"open_days": {"2026-12-19": "ten"}},
        {"open_days": {"2026-12-19": ""}},
    ],
)
def test_a_calendar_that_cannot_be_reckoned_with_is_refused(facts):
    with pytest.raises(ValidationError):
        Calendar(name="Odd", **facts).clean()


def test_a_calendar_is_a_value_to_reckon_with():
    hours = Calendar(name="Mine", zone="UTC", friday="09:00-12:00").hours
    assert hours.week[4] == ((time(9), time(12)),)
    assert hours.week[5] == ()
