"""Working hours as people write them."""

from __future__ import annotations

from datetime import time

import pytest
from django.core.exceptions import ValidationError

from staff import hours, hours_in_words
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


@pytest.mark.parametrize("kept", [["2026-12-19"], "2026-12-19", 7, {"2026-12-19": ["10:00-14:00"]}])
def test_open_days_that_are_no_days_with_their_blocks_make_no_hours(kept):
    calendar = Calendar(name="Odd", open_days=kept)
    with pytest.raises(ValueError, match="Write open days like"):
        _ = calendar.hours
    assert hours.hours_of(calendar) is None and "Write open days like" in hours.why_unreckonable(calendar)
    assert hours_in_words.write(calendar)["open_days"]


def test_open_days_that_were_emptied_are_none():
    calendar = Calendar(name="Plain", open_days=None)
    calendar.clean()
    assert calendar.open_days == {}


def test_a_calendar_is_a_value_to_reckon_with():
    mine = Calendar(name="Mine", zone="UTC", friday="09:00-12:00").hours
    assert mine.week[4] == ((time(9), time(12)),)
    assert mine.week[5] == ()
