"""Customers' pages for the staff: finding them, what they have been through, and changing what is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.been_through import been_through
from cases.models import Case, Complaint
from cases.verbs import answering, conversation, ownership, promises
from customers import identity, merging
from customers.models import Merging
from supportdesk import clock
from tests.cast import TUESDAY, a_case, first_promise, fresh, pledge, proposed
from tests.pages import said, signed_in

pytestmark = pytest.mark.usefixtures("tuesday")


class TestSearch:
    def test_says_what_can_be_looked_for_and_what_to_do_when_nobody_is_found(self, cast):
        nadia = signed_in(cast.nadia)
        assert "By a mail address, a telephone number" in said(nadia.get("/customers/"))
        assert "Nobody is known by this. Try the number alone" in said(nadia.get("/customers/?q=nobody"))

    @pytest.mark.parametrize("typed", ["{number}", "{pk}", "c-{pk}", "Conti", "carla@home.example"])
    def test_finds_by_number_name_and_address(self, case, cast, typed):
        typed = typed.format(number=case.number, pk=case.pk)
        page = signed_in(cast.olga).get("/customers/", {"q": typed})
        assert [row.title for row in page.context["rows"]] == ["Carla Conti"]
        assert "carla@home.example 1 open" in said(page)

    @pytest.mark.parametrize("typed", ["\0", "C-99999999999999999999", "' OR 1=1 --", "<script>alert(1)</script>"])
    def test_takes_whatever_is_typed(self, case, cast, typed):
        page = signed_in(cast.olga).get("/customers/", {"q": typed, "after": "~9"})
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()

    def test_costs_the_same_for_one_and_for_many(self, cast, django_assert_max_num_queries):
        for number in range(60):
            a_case(identity.recognise(f"Zoë Z{number}", mail=f"zoe{number}@home.example"))
        nadia = signed_in(cast.nadia)
        with django_assert_max_num_queries(12):
            first = nadia.get("/customers/", {"q": "zo"})
        second = nadia.get("/customers/", {"q": "zo", "after": first.context["after"]})
        shown = [row.pk for page in (first, second) for row in page.context["rows"]]
        assert len(shown) == len(set(shown)) == 60


class TestThePage:
    def test_leads_there_from_the_case_and_shows_how_to_reach_them(self, case, cast):
        nadia = signed_in(cast.nadia)
        assert f'href="/customers/{cast.carla.pk}/"' in nadia.get(case.get_absolute_url()).content.decode()
        page = said(nadia.get(f"/customers/{cast.carla.pk}/"))
        assert "carla@home.example" in page and "Europe/Rome" in page

    def test_shows_the_organisation_and_its_other_people(self, cast):
        nadia = signed_in(cast.nadia)
        for person in (cast.carla, cast.mallory):
            nadia.post(f"/customers/{person.pk}/organisation/", {"name": "Halden Choir"})
        page = said(nadia.get(f"/customers/{cast.carla.pk}/"))
        assert "Halden Choir Mallory Moss" in page

    def test_shows_open_problems_first(self, case, cast):
        over = a_case(cast.carla, "Solved long ago.")
        answering.say_yes(over, by=cast.carla)
        page = signed_in(cast.nadia).get(f"/customers/{cast.carla.pk}/")
        assert [(name, [row.pk for row in rows]) for name, _title, rows in page.context["groups"]] == [
            ("open", [case.pk]),
            ("over", [over.pk]),
        ]

    def test_of_a_merged_row_it_is_the_persons(self, case, cast):
        merging.merge(cast.mallory, cast.carla, by=cast.ben)
        nadia = signed_in(cast.nadia)
        assert nadia.get(f"/customers/{cast.carla.pk}/").url == f"/customers/{cast.mallory.pk}/"
        page = said(nadia.get(f"/customers/{cast.mallory.pk}/"))
        assert "The upgrade I paid for fails" in page and "carla@home.example" in page

    def test_stays_within_twelve_queries_with_a_thousand_problems(self, case, cast, django_assert_max_num_queries):
        copy_a_thousand_times(case)
        nadia = signed_in(cast.nadia)
        with django_assert_max_num_queries(12):
            page = nadia.get(f"/customers/{cast.carla.pk}/")
        shown, after = [row.pk for *_, rows in page.context["groups"] for row in rows], page.context["after"]
        while after:
            page = nadia.get(f"/customers/{cast.carla.pk}/", {"after": after})
            shown += [row.pk for *_, rows in page.context["groups"] for row in rows]
            after = page.context["after"]
        assert len(shown) == len(set(shown)) == 1001
        assert page.context["been_through"].problems == 1001

    def test_of_nobody_it_is_not_there(self, cast):
        assert signed_in(cast.nadia).get("/customers/999999/").status_code == 404


def copy_a_thousand_times(case) -> None:
    """As if they had told it again and again; half of these are over."""
    with clock.at(TUESDAY):
        for number in range(1000):
            values = {
                field.attname: getattr(case, field.attname)
                for field in Case._meta.concrete_fields
                if field.attname not in ("id", "key", "once", "next_promise_id", "next_step")
            }
            again = Case.objects.create(**values, next_step="nothing")
            again.entries.create(kind="opened", at=TUESDAY, actor="desk", owner=case.owner)
            if number % 2:
                closed = TUESDAY - timedelta(minutes=number // 4)
                Case.objects.filter(pk=again.pk).update(
                    state="closed", closed_at=closed, closed_by="desk", outcome="no_answer"
                )


class TestWhatTheyHaveBeenThrough:
    def test_tells_facts_about_us_in_words(self, case, cast):
        promises.keep(first_promise(case), said="We spoke.", next_promise=pledge("call you", 48), by=cast.nadia)
        promises.move(fresh(case).next_promise, pledge("call you", 72), reason="Ill.", by=cast.nadia)
        conversation.customer_writes(case, "Hello?", by=cast.carla)
        ownership.take_over(case, reason="Mine.", by=cast.sam)
        Complaint.objects.create(
            case=case, words="Rude.", owner=cast.sue, made_at=TUESDAY, due_at=TUESDAY + timedelta(days=7)
        )
        over = a_case(cast.carla, "Another.")
        proposed(over, over.owner)
        answering.say_yes(over, by=cast.carla)
        with clock.at(TUESDAY + timedelta(days=4)):
            told = been_through(cast.olga, cast.carla)
        assert (told.problems, told.open, told.promised, told.kept, told.moved, told.broken) == (2, 1, 3, 1, 1, 1)
        assert (told.wrote, told.complaints, told.outcomes) == (1, 1, (("confirmed by the customer", 1),))
        assert set(told.owners) == {"Nadia Novak", "Sam Sato", over.owner.name}
        page = said(signed_in(cast.olga).get(f"/customers/{cast.carla.pk}/"))
        assert "Told us two problems, one of them open." in page
        assert "Had to write or speak to us one more time." in page

    def test_is_told_of_the_whole_person(self, case, cast):
        merging.merge(cast.mallory, cast.carla, by=cast.ben)
        assert been_through(cast.olga, cast.mallory).problems == 1

    def test_of_somebody_without_a_problem_there_is_nothing(self, cast):
        assert been_through(cast.olga, cast.mallory).promised == 0
        assert "No problem of theirs is here." in said(signed_in(cast.olga).get(f"/customers/{cast.mallory.pk}/"))

    def test_costs_two_queries(self, case, cast, django_assert_num_queries):
        clock.now()
        with django_assert_num_queries(2):
            been_through(cast.sam, cast.carla)


class TestChanging:
    def test_an_address_is_added_and_ended(self, cast):
        nadia = signed_in(cast.nadia)
        nadia.post(f"/customers/{cast.carla.pk}/address/", {"kind": "mail", "value": "carla@work.example"})
        assert cast.carla.addresses.filter(added_by=cast.nadia).get().value == "carla@work.example"
        old = cast.carla.addresses.get(value="carla@home.example")
        assert nadia.get(f"/addresses/{old.pk}/end/").status_code == 200
        nadia.post(f"/addresses/{old.pk}/end/")
        assert fresh(old).ended_by == cast.nadia
        assert nadia.get(f"/addresses/{old.pk}/end/").status_code == 404

    def test_anothers_address_is_refused_beside_its_field(self, cast):
        answer = signed_in(cast.nadia).post(
            f"/customers/{cast.carla.pk}/address/", {"kind": "mail", "value": "mallory@home.example"}
        )
        assert answer.status_code == 409
        assert "This is Mallory Moss’s." in answer.context["form"].errors["value"][0]

    @pytest.mark.parametrize(
        "typed", ["mallory@home.example", "mall", "http://desk.example/customers/{pk}/", "{number}"]
    )
    def test_two_are_merged_and_made_two_again(self, case, cast, typed):
        nadia, theirs = signed_in(cast.nadia), a_case(cast.mallory)
        path = f"/customers/{cast.carla.pk}/merge/"
        assert "Carla Conti is also somebody else here" in said(nadia.get(path))
        nadia.post(path, {"other": typed.format(pk=cast.mallory.pk, number=theirs.number)})
        assert fresh(cast.mallory).merged_into == cast.carla
        page = said(nadia.get(f"/customers/{cast.carla.pk}/"))
        assert "Carla Conti and Mallory Moss are one person now." in page
        assert "Also known as Mallory Moss merged" in page
        merged = Merging.objects.get()
        nadia.post(f"/mergings/{merged.pk}/undo/")
        assert fresh(cast.mallory).merged_into is None

    def test_whoever_means_more_than_one_person_is_asked_to_say_whom(self, cast):
        identity.recognise("Mallory Marsh", mail="m@marsh.example")
        answer = signed_in(cast.nadia).post(f"/customers/{cast.carla.pk}/merge/", {"other": "mallory"})
        assert answer.status_code == 422
        assert "This means more than one person: Mallory Marsh, Mallory Moss." in said(answer)

    @pytest.mark.parametrize("typed", ["", "x", "999999", "99999999999999999999", "/customers/999999/", "carla"])
    def test_with_nobody_it_is_refused_beside_its_field(self, cast, typed):
        answer = signed_in(cast.nadia).post(f"/customers/{cast.carla.pk}/merge/", {"other": typed})
        assert answer.status_code == 422
        assert "other" in answer.context["form"].errors
