"""The whole story in a real browser: from nobody's case to the customer's yes, by keyboard where one works by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from cases.models import Case
from portal.links import status_path
from staff import signing_in
from staff.models import Calendar
from staff.models.calendars import WEEKDAYS
from tests.cast import assemble, fresh

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a short sentence is easy to remember"


@pytest.fixture
def cast(transactional_db):
    return assemble()


def sign_in(page: Page, agent) -> None:
    """By the one-time link the first time, as an administrator hands it out."""
    page.goto(reverse("sign_in_by_link", args=[signing_in.issue(agent)]))
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.get_by_role("button", name="Choose this password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My cases")


def tell_us(page: Page) -> None:
    """The customer's three steps, without JavaScript."""
    page.goto("/help/")
    page.locator("textarea").fill("My laptop is dead. Four departments have asked whether they may close it.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("What do you hope for?").fill("A laptop that turns on")
    page.get_by_role("button", name="Continue").click()
    page.locator("[autocomplete=name]").fill("Kemi Adeyemi")
    page.locator("[autocomplete=email]").fill("kemi@home.example")
    page.wait_for_timeout(3200)  # faster than this the form takes its writer for a machine
    page.get_by_role("button", name="Send it").click()


def open_only_in_three_days() -> None:
    """Whatever the hour of the test, nobody is on duty: what comes in is up for taking."""
    day = WEEKDAYS[(datetime.now(UTC).weekday() + 3) % 7]
    Calendar.objects.update(**{weekday: "09:00-17:00" if weekday == day else "" for weekday in WEEKDAYS})


def in_two_days() -> str:
    return (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT10:00")


def test_from_nobodys_case_to_the_customers_yes(cast, open_window):
    open_only_in_three_days()
    customer = open_window(java_script_enabled=False, viewport={"width": 390, "height": 844})
    tell_us(customer)
    case = Case.objects.get()
    expect(customer.locator("body")).to_contain_text(case.number)

    # Nadia takes it, asks Hardware and says so to the customer.
    nadia = open_window()
    sign_in(nadia, cast.nadia)
    nadia.goto("/up-for-taking/")
    press_key(nadia, "j")
    press_key(nadia, "Enter")
    expect(nadia.get_by_role("heading", level=1)).to_contain_text("My laptop is dead")
    press_key(nadia, "t")
    nadia.get_by_role("button", name="Take it").click()
    expect(nadia.get_by_role("status").filter(has_text="case is yours")).to_be_visible()
    assert fresh(case).owner == cast.nadia

    press_key(nadia, "t")
    nadia.get_by_label("Whom").select_option(label="Hardware")
    nadia.get_by_label("What is needed").fill("Which board is it, and when can it be changed?")
    press_key(nadia, "Control+Enter")
    expect(nadia.locator("#parts")).to_contain_text("Hardware, not seen yet")

    # Olga finds it in her queue, takes it on with a date, and finishes it.
    olga = open_window()
    sign_in(olga, cast.olga)
    olga.goto("/queue/")
    expect(olga.locator(".row")).to_contain_text("Which board is it")
    olga.get_by_role("link", name="Take", exact=True).click()
    olga.get_by_label("Done by").fill(in_two_days())
    olga.get_by_role("button", name="Take it on").click()
    expect(olga.locator("#parts")).to_contain_text("in work")
    olga.get_by_role("link", name="Done").click()
    olga.get_by_label("What came of it").fill("Board B, changed today.")
    olga.get_by_role("button", name="Tell Nadia it is done").click()
    expect(olga.locator("#parts")).to_contain_text("done")

    # Nadia asks whether it is over.
    propose(nadia, case, "Your laptop has a new board. Does it turn on?")

    # Not yet; then once more, and yes.
    customer.goto(status_path(case))
    expect(customer.locator("body")).to_contain_text("Your laptop has a new board.")
    expect(customer.locator("body")).not_to_contain_text("Board B")
    press(customer, "Not yet")
    customer.locator("textarea").fill("It turns on, but not off.")
    customer.locator("form button[type=submit]").last.click()
    expect(customer.locator("body")).to_contain_text("Nadia")
    assert fresh(case).state == "open"

    nadia.goto(case.get_absolute_url())
    expect(nadia.locator(".timeline")).to_contain_text("It turns on, but not off.")
    propose(nadia, case, "The switch is new as well.")
    customer.goto(status_path(case))
    press(customer, "Yes, it is solved")
    customer.locator("form button[type=submit]").last.click()
    case = fresh(case)
    assert (case.state, case.outcome, case.owner) == ("closed", "confirmed", cast.nadia)
    nadia.goto(case.get_absolute_url())
    expect(nadia.locator(".case-wants")).to_contain_text("Confirmed by the customer")


def propose(page: Page, case: Case, words: str) -> None:
    page.goto(case.get_absolute_url())
    press_key(page, "s")
    page.get_by_label("What has been done").fill(words)
    wishes = page.get_by_label("Which wish does it meet?")
    if wishes.count():
        wishes.select_option(index=1)
        page.get_by_label("On what it rests").select_option(label="Owed")
    else:
        page.get_by_label("How it meets what was wanted").fill("It turns on again.")
    page.locator("#dialog").get_by_label("This keeps what was promised").check()
    page.get_by_role("button", name="Ask Kemi").click()
    expect(page.locator(".promise-heading")).to_contain_text("Asked whether it is over")


def press_key(page: Page, key: str) -> None:
    """A key, once the page listens."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def press(page: Page, name: str) -> None:
    """A link or a button: without JavaScript an act's step may be either."""
    page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first.click()
