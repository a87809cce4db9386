"""Nobody is led away from the desk by an address that somebody else has made up (A52)."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from staff import signing_in
from tests.pages import signed_in

PASSWORD = "a long enough sentence"
AWAY = [
    *("https://evil.example", "http://evil.example/", "//evil.example", "///evil.example", "/\\evil.example"),
    *("\\\\evil.example", "\\/evil.example", "https:evil.example", "https:/evil.example", "\t//evil.example"),
    *("%09//evil.example", "/%09/evil.example", "\n//evil.example", " //evil.example", "//evil.example@localhost"),
    *("//localhost@evil.example", "javascript:alert(1)", "data:text/html,x", "HTTPS://EVIL.EXAMPLE", "//evil。example"),
    *("http:///evil.example", "/\x00/evil.example", "ftp://evil.example", ".evil.example", "@evil.example"),
]


@pytest.fixture(autouse=True)
def nobody_has_tried_yet():
    """Each of them signs in for the first time: nobody is limited by the others' tries."""
    cache.clear()


@pytest.fixture
def nadia(cast):
    cast.nadia.set_password(PASSWORD)
    cast.nadia.save(update_fields=["password"])
    return cast.nadia


def leads_nowhere_else(response) -> bool:
    """Whether a browser that follows stays here: also one that reads backslashes as slashes and skips tabs."""
    to = response.headers.get("Location", "/")
    read = to.replace("\\", "/").translate(dict.fromkeys(map(ord, "\t\r\n\0")))
    return not urlsplit(read).netloc and not urlsplit(read).scheme and not read.startswith("//")


@pytest.mark.parametrize("to", AWAY)
@pytest.mark.parametrize("name", ["next", "return", "url", "back"])
def test_a52_whoever_signs_in_comes_to_their_own_cases(nadia, to, name):
    response = Client().post(
        f"/accounts/login/?{name}={quote(to)}", {"login": nadia.email, "password": PASSWORD, name: to}
    )
    assert response.status_code == 302, "They are in."
    assert leads_nowhere_else(response), response.headers["Location"]


@pytest.mark.parametrize("to", AWAY)
def test_a52_nor_does_any_other_way_in_or_out_lead_elsewhere(nadia, to):
    ways = f"?next={quote(to)}"
    inside = signed_in(nadia)
    for path in ("/accounts/login/", "/admin/login/", "/accounts/signup/", "/accounts/password/set/"):
        assert leads_nowhere_else(inside.get(path + ways)), path
        assert leads_nowhere_else(Client().get(path + ways)), path
    assert leads_nowhere_else(inside.post(f"/accounts/logout/{ways}", {"next": to}))
    by_link = Client().post(f"/sign-in/{signing_in.issue(nadia)}/{ways}", {"next": to})
    assert by_link.status_code == 302 and leads_nowhere_else(by_link)


@pytest.mark.parametrize("to", AWAY)
def test_a52_an_act_leads_back_to_what_it_was_about(cast, case, to):
    client = signed_in(cast.sam)
    told = f"?next={quote(to)}&why={quote(to)}&team={quote(to)}&leaving={quote(to)}"
    places = [f"queue?why={made_up}&at={made_up}&next={made_up}" for made_up in (to, quote(to))]
    ways_back = [quote(word) for word in (to, f"queue{to}", f"last?{to}", *places)]
    for path in (f"/cases/{case.number}/take-over/", f"/escalations/{case.number}/note/"):
        for back in ways_back:
            typed = {"reason": "I look after it.", "body": "Mine.", "next": to, "back": to, "once": "k"}
            response = client.post(f"{path}{told}&back={back}", typed)
            assert leads_nowhere_else(response), (path, back)


def test_a52_whoever_was_asked_to_sign_in_comes_to_where_they_were_going(nadia):
    response = Client().post(f"/accounts/login/?next={quote('/cases/?which=late')}", {
        "login": nadia.email, "password": PASSWORD, "next": "/cases/?which=late"
    })  # fmt: skip
    assert response.headers["Location"] == "/cases/?which=late"
