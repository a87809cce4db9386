"""Whose address counts, behind none, one or more proxies of our own."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from portal.sender import sender_of
from tests.portal.conftest import words
from tests.portal.test_intake import send, tell

PROXY, HOME, FORGED = "10.0.0.1", "203.0.113.7", "198.51.100.9"


@pytest.mark.parametrize(
    ("proxies", "told", "sender"),
    [
        (0, None, PROXY),
        (0, HOME, PROXY),  # nobody is believed who only says so
        (1, HOME, HOME),
        (1, f"{FORGED}, {HOME}", HOME),
        (2, f"{FORGED}, {HOME}, 10.0.0.2", HOME),
        (2, HOME, HOME),  # one of ours was not on the way
        (1, None, PROXY),
        (1, "", PROXY),
        (1, "unknown", PROXY),
        (1, f"{HOME}:51234", HOME),
        (1, "[2001:db8::7]:51234", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(settings, proxies, told, sender):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if told is None else {"X-Forwarded-For": told}
    assert sender_of(RequestFactory(REMOTE_ADDR=PROXY, headers=headers).get("/help/")) == sender


@pytest.mark.parametrize(("proxies", "last"), [(0, 429), (1, 302)])
def test_behind_a_proxy_each_visitor_is_a_network_of_their_own(settings, cast, tuesday, proxies, last):
    settings.TRUSTED_PROXIES = proxies
    for number in range(21):
        browser = Client(REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": f"203.0.113.{number}"})
        tell(browser, f"Problem {number}", {})
        answer = send(browser, mail=f"jo{number}@marsh.example")
    assert answer.status_code == last


@pytest.mark.parametrize(("proxies", "shut"), [(0, True), (1, False)])
def test_nobody_is_kept_from_signing_in_by_who_shares_their_proxy(settings, cast, client, proxies, shut):
    settings.TRUSTED_PROXIES = proxies
    for number in range(40):
        typed = {"login": f"nobody{number}@desk.example", "password": "not this one, surely"}
        answer = client.post("/accounts/login/", typed, headers={"X-Forwarded-For": f"203.0.113.{number}"})
    assert (answer.status_code == 429) is shut
    assert ("That was too often" in words(answer)) is shut
