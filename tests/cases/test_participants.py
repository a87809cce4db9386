"""Other people who take part: what they may do, and that it is done in their own name."""

from __future__ import annotations

import pytest

from cases.models import Participant
from cases.verbs import answering, conversation, participants
from customers import identity, merging
from customers.models import Customer
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import a_case, at_once, everything, fresh, kinds, proposed, takes_part
from tests.pages import said, signed_in

SPEAKS = {"sees": "messages", "speaks_for": True}


@pytest.fixture
def dora(cast):
    return identity.recognise("Dora Conti", mail="dora@home.example")


def test_who_takes_part_adds_something_in_their_own_name(case, cast, dora):
    participant = takes_part(case, dora, by=cast.nadia)
    message = conversation.customer_writes(case, "She is in hospital.", by=dora)
    entry = case.entries.get(message=message)
    assert (message.participant, entry.customer, entry.participant) == (participant, dora, participant)
    assert fresh(case).latest_words == "She is in hospital."


def test_the_owner_reads_who_said_it_and_who_they_are(case, cast, dora):
    takes_part(case, dora, by=cast.nadia)
    conversation.customer_writes(case, "She is in hospital.", by=dora)
    announce()
    page = said(signed_in(cast.nadia).get(case.get_absolute_url()))
    assert "Dora Conti her daughter, on the status page, to us" in page
    assert "Dora Conti wrote" in said(signed_in(cast.nadia).get("/notices/"))


@pytest.mark.parametrize("end", [answering.say_yes, answering.say_not_yet])
def test_only_who_speaks_for_the_customer_answers(case, cast, dora, end):
    participant = takes_part(case, dora, sees="messages", by=cast.nadia)
    proposed(case, cast.nadia)
    before = everything()
    with pytest.raises(NotAllowed):
        end(case, by=dora)
    assert everything() == before
    participants.change(participant, relation="her daughter", **SPEAKS, by=cast.nadia)
    end(case, by=dora, words="I speak for her.")
    said_it = case.entries.get(kind__in=("customer_said_yes", "customer_said_not_yet"))
    assert (said_it.customer, said_it.participant, said_it.message.participant) == (dora, participant, participant)


def test_the_answer_is_told_with_their_name(case, cast, dora):
    takes_part(case, dora, **SPEAKS, by=cast.nadia)
    proposed(case, cast.nadia)
    answering.say_yes(case, by=dora)
    assert "Dora Conti said: yes, it is over" in said(signed_in(cast.nadia).get(case.get_absolute_url()))
    assert fresh(case).outcome == "confirmed"


def test_whoever_takes_part_no_more_says_nothing_more(case, cast, dora):
    participants.end(takes_part(case, dora, **SPEAKS, by=cast.nadia), by=cast.nadia)
    for act in (lambda: conversation.customer_writes(case, "x", by=dora), lambda: answering.say_yes(case, by=dora)):
        with pytest.raises(NotAllowed):
            act()


def test_taking_part_in_one_case_is_none_in_another(case, cast, dora):
    takes_part(case, dora, **SPEAKS, by=cast.nadia)
    with pytest.raises(NotAllowed):
        conversation.customer_writes(a_case(cast.carla), "x", by=dora)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"relation": " "}, "relation"),
        ({"relation": "x" * 81}, "relation"),
        ({"sees": "everything"}, "sees"),
        ({"sees": "status", "speaks_for": True}, "sees"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(case, cast, dora, facts, field):
    with pytest.raises(Refused) as refused:
        takes_part(case, dora, **facts, by=cast.nadia)
    assert refused.value.field == field
    assert not Participant.objects.exists()


def test_the_customer_does_not_take_part_in_their_own(case, cast):
    with pytest.raises(Refused, match="whose problem it is"):
        takes_part(case, cast.carla, by=cast.nadia)
    other = identity.recognise("C. C.", mail="c@work.example")
    merging.merge(cast.carla, other, by=cast.ben)
    with pytest.raises(Refused, match="whose problem it is"):
        takes_part(case, other, by=cast.nadia)


def test_the_same_person_otherwise_is_a_conflict(case, cast, dora):
    takes_part(case, dora, by=cast.nadia)
    with pytest.raises(Conflict, match="takes part already"):
        takes_part(case, dora, **SPEAKS, by=cast.nadia)


def test_ended_and_asked_back_they_take_part_anew(case, cast, dora):
    first = takes_part(case, dora, by=cast.nadia)
    participants.end(first, by=cast.nadia)
    with pytest.raises(Conflict, match="no longer takes part"):
        participants.change(first, relation="her lawyer", sees="status", speaks_for=False, by=cast.nadia)
    again = takes_part(case, dora, by=cast.nadia)
    assert again != first
    assert kinds(case).count("participant_added") == 2


@pytest.mark.django_db(transaction=True)
def test_added_by_two_at_once_they_take_part_once(cast, tuesday):
    case = a_case(cast.carla)
    dora = identity.recognise("Dora Conti", mail="dora@home.example")
    added = at_once(lambda: takes_part(case, dora, by=case.owner), lambda: takes_part(case, dora, by=cast.sam))
    assert added[0] == added[1]
    assert kinds(case).count("participant_added") == 1


class TestOnThePage:
    typed = {"name": "Dora Conti", "mail": "dora@home.example", "phone": "", "relation": "her daughter"}

    def add(self, case, agent, act="taking-part", **typed):
        return signed_in(agent).post(f"{case.get_absolute_url()}{act}/", {**self.typed, "sees": "status", **typed})

    def test_added_by_name_and_address(self, case, cast):
        assert self.add(case, cast.nadia).status_code == 302
        assert self.add(case, cast.nadia).status_code == 302, "Pressed twice."
        participant = case.participants.get()
        assert (participant.person.name, participant.sees, participant.speaks_for) == ("Dora Conti", "status", False)
        page = said(signed_in(cast.nadia).get(case.get_absolute_url()))
        assert "Dora Conti her daughter Sees who, what and by when View and copy the link Change End" in page

    def test_whoever_told_it_for_the_customer_answers_for_them(self, case, cast):
        self.add(case, cast.nadia, "told-by")
        assert case.participants.get().speaks_for
        assert "Sees everything that Carla sees, answers for Carla" in said(
            signed_in(cast.nadia).get(case.get_absolute_url())
        )

    def test_without_an_address_it_is_said_beside_the_field(self, case, cast):
        answer = self.add(case, cast.nadia, mail="")
        assert answer.status_code == 422
        assert "mail" in answer.context["form"].errors
        assert not Customer.objects.filter(name="Dora Conti").exists()

    def test_refused_nobody_is_made_a_customer(self, case, cast):
        assert self.add(case, cast.olga).status_code == 403
        assert not Customer.objects.filter(name="Dora Conti").exists()

    def test_changed_and_ended(self, case, cast, dora):
        participant = takes_part(case, dora, by=cast.nadia)
        nadia = signed_in(cast.nadia)
        typed = {"relation": "her lawyer", "sees": "messages", "speaks_for": "on"}
        assert nadia.get(f"/participants/{participant.pk}/change/").context["form"].initial["sees"] == "status"
        nadia.post(f"/participants/{participant.pk}/change/", typed)
        assert fresh(participant).speaks_for
        nadia.post(f"/participants/{participant.pk}/end/")
        assert fresh(participant).ended_at is not None

    def test_others_of_the_staff_see_them_and_change_nothing(self, case, cast, dora):
        participant = takes_part(case, dora, by=cast.nadia)
        page = said(signed_in(cast.olga).get(case.get_absolute_url()))
        assert "Dora Conti her daughter" in page and "copy the link" not in page
        view = signed_in(cast.olga).get(f"/help/view/taking-part/{participant.pk}/")
        assert view.status_code == 200 and b"/help/c/" not in view.content
        assert b"/help/c/" in signed_in(cast.nadia).get(f"/help/view/taking-part/{participant.pk}/").content

    def test_the_case_page_stays_within_twelve_queries(self, case, cast, django_assert_max_num_queries):
        for turn in range(15):
            takes_part(case, identity.recognise(f"P {turn}", mail=f"p{turn}@home.example"), by=cast.nadia)
        nadia = signed_in(cast.nadia)
        with django_assert_max_num_queries(12):
            nadia.get(case.get_absolute_url())
