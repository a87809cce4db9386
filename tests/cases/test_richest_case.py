"""A case on which everything has happened: its pages still ask little of the database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.models import Case
from cases.verbs import (
    amends,
    appeals,
    assurances,
    complaints,
    concessions,
    conversation,
    estimates,
    joining,
    ownership,
    promises,
    proposing,
    refusals,
    splitting,
    subtasks,
)
from escalations.sweep import sweep
from portal.links import status_path
from staff import absences
from staff.models import Company, Mandate
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, a_case, an_agent, first_promise, pledge, takes_part
from tests.pages import signed_in

MOST = 12
THURSDAY = WEDNESDAY + timedelta(days=1)
NO = {
    "asked": "A new laptop",
    "kind": "not_entitled",
    "ground": "The warranty ended in 2024.",
    "read_before": "The invoice of 3 May 2022.",
    "decider": "The warranty team",
}


@pytest.fixture
def richest(case, cast) -> Case:
    """Told twice, asked of two departments, estimated, refused, complained about, broken and made right, given
    something, offered to another who has not answered; the owner is away with a cover, and someone else asked for."""
    Mandate.objects.create(department=cast.support, refund_up_to=50, decider=cast.sam)
    Company.objects.update(head=cast.sue, ombudsperson=cast.wanda, ombudsperson_contact="At the gate.")
    again = a_case(cast.carla, "Told again.")
    subtasks.ask(again, cast.warranty, "Is it covered?", by=again.owner)
    joining.join(again, case, by=cast.nadia)
    a_case(cast.carla, "Another problem.")
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    subtasks.ask_later(part, THURSDAY, "The board is late.", by=cast.olga)
    promises.make(case, pledge(words="send the board", hours=30, backed_by=part), by=cast.nadia)
    conversation.attempt(case, "voice_mail", promise=first_promise(case), by=cast.nadia)
    conversation.write_to_customer(case, "We look into it.", by=cast.nadia)
    conversation.note(case, "The board is from 2024.", by=cast.ben)
    conversation.note_to_owner(case, "Ring her before noon.", by=cast.sam)
    assurances.take_call(case, "Nobody called me.", by=cast.ben)
    estimates.estimate(case, over_by=THURSDAY, by=cast.nadia)
    asked = concessions.give(case, "refund", amount=Decimal(90), words="Both", why="Twice.", by=cast.nadia)
    promises.make(case, pledge(words="tell you of the money", hours=50, backed_by_concession=asked), by=cast.nadia)
    concessions.give(case, "refund", amount=Decimal(20), words="One", why="Twice.", by=cast.nadia)
    takes_part(case, cast.mallory, by=cast.nadia)
    complaints.complain(case, "I was hung up on.", by=cast.carla)
    answered = complaints.complain(case, "I was hung up on again.", by=cast.carla)
    complaints.answer(answered, "We are sorry.", by=answered.owner)
    refusals.ask_for_another_look(refusals.refuse(case, **NO, by=cast.nadia), words="No.", by=cast.carla)
    refusals.refuse(case, **{**NO, "asked": "Two"}, by=cast.nadia)
    splitting.split_off(case, "The upgrade", by=cast.nadia)
    ownership.hand_over(case, cast.ben, brief="She is away.", by=cast.nadia)
    proposing.propose(case, kind="solved", words="Done.", why_none="It is a gift.", by=cast.nadia)
    appeals.ask(case, "Nobody listens to me.", by=cast.carla)
    with clock.at(TUESDAY + timedelta(hours=7)):
        sweep(clock.now())
        amends.make(
            first_promise(case),
            apology="You waited all afternoon, Carla, and I did not ring.",
            why="I had written down Thursday.",
            doing="I ring today at three.",
            next_promise=pledge(words="ring you", hours=40),
            by=cast.nadia,
        )
    absences.announce(cast.nadia, TUESDAY + timedelta(hours=8), THURSDAY, cast.olga, by=cast.nadia)
    with clock.at(WEDNESDAY):
        sweep(clock.now())
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def wednesday(richest):
    with clock.at(WEDNESDAY + timedelta(hours=1)):
        yield


@pytest.mark.usefixtures("wednesday")
class TestAsksAtMostTwelveQuestions:
    @pytest.mark.parametrize("who", ["nadia", "ben", "olga", "wanda", "sam", "sue"])
    def test_on_the_page_of_the_case(self, cast, richest, who, django_assert_max_num_queries):
        client = signed_in(getattr(cast, who))
        with django_assert_max_num_queries(MOST):
            assert client.get(richest.get_absolute_url()).status_code == 200

    @pytest.mark.parametrize("who", ["olga", "wanda", "sam"])
    def test_nor_where_an_answer_has_not_helped(self, cast, richest, who, django_assert_max_num_queries):
        tina = an_agent("Tina Thal", cast.hardware, is_supervisor=True)
        told = pledge(words="ring you again", hours=40)
        appeals.did_not_help(
            appeals.answer(richest.appeals.get(), "I know.", next_promise=told, by=tina), by=cast.carla
        )
        client = signed_in(getattr(cast, who))
        with django_assert_max_num_queries(MOST):
            page = client.get(richest.get_absolute_url())
        assert [may for _, may in page.context["appeals"]] == [who == "wanda"]

    def test_on_the_customers_page(self, client, richest, django_assert_max_num_queries):
        with django_assert_max_num_queries(MOST):
            assert client.get(status_path(richest)).status_code == 200

    @pytest.mark.parametrize("who", ["nadia", "sam"])
    def test_on_the_customers_page_as_staff_see_it(self, cast, richest, who, django_assert_max_num_queries):
        client = signed_in(getattr(cast, who))
        with django_assert_max_num_queries(MOST):
            assert client.get(f"/help/view/{richest.number}/").status_code == 200
