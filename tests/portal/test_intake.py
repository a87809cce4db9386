"""Intake: a problem told in three small pages, without a script, becomes a case with an owner and a promise, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client, override_settings

from cases.models import Case
from customers.models import Address, Customer
from portal import gate
from portal.first_answer import answered_by, latest_for_today
from staff.models import Topic
from supportdesk import clock
from supportdesk.sessions import SessionStore
from tests.cast import SUNDAY, TUESDAY, a_case, at_once
from tests.portal.conftest import hidden_fields, words

WORDS = "I bought two licences.\r\nNow the code is refused."
WISHES = {"desired_outcome": "That it works", "wish_1": "Both upgrades", "wish_2": "My money back"}
ME = {"name": "Jo Marsh", "mail": "jo@marsh.example", "phone": "", "best_time": "mornings"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def at_the_desk(cast, tuesday):
    """Everybody is there, on Tuesday at ten."""
    return cast


def tell(browser: Client, problem: str = WORDS, wishes: dict = WISHES, about: str = "") -> None:
    """The first two steps."""
    assert step(browser, "/help/", words=problem, about=about)["Location"] == "/help/wishes/"
    assert step(browser, "/help/wishes/", **wishes)["Location"] == "/help/reach/"


def step(browser: Client, path: str, **typed):
    return browser.post(path, hidden_fields(browser.get(path)) | typed)


def send(browser: Client, **me):
    """The third step, a minute after it was opened."""
    form = hidden_fields(browser.get("/help/reach/")) | ME | me
    with clock.at(clock.now() + MINUTE):
        return browser.post("/help/reach/", form)


def test_a_problem_is_told_in_three_steps(browser, at_the_desk):
    tell(browser)
    assert send(browser)["Location"] == "/help/sent/"
    case = Case.objects.get()
    assert (case.problem, case.desired_outcome) == ("I bought two licences.\nNow the code is refused.", "That it works")
    assert [(wish.rank, wish.words) for wish in case.preferences.all()] == [(1, "Both upgrades"), (2, "My money back")]
    assert (case.customer.name, case.customer.best_time) == ("Jo Marsh", "mornings")
    assert case.customer.addresses.get().value == "jo@marsh.example"
    assert case.owner in (at_the_desk.nadia, at_the_desk.ben, at_the_desk.sam, at_the_desk.sue)
    assert case.channel == Case.Channel.PORTAL


def test_the_end_says_the_number_who_by_when_and_gives_the_link(browser, at_the_desk):
    tell(browser)
    send(browser)
    case = Case.objects.get()
    answer = browser.get("/help/sent/")
    page = words(answer)
    assert f"We have it. {case.owner.name} will be in touch with you by Tuesday 10 March, 2:01 pm." in page
    assert f"Your problem has the number {case.number}." in page
    link = answer.context["path"]
    assert "Keep this link" in page and f'href="{link}"' in answer.content.decode()
    assert "I bought two licences." in words(Client().get(link))


def test_the_end_belongs_to_the_session_alone(browser, at_the_desk):
    tell(browser)
    send(browser)
    assert Client().get("/help/sent/")["Location"] == "/help/"


def test_what_breaks_behind_the_opening_leaves_the_draft_and_no_problem(browser, at_the_desk, monkeypatch):
    tell(browser)
    browser.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(SessionStore, "write_now", lambda session: 1 / 0)
        assert send(browser).status_code == 500
    assert not Case.objects.exists()
    assert send(browser)["Location"] == "/help/sent/"
    assert Case.objects.get().problem == "I bought two licences.\nNow the code is refused."


def test_the_draft_is_gone_when_it_was_sent(browser, at_the_desk):
    tell(browser)
    send(browser)
    assert set(Session.objects.get().get_decoded()) == {"portal.sent"}


def test_outside_the_hours_the_promise_is_made_for_the_next_morning(browser, cast):
    with clock.at(SUNDAY):
        tell(browser)
        send(browser)
        assert "Somebody will be in touch with you by Monday 9 March, 1 pm." in words(browser.get("/help/sent/"))


def test_an_about_leads_to_its_department(browser, at_the_desk):
    topic = Topic.objects.create(name="A broken computer", department=at_the_desk.hardware)
    page = browser.get("/help/")
    assert "A broken computer" in words(page)
    tell(browser, about=str(topic.pk))
    send(browser)
    case = Case.objects.get()
    assert (case.topic, case.department, case.owner) == (topic, at_the_desk.hardware, at_the_desk.olga)


def test_at_most_six_things_to_choose_from_and_none_without_topics(browser, at_the_desk):
    assert "What is it about?" not in words(browser.get("/help/"))
    for number in range(8):
        Topic.objects.create(name=f"Topic {number}", department=at_the_desk.hardware, position=number)
    page = words(browser.get("/help/"))
    assert "Topic 5" in page and "Topic 6" not in page
    assert step(browser, "/help/", words="x", about="999999").status_code == 422


def test_nothing_typed_is_lost_on_the_way_back(browser, at_the_desk):
    tell(browser)
    assert step(browser, "/help/reach/", go="back", name="Jo", mail="not an address")["Location"] == "/help/wishes/"
    assert step(browser, "/help/wishes/", go="back", **WISHES)["Location"] == "/help/"
    assert "Now the code is refused." in browser.get("/help/").content.decode()
    assert "My money back" in browser.get("/help/wishes/").content.decode()
    page = browser.get("/help/reach/").content.decode()
    assert 'value="Jo"' in page and 'value="not an address"' in page and "cannot be right" in page


def test_a_step_that_was_left_wrong_is_asked_for_again(browser, at_the_desk):
    tell(browser)
    step(browser, "/help/wishes/", go="back", wish_1="x" * 301)
    assert browser.get("/help/reach/")["Location"] == "/help/wishes/"
    assert "at most 300 characters" in words(browser.get("/help/wishes/"))


def test_no_step_comes_before_the_words(browser, at_the_desk):
    for path in ("/help/wishes/", "/help/reach/"):
        assert browser.get(path)["Location"] == "/help/"


def test_the_wishes_may_stay_empty(browser, at_the_desk):
    tell(browser, wishes={})
    send(browser)
    assert Case.objects.get().preferences.count() == 0


@pytest.mark.parametrize(
    "path, typed, error",
    [
        ("/help/", {"words": " "}, "Tell us what happened, in your own words."),
        ("/help/", {"words": "x" * 20_001}, "Please stay below 20000 characters. You have written 20001."),
        ("/help/", {"words": "a\0b"}, "There is a character in it that cannot be kept."),
        ("/help/wishes/", {"wish_3": "x" * 301}, "Please say this wish in at most 300 characters."),
        ("/help/wishes/", {"desired_outcome": "x" * 4001}, "Please stay below 4000 characters."),
        ("/help/reach/", ME | {"name": ""}, "Tell us your name"),
        ("/help/reach/", ME | {"name": "x" * 121}, "at most 120 characters for your name"),
        ("/help/reach/", ME | {"name": "a\0"}, "There is a character in it that cannot be kept."),
        ("/help/reach/", ME | {"mail": "jo@"}, "This mail address cannot be right."),
        ("/help/reach/", ME | {"mail": "jo@marsh.example\r\nBcc: x@y.example"}, "This mail address cannot be right."),
        ("/help/reach/", ME | {"mail": f"{'x' * 250}@marsh.example"}, "This mail address"),
        ("/help/reach/", ME | {"mail": ""}, "Give a mail address or a telephone number"),
        ("/help/reach/", ME | {"mail": "", "phone": "12345"}, "It needs at least six digits."),
        ("/help/reach/", ME | {"phone": "call me maybe 123456"}, "This telephone number cannot be right."),
        ("/help/reach/", ME | {"phone": "1" * 41}, "too long to be right"),
        ("/help/reach/", ME | {"best_time": "x" * 121}, "at most 120 characters"),
    ],
)
def test_each_error_stands_on_top_and_beside_its_field(browser, at_the_desk, path, typed, error):
    tell(browser)
    answer = step(browser, path, **typed)
    assert answer.status_code == 422
    assert words(answer).count(error) == 2
    page = answer.content.decode()
    assert "<title>Error:" in " ".join(page.split()) and 'aria-invalid="true"' in page and "autofocus" in page
    assert Case.objects.count() == 0


def test_a_telephone_number_alone_is_enough(browser, at_the_desk):
    tell(browser)
    send(browser, mail="", phone="0043 (660) 123-45 67")
    assert Address.objects.get(customer=Case.objects.get().customer).value == "+436601234567"


def test_personal_fields_fill_themselves_in(browser, at_the_desk):
    tell(browser)
    page = browser.get("/help/reach/").content.decode()
    for token in ("name", "email", "tel"):
        assert f'autocomplete="{token}"' in page


# -- once ------------------------------------------------------------------------------------------------------------


def test_sending_twice_opens_one(browser, at_the_desk):
    tell(browser)
    send_again = hidden_fields(browser.get("/help/reach/")) | ME
    send(browser)
    assert browser.post("/help/reach/", send_again)["Location"] == "/help/sent/"
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sending_twice_at_the_same_moment_opens_one():
    from portal.sending import send as send_form
    from tests.cast import assemble

    with clock.at(TUESDAY):
        assemble()
        given = {"words": "x", "desired_outcome": "", "phone": "", "name": "Jo", "mail": "jo@marsh.example"}
        given |= {"best_time": "", **{f"wish_{rank}": "" for rank in (1, 2, 3, 4)}}
        opened = at_once(*[lambda: send_form(given, once="a" * 32)] * 4)
    assert {case.pk for case in opened} == {Case.objects.get().pk}
    assert Customer.objects.filter(name="Jo").count() == 1


def test_a_second_problem_is_a_second_one(browser, at_the_desk):
    for problem in ("The first", "The second"):
        tell(browser, problem)
        send(browser)
    assert set(Case.objects.values_list("problem", flat=True)) == {"The first", "The second"}
    assert Customer.objects.filter(name="Jo Marsh").count() == 1


# -- nobody learns or changes anything about somebody else -------------------------------------------------------------


def test_a_known_address_tells_a_stranger_nothing(browser, at_the_desk):
    a_case(at_the_desk.carla, "Carla's secret")
    tell(browser, "Strange words")
    send(browser, name="Mal Ory", mail="CARLA@home.example", best_time="never")
    pages = words(browser.get("/help/sent/")) + words(browser.get(browser.get("/help/sent/").context["path"]))
    for known in ("Carla", "Conti", "secret", "carla@home"):
        assert known not in pages
    assert "Thank you, Mal Ory." in pages
    at_the_desk.carla.refresh_from_db()
    assert (at_the_desk.carla.name, at_the_desk.carla.best_time) == ("Carla Conti", "")


def test_known_and_unknown_addresses_are_answered_alike_a38(at_the_desk):
    answers = []
    for mail in ("carla@home.example", "new@home.example"):
        browser = Client()
        tell(browser)
        answer = send(browser, mail=mail)
        answers.append((answer.status_code, answer["Location"]))
    assert answers[0] == answers[1]


def test_hostile_words_stay_words_on_every_step_a07(browser, at_the_desk):
    hostile = "\"><script>alert(1)</script>'"
    tell(browser, hostile, {"desired_outcome": hostile, "wish_1": hostile})
    wrong = step(browser, "/help/reach/", name=hostile, mail=hostile, phone=hostile, best_time=hostile)
    pages = [wrong, *(browser.get(path) for path in ("/help/", "/help/wishes/", "/help/reach/"))]
    send(browser, name=hostile)
    pages.append(browser.get("/help/sent/"))
    for page in pages:
        assert "<script" not in page.content.decode() and "&lt;script" in page.content.decode()


# -- programs ---------------------------------------------------------------------------------------------------------


def test_a_filled_trap_sends_nothing_and_keeps_everything(browser, at_the_desk):
    tell(browser)
    answer = send(browser, **{gate.TRAP: "http://spam.example"})
    assert answer.status_code == 422
    assert "a field that people do not see" in words(answer)
    assert 'value="Jo Marsh"' in answer.content.decode() and "spam.example" not in answer.content.decode()
    assert Case.objects.count() == 0
    assert send(browser)["Location"] == "/help/sent/"


def test_too_fast_is_asked_to_press_once_more(browser, at_the_desk):
    tell(browser)
    form = hidden_fields(browser.get("/help/reach/")) | ME
    answer = browser.post("/help/reach/", form)
    assert answer.status_code == 422 and "That was very quick." in words(answer)
    again = hidden_fields(answer) | ME
    assert again["seen"] == form["seen"], "The time already taken counts."
    with clock.at(TUESDAY + timedelta(seconds=4)):
        assert browser.post("/help/reach/", again).status_code == 302


@pytest.mark.parametrize("stamp", ["", "forged", "MTIz:abc:def"])
def test_a_forged_or_missing_stamp_sends_nothing(browser, at_the_desk, stamp):
    tell(browser)
    assert send(browser, seen=stamp).status_code == 422
    assert Case.objects.count() == 0


def test_a_form_from_yesterday_is_pressed_once_more(browser, at_the_desk):
    tell(browser)
    form = hidden_fields(browser.get("/help/reach/")) | ME
    with clock.at(TUESDAY + timedelta(hours=25)):
        assert "open for a long time" in words(browser.post("/help/reach/", form))


def test_one_network_sends_twenty_an_hour_then_is_told_when_a31(browser, at_the_desk):
    for number in range(20):
        tell(browser, f"Problem {number}", {})
        assert send(browser, mail=f"jo{number}@marsh.example").status_code == 302
    tell(browser, "One too many")
    answer = send(browser, mail="jo99@marsh.example")
    assert answer.status_code == 429
    assert answer["Retry-After"] == str(59 * 60 + 1)
    assert "From today, 11 am you can send yours" in words(answer)
    assert Case.objects.count() == 20
    assert "One too many" in browser.get("/help/").content.decode(), "What was typed is kept."
    with clock.at(TUESDAY + timedelta(hours=1)):
        assert send(browser, mail="jo99@marsh.example").status_code == 302


def test_one_address_is_written_for_ten_times_a_day_from_wherever_a31(at_the_desk):
    for number in range(11):
        browser = Client(REMOTE_ADDR=f"10.0.0.{number}")
        tell(browser, "x", {})
        answer = send(browser, mail="Victim@home.example")
        assert answer.status_code == (302 if number < 10 else 429)


def test_neighbours_in_one_ipv6_network_are_counted_together(at_the_desk):
    shut = [gate.shut_until(f"2001:db8:0:1::{number}", []) for number in range(21)]
    assert shut[:20] == [None] * 20 and shut[20] == TUESDAY + timedelta(hours=1)
    assert gate.shut_until("2001:db8:0:2::1", []) is None


@override_settings(CACHES={"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}})
def test_without_the_cache_everybody_is_let_in_and_the_log_says_so(browser, at_the_desk, caplog):
    tell(browser)
    assert send(browser).status_code == 302
    assert "Nothing is counted, for the cache does not answer" in caplog.text
    assert "marsh.example" not in caplog.text


def test_nobodys_address_stands_in_the_cache(browser, at_the_desk):
    tell(browser)
    send(browser)
    keys = cache.keys("*intake*")
    assert len(keys) == 3
    assert not any("marsh" in key or "127.0.0.1" in key for key in keys)


# -- when one hears from us --------------------------------------------------------------------------------------------


def test_before_the_last_moment_the_form_promises_today(browser, at_the_desk):
    assert "Send this before 1 pm and a person, by name, will be in touch today." in words(browser.get("/help/"))


def test_after_it_the_form_says_by_when(browser, cast):
    with clock.at(TUESDAY + timedelta(hours=4)):
        page = words(browser.get("/help/"))
    assert "Send this now and a person, by name, will be in touch by Wednesday 11 March, 10:30 am." in page


def test_what_the_form_promises_is_what_is_promised(browser, cast):
    """At any minute of a day: sent just before the time that is named, the answer is due on that day."""
    hours = cast.support.calendar.hours
    for minute in range(0, 24 * 60, 61):
        now = TUESDAY.replace(hour=0) + timedelta(minutes=minute)
        latest = latest_for_today(now, hours)
        with clock.at((latest or now + timedelta(minutes=15)) - timedelta(seconds=1)):
            due = a_case(cast.mallory, f"At {minute}").promises.get().due_at
        if latest:
            assert due.date() == now.date()
        else:
            assert due <= answered_by(now, hours)


@override_settings(HELP_PHONE="0800 300 400")
def test_the_telephone_is_offered_where_there_is_one(browser, at_the_desk):
    page = browser.get("/help/")
    assert "I would rather be called" in words(page) and "I need someone to help me" in words(page)
    assert 'href="tel:0800300400"' in page.content.decode()


@override_settings(HELP_PHONE="")
def test_no_telephone_is_offered_where_there_is_none(browser, at_the_desk):
    page = browser.get("/help/")
    assert "I would rather be called" not in words(page) and "tel:" not in page.content.decode()
