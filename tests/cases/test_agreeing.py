"""What the customer says to a time that was moved without them: a yes before it was due makes it renegotiated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Notice, Promise
from cases.models.timeline import Kind
from cases.verbs import agreeing, answering, closing, conversation, joining, promises, subtasks
from customers import identity
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed
from tests.cast import (
    TUESDAY,
    a_case,
    everything,
    first_promise,
    fresh,
    kinds,
    latest_entry,
    pledge,
    proposed,
    takes_part,
)
from tests.pages import said, signed_in

DUE = TUESDAY + timedelta(hours=4)
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def moved(case, cast) -> Promise:
    """Due at two today, moved to tomorrow at ten."""
    return promises.move(first_promise(case), pledge(), reason="The part is late.", by=cast.nadia)


def test_a_yes_before_the_old_time_makes_it_renegotiated(case, cast, moved):
    with clock.at(DUE - A_MOMENT):
        agreed = agreeing.agree(moved, by=cast.carla)
    assert agreed.agreed_at == DUE - A_MOMENT
    before = fresh(first_promise(case))
    assert (before.state, before.agreement, before.reason) == (
        "renegotiated",
        "on the status page",
        "The part is late.",
    )
    assert before.ended_at == TUESDAY, "It ended when the time was moved."


def test_at_the_old_time_or_later_it_is_only_recorded(case, cast, moved):
    with clock.at(DUE):
        agreed = agreeing.agree(moved, by=cast.carla)
    assert agreed.agreed_at == DUE
    assert (first_promise(case).state, first_promise(case).agreement) == ("moved", "")


def test_a_yes_after_two_moves_agrees_with_all_that_is_not_due_yet(case, cast, moved):
    again = promises.move(moved, pledge(hours=48), reason="Later still.", by=cast.nadia)
    with clock.at(DUE + timedelta(hours=1)):
        agreeing.agree(again, by=cast.carla)
    assert [first_promise(case).state, fresh(moved).state] == ["moved", "renegotiated"]


def heard(promise, by, words="Wednesday is fine.", **facts) -> Promise:
    return agreeing.hear(promise, words=words, how="on the telephone, at ten", by=by, **facts)


def test_an_agreement_that_was_heard_counts_with_how_and_the_exact_words(case, cast, moved):
    agreed = heard(moved, cast.nadia)
    before = fresh(first_promise(case))
    assert (before.state, before.agreement) == ("renegotiated", "on the telephone, at ten")
    assert (agreed.agreed_at, agreed.agreed_heard_by) == (TUESDAY, cast.nadia)
    message = case.messages.latest("pk")
    assert (message.body, message.is_from_customer, message.agent) == ("Wednesday is fine.", True, cast.nadia)
    page = said(signed_in(cast.nadia).get(case.get_absolute_url()))
    assert "Nadia Novak heard (on the telephone, at ten) that Carla agreed to Wed 11 Mar, 10:00: call you" in page
    assert "as we heard it, to Nadia Today 10:00 Wednesday is fine." in page
    assert "Carla told us that this is all right" in page


def test_what_was_heard_waits_for_no_answer(case, cast, moved):
    before = fresh(case).customer_wrote_at
    heard(moved, cast.nadia)
    assert fresh(case).customer_wrote_at == before and fresh(case).latest_words == "Wednesday is fine."


def test_the_customer_can_say_that_it_is_not_what_they_said(case, cast, moved):
    heard(moved, cast.nadia)
    denied = agreeing.disagree(moved, by=cast.carla)
    assert (denied.agreed_at, denied.agreed_heard_by, denied.not_agreed_at) == (None, None, TUESDAY)
    assert (first_promise(case).state, first_promise(case).agreement) == ("moved", "")
    announce()
    assert Notice.objects.get(agent=cast.nadia, entry__kind=Kind.PROMISE_NOT_AGREED)


def test_what_was_agreed_otherwise_stays_when_the_customer_denies_what_was_heard(case, cast):
    agreed = promises.renegotiate(first_promise(case), pledge(), agreement="on the telephone, at ten", by=cast.nadia)
    moved = promises.move(agreed, pledge(hours=48), reason="Later still.", by=cast.nadia)
    heard(moved, cast.nadia)
    agreeing.disagree(moved, by=cast.carla)
    assert [first_promise(case).state, fresh(agreed).state] == ["renegotiated", "moved"]


def test_what_the_customer_has_answered_themselves_is_not_heard_otherwise(case, cast, moved):
    agreeing.disagree(moved, by=cast.carla)
    with pytest.raises(Conflict, match="Carla has answered this already"):
        heard(moved, cast.nadia)


def test_an_agreement_needs_how_and_the_words(case, cast, moved):
    page = f"/promises/{moved.pk}/agreed/"
    nadia = signed_in(cast.nadia)
    assert f'href="{page}"' in nadia.get(case.get_absolute_url()).content.decode()
    shown = nadia.get(page)
    assert "Carla agreed to the new time" in said(shown)
    empty = nadia.post(page, {"once": "k"})
    assert (empty.status_code, set(empty.context["form"].errors)) == (422, {"how", "words"})
    typed = {"how": "on the telephone", "words": "Fine.", "once": "k"}
    for _ in range(2):
        assert nadia.post(page, typed).status_code == 302
    assert kinds(case).count(Kind.PROMISE_AGREED) == 1
    assert signed_in(cast.ben).get(page).status_code == 403
    with clock.at(TUESDAY + timedelta(days=3)):
        assert "They agreed" not in said(nadia.get(case.get_absolute_url()))


def test_a_no_is_kept_and_the_owner_is_told(case, cast, moved):
    start = latest_entry()
    agreeing.disagree(moved, words="I am away then.", by=cast.carla)
    assert kinds(case, start) == [Kind.PROMISE_NOT_AGREED]
    assert (fresh(moved).not_agreed_at, fresh(moved).state) == (TUESDAY, "open")
    assert first_promise(case).state == "moved"
    message = case.messages.latest("pk")
    assert (message.body, message.is_from_customer) == ("I am away then.", True)
    announce()
    assert Notice.objects.get(agent=cast.nadia, entry__kind=Kind.PROMISE_NOT_AGREED)
    page = said(signed_in(cast.nadia).get(case.get_absolute_url()))
    assert "Carla says that this does not work" in page
    assert "I am away then." in page


def test_the_first_answer_stands(cast, moved):
    agreeing.disagree(moved, by=cast.carla)
    before = everything()
    agreeing.agree(moved, by=cast.carla)
    agreeing.disagree(moved, by=cast.carla)
    assert everything() == before


def test_words_of_a_second_answer_are_not_lost_silently(cast, moved):
    agreeing.agree(moved, words="Fine.", once="k", by=cast.carla)
    before = everything()
    agreeing.agree(moved, words="Fine.", once="k", by=cast.carla)
    assert everything() == before
    with pytest.raises(Conflict):
        agreeing.disagree(moved, words="No, it is not.", once="l", by=cast.carla)


def test_who_speaks_for_the_customer_may_answer_and_who_does_not_may_not(case, cast, moved):
    dora = identity.recognise("Dora Conti", mail="dora@home.example")
    takes_part(case, cast.mallory, by=cast.nadia)
    takes_part(case, dora, sees="messages", speaks_for=True, by=cast.nadia)
    with pytest.raises(NotAllowed):
        agreeing.agree(moved, by=cast.mallory)
    agreeing.agree(moved, words="She says yes.", by=dora)
    assert first_promise(case).state == "renegotiated"
    entry = case.entries.latest("pk")
    assert (entry.kind, entry.participant.person, entry.message.participant.person) == (Kind.PROMISE_AGREED, dora, dora)
    assert "Dora Conti agreed to Wed 11 Mar, 10:00: call you" in said(
        signed_in(cast.nadia).get(case.get_absolute_url())
    )


@pytest.mark.parametrize("what", ["never moved", "agreed already", "moved again", "kept", "late"])
def test_nothing_is_answered_that_is_not_asked(case, cast, what):
    promise = first_promise(case)
    if what == "agreed already":
        promise = promises.renegotiate(promise, pledge(), agreement="By telephone.", by=cast.nadia)
    elif what != "never moved":
        promise = promises.move(promise, pledge(), reason="Late.", by=cast.nadia)
    if what == "moved again":
        promises.move(promise, pledge(hours=48), reason="Later.", by=cast.nadia)
    elif what == "kept":
        promises.keep(promise, said="Hello.", next_promise=pledge(hours=50), by=cast.nadia)
    before = everything()
    with clock.at(TUESDAY + timedelta(days=2 if what == "late" else 0)):
        for answer in (agreeing.agree, agreeing.disagree):
            with pytest.raises(Conflict):
                answer(promise, by=cast.carla)
    assert everything() == before


def test_the_answer_counts_where_a_joined_problem_goes_on(case, cast, moved):
    survivor = a_case(cast.carla, "Told again.")
    joining.join(case, survivor, by=cast.sam)
    start = latest_entry()
    agreeing.agree(moved, by=cast.carla)
    assert kinds(survivor, start) == [Kind.PROMISE_AGREED]
    assert first_promise(case).state == "renegotiated"


def test_the_case_page_says_that_it_was_asked_and_what_came_of_it(case, cast, moved):
    nadia = signed_in(cast.nadia)
    assert "The status page asks Carla whether this is all right" in said(nadia.get(case.get_absolute_url()))
    agreeing.agree(moved, by=cast.carla)
    page = said(nadia.get(case.get_absolute_url()))
    assert "Carla says that this is all right" in page
    assert "Carla agreed to Wed 11 Mar, 10:00" in page


@pytest.mark.parametrize("answer", [agreeing.agree, agreeing.disagree])
def test_whoever_answers_is_not_silent(case, cast, moved, answer):
    proposed(case, cast.nadia)
    answer(moved, by=cast.carla)
    assert not case.reminders.filter(waived_at=None).exists()
    assert fresh(case).state == "proposed", "What was proposed can still be answered."


@pytest.mark.parametrize(("words", "stands"), [("", True), ("I am away.", False)])
def test_thanks_with_a_yes_take_no_earlier_yes_back_and_more_words_to_a_no_do(case, cast, words, stands):
    subtasks.ask(case, cast.hardware, "Which board?", by=cast.nadia)
    answering.say_yes(case, by=cast.carla)
    owed = case.promises.owed().get()
    first = promises.move(owed, pledge(), reason="Late.", by=cast.nadia)
    agreeing.agree(first, words="Thank you.", by=cast.carla)
    assert fresh(case).yes_at
    second = promises.move(first, pledge(hours=30), reason="Later.", by=cast.nadia)
    agreeing.disagree(second, words=words, by=cast.carla)
    assert bool(fresh(case).yes_at) is stands


@pytest.mark.parametrize("answer", [agreeing.agree, agreeing.disagree])
def test_of_what_is_over_nothing_is_asked(case, cast, moved, answer):
    closing.override(case, reason="A double.", by=cast.sam)
    with pytest.raises(Conflict):
        answer(moved, by=cast.carla)


def test_a_no_without_words_is_no_message(case, cast, moved):
    conversation.write_to_customer(case, "We are on it.", by=cast.nadia)
    before = case.messages.count()
    agreeing.disagree(moved, by=cast.carla)
    assert case.messages.count() == before
