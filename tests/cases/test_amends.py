"""Make it right: a broken promise is settled by a person's own words, not by a standard text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actors import LOG
from cases.models import Amends, Promise
from cases.models.timeline import Kind
from cases.verbs import amends, closing, promises
from portal.links import status_path
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import WEDNESDAY, a_case, everything, first_promise, fresh, kinds, latest_entry, pledge
from tests.pages import said, signed_in

TOLD = {
    "apology": "You waited at the telephone all afternoon, Carla, and I did not ring.",
    "why": "I had written Thursday into my own calendar.",
    "doing": "I ring you today at three, and Ben knows of it too.",
}


@pytest.fixture
def broken(case) -> Promise:
    """Due on Tuesday at two, and nobody has spoken to Carla."""
    promises.break_due(WEDNESDAY)
    return first_promise(case)


def make(promise: Promise, by, **words) -> Amends:
    return amends.make(promise, **{**TOLD, **words}, next_promise=pledge(), by=by)


def test_one_message_is_made_of_the_three_and_answers_the_promise(case, cast, broken):
    start = latest_entry()
    made = make(broken, cast.nadia)
    assert kinds(case, start) == [Kind.MADE_RIGHT, Kind.PROMISE_ANSWERED, Kind.PROMISE_MADE]
    assert made.message.body == "\n\n".join(TOLD.values())
    assert (fresh(broken).answered_at, fresh(broken).kept_by) == (made.made_at, made.message)
    assert case.messages.latest("pk") == made.message


def test_it_is_right_before_any_sweep(case, cast):
    start = latest_entry()
    with clock.at(WEDNESDAY):
        make(first_promise(case), cast.nadia)
    assert Kind.PROMISE_BROKEN in kinds(case, start)
    assert (first_promise(case).state, first_promise(case).answered_at) == ("broken", WEDNESDAY)


def test_what_was_spoken_about_already_can_still_be_made_right(case, cast, broken):
    promises.keep(broken, said="I am late.", next_promise=pledge(), by=cast.nadia)
    answered = fresh(broken).kept_by
    start = latest_entry()
    amends.make(broken, **TOLD, by=cast.nadia)
    assert kinds(case, start) == [Kind.MADE_RIGHT]
    assert fresh(broken).kept_by == answered, "What answered it first stands."


def test_the_last_promise_is_not_answered_without_the_next(broken, cast):
    before = everything()
    with pytest.raises(Refused) as refused:
        amends.make(broken, **TOLD, by=cast.nadia)
    assert refused.value.code == "next_promise_needed"
    assert everything() == before


@pytest.mark.parametrize("field", TOLD)
def test_each_of_the_three_is_needed(broken, cast, field):
    with pytest.raises(Refused) as refused:
        make(broken, cast.nadia, **{field: "  "})
    assert (refused.value.code, refused.value.field) == ("words_needed", field)


@pytest.mark.parametrize(
    "apology",
    [
        "We apologise for any inconvenience.",
        "we  apologize, for any inconvenience!",
        "Dear Carla, we’re sorry for the inconvenience. Thank you for your patience.",
        "Sorry.",
        "I’m sorry!",
    ],
)
def test_a_standard_text_settles_nothing(broken, cast, apology):
    before = everything()
    with pytest.raises(Refused) as refused:
        make(broken, cast.nadia, apology=apology)
    assert (refused.value.code, refused.value.field) == ("in_your_own_words", "apology")
    assert refused.value.sentence.startswith("Say it in your own words")
    assert everything() == before


@pytest.mark.parametrize("days, refuses", [(0, True), (364, True), (366, False)])
def test_what_another_customer_was_told_in_this_year_settles_nothing(broken, case, cast, days, refuses):
    make(broken, cast.nadia)
    with clock.at(WEDNESDAY + timedelta(days=days)):
        other = a_case(cast.mallory)
        promises.break_due(clock.now() + timedelta(days=7), cases=[other.pk])
        again = f"  {TOLD['apology'].upper().replace(',', ' –')}!! "
        if refuses:
            with pytest.raises(Refused) as refused:
                make(first_promise(other), cast.sam, apology=again)
            assert refused.value.code == "in_your_own_words"
        else:
            assert make(first_promise(other), cast.sam, apology=again).case == other


def test_a_promise_is_made_right_once(broken, cast):
    make(broken, cast.nadia)
    before = everything()
    make(broken, cast.sam)
    assert everything() == before
    with pytest.raises(Conflict, match="Nadia Novak has made this right already"):
        make(broken, cast.nadia, apology="You waited once more, and I am ashamed of it.")


def test_what_is_not_broken_needs_nothing(case, cast):
    with pytest.raises(Refused) as refused:
        make(first_promise(case), cast.nadia)
    assert refused.value.code == "not_broken"


def test_a_closed_problem_is_reopened_first(case, broken, cast):
    closing.override(case, reason="A double.", by=cast.sam)
    with pytest.raises(Refused) as refused:
        make(broken, cast.nadia)
    assert refused.value.code == "case_closed"


def test_a_person_does_it_and_no_log(broken):
    with pytest.raises(NotAllowed):
        make(broken, LOG)


class TestOnThePages:
    def url(self, promise) -> str:
        return reverse("cases:make_right", args=[promise.pk])

    def test_a_broken_promise_opens_it_and_is_listed_until_it_is_done(self, case, broken, cast):
        nadia = signed_in(cast.nadia)
        with clock.at(WEDNESDAY):
            assert self.url(broken) in nadia.get(case.get_absolute_url()).content.decode()
            promises.keep(broken, said="I am late.", next_promise=pledge(), by=cast.nadia)
            page = nadia.get(case.get_absolute_url())
            assert "To make right Be in touch with you broken" in said(page)
            assert self.url(broken) in page.content.decode()
            assert self.url(broken) not in signed_in(cast.olga).get(case.get_absolute_url()).content.decode()
            typed = {**TOLD, "next_words": "", "next_due": ""}
            assert nadia.post(self.url(broken), typed).status_code == 302
            assert "To make right" not in said(nadia.get(case.get_absolute_url()))
            assert "Nadia Novak made it right" in said(nadia.get(case.get_absolute_url()))

    def test_is_for_owner_and_supervisor(self, broken, cast):
        assert signed_in(cast.sam).get(self.url(broken)).status_code == 200
        for stranger in (cast.ben, cast.olga):
            assert signed_in(stranger).get(self.url(broken)).status_code == 403
            assert signed_in(stranger).post(self.url(broken), TOLD).status_code == 403

    def test_a_standard_text_comes_back_beside_its_field_with_all_that_was_typed(self, broken, cast):
        typed = {**TOLD, "apology": "We apologise for any inconvenience.", "next_words": "call you"}
        with clock.at(WEDNESDAY):
            response = signed_in(cast.nadia).post(self.url(broken), {**typed, "next_due": "2026-03-11T15:00"})
        assert response.status_code == 422
        assert "Say it in your own words" in response.context["form"].errors["apology"][0]
        assert TOLD["why"] in said(response) and not Amends.objects.exists()

    def test_the_customer_reads_the_persons_words_and_nothing_stock(self, case, broken, cast, client):
        with clock.at(WEDNESDAY):
            make(broken, cast.nadia)
            page = said(client.get(status_path(case)))
        assert all(words in page for words in TOLD.values())
        assert "apolog" not in page.lower() and "inconvenience" not in page
