"""The customer's whole way on a telephone, in a real browser that runs no script: tell, add, not yet, yes, and a no."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from cases.models import Case
from cases.verbs import answering, aside, promises, proposing
from portal.links import status_path
from tests.cast import a_case, assemble, first_promise, fresh, pledge

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    return assemble()


@pytest.fixture
def phone(open_window) -> Page:
    return open_window(java_script_enabled=False, viewport={"width": 390, "height": 844})


@pytest.fixture
def case(cast) -> Case:
    return a_case(cast.carla)


def press(page: Page, name: str) -> None:
    """A link or a button of this name; no page on the way is wider than the telephone."""
    link = page.get_by_role("link", name=name, exact=True)
    link.or_(page.get_by_role("button", name=name, exact=True)).first.click()
    fits(page)


def fits(page: Page) -> None:
    # Without scripts the page cannot be asked for its width; its box can.
    assert page.locator("body").bounding_box()["width"] <= 390
    for part in page.locator("main, main h1, main form, main .acts").all():
        box = part.bounding_box()
        assert box is None or box["x"] + box["width"] <= 390, part


def solved(case: Case, words: str):
    return proposing.propose(case, kind="solved", words=words, why_none="It works.", by=fresh(case).owner)


def test_telling_us_goes_back_and_on_without_losing_a_word(cast, phone):
    phone.goto("/help/")
    press(phone, "Continue")
    expect(phone.get_by_text("Tell us what happened, in your own words.").first).to_be_visible()
    phone.locator("textarea").fill("My oven burns everything,\nalso at the lowest heat.")
    press(phone, "Continue")
    phone.get_by_label("What do you hope for?").fill("An oven that bakes")
    phone.locator("[name=wish_1]").fill("Mend it")
    press(phone, "Continue")
    press(phone, "Back")
    expect(phone.get_by_label("What do you hope for?")).to_have_value("An oven that bakes")
    press(phone, "Continue")
    phone.locator("[autocomplete=name]").fill("Ola Obi")
    phone.locator("[autocomplete=tel]").fill("0123 456789")
    phone.wait_for_timeout(3200)  # faster than this the form takes its writer for a machine
    press(phone, "Send it")
    case = Case.objects.get()
    expect(phone.locator("body")).to_contain_text(case.number)
    assert case.problem == "My oven burns everything,\nalso at the lowest heat."
    assert (case.desired_outcome, case.preferences.get().words) == ("An oven that bakes", "Mend it")


def test_add_something_not_yet_and_yes(cast, case, phone):
    phone.goto(status_path(case))
    fits(phone)
    press(phone, "Add something")
    phone.locator("textarea").fill("It smokes, too.")
    press(phone, "Send it")
    expect(phone.get_by_role("status")).to_contain_text(re.compile("ha(ve|s) it"))
    assert case.messages.latest("pk").body == "It smokes, too."

    solved(case, "A new thermostat is in it.")
    phone.goto(status_path(case))
    press(phone, "Not yet")
    phone.locator("textarea").fill("It still smokes.")
    press(phone, "It is not over")
    expect(phone.get_by_role("status")).to_contain_text("Thank you for telling us that it is not over.")
    assert fresh(case).state == "open"

    solved(case, "The fan is new as well.")
    phone.goto(status_path(case))
    press(phone, "Yes, it is solved")
    phone.locator("textarea").fill("Now it bakes.")
    press(phone, "Yes, it is solved")
    expect(phone.get_by_role("heading", name="This is what you wrote")).to_be_visible()
    press(phone, "Yes, it is solved")
    expect(phone.locator("h1")).to_contain_text("It is over.")
    assert fresh(case).outcome == "confirmed"

    # Thanks open nothing; "it is not over" does.
    press(phone, "Add something")
    phone.locator("textarea").fill("Thank you all.")
    press(phone, "Send it")
    expect(phone.locator("main")).to_contain_text("You have written to us since.")
    assert fresh(case).outcome == "confirmed"
    press(phone, "It is not over")
    press(phone, "It is not over")
    assert fresh(case).is_open


def test_what_we_cannot_do_is_not_accepted_then_understood(cast, case, phone):
    told = {"kind": "cannot", "words": "The maker is gone.", "tried": "Two other fans.", "why_none": "None fits."}
    proposing.propose(case, **told, by=fresh(case).owner)
    phone.goto(status_path(case))
    expect(phone.locator("main")).to_contain_text("What we tried: Two other fans.")
    press(phone, "I do not accept it")
    press(phone, "I do not accept it")
    expect(phone.get_by_role("status")).to_contain_text("A supervisor looks at it.")
    assert fresh(case).is_open
    proposing.propose(case, **told, by=fresh(case).owner)
    phone.goto(status_path(case))
    press(phone, "I understand")
    press(phone, "I understand")
    assert fresh(case).outcome == "understood"


def test_who_must_do_it_is_understood_and_withdrawn_is_asked_first(cast, case, phone):
    asks = pledge("ask you whether Ada has mended it", hours=7 * 24)
    told = {"kind": "another", "words": "Ada mends these.", "another": "Ada’s Repairs", "why_none": "x"}
    proposing.propose(case, **told, check_back=asks, keeps=[first_promise(case)], by=fresh(case).owner)
    phone.goto(status_path(case))
    press(phone, "I understand")
    press(phone, "I understand")
    expect(phone.locator("h1")).to_contain_text("will ask you whether Ada has mended it")
    press(phone, "I no longer need this")
    expect(phone.locator("h1")).to_have_text("Shall we stop here?")
    assert fresh(case).is_open
    press(phone, "I no longer need this")
    assert fresh(case).outcome == "withdrawn"
    answering.say_not_yet(case, by=case.customer)
    aside.put_aside(case, "mistake", by=fresh(case).owner)
    phone.goto(status_path(case))
    press(phone, "This is wrong: look after it")
    press(phone, "It is not over")
    assert fresh(case).is_open


def test_a_new_time_does_not_work_and_then_another_is_all_right(cast, case, phone):
    owner = fresh(case).owner
    moved = promises.move(first_promise(case), pledge(hours=48), reason="the part is late.", by=owner)
    phone.goto(status_path(case))
    fits(phone)
    expect(phone.locator("main")).to_contain_text("The reason: the part is late.")
    phone.get_by_text("Say something about it").click()
    phone.locator("textarea").fill("I am away then.")
    press(phone, "No, that does not work for me")
    expect(phone.get_by_role("status")).to_contain_text("Thank you for telling us.")
    expect(phone.locator("main")).to_contain_text("You said that this does not work for you.")
    assert fresh(moved).not_agreed_at and case.messages.latest("pk").body == "I am away then."

    promises.move(moved, pledge(hours=24), reason="we found another.", by=owner)
    phone.goto(status_path(case))
    press(phone, "Yes, that is all right")
    expect(phone.locator("main")).to_contain_text("We agreed on this with you.")
    assert fresh(moved).state == "renegotiated"
