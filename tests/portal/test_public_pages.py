"""What all pages of the customer have in common: found by nobody, passed on to nobody, changed by no reading."""

from __future__ import annotations

import gettext
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from cases.verbs import closing
from portal.links import status_path
from tests.cast import a_case, everything, proposed
from tests.portal.conftest import hidden_fields, press, words

ACTS = ("add/", "yes/", "not-yet/", "someone-else/", "helped/", "did-not-help/")
INTAKE = ("/help/", "/help/wishes/", "/help/reach/", "/help/sent/")


@pytest.fixture
def every_page(cast, case, link) -> list[str]:
    proposed(case, cast.nadia)
    return [*INTAKE, link, *(link + act for act in ACTS), "/help/c/wrong/", "/help/nothing/"]


def test_no_page_is_passed_on_or_listed_a40(client, every_page):
    for path in every_page:
        answer = client.get(path)
        assert answer["Referrer-Policy"] == "no-referrer", path
        assert answer["X-Robots-Tag"] == "noindex", path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path


def test_the_problems_own_pages_are_kept_by_no_cache(client, cast, case, link):
    proposed(case, cast.nadia)
    for path in (link, *(link + act for act in ACTS), "/help/sent/", "/help/c/wrong/"):
        assert client.get(path)["Cache-Control"] == "no-store", path


def test_no_page_carries_a_script(client, every_page):
    for path in every_page:
        text = client.get(path, follow=True).content.decode()
        assert "<script" not in text and " on" + "click" not in text and "hx-get" not in text, path


def test_every_link_and_form_stays_with_us_a52(client, every_page):
    for path in every_page:
        text = client.get(path, {"next": "//evil.example", "url": "https://evil.example"}, follow=True).content.decode()
        assert "evil.example" not in text
        for address in re.findall(r'(?:href|action|src)="([^"]*)"', text):
            assert re.match(r"(/(?![/\\])|#|tel:|data:,$)", address), f"{address} on {path}"


def test_nowhere_leads_a_wrong_next(browser, case, link):
    answer = press(browser, link + "add/?next=//evil.example", words="Hello")
    assert answer["Location"] == link


def test_reading_changes_nothing_a50(client, every_page, link):
    before = everything()
    for path in every_page:
        client.get(path)
        client.head(path)
        client.get(path, {"words": "x", "go": "back", "confirmed": "1"})
    assert everything() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_is_answered(client, link, method):
    for path in (link, link + "add/", "/help/"):
        assert getattr(client, method)(path).status_code == 405


def test_the_status_page_itself_takes_no_post(client, link):
    assert client.post(link).status_code == 405


def test_a_form_without_our_token_is_refused_a49(browser, cast, case, link):
    proposed(case, cast.nadia)
    before = everything()
    for path in (*(link + act for act in ACTS), "/help/", "/help/wishes/", "/help/reach/"):
        assert browser.post(path, {"words": "forged"}).status_code == 403, path
    foreign = hidden_fields(browser.get(link + "add/")) | {"words": "forged"}
    assert browser.post(link + "add/", foreign, headers={"origin": "https://evil.example"}).status_code == 403
    assert everything() == before


def test_extra_fields_change_nothing_a48(browser, cast, case, link):
    press(browser, link + "add/", words="Hello", owner=cast.ben.pk, case=1, direction="out", agent=cast.ben.pk)
    message = case.messages.latest("pk")
    assert (message.direction, message.agent, message.case_id) == ("in", None, case.pk)
    case.refresh_from_db()
    assert case.owner == cast.nadia


# -- links -------------------------------------------------------------------------------------------------------------


def test_every_wrong_link_answers_the_same_a41(client, cast, case, link):
    token = link.split("/")[3]
    other = status_path(a_case(cast.mallory, "Mine")).split("/")[3]
    mixed = f"{token.split('.')[0]}.{other.split('.')[1]}"
    wrong = ["x", token[:-1], token + "A", token.swapcase(), mixed, "a" * 4000, "%00", f"C-{case.pk}", str(case.pk)]
    bodies = set()
    for act in ("", *ACTS):
        for one in wrong:
            answer = client.get(f"/help/c/{one}/{act}")
            assert answer.status_code == 404
            bodies.add(answer.content)
    assert len(bodies) == 1
    assert b"This link does not lead anywhere any more" in bodies.pop()


def test_a_wrong_link_takes_no_post_either(client, case):
    before = everything()
    for act in ACTS:
        assert client.post(f"/help/c/wrong/{act}", {"words": "x"}).status_code == 404
    assert everything() == before


def test_a_link_that_was_called_in_is_dead_a41(client, case, link):
    case.link_version += 1
    case.save(update_fields=["link_version"])
    assert client.get(link).status_code == 404


def test_a_link_without_its_last_stroke_still_leads_there(client, link):
    assert client.get(link.rstrip("/"), follow=True).status_code == 200


def test_another_customers_link_says_and_does_nothing_to_mine(browser, cast, case):
    mine = status_path(a_case(cast.mallory, "Mallory's own words"))
    before = case.messages.count()
    page = words(browser.get(mine))
    assert case.problem not in page and case.number not in page
    press(browser, mine + "add/", words="x")
    assert case.messages.count() == before


def test_a_forged_host_is_refused_a53(client, link):
    assert client.get(link, headers={"host": "evil.example"}).status_code == 400


# -- words -------------------------------------------------------------------------------------------------------------


def test_every_translation_is_compiled_as_it_is_written(tmp_path):
    """A catalogue (.mo) that lags behind its words (.po) shows people yesterday's sentences."""
    for written in Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/*.po"):
        fresh = tmp_path / f"{written.parts[-3]}.mo"
        subprocess.run(["msgfmt", "--no-hash", "-o", fresh, written], check=True)
        kept = written.with_suffix(".mo")
        assert kept.exists() and catalogue(kept) == catalogue(fresh), f"Compile {written}."


def catalogue(compiled: Path) -> dict:
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


def test_every_sentence_of_the_customers_pages_can_be_translated():
    """What a person reads stands in a translation tag: between the marks of a template nothing else has letters."""
    for template in Path(settings.ROOT, "templates", "portal").rglob("*.html"):
        text = template.read_text()
        text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", text, flags=re.S)
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", text, flags=re.S)
        if template.name == "base.html":
            continue
        # Marks and their attributes, however their values were built.
        text = re.sub(r"<[^>]*>", "", text)
        assert not re.search(r"[A-Za-z]{2,}", text), f"{template.name}: {text.split()}"


def test_closing_words_are_plain_for_each_end(client, cast, case, link):
    closing.override(case, reason="x", by=cast.sam)
    page = words(client.get(link))
    assert "It is not over" in page and "Add something" in page
    assert client.get(link + "yes/")["Location"] == link
