"""The API's description and its tokens in a real browser, under the policy that every page carries."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from staff.models import AccessToken
from tests.browser.test_story import sign_in
from tests.browser.test_without_javascript import fits
from tests.cast import assemble

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    return assemble()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_description_can_be_browsed_by_a_stranger(cast, open_window, theme):
    page = open_window(color_scheme=theme)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs/")
    expect(page.locator(".opblock-tag").first).to_be_visible(timeout=20_000)
    assert page.locator(".opblock-tag").count() > 8
    page.locator(".opblock-tag[data-tag=me]").click()
    page.locator("#operations-me-me .opblock-summary").click()
    expect(page.locator("#operations-me-me .opblock-body")).to_contain_text("RateLimit-Remaining")
    assert page.locator("html.dark-mode").count() == (theme == "dark")
    assert all(url.startswith(page.url.split("/api/")[0]) or url.startswith("data:") for url in asked)


def test_trying_it_out_asks_with_the_token_that_was_typed(cast, open_window):
    page = open_window()
    secret = make_a_token(page, cast.nadia)
    page.goto("/api/docs/")
    page.locator("button.authorize").first.click(timeout=20_000)
    page.locator(".auth-container input").fill(secret)
    page.locator(".auth-btn-wrapper button.authorize").click()
    page.locator(".btn-done").click()
    page.locator(".opblock-tag[data-tag=me]").click()
    page.locator("#operations-me-me .opblock-summary").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute", exact=True).click()
    expect(page.locator("#operations-me-me .live-responses-table .response .highlight-code")).to_contain_text("Nadia")


@pytest.mark.parametrize("operation", ["cases", "open_case"])
def test_an_operation_fits_on_a_phone_also_while_it_is_tried_out(cast, open_window, operation):
    page = open_window(viewport={"width": 390, "height": 800})
    page.goto("/api/docs/")
    page.locator(".opblock-tag[data-tag=cases]").click(timeout=20_000)
    page.locator(f"#operations-cases-{operation} .opblock-summary").click()
    opened = page.locator(f"#operations-cases-{operation} .opblock-body")
    expect(opened.locator(".responses-table").first).to_be_visible()
    assert widest(page) <= 390
    opened.get_by_role("button", name="Try it out").click()
    opened.get_by_role("button", name="Execute", exact=True).click()
    expect(opened.locator(".live-responses-table .response").first).to_be_visible()
    assert widest(page) <= 390


def widest(page) -> int:
    """How wide the page is with everything that can be scrolled to."""
    return page.evaluate("document.documentElement.scrollWidth")


def test_the_reasons_for_a_no_fit_on_a_phone(cast, open_window):
    page = open_window(viewport={"width": 390, "height": 800})
    page.goto("/api/docs/problems#open_subtask")
    expect(page.locator("dt#open_subtask")).to_be_in_viewport()
    fits(page)


def make_a_token(page, agent) -> str:
    sign_in(page, agent)
    page.goto("/settings/tokens/")
    page.get_by_label("What it is for").fill("The shop")
    page.get_by_role("button", name="Make the token").click()
    return page.get_by_label("The token").input_value()


def test_a_token_is_made_copied_and_revoked_by_keyboard(cast, open_window):
    page = open_window(permissions=["clipboard-read", "clipboard-write"])
    secret = make_a_token(page, cast.nadia)
    expect(page.get_by_label("The token")).to_be_focused()
    page.wait_for_function("secret => getSelection().toString() === secret", arg=secret)  # soon after the focus
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".token")).to_have_count(1)
    assert secret not in page.content()
    page.get_by_role("link", name="Revoke “The shop”").press("Enter")
    page.locator("#dialog").get_by_role("button", name="Revoke it").press("Enter")
    expect(page.locator(".said-so")).to_contain_text("“The shop” is revoked")
    assert AccessToken.objects.get().revoked_by == cast.nadia


def test_without_a_script_it_stands_in_a_field_that_can_be_selected(cast, open_window):
    page = open_window(java_script_enabled=False, viewport={"width": 390, "height": 844})
    secret = make_a_token(page, cast.nadia)
    assert re.fullmatch(r"desk_[\w-]{43}", secret)
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    expect(page.get_by_label("The token")).to_be_focused()
