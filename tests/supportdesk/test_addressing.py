"""Addresses that are put together once are those that Django would find."""

import re

import pytest
from django.urls import NoReverseMatch, reverse

from supportdesk.addressing import address_of
from tests.look.files import TEMPLATES

LED_TO = re.compile(r"[\"']([\w:-]+)[\"']\|address(:?)")


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("cases:mine", ()),
        ("cases:take", (10_427,)),
        ("cases:keep", (3,)),
        ("cases:leave_to_cover", (12, 7_301_001)),
        ("webhooks:send_again", (1, 2)),
    ],
)
def test_it_is_what_reverse_says(name, ids):
    assert address_of(name, *ids) == address_of(name, *ids) == reverse(name, args=ids)


def test_a_place_that_there_is_not_or_that_needs_an_id_is_an_error():
    with pytest.raises(NoReverseMatch):
        address_of("cases:nowhere")
    with pytest.raises(NoReverseMatch):
        address_of("cases:keep")
    with pytest.raises((TypeError, ValueError)):
        address_of("cases:keep", None)


def test_every_place_to_which_a_template_leads_is_there():
    found = {led for path in TEMPLATES for led in LED_TO.findall(path.read_text())}
    assert len(found) > 30
    for name, with_id in found:
        assert address_of(name, *([1] if with_id else []))
