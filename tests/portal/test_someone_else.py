"""On the customer's page: "I need someone else to look at this", the answer, and whether it helped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Appeal
from cases.models.timeline import Kind
from cases.verbs import answering, appeals, ownership
from portal.links import participant_path, status_path
from staff.models import Company
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, a_case, everything, fresh, kinds, latest_entry, proposed, takes_part
from tests.pages import signed_in
from tests.portal.conftest import hidden_fields, press, words

BUTTON = "I need someone else to look at this"


def reads(client, link) -> str:
    return words(client.get(link))


@pytest.fixture
def appeal(cast, case) -> Appeal:
    return appeals.ask(case, "Nobody listens to me.", by=cast.carla)


@pytest.fixture
def answered(appeal, cast) -> Appeal:
    return appeals.answer(appeal, "I have read all of it.", by=cast.sam)


def test_the_button_is_always_there(client, cast, case, link):
    assert BUTTON in reads(client, link)
    proposed(case, cast.nadia)
    assert BUTTON in reads(client, link)
    answering.say_yes(case, by=cast.carla)
    assert BUTTON in reads(client, link)
    appeals.ask(case, by=cast.carla)
    assert BUTTON in reads(client, link)


def test_one_press_asks_and_the_page_says_who_answers_and_by_when(browser, cast, case, link):
    start = latest_entry()
    assert "A supervisor looks at it and answers you, and not Nadia" in reads(browser, link + "someone-else/")
    response = press(browser, link + "someone-else/", words="")
    assert (response.status_code, response.url) == (302, link)
    assert kinds(case, start) == [Kind.PROMISE_MADE, Kind.SOMEONE_ELSE_ASKED]
    page = reads(browser, link)
    assert "We have it. Below you read who answers you, and by when." in page
    assert "A supervisor who had no part in it answers you by Tuesday 10 March, 3 pm; you read the name here" in page
    appeals.take(case.appeals.get(), by=cast.sam)
    assert "Sam Sato, who had no part in it, answers you by Tuesday 10 March, 3 pm." in reads(browser, link)


def test_it_stands_in_its_own_place_and_not_among_what_the_owner_does(client, cast, case, appeal, link):
    page = reads(client, link)
    assert "Nadia Novak will be in touch with you" in page
    assert "have someone else look at this" not in page


def test_sent_twice_it_is_asked_once_and_more_words_are_added(browser, case, link):
    fields = hidden_fields(browser.get(link + "someone-else/")) | {"words": "Nobody listens to me."}
    for _ in range(2):
        assert browser.post(link + "someone-else/", fields).status_code == 302
    assert case.appeals.count() == 1 and case.messages.filter(body="Nobody listens to me.").count() == 1
    assert "You have asked for that already, and it stands." in reads(browser, link + "someone-else/")
    press(browser, link + "someone-else/", words="Still nobody.")
    assert case.appeals.count() == 1 and case.messages.filter(body="Still nobody.").exists()


def test_late_it_says_so(client, appeal, link):
    with clock.at(TUESDAY + timedelta(hours=5)):
        page = reads(client, link)
    assert "We said that you would have an answer by Tuesday 10 March, 3 pm, and we are late." in page


def test_after_a_yes_somebody_still_answers(client, cast, case, appeal, link):
    answering.say_yes(case, by=cast.carla)
    assert "A supervisor still answers you here." in reads(client, link)


def test_the_answer_is_read_with_the_name_and_asked_about(client, answered, link):
    page = reads(client, link)
    assert "Sam Sato , today, 11 am I have read all of it. Did that help?" in page
    assert "No, it did not" in page


def test_yes_is_one_press_on_the_page_itself(browser, cast, case, answered, link):
    fields = hidden_fields(browser.get(link))
    assert browser.post(link + "helped/", fields).url == link
    assert fresh(answered).helped is True
    page = reads(browser, link)
    assert "Thank you for telling us that it helped." in page and "You said that this helped." in page
    assert "Did that help?" not in page
    assert browser.get(link + "helped/").url == link


def test_no_names_the_last_rung_and_how_to_reach_it(browser, cast, case, answered, link):
    Company.objects.update(ombudsperson=cast.wanda, ombudsperson_contact="020 7946 0119")
    press(browser, link + "did-not-help/", words="You said the same.")
    assert fresh(answered).helped is False and case.appeals.open().get().words == "You said the same."
    page = reads(browser, link)
    assert "Now Wanda Weiss looks at it: the last person with us, and nobody who has dealt with it so far." in page
    assert "You reach Wanda directly: 020 7946 0119." in page
    assert "Wanda Weiss answers you by Tuesday 10 March, 3 pm." in page
    last = appeals.answer(case.appeals.open().get(), "I have read it too.", by=cast.wanda)
    assert "I have read it too. Did that help?" in reads(browser, link)
    appeals.did_not_help(last, by=cast.carla)
    page = reads(browser, link)
    assert "The last person with us is Wanda Weiss. You reach Wanda directly: 020 7946 0119." in page
    assert "You said that this did not help." in page


def test_no_without_anybody_named_names_nobody(browser, case, answered, link):
    press(browser, link + "did-not-help/", words="")
    page = reads(browser, link)
    assert "A supervisor who had no part in it answers you by" in page and "last person" not in page


def test_what_was_said_meanwhile_is_read_first(browser, cast, answered, link):
    fields = hidden_fields(browser.get(link + "did-not-help/"))
    appeals.helped(answered, by=cast.carla)
    response = browser.post(link + "did-not-help/", fields | {"words": "You said the same."})
    assert response.status_code == 409
    assert "This has changed since you opened the page." in words(response)
    assert "You said the same." in response.content.decode()


def test_an_answer_of_another_problem_is_not_there(browser, cast, case, answered, link):
    other = status_path(a_case(cast.mallory))
    before = everything()
    fields = hidden_fields(browser.get(link))
    assert browser.post(other + "helped/", fields).status_code == 404
    assert everything() == before


def test_who_merely_takes_part_does_not_find_it(client, cast, case):
    path = participant_path(takes_part(case, cast.mallory, by=cast.nadia))
    assert BUTTON not in reads(client, path)
    assert client.get(path + "someone-else/").status_code == 404


def test_the_link_lives_until_the_answer_has_been_read(client, cast, case, link):
    answering.say_yes(case, by=cast.carla)
    appeal = appeals.ask(case, by=cast.carla)
    with clock.at(TUESDAY + timedelta(days=91)):
        assert client.get(link).status_code == 200
        appeals.answer(appeal, "I am late.", by=cast.sam)
        assert client.get(link).status_code == 200
    with clock.at(TUESDAY + timedelta(days=91 + 91)):
        assert client.get(link).status_code == 404


def test_staff_see_it_with_nothing_to_press(cast, case, answered):
    page = signed_in(cast.nadia).get(f"/help/view/{case.number}/")
    assert "Did that help?" in words(page) and "No, it did not" not in words(page)


def test_who_took_over_is_read_by_name_and_since_when(client, cast, case, link):
    with clock.at(WEDNESDAY):
        ownership.take_over(case, reason="I do it.", by=cast.sam)
        page = reads(client, link)
    assert "Now: Sam is looking after it since Wed 11 Mar, 11 am" in page.replace("since today", "since Wed 11 Mar")
    assert "Sam took it on" in page


def test_the_page_with_all_of_it_asks_at_most_twelve_questions(
    client, cast, case, answered, link, django_assert_max_num_queries
):
    Company.objects.update(ombudsperson=cast.wanda)
    appeals.did_not_help(answered, by=cast.carla)
    with django_assert_max_num_queries(12):
        assert "Wanda Weiss" in reads(client, link)
