"""What the customer reads and does about the end, about how we dealt with them, and about a no."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Complaint
from cases.models.timeline import Kind
from cases.verbs import answering, complaints, estimates, refusals
from cases.verbs.promises import Pledge
from portal.links import case_behind, status_path
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, a_case, everything, fresh, kinds, latest_entry
from tests.portal.conftest import hidden_fields, press, words

FRIDAY = TUESDAY + timedelta(days=3)
NO = {
    "asked": "my money back",
    "kind": "not_entitled",
    "ground": "The offer ended on 3 March, and the order is of 5 March.",
    "read_before": "the offer of February",
    "decider": "Wanda Weiss",
}


def reads(client, link) -> str:
    return words(client.get(link))


# -- when it will be over ----------------------------------------------------------------------------------------------


def test_the_estimate_stands_beside_the_promise_and_is_called_one(client, cast, case, link):
    estimates.estimate(case, over_by=FRIDAY, like_it=12, hangs_on="the workshop", by=cast.nadia)
    page = reads(client, link)
    assert "We expect it to be over by Friday 13 March. This is an estimate from 12 like it, not a promise." in page
    assert "It hangs on the workshop." in page
    assert page.index("by Tuesday 10 March, 3 pm") < page.index("We expect it")


def test_earlier_estimates_stay_while_they_differ(client, cast, case, link):
    estimates.estimate(case, over_by=WEDNESDAY, by=cast.nadia)
    estimates.estimate(case, over_by=FRIDAY, by=cast.nadia)
    assert (
        "over by Friday 13 March. This is an estimate, not a promise. Before, we expected Wednesday 11 March."
        in reads(client, link)
    )
    estimates.estimate(case, over_by=WEDNESDAY, by=cast.nadia)
    page = reads(client, link)
    assert "Before, we expected Friday 13 March." in page
    assert "Before, we expected Wednesday" not in page


def test_an_estimate_that_has_passed_says_so(client, cast, case, link):
    estimates.estimate(case, over_by=WEDNESDAY, by=cast.nadia)
    with clock.at(FRIDAY):
        page = reads(client, link)
    assert "We had expected it to be over by Wednesday 11 March. That has passed." in page


def test_what_we_do_not_know_yet_says_when_we_will(client, cast, case, link):
    estimates.estimate(case, tell_by=Pledge("tell you when it will be over", WEDNESDAY), by=cast.nadia)
    page = reads(client, link)
    assert "We do not know yet when it will be over. We will tell you by Wednesday 11 March, 11 am." in page


def test_what_is_over_is_not_estimated(client, cast, case, link):
    estimates.estimate(case, over_by=FRIDAY, by=cast.nadia)
    answering.say_yes(case, by=cast.carla)
    assert "We expect it" not in reads(client, link)


# -- how we dealt with them --------------------------------------------------------------------------------------------


def test_a_complaint_is_sent_from_the_page_and_says_who_answers_by_when(browser, cast, case, link):
    assert "Tell us how we dealt with you" in reads(browser, link)
    response = press(browser, link + "complaint/", words="I was hung up on.")
    assert (response.status_code, response.url) == (302, link)
    complaint = case.complaints.get()
    page = reads(browser, link)
    assert "Thank you for telling us. Below you read who answers you, and by when." in page
    assert f"{complaint.owner.name}, who had no part in this, answers you by Tuesday 17 March, 11 am." in page
    assert "I was hung up on." in page


def test_a_complaint_sent_twice_counts_once(browser, case, link):
    page = browser.get(link + "complaint/")
    for _ in range(2):
        browser.post(link + "complaint/", hidden_fields(page) | {"words": "I was hung up on."})
    assert case.complaints.count() == 1


def test_an_empty_complaint_comes_back_with_what_is_missing(browser, link):
    response = press(browser, link + "complaint/", words=" ")
    assert response.status_code == 422
    assert "Write what went wrong in how we dealt with you." in words(response)


def test_nobody_to_answer_yet_is_said_without_a_name(client, cast, case, link):
    complaints.complain(case, "I was hung up on.", about=[cast.sam, cast.sue], by=cast.carla)
    page = reads(client, link)
    assert "A supervisor who had no part in this answers you by" in page and "Nobody yet" not in page


def test_a_late_answer_says_so_and_the_answer_stands_with_the_name(client, cast, case, link):
    complaint = complaints.complain(case, "I was hung up on.", by=cast.carla)
    with clock.at(TUESDAY + timedelta(days=8)):
        assert "We said that we would answer by Tuesday 17 March, 11 am, and we are late." in reads(client, link)
        complaints.answer(complaint, "That was wrong of us.", by=complaint.owner)
        page = reads(client, link)
    assert "That was wrong of us." in page and complaint.owner.name in page
    assert "we are late" not in page.split("How we deal with you")[1]


def test_a_complaint_can_be_made_and_is_answered_after_the_end(browser, cast, case, link):
    answering.say_yes(case, by=cast.carla)
    press(browser, link + "complaint/", words="I was hung up on.")
    assert not fresh(case).is_open
    complaint = case.complaints.get()
    with clock.at(TUESDAY + timedelta(days=91)):
        assert browser.get(link).status_code == 200, "Its answer is still to be read here."
        complaints.answer(complaint, "That was wrong of us.", by=complaint.owner)
        assert "That was wrong of us." in reads(browser, link)
    with clock.at(TUESDAY + timedelta(days=91 + 91)):
        assert browser.get(link).status_code == 404


def test_nobody_complains_through_anothers_link(browser, cast, case, link):
    other = status_path(a_case(cast.mallory))
    press(browser, other + "complaint/", words="I was hung up on.")
    assert Complaint.objects.get().case == case_behind(other.split("/")[3])
    assert not case.complaints.exists()


# -- what we said no to ------------------------------------------------------------------------------------------------


@pytest.fixture
def refusal(case, cast):
    return refusals.refuse(case, **NO, by=cast.nadia)


def test_a_no_is_read_with_its_ground_what_was_read_and_who_may_say_yes(client, refusal, link):
    page = reads(client, link)
    assert "You asked for: my money back." in page
    assert "We say that you are not entitled to it." in page
    assert NO["ground"] in page
    assert "Read before: the offer of February. Who may say yes: Wanda Weiss." in page


def test_another_look_is_asked_for_with_one_press(browser, cast, case, refusal, link):
    start = latest_entry()
    assert "Please let another person look" in reads(browser, link)
    response = press(browser, f"{link}another-look/{refusal.pk}/", words="")
    assert (response.status_code, response.url) == (302, link)
    assert kinds(case, start) == [Kind.PROMISE_MADE, Kind.ANOTHER_LOOK_ASKED]
    page = reads(browser, link)
    assert "You asked another person to look. A supervisor looks at it by Thursday 12 March, 11 am." in page
    assert "Please let another person look" not in page
    assert browser.get(f"{link}another-look/{refusal.pk}/").url == link


@pytest.mark.parametrize(
    "look, sentence",
    [
        ("upheld", "Sam Sato has looked again: the no stands."),
        ("changed", "Sam Sato has looked again: we take the no back."),
    ],
)
def test_what_the_second_person_found_is_read_there(client, cast, refusal, link, look, sentence):
    refusals.ask_for_another_look(refusal, by=cast.carla)
    refusals.look_again(refusal, look=look, words="I read your order.", by=cast.sam)
    page = reads(client, link)
    assert sentence in page and "I read your order." in page
    assert "Please let another person look" not in page


def test_a_late_look_says_so(client, cast, refusal, link):
    refusals.ask_for_another_look(refusal, by=cast.carla)
    with clock.at(FRIDAY):
        assert "We said Thursday 12 March, 11 am, and we are late." in reads(client, link)


def test_words_sent_after_it_was_asked_are_not_lost(browser, cast, case, refusal, link):
    path = f"{link}another-look/{refusal.pk}/"
    page = browser.get(path)
    refusals.ask_for_another_look(refusal, by=cast.carla)
    response = browser.post(path, hidden_fields(page) | {"words": "I ordered in February."})
    assert response.status_code == 409
    assert "I ordered in February." in response.content.decode()


def test_the_no_of_another_problem_is_not_here(browser, cast, refusal):
    other = status_path(a_case(cast.mallory))
    before = everything()
    for method in (browser.get, browser.post):
        answer = method(f"{other}another-look/{refusal.pk}/")
        assert answer.status_code in (403, 404)
    assert everything() == before


# -- all of it ---------------------------------------------------------------------------------------------------------


def test_the_words_of_the_desk_are_never_on_it(client, cast, case, refusal, link):
    estimates.estimate(case, over_by=FRIDAY, by=cast.nadia)
    complaint = complaints.complain(case, "I was hung up on.", by=cast.carla)
    pages = [reads(client, link + act) for act in ("", "complaint/", f"another-look/{refusal.pk}/")]
    refusals.ask_for_another_look(refusal, by=cast.carla)
    complaints.answer(complaint, "We are sorry.", by=complaint.owner)
    pages.append(reads(client, link))
    for page in pages:
        said = {word.strip(".,:;?!“”").lower() for word in page.split()}
        assert said.isdisjoint({"case", "ticket", "closed", "resolved", "sub-task", "agent", "escalation"})


def test_the_page_with_all_of_it_asks_at_most_twelve_questions(client, cast, case, link, django_assert_max_num_queries):
    for number in range(20):
        complaints.complain(case, f"Complaint {number}", by=cast.carla)
        refusals.refuse(case, **{**NO, "asked": f"Wish {number}"}, by=cast.nadia)
        estimates.estimate(case, over_by=TUESDAY + timedelta(days=number + 1), by=cast.nadia)
    with clock.at(TUESDAY + timedelta(hours=6)), django_assert_max_num_queries(12):
        assert client.get(link).status_code == 200


def test_staff_who_look_at_it_find_nothing_to_press(client, cast, case, refusal):
    client.force_login(cast.olga)
    page = client.get(f"/help/view/C-{case.pk}/").content.decode()
    assert "another-look" not in page and "/complaint/" not in page
