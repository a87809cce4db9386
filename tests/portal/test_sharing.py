"""Who took part in a case that was joined into another: they still reach what goes on, and read nothing from before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case, Participant
from cases.verbs import (
    answering,
    confidentiality,
    conversation,
    joining,
    participants,
    promises,
    proposing,
    subtasks,
)
from customers import identity
from portal.links import participant_path, reader_behind
from supportdesk import clock
from supportdesk.errors import NotAllowed
from tests.cast import TUESDAY, a_case, first_promise, fresh, kinds, pledge, takes_part
from tests.pages import said, signed_in
from tests.portal.conftest import press, words

CANARY = "canary-4711"
NOON, ONE, TWO = (TUESDAY + timedelta(hours=hours) for hours in (2, 3, 4))


@pytest.fixture
def dora(cast):
    return identity.recognise("Dora Conti", mail="dora@home.example", zone="Europe/London")


@pytest.fixture
def again(case, cast) -> Case:
    """Carla tells the same problem an hour later."""
    with clock.at(TUESDAY + timedelta(hours=1)):
        return a_case(cast.carla, "Still no upgrade, and nobody writes.")


@pytest.fixture
def daughter(again, cast, dora) -> Participant:
    """Dora takes part in what is told the second time, reads everything of it, and answers for Carla."""
    return takes_part(again, dora, sees="messages", speaks_for=True, by=cast.nadia)


def told_before(case: Case, cast) -> None:
    """Words on the other telling, in every place that a page of somebody who takes part could show."""
    Case.objects.filter(pk=case.pk).update(subject=CANARY)
    conversation.customer_writes(case, CANARY, by=cast.carla)
    conversation.write_to_customer(case, CANARY, by=cast.nadia)
    promises.make(case, pledge(CANARY, hours=3), by=cast.nadia)
    subtasks.ask(case, cast.hardware, CANARY, plain_words=CANARY, by=cast.nadia)


@pytest.fixture
def joined(again, case, cast, daughter):
    told_before(case, cast)
    with clock.at(NOON):
        joining.join(again, case, by=cast.nadia)
        yield fresh(again)


def page_of(client, participant: Participant):
    return client.get(participant_path(fresh(participant)))


def test_their_link_leads_to_what_goes_on_and_shows_nothing_from_before(client, joined, case, daughter):
    reader = reader_behind(participant_path(daughter).split("/")[3])
    assert (reader.case, reader.participant) == (case, daughter)
    page = page_of(client, daughter)
    assert page.status_code == 200
    assert CANARY not in page.content.decode()
    read = words(page)
    assert "Carla Conti’s problem: “Still no upgrade, and nobody writes”" in read
    assert "Still no upgrade, and nobody writes." in read
    assert f"The number of this problem is {joined.number}." in read
    assert "Promised to Carla: “be in touch with you”" in read, "What was promised on theirs was carried over."


def test_the_next_step_is_told_by_its_time_also_where_its_words_are_not_theirs(client, joined, daughter):
    assert "The next step: by Tuesday 10 March, 1 pm." in words(page_of(client, daughter))


def test_what_comes_after_the_joining_they_read(client, joined, case, cast, daughter):
    with clock.at(ONE):
        conversation.customer_writes(case, "Both fail.", by=cast.carla)
        conversation.write_to_customer(case, "I have both before me.", by=cast.nadia)
        promises.make(case, pledge("send both keys"), by=cast.nadia)
        subtasks.ask(case, cast.warranty, "x", plain_words="the keys are being made", by=cast.nadia)
        read = words(page_of(client, daughter))
    for since in ("Both fail.", "I have both before me.", "send both keys", "the keys are being made"):
        assert since in read
    assert CANARY not in read


def test_a_proposal_from_before_is_told_without_its_words(client, again, case, cast, daughter):
    told = {"kind": "solved", "why_none": "x"}
    with clock.at(NOON - timedelta(minutes=1)):
        proposing.propose(case, words=CANARY, **told, by=cast.nadia)
    with clock.at(NOON):
        joining.join(again, case, by=cast.nadia)
        assert CANARY not in page_of(client, daughter).content.decode()
        answering.say_not_yet(case, by=cast.carla)
        proposing.propose(case, words="Both keys are there.", **told, by=cast.nadia)
        assert "Both keys are there." in words(page_of(client, daughter))


def test_who_sees_the_status_reads_no_words_at_all(client, joined, case, cast, daughter):
    participants.change(daughter, relation="her daughter", sees="status", speaks_for=False, by=cast.nadia)
    with clock.at(ONE):
        conversation.customer_writes(case, "Both fail.", by=cast.carla)
        read = words(page_of(client, daughter))
    assert "Both fail." not in read and "Still no upgrade" not in read
    assert f"Carla Conti’s problem, number {joined.number}" in read


def test_who_took_part_in_the_one_that_goes_on_reads_what_comes_after_and_not_what_was_told_twice(
    client, again, case, cast, dora
):
    participant = takes_part(case, dora, sees="messages", by=cast.nadia)
    told_before(again, cast)
    with clock.at(NOON):
        joining.join(again, case, by=cast.nadia)
        conversation.customer_writes(again, "Both fail.", by=cast.carla)
        page = words(page_of(client, participant))
    assert "The upgrade I paid for fails." in page and "Both fail." in page
    assert CANARY not in page, "A promise or a part that was carried over was never told to them."


def test_joined_further_they_read_of_each_what_came_after_it(client, joined, case, cast, daughter):
    with clock.at(ONE):
        conversation.customer_writes(case, "Since the first joining.", by=cast.carla)
        third = a_case(cast.carla, "A third time.")
        conversation.customer_writes(third, "Before the second joining.", by=cast.carla)
    with clock.at(TWO):
        joining.join(case, third, by=cast.nadia)
        conversation.customer_writes(third, "Since the second joining.", by=cast.carla)
        read = words(page_of(client, daughter))
    assert "Since the first joining." in read and "Since the second joining." in read
    assert "Before the second joining." not in read and CANARY not in read


def test_they_add_something_to_what_goes_on_in_their_own_name(browser, joined, case, cast, daughter):
    press(browser, f"{participant_path(daughter)}add/", words="I am with her.")
    message = case.messages.get(body="I am with her.")
    assert message.participant == daughter
    assert kinds(case)[-1] == "message_from_customer"
    assert "Dora Conti her daughter" in said(signed_in(cast.nadia).get(case.get_absolute_url()))


def test_nobody_answers_what_they_have_not_read(browser, joined, case, cast, daughter, dora):
    told = {"kind": "solved", "words": "Both keys are there.", "why_none": "x"}
    proposing.propose(case, **told, by=cast.nadia)
    page = browser.get(participant_path(daughter))
    assert "Only Carla says when it is over." in words(page)
    assert browser.get(f"{participant_path(daughter)}yes/").status_code == 404
    with pytest.raises(NotAllowed):
        answering.say_yes(case, by=dora)
    # Added where it goes on, they read all of it, and answer.
    whole = takes_part(case, dora, sees="messages", speaks_for=True, by=cast.nadia)
    assert CANARY in browser.get(participant_path(whole)).content.decode()
    answering.say_yes(case, by=dora)
    assert case.entries.get(kind="customer_said_yes").participant == whole


def test_the_owner_of_what_goes_on_sees_them_and_ends_it(client, joined, case, cast, daughter):
    nadia = signed_in(cast.nadia)
    page = said(nadia.get(case.get_absolute_url()))
    assert f"Dora Conti her daughter Sees everything that Carla sees of {joined.number}" in page
    assert "does not answer for Carla here" in page
    looked = nadia.get(f"/help/view/taking-part/{daughter.pk}/")
    assert participant_path(daughter) in looked.content.decode() and CANARY not in looked.content.decode()
    nadia.post(f"/participants/{daughter.pk}/end/")
    assert kinds(case)[-1] == "participant_ended"
    assert page_of(client, daughter).status_code == 404


def test_nobody_looks_at_their_page_who_may_not_see_what_goes_on(joined, case, cast, daughter):
    confidentiality.make_confidential(case, reason="Her health.", by=cast.nadia)
    assert signed_in(cast.wanda).get(f"/help/view/taking-part/{daughter.pk}/").status_code == 404


def test_taken_out_again_they_take_part_as_before(client, joined, case, cast, daughter):
    with clock.at(ONE):
        conversation.customer_writes(case, "Both fail.", by=cast.carla)
        joining.undo(joined, by=cast.nadia)
        read = words(page_of(client, daughter))
    assert "Still no upgrade, and nobody writes." in read and "Both fail." not in read
    assert "You may answer for Carla." in read
    assert first_promise(joined).case == joined


def test_it_is_said_before_they_are_joined(again, case, cast, daughter):
    page = said(signed_in(cast.nadia).get(f"{again.get_absolute_url()}join/"))
    assert "Dora Conti goes on taking part" in page
    assert "They no longer answer for Carla; add them to the other case if they should." in page


def test_their_page_takes_few_queries_however_often_it_was_told(
    client, joined, case, cast, daughter, django_assert_max_num_queries
):
    for _ in range(4):
        joining.join(a_case(cast.carla, "Once more."), case, by=cast.nadia)
    path = participant_path(daughter)
    with django_assert_max_num_queries(12):
        client.get(path)
