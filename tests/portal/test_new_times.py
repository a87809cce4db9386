"""A time that was moved without the customer: their page says both, and why, and asks whether that is all right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Message, Promise
from cases.models.timeline import Kind
from cases.verbs import agreeing, promises
from cases.verbs.promises import Pledge
from customers import identity
from portal.links import participant_path
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, everything, first_promise, fresh, kinds, latest_entry, pledge, takes_part
from tests.pages import signed_in
from tests.portal.conftest import hidden_fields, words


@pytest.fixture
def moved(case, cast) -> Promise:
    return promises.move(first_promise(case), pledge(), reason="the part is late.", by=cast.nadia)


@pytest.fixture
def step(link, moved) -> str:
    return f"{link}new-time/{moved.pk}/"


def answer(browser, link: str, step: str, said: str, **typed):
    """Press one of the two on the status page, as a browser without scripts does."""
    page = browser.get(link)
    assert f'action="{step}"' in page.content.decode()
    return browser.post(step, hidden_fields(page) | {"answer": said, "words": "", **typed})


def test_both_times_the_reason_and_the_question_stand_there(client, link, moved):
    page = words(client.get(link))
    assert (
        "We said Tuesday 10 March, 3 pm. It will be Wednesday 11 March, 11 am. The reason: the part is late. "
        "Is that all right? Say something about it" in page
    )
    assert "Yes, that is all right No, that does not work for me" in page


def test_a_yes_is_one_press(browser, case, link, step):
    before = latest_entry()
    assert answer(browser, link, step, "yes").status_code == 302
    assert kinds(case, before) == [Kind.PROMISE_AGREED]
    assert first_promise(case).state == "renegotiated"
    page = words(browser.get(link))
    assert "Thank you for telling us." in page and "We agreed on this with you." in page
    assert "Is that all right?" not in page and "You said" not in page


def test_a_late_yes_is_read_as_what_it_was(browser, link, step):
    with clock.at(TUESDAY + timedelta(hours=5)):
        answer(browser, link, step, "yes")
        page = words(browser.get(link))
    assert "You said that this is all right." in page and "We agreed" not in page


def test_what_was_heard_is_read_and_denied_in_one_press(browser, case, cast, link, step, moved):
    agreeing.hear(moved, words="Wednesday is fine.", how="on the telephone", by=cast.nadia)
    page = words(browser.get(link))
    assert "You told us that this is all right." in page and "That is not what I said" in page
    assert "Wednesday is fine." in page
    assert answer(browser, link, step, "no").status_code == 302
    page = words(browser.get(link))
    assert "You said that this does not work for you. Nadia has been told." in page and "We agreed" not in page
    assert first_promise(case).state == "moved"


def test_a_no_with_words_is_kept_and_told(browser, case, link, step):
    answer(browser, link, step, "no", words="I am away\r\nthen.")
    message = case.messages.latest("pk")
    assert (message.body, message.channel) == ("I am away\nthen.", Message.Channel.PORTAL)
    page = words(browser.get(link))
    assert "You said that this does not work for you. Nadia has been told." in page
    assert "Is that all right?" not in page


def test_sent_twice_it_is_answered_once(browser, case, link, step):
    page = browser.get(link)
    typed = hidden_fields(page) | {"answer": "no", "words": "I am away."}
    for _ in range(2):
        assert browser.post(step, typed).status_code == 302
    assert kinds(case).count(Kind.PROMISE_NOT_AGREED) == 1
    assert case.messages.filter(body="I am away.").count() == 1


def test_an_answer_must_be_one_of_the_two(browser, link, step):
    before = everything()
    response = answer(browser, link, step, "maybe", words="Hm.")
    assert response.status_code == 422
    assert "Is that all right?" in words(response) and "Hm." in words(response)
    assert everything() == before


def test_words_to_a_time_that_moved_again_wait_in_a_form(browser, case, cast, link, moved, step):
    page = browser.get(link)
    promises.move(moved, pledge(hours=48), reason="later still.", by=cast.nadia)
    before = everything()
    response = browser.post(step, hidden_fields(page) | {"answer": "no", "words": "I am away."})
    assert response.status_code == 409
    assert "This has changed since you opened the page." in words(response) and "I am away." in words(response)
    assert f'action="{link}add/"' in response.content.decode() or 'method="post"' in response.content.decode()
    silent = browser.post(step, hidden_fields(page) | {"answer": "yes", "words": ""})
    assert silent.status_code == 302
    assert everything() == before
    assert "Is that all right?" in words(browser.get(link)), "The newest time is asked about."


def test_opening_the_step_answers_nothing(client, link, step, moved):
    before = everything()
    assert "Is that all right?" in words(client.get(step))
    assert everything() == before
    assert client.get(f"{link}new-time/{moved.replaces_id}/").status_code == 302
    assert client.get(f"{link}new-time/999999/").status_code == 404


def test_what_was_agreed_with_an_agent_is_not_asked(client, case, cast, link):
    promises.renegotiate(first_promise(case), pledge(), agreement="By telephone.", by=cast.nadia)
    assert "Is that all right?" not in words(client.get(link))


def test_a_time_that_has_passed_is_not_asked_about(client, link, moved):
    with clock.at(WEDNESDAY):
        assert "Is that all right?" not in words(client.get(link))


def test_each_promise_that_moved_is_asked_about_with_ids_of_its_own(client, case, cast, link, moved):
    second = promises.make(case, Pledge("send you the key", WEDNESDAY + timedelta(hours=2)), by=cast.nadia)
    promises.move(
        second, Pledge("send you the key", WEDNESDAY + timedelta(hours=4)), reason="it is lost.", by=cast.nadia
    )
    page = client.get(link)
    assert words(page).count("Is that all right?") == 2
    assert "Nadia will send you the key by Wednesday 11 March, 3 pm. We said Wednesday 11 March, 1 pm." in words(page)
    ids = [part.split('"')[0] for part in page.content.decode().split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_staff_see_the_page_with_nothing_to_press(case, cast, moved):
    page = signed_in(cast.nadia).get(f"/help/view/{case.number}/")
    assert page.status_code == 200
    assert "Is that all right?" not in words(page)


class TestOfSomebodyWhoTakesPart:
    @pytest.fixture
    def dora(self, cast):
        return identity.recognise("Dora Conti", mail="dora@home.example", zone="Europe/London")

    def test_who_speaks_for_the_customer_is_asked(self, browser, case, cast, moved, dora):
        speaker = takes_part(case, dora, sees="messages", speaks_for=True, by=cast.nadia)
        path = participant_path(speaker)
        page = words(browser.get(path))
        assert "Before, we said Tuesday 10 March, 2 pm. The reason: the part is late." in page
        assert "Is Wednesday 11 March, 10 am all right?" in page
        assert answer(browser, path, f"{path}new-time/{moved.pk}/", "no").status_code == 302
        assert case.entries.latest("pk").customer == dora
        assert "We were told that this does not work." in words(browser.get(path))

    def test_who_does_not_is_not(self, browser, case, cast, moved, dora):
        watcher = takes_part(case, dora, by=cast.nadia)
        path = participant_path(watcher)
        assert "all right" not in words(browser.get(path))
        page = browser.get(f"{path}add/")
        posted = browser.post(f"{path}new-time/{moved.pk}/", hidden_fields(page) | {"answer": "yes"})
        assert posted.status_code == 404
        assert fresh(moved).agreed_at is None


def test_the_answer_is_an_update_of_the_page(client, case, cast, link, moved):
    with clock.at(TUESDAY + timedelta(hours=1, minutes=30)):
        agreeing.agree(moved, by=cast.carla)
    with clock.at(TUESDAY + timedelta(hours=3)):
        assert "Last update: today, 12:30 pm" in words(client.get(link))


def test_the_words_of_the_desk_are_not_on_it(client, link, step):
    said = {word.strip(".,:;?!“”").lower() for page in (link, step) for word in words(client.get(page)).split()}
    assert said.isdisjoint({"case", "ticket", "closed", "resolved", "renegotiated", "promise"})
