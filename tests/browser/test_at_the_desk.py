"""What is done at the desk beside the story, in a real browser: write, estimate, find a customer; and complain."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from cases.models import Case
from cases.verbs import ownership, promises, subtasks
from cases.verbs.promises import Pledge
from customers import identity
from escalations import queue
from escalations.models import Flag
from portal.links import status_path
from supportdesk import clock
from tests.browser.test_story import PASSWORD, press_key, sign_in
from tests.browser.test_without_javascript import fits, press
from tests.cast import a_case, assemble, fresh, takes_part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    return assemble()


@pytest.fixture
def case(cast) -> Case:
    """Carla's case; whatever the hour of the test, a person owns it."""
    case = a_case(cast.carla)
    return ownership.take(case, by=cast.nadia) if case.owner.is_fallback else case


@pytest.fixture
def desk(case, open_window) -> Page:
    """The owner's window, with the case open."""
    page = open_window()
    sign_in(page, fresh(case).owner)
    page.goto(case.get_absolute_url())
    return page


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT10:00")


def test_a_reply_with_a_promise_by_keyboard_alone_and_what_is_wrong_takes_the_focus(desk, case):
    press_key(desk, "r")
    expect(desk.locator(".composer textarea")).to_be_focused()
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".error-summary")).to_be_focused()
    desk.locator(".composer textarea").focus()
    desk.keyboard.type("I have it before me, and ring you.")
    desk.get_by_label("Next promise").focus()
    desk.keyboard.type("call you with the key")
    plain = desk.locator(".composer select[name=next_due_plain]")
    plain.select_option(plain.locator("option[value*=T]").last.get_attribute("value"))
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".said-so")).to_be_focused()
    expect(desk.locator(".said-so")).to_have_text("Carla can read it now.")
    expect(desk.locator(".timeline")).to_contain_text("I have it before me, and ring you.")
    assert case.promises.filter(words="call you with the key").exists()

    desk.goto(f"{case.get_absolute_url()}?write=note")
    expect(desk.locator(".composer textarea")).to_be_focused()
    desk.keyboard.type("She is tired of us.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".timeline")).to_contain_text("She is tired of us.")
    assert case.notes.get().body == "She is tired of us."


def test_times_away_that_are_typed_fast_are_refused_beside_their_field_and_announced_when_right(desk, cast):
    other = cast.olga
    desk.goto("/away/")
    desk.locator("[name=starts_at]").fill(in_days(5))
    desk.locator("[name=ends_at]").fill(in_days(4))
    desk.locator("[name=cover]").select_option(str(other.pk))
    expect(desk.locator("#id_ends_at_error")).to_contain_text("Choose an end after that.")
    expect(desk.locator("[name=cover]")).to_have_value(str(other.pk))
    expect(desk.get_by_role("button", name="Announce it")).to_have_count(0)
    desk.locator("[name=ends_at]").fill(in_days(6))
    desk.locator("[name=ends_at]").press("Tab")
    expect(desk.locator("#falls")).to_contain_text(f"and {other.name} stands in.")
    expect(desk.locator("#id_ends_at_error")).to_have_count(0)
    desk.get_by_role("button", name="Announce it").click()
    expect(desk.locator(".said-so")).to_have_text(f"Announced. {other.name} is told.")


def test_an_estimate_is_refused_without_a_date_and_read_by_the_customer(desk, case, open_window):
    desk.get_by_role("link", name="Estimate it").click()
    dialog = desk.locator("#dialog")
    expect(dialog.get_by_role("heading")).to_have_text("When will it be over?")
    dialog.get_by_role("button", name="Tell Carla").click()
    expect(dialog.locator(".error-summary")).to_contain_text("Say when you expect it to be over")
    expect(dialog.locator(".error-summary")).to_be_focused()
    dialog.get_by_label("When do you expect it to be over?").fill(in_days(9))
    dialog.get_by_label("On whom or what it hangs").fill("the lab, which has the board")
    dialog.get_by_role("button", name="Tell Carla").click()
    expect(desk.locator("#estimate")).to_contain_text("It hangs on the lab, which has the board.")
    customer = open_window(java_script_enabled=False, viewport={"width": 390, "height": 844})
    customer.goto(status_path(case))
    expect(customer.locator("main")).to_contain_text("It hangs on the lab, which has the board.")
    fits(customer)


def test_a_complaint_is_made_from_the_link_and_read_by_the_owner(desk, case, open_window):
    phone = open_window(java_script_enabled=False, viewport={"width": 390, "height": 844})
    phone.goto(status_path(case))
    press(phone, "Tell us how we dealt with you")
    press(phone, "Send it")
    expect(phone.locator(".error-summary")).to_contain_text("Write what went wrong in how we dealt with you.")
    phone.locator("textarea").fill("I was hung up on.")
    press(phone, "Send it")
    expect(phone.get_by_role("status")).to_contain_text("answers you")
    expect(phone.locator("main")).to_contain_text("I was hung up on.")
    assert case.complaints.get().words == "I was hung up on."
    desk.reload()
    expect(desk.locator("#complaints")).to_contain_text("I was hung up on.")


def test_a_customer_is_found_by_keyboard_by_number_and_by_name(desk, case, cast):
    press_key(desk, "g")
    desk.keyboard.press("c")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Customers")
    press_key(desk, "/")
    desk.keyboard.type("nobody at all")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=2)).to_have_text("Nobody is known by this.")
    for typed in (case.number, "carla@home.example", "car"):
        desk.get_by_label("Whom do you look for?").fill(typed)
        desk.keyboard.press("Enter")
        expect(desk.locator(".row-link")).to_have_text(["Carla Conti"])
    press_key(desk, "j")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Carla Conti")
    desk.get_by_role("link", name=case.subject).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(case.subject)


def test_signed_out_meanwhile_nothing_typed_is_lost_and_it_is_sent_once_they_are_back(desk, case):
    """In a dialog and in the composer: whoever signs in in another window sends again what still stands there."""
    owner = fresh(case).owner
    desk.get_by_role("link", name="Estimate it").click()
    desk.get_by_label("When do you expect it to be over?").fill(in_days(9))
    Session.objects.all().delete()
    desk.get_by_role("button", name="Tell Carla").click()
    expect(desk.locator("#toasts")).to_contain_text("You have been signed out.")
    expect(desk.get_by_label("When do you expect it to be over?")).to_have_value(in_days(9))
    sign_in_again(desk, owner)
    desk.get_by_role("button", name="Tell Carla").click()
    expect(desk.locator("#estimate")).to_contain_text("We expect")

    press_key(desk, "r")
    desk.locator(".composer textarea").fill("I have it before me.")
    Session.objects.all().delete()
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#toasts")).to_contain_text("You have been signed out.")
    sign_in_again(desk, owner)
    desk.get_by_role("button", name="Send to Carla").click()
    expect(desk.locator(".timeline")).to_contain_text("I have it before me.")


def sign_in_again(page: Page, agent) -> None:
    """In another window of the same browser, with the password."""
    window = page.context.new_page()
    window.goto("/")
    window.get_by_label("Mail address").fill(agent.email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("My cases")
    window.close()


def test_without_a_session_or_by_a_reload_the_way_leads_to_where_one_wrote(desk, case):
    for act, mode in (("message", "reply"), ("note", "note")):
        desk.goto(f"{case.get_absolute_url()}{act}/")
        expect(desk).to_have_url(re.compile(rf"{case.get_absolute_url()}\?write={mode}#compose"))


def test_a_name_and_an_address_without_a_blank_widen_no_page_of_a_telephone(cast, open_window):
    long = "Wolfeschlegelsteinhausenbergerdorff" * 3
    customer = identity.recognise(long, mail=f"{long[:60]}@{long[:60]}.example")
    address = f"https://desk.example/{long}"
    case = a_case(customer, f"See {address}", subject=long, desired_outcome=address, preferences=(address,))
    case = ownership.take(case, by=cast.nadia) if case.owner.is_fallback else case
    owner = case.owner
    subtasks.ask(case, cast.hardware, address, by=owner)
    promises.make(case, Pledge(f"look at {address}", clock.now() + timedelta(days=2), in_closed_hours=True), by=owner)
    takes_part(case, identity.recognise("Dora", mail="dora@home.example"), relation=long[:80], by=owner)
    phone = open_window(viewport={"width": 390, "height": 844})
    sign_in(phone, owner)
    here = case.get_absolute_url()
    for path in (
        here,
        f"{here}join/",
        f"{here}split-off/",
        f"{here}propose/",
        f"/customers/{customer.pk}/",
        "/",
        "/cases/",
    ):
        phone.goto(path)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_supervisor_acts_row_by_row_and_stays_in_the_queue(cast, open_window, scripts):
    cases = [a_case(cast.mallory, f"It fails, {number}.") for number in range(4)]
    now = clock.now()
    for number, one in enumerate(cases):
        since = now - timedelta(hours=9 - number)
        Flag.objects.create(rule="promise_broken", case=one, subject=number, became_true_at=since, raised_at=since)
    queue.reckon_anew([one.pk for one in cases])
    queue.keep(now)
    window = open_window(java_script_enabled=scripts, viewport={"width": 390, "height": 844})
    sign_in(window, cast.sam)
    window.goto("/escalations/")
    for case, behind in zip(cases, cases[1:3], strict=False):
        window.locator(f"[id='{case.number}']").get_by_role("link", name="Take over…").click()
        window.locator("textarea").last.fill("I look after it.")
        window.get_by_role("button", name="Take over and tell Mallory").click()
        said = window.locator("#said")
        expect(said).to_be_in_viewport()
        expect(said).to_contain_text(f"You own Mallory’s case now. Mallory Moss, {case.number}")
        expect(window.locator(f"[id='{behind.number}'] .row-link")).to_be_focused()
        assert fresh(case).owner == cast.sam
