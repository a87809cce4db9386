"""The page of somebody who takes part: a link of their own, and no more on it than they may see."""

from __future__ import annotations

import pytest
from django.db.models import F

from cases.models import Case, Participant
from cases.verbs import answering, closing, conversation, participants, proposing, subtasks
from customers import identity, merging
from portal.links import LIVES_AFTER_CLOSING, case_behind, participant_path, reader_behind, status_path
from supportdesk import clock
from tests.cast import TUESDAY, a_case, everything, fresh, proposed, takes_part
from tests.portal.conftest import press, words
from tests.portal.test_links import MUTATIONS

SPEAKS = {"sees": "messages", "speaks_for": True}


@pytest.fixture
def dora(cast):
    return identity.recognise("Dora Conti", mail="dora@home.example", zone="Europe/London")


@pytest.fixture
def daughter(case, cast, dora) -> Participant:
    return takes_part(case, dora, by=cast.nadia)


@pytest.fixture
def speaker(case, cast, dora) -> Participant:
    return takes_part(case, dora, **SPEAKS, by=cast.nadia)


def token_of(participant: Participant) -> str:
    return participant_path(participant).split("/")[3]


# -- the link ----------------------------------------------------------------------------------------------------------


def test_each_has_a_link_of_their_own_and_the_customers_stays(case, daughter, link, client):
    assert participant_path(daughter) != link
    assert (reader_behind(token_of(daughter)).participant, case_behind(token_of(daughter))) == (daughter, None)
    assert client.get(link).status_code == client.get(participant_path(daughter)).status_code == 200


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_token_that_is_not_theirs_leads_to_the_same_nowhere(case, cast, daughter, client, mutation):
    other = takes_part(case, cast.mallory, by=cast.nadia)
    elsewhere = takes_part(_another_case(cast), cast.mallory, by=cast.sam)
    mutated = mutation(*token_of(daughter).split("."), token_of(elsewhere).split("."))
    assert mutated not in (token_of(daughter), token_of(other))
    assert reader_behind(mutated) is None
    if "\0" not in mutated and "\n" not in mutated and "/" not in mutated and len(mutated) < 1000:
        answer = client.get(f"/help/c/{mutated}/")
        assert answer.status_code == 404
        assert answer.content == client.get("/help/c/x/").content


def _another_case(cast):
    return a_case(cast.carla, "The scanner scans nothing.")


def test_ended_the_link_is_dead_at_once_and_never_lives_again(case, cast, daughter, dora, client):
    path = participant_path(daughter)
    participants.end(daughter, by=cast.nadia)
    nowhere = client.get("/help/c/x/").content
    assert client.get(path).content == nowhere
    assert client.get(path + "add/").content == nowhere
    again = takes_part(case, dora, by=cast.nadia)
    assert client.get(path).content == nowhere
    assert client.get(participant_path(again)).status_code == 200


@pytest.mark.parametrize("model", [Case, Participant])
def test_a_raised_version_of_either_makes_it_dead(case, daughter, model):
    token = token_of(daughter)
    model.objects.update(link_version=F("link_version") + 1)
    assert reader_behind(token) is None


def test_it_is_bound_to_the_person_and_to_the_desks_secret(case, cast, daughter, settings):
    token = token_of(daughter)
    Participant.objects.update(person=cast.mallory)
    assert reader_behind(token) is None
    Participant.objects.update(person=daughter.person)
    assert reader_behind(token).participant == daughter
    settings.SECRET_KEY = "another secret"
    assert reader_behind(token) is None


def test_it_lives_as_long_as_the_customers(case, cast, daughter):
    closing.override(case, reason="x", by=cast.sam)
    with clock.at(TUESDAY + LIVES_AFTER_CLOSING):
        assert reader_behind(token_of(daughter))
    with clock.at(TUESDAY + LIVES_AFTER_CLOSING * 1.01):
        assert reader_behind(token_of(daughter)) is None


def test_merging_gives_nobody_anything_to_read(case, cast, link, client):
    other = _another_case(cast)
    merging.merge(cast.mallory, cast.carla, by=cast.ben)
    page = words(client.get(link))
    assert case.subject in page and other.subject not in page


# -- what stands on it -------------------------------------------------------------------------------------------------

CANARY = "canary-4711"


def full_of_canaries(case, cast):
    """Words of the customer and of ours in every place that holds some."""
    Case.objects.filter(pk=case.pk).update(subject=CANARY, desired_outcome=CANARY)
    case.preferences.update(words=CANARY)
    conversation.customer_writes(case, CANARY, by=cast.carla)
    conversation.write_to_customer(case, CANARY, by=cast.nadia)
    conversation.note(case, CANARY, by=cast.nadia)
    subtasks.ask(case, cast.hardware, CANARY, plain_words="the lab is looking", by=cast.nadia)
    proposing.propose(case, kind="solved", words=CANARY, meets=case.preferences.first(), given_as="owed", by=cast.nadia)


def test_who_sees_the_status_reads_who_what_and_by_when_and_no_words(client, case, cast, daughter):
    path = participant_path(daughter)
    page = words(client.get(path))
    assert "Nadia Novak is looking after this. The next step: by Tuesday 10 March, 2 pm." in page
    assert "Promised to Carla: “be in touch with you”" in page
    assert "Carla told us" in page and "Then: we ask Carla whether it is solved" in page
    assert "You take part as her daughter. Only Carla says when it is over." in page
    full_of_canaries(fresh(case), cast)
    for one in (path, path + "add/"):
        page = client.get(one)
        assert page.status_code == 200
        assert CANARY not in page.content.decode()
    assert "Now: we ask Carla whether it is over" in words(client.get(path))


def test_who_sees_messages_reads_what_the_customer_reads_and_nothing_inside(client, case, cast, dora):
    participant = takes_part(case, dora, sees="messages", by=cast.nadia)
    conversation.customer_writes(case, "It fails.", by=cast.carla)
    conversation.customer_writes(case, "I am with her.", by=dora)
    conversation.note(case, CANARY, by=cast.nadia)
    page = words(client.get(participant_path(participant)))
    assert "Carla Conti on this page" in page and "It fails." in page
    assert "You on this page" in page and "I am with her." in page
    assert CANARY not in page


def test_the_customer_reads_who_else_said_something(client, case, cast, dora, daughter, link):
    conversation.customer_writes(case, "I am with her.", by=dora)
    assert "Dora Conti on this page" in words(client.get(link))


@pytest.mark.parametrize("state", ["late", "asked", "agreed", "over", "overridden"])
def test_every_state_has_a_sentence_and_none_of_the_desks_words(client, case, cast, speaker, state):
    now = TUESDAY
    if state == "late":
        now = TUESDAY.replace(hour=16)
    elif state == "overridden":
        closing.override(case, reason="x", by=cast.sam)
    else:
        if state == "agreed":
            subtasks.ask(case, cast.hardware, "Look.", by=cast.nadia)
        proposed(case, cast.nadia)
        if state != "asked":
            answering.say_yes(case, by=cast.carla)
    with clock.at(now):
        answer = client.get(participant_path(speaker))
    page = words(answer)
    sentence = {
        "late": "We said Tuesday 10 March, 2 pm, and we are late.",
        "asked": "Nadia Novak has proposed how this ends. Is it over for Carla?",
        "agreed": "We have Carla’s yes. We finish one thing, then it is over.",
        "over": "It is over. We were told so on Tuesday 10 March, 10 am.",
        "overridden": "We have ended this on Tuesday 10 March, 10 am, without a yes.",
    }[state]
    assert sentence in page
    assert {"case", "ticket", "closed", "resolved"}.isdisjoint(word.strip(".,:?!“”").lower() for word in page.split())
    assert b"<script" not in answer.content


# -- what they do ------------------------------------------------------------------------------------------------------


def test_they_add_something_under_their_own_name(browser, case, daughter, dora):
    answer = press(browser, participant_path(daughter) + "add/", words="She is in hospital.")
    assert answer["Location"] == participant_path(daughter)
    assert case.entries.get(kind="message_from_customer").customer == dora
    assert "We have it. Nadia reads it." in words(browser.get(participant_path(daughter)))


@pytest.mark.parametrize("act", ["yes/", "not-yet/"])
def test_without_leave_to_answer_the_answers_are_not_there(browser, case, cast, daughter, act):
    proposed(case, cast.nadia)
    before = everything()
    nowhere = browser.get("/help/c/x/").content
    path = participant_path(daughter)
    assert browser.get(path + act).content == nowhere
    assert "Not yet" not in words(browser.get(path))
    token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""
    browser.post(path + act, {"words": "", "csrfmiddlewaretoken": token})
    assert everything() == before


def test_who_answers_says_yes_in_their_own_name(browser, case, cast, speaker, dora):
    proposed(case, cast.nadia)
    path = participant_path(speaker)
    assert "You answer for Carla: what you say here is said under your own name." in words(browser.get(path + "yes/"))
    assert press(browser, path + "yes/", words="")["Location"] == path
    assert (fresh(case).outcome, case.entries.get(kind="customer_said_yes").customer) == ("confirmed", dora)
    press(browser, path + "not-yet/", words="She says it is back.")
    assert case.entries.get(kind="customer_said_not_yet").customer == dora


def test_staff_see_it_with_nothing_to_press(client, case, cast, daughter):
    client.force_login(cast.olga)
    answer = client.get(f"/help/view/taking-part/{daughter.pk}/")
    assert "You see what Dora Conti sees." in words(answer)
    assert "Add something" not in words(answer) and b"<form" not in answer.content


def test_reading_changes_nothing_and_costs_at_most_twelve_queries(
    client, case, cast, speaker, django_assert_max_num_queries
):
    for turn in range(20):
        conversation.customer_writes(case, f"Message {turn}", by=speaker.person)
        person = identity.recognise(f"P {turn}", mail=f"p{turn}@home.example")
        takes_part(case, person, by=cast.nadia)
    path = participant_path(speaker)
    before = everything()
    with django_assert_max_num_queries(12):
        assert client.get(path).status_code == 200
    client.head(path)
    client.get(path + "yes/", {"words": "x"})
    assert everything() == before
    assert status_path(case) not in client.get(path).content.decode()
