"""What is taken out is gone from every place, and what stays says nothing about anybody."""

from __future__ import annotations

import json
import re

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from cases.models import Case, Message, Participant
from cases.verbs import answering, conversation, joining, ownership, promises, proposing, subtasks
from cases.verbs.promises import Pledge
from customers.addresses import add as add_address
from customers.identity import recognise
from customers.models import Address, Customer
from escalations import flags
from escalations.rules import BY_NAME
from portal.links import status_path
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused
from supportdesk.models import Erasure
from supportdesk.privacy import again, verbs
from tests.cast import TUESDAY, WEDNESDAY, a_case, everything, first_promise, fresh, kinds, latest_entry, takes_part
from tests.pages import said, signed_in

CARD = "4929 1111 2222 3333"
CANARY = "Ottokar"

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def ada(cast):
    cast.sam.is_admin = True
    cast.sam.save(update_fields=["is_admin"])
    return cast.sam


@pytest.fixture(autouse=True)
def own_list(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def a_long_story(cast, about: str) -> Case:
    """A case with this word in every kind of text that verbs write."""
    case = a_case(
        recognise(f"{about} Conti", mail=f"{about}@customer.example"),
        f"{about}: the upgrade fails.",
        desired_outcome=f"{about} gets it",
        preferences=(f"{about} works",),
        subject=f"{about} has no upgrade",
    )
    owner = case.owner
    conversation.note(case, f"{about} sounds tired.", by=owner)
    conversation.write_to_customer(case, f"Dear {about}", by=owner)
    conversation.customer_writes(case, f"I am {about}.", by=case.customer)
    promises.make(case, Pledge(f"call {about}", WEDNESDAY), by=owner)
    promises.move(first_promise(case), Pledge(f"write to {about}", WEDNESDAY), reason=f"{about} is out", by=owner)
    part = subtasks.ask(case, cast.hardware, f"Help {about}", plain_words=f"Helping {about}", by=owner)
    subtasks.done(part, outcome=f"{about} is helped", by=cast.olga)
    other = cast.ben if owner != cast.ben else cast.nadia
    ownership.give_back(
        ownership.hand_over(case, other, brief=f"{about} wants it", by=owner), reason=f"{about} knows you", by=other
    )
    with clock.at(WEDNESDAY):
        promises.break_due(WEDNESDAY)
        flags.raise_all(BY_NAME["promise_broken"], WEDNESDAY)
        proposing.propose(case, kind="solved", words=f"{about} has it", why_none=f"{about} named none", by=owner)
        ownership.take_over(case, reason=f"{about} asked for somebody else", by=cast.sue)
    return fresh(case)


def everything_written() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in apps.get_models()]
        found = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            found.append(cursor.fetchone()[0])
    return "\n".join(found)


class TestRedacting:
    def test_a_passage_goes_from_every_place_however_it_is_written(self, cast, case, ada):
        conversation.customer_writes(case, f"My card is {CARD}.", by=cast.carla)
        conversation.note(case, "Card 4929\n1111  2222 3333 given", by=cast.nadia)
        assert verbs.redact(case, CARD, grounds="payment", by=ada) == 3  # the message, the list's line, the note
        assert not re.search(r"2222\s+3333", everything_written())
        assert case.messages.latest("pk").body == "My card is [taken out]."
        assert fresh(case).latest_words == "My card is [taken out]."

    def test_the_entry_says_who_and_what_kind_never_the_content(self, cast, case, ada):
        conversation.customer_writes(case, f"My card is {CARD}.", by=cast.carla)
        before = latest_entry()
        verbs.redact(case, CARD, grounds="payment", by=ada)
        assert kinds(case, before) == ["redacted"]
        entry = case.entries.latest("pk")
        assert (entry.agent, entry.data) == (ada, {"what": "a passage", "grounds": "payment", "places": 2})

    def test_the_first_words_too(self, cast, ada):
        case = a_case(cast.carla, f"You charged {CARD} twice.")
        verbs.redact(case, CARD, grounds="payment", by=ada)
        assert fresh(case).problem == "You charged [taken out] twice."

    def test_what_stands_nowhere_changes_nothing(self, case, ada):
        before = everything()
        assert verbs.redact(case, "nowhere to be found", grounds="wish", by=ada) == 0
        assert everything() == before

    def test_other_cases_keep_their_words(self, cast, case, ada):
        other = a_case(cast.mallory)
        verbs.redact(case, "upgrade", grounds="wish", by=ada)
        assert "upgrade" in fresh(other).problem

    @pytest.mark.parametrize("who", ["nadia", "sam", "carla"])
    def test_only_an_administrator_may(self, cast, case, who):
        with pytest.raises(NotAllowed):
            verbs.redact(case, "upgrade", grounds="wish", by=getattr(cast, who))

    @pytest.mark.parametrize("passage", ["", "  ", "ab", "x" * 2_001])
    def test_too_little_or_too_much_is_refused(self, case, ada, passage):
        with pytest.raises(Refused):
            verbs.redact(case, passage, grounds="wish", by=ada)

    def test_grounds_are_asked_for(self, case, ada):
        with pytest.raises(Refused, match="grounds"):
            verbs.redact(case, "upgrade", grounds="because", by=ada)

    def test_afterwards_the_words_are_written_once_again(self, case, ada):
        verbs.redact(case, "upgrade", grounds="wish", by=ada)
        with pytest.raises(DatabaseError), transaction.atomic():
            Message.objects.filter(case=case).update(body="Other words.")

    def test_the_page_says_how_often_it_stood_there(self, cast, case, ada):
        desk = signed_in(ada)
        assert signed_in(cast.nadia).get(f"/privacy/cases/{case.number}/redact/").status_code == 403
        assert desk.get(f"/privacy/cases/{case.number}/redact/").status_code == 200
        answer = desk.post(
            f"/privacy/cases/{case.number}/redact/", {"passage": "upgrade", "grounds": "wish"}, follow=True
        )
        assert "Taken out of" in said(answer)
        assert "upgrade" not in everything_written()
        nowhere = desk.post(f"/privacy/cases/{case.number}/redact/", {"passage": "upgrade", "grounds": "wish"})
        assert nowhere.status_code == 422 and "stand nowhere" in said(nowhere)


class TestErasing:
    def ended(self, cast):
        case = a_long_story(cast, CANARY)
        return answering.say_yes(case, by=case.customer, words=f"Thank you, says {CANARY}.")

    def test_nothing_of_the_person_is_left_anywhere(self, cast, ada):
        case = self.ended(cast)
        assert everything_written().count(CANARY) > 20
        verbs.erase(case.customer, grounds="wish", by=ada)
        assert CANARY.lower() not in everything_written().lower()
        assert CANARY not in said(signed_in(ada).get(case.get_absolute_url()))

    def test_figures_stay(self, cast, ada):
        case = self.ended(cast)
        before = list(case.entries.values_list("kind", "at", "agent"))
        verbs.erase(case.customer, grounds="wish", by=ada)
        after = fresh(case)
        assert (after.owner, after.opened_at, after.closed_at, after.outcome) == (
            case.owner, case.opened_at, case.closed_at, case.outcome,
        )  # fmt: skip
        assert list(case.entries.values_list("kind", "at", "agent"))[: len(before)] == before
        assert case.promises.filter(state="broken").exists()

    def test_the_address_is_a_strangers_from_now_on(self, cast, ada):
        case = self.ended(cast)
        verbs.erase(case.customer, grounds="wish", by=ada)
        assert not Address.objects.filter(customer=case.customer).exists()
        assert recognise("Somebody new", mail=f"{CANARY}@customer.example") != case.customer

    def test_the_link_is_dead(self, cast, ada, client):
        case = self.ended(cast)
        link = status_path(case)
        assert client.get(link).status_code == 200
        verbs.erase(case.customer, grounds="wish", by=ada)
        assert client.get(link).status_code == 404

    def test_a_session_forgets_what_was_sent_from_it(self, cast, ada):
        case = self.ended(cast)
        session = SessionStore()
        session["portal.sent"] = {"case": case.pk, "name": CANARY}
        session.create()
        verbs.erase(case.customer, grounds="wish", by=ada)
        assert not SessionStore().exists(session.session_key)

    @pytest.mark.parametrize(
        ("typed", "forgotten"),
        [
            ({"mail": f" {CANARY}@Customer.example "}, True),
            ({"phone": "+39 06 1234 5678"}, True),
            ({"mail": "somebody@else.example"}, False),
            ({}, False),
        ],
    )
    def test_a_session_forgets_what_they_typed_and_did_not_send(self, cast, ada, typed, forgotten):
        case = self.ended(cast)
        add_address(case.customer, "phone", "+390612345678", by=cast.nadia)
        session = SessionStore()
        session["portal.draft"] = {"once": "x", "words": "It fails.", **typed}
        session.create()
        verbs.erase(case.customer, grounds="wish", by=ada)
        assert SessionStore().exists(session.session_key) is not forgotten

    @pytest.mark.parametrize("joined", [False, True])
    def test_what_they_added_goes_also_where_lists_show_it(self, cast, case, ada, joined):
        person = recognise(f"{CANARY} Conti", mail=f"{CANARY}@customer.example")
        takes_part(case, person, relation=f"{CANARY}, her son", sees="messages", by=cast.nadia)
        if joined:
            joining.join(case, a_case(cast.carla, "Once more."), by=cast.nadia)
        conversation.customer_writes(case, f"I am {CANARY}.", by=person)
        assert CANARY in Case.objects.behind(case.pk).get().latest_words
        verbs.erase(person, grounds="wish", by=ada)
        assert CANARY.lower() not in everything_written().lower()

    def test_what_they_wrote_on_other_peoples_problems_goes(self, cast, case, ada):
        person = recognise(f"{CANARY} Conti", mail=f"{CANARY}@customer.example")
        Participant.objects.create(
            case=case, person=person, relation=f"{CANARY}, her son", added_at=TUESDAY, added_by_agent=cast.nadia
        )
        verbs.erase(person, grounds="wish", by=ada)
        assert CANARY.lower() not in everything_written().lower()
        assert "upgrade" in fresh(case).problem

    def test_all_rows_of_one_person_go_together(self, cast, ada):
        case = self.ended(cast)
        other = recognise(f"{CANARY} again", mail=f"{CANARY}@work.example")
        Customer.objects.filter(pk=other.pk).update(merged_into=case.customer)
        verbs.erase(other, grounds="wish", by=ada)
        assert CANARY.lower() not in everything_written().lower()

    def test_an_open_problem_is_ended_first(self, cast, case, ada):
        with pytest.raises(Refused) as refusal:
            verbs.erase(cast.carla, grounds="wish", by=ada)
        assert [hindrance.anchor for hindrance in refusal.value.hindrances] == [case.get_absolute_url()]
        assert fresh(cast.carla).erased_at is None

    def test_a_second_time_is_silent(self, cast, ada):
        case = self.ended(cast)
        verbs.erase(case.customer, grounds="wish", by=ada)
        before = everything()
        verbs.erase(fresh(case.customer), grounds="wish", by=ada)
        assert everything() == before

    @pytest.mark.parametrize("who", ["nadia", "sam"])
    def test_only_an_administrator_may(self, cast, who):
        with pytest.raises(NotAllowed):
            verbs.erase(cast.mallory, grounds="wish", by=getattr(cast, who))

    def test_the_page_asks_for_the_name(self, cast, ada):
        case = self.ended(cast)
        page = f"/privacy/customers/{case.customer_id}/erase/"
        assert signed_in(cast.nadia).get(page).status_code == 403
        desk = signed_in(ada)
        assert case.number in said(desk.get(page))
        wrong = desk.post(page, {"grounds": "wish", "name": "Carla"})
        assert wrong.status_code == 422 and fresh(case.customer).erased_at is None
        desk.post(page, {"grounds": "wish", "name": f"{CANARY} Conti"})
        assert fresh(case.customer).erased_at == TUESDAY


class TestAgain:
    """An older backup brings back what was taken out; the list takes it out once more."""

    @pytest.mark.django_db(transaction=True)
    def test_the_list_is_kept_beside_the_database_without_the_words(self, cast, case, ada):
        verbs.redact(case, "upgrade", grounds="wish", by=ada)
        (line,) = again.file().read_text().splitlines()
        assert json.loads(line)["case_id"] == case.pk
        assert "upgrade" not in line
        assert line == next(again.lines())

    def test_words_that_came_back_go_again(self, cast, case, ada):
        conversation.customer_writes(case, f"{CARD} and {CARD}, I said {CARD}!", by=cast.carla)
        with transaction.atomic():
            before = transaction.savepoint()
            verbs.redact(case, CARD, grounds="payment", by=ada)
            redacted = case.messages.latest("pk").body
            lines = list(again.lines())
            transaction.savepoint_rollback(before)  # what a restored backup does
        assert CARD in case.messages.latest("pk").body
        assert again.do_again(lines) == 1
        assert case.messages.latest("pk").body == redacted
        assert CARD not in everything_written()
        assert again.do_again(lines) == 0

    def test_a_person_who_came_back_goes_again(self, cast, ada):
        case = TestErasing().ended(cast)
        with transaction.atomic():
            before = transaction.savepoint()
            verbs.erase(case.customer, grounds="wish", by=ada)
            lines = list(again.lines())
            transaction.savepoint_rollback(before)
        assert CANARY in everything_written()
        assert again.do_again(lines) == 1
        assert CANARY.lower() not in everything_written().lower()
        assert again.do_again(lines) == 0
        assert Erasure.objects.get().by == ada

    def test_the_command_prints_the_list_and_does_it_again(self, case, ada, tmp_path, capsys):
        verbs.redact(case, "upgrade", grounds="wish", by=ada)
        call_command("erasures")
        listed = tmp_path / "list"
        listed.write_text(capsys.readouterr().out)
        call_command("erasures", again=listed)
        assert "Nothing had come back." in capsys.readouterr().out

    def test_another_file_is_none_of_it(self, db, tmp_path):
        (tmp_path / "other").write_text('{"a": 1}\n')
        with pytest.raises(CommandError, match="list of erasures"):
            call_command("erasures", again=tmp_path / "other")
