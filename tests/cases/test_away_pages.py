"""The pages about absences and people: what they show, refuse beside its field, and cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from cases.models import Handover, Notice, Promise
from cases.verbs import absences as told
from cases.verbs import (
    answering,
    complaints,
    concessions,
    confidentiality,
    conversation,
    ownership,
    promises,
    proposing,
    subtasks,
)
from escalations.sweep import sweep
from staff import absences
from staff.models import Absence, Agent, Mandate
from supportdesk import clock
from supportdesk.announce import announce
from tests.cases.test_cover import owned
from tests.cast import TUESDAY, WEDNESDAY, a_case, an_agent, everything, first_promise, fresh, pledge
from tests.pages import said, signed_in

THURSDAY = datetime(2026, 3, 12, 9, tzinfo=UTC)
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)
TYPED = "%Y-%m-%dT%H:%M"

pytestmark = pytest.mark.usefixtures("tuesday")


def typed(cover=None, starts_at=TUESDAY, ends_at=MONDAY, **more) -> dict:
    times = {"starts_at": starts_at, "ends_at": ends_at}
    asked = {name: f"{at:{TYPED}}" if at else "" for name, at in times.items()}
    return {**asked, "cover": cover.pk if cover else "", **more}


@pytest.fixture
def absence(case, cast) -> Absence:
    return absences.announce(cast.nadia, TUESDAY, THURSDAY, cast.ben, by=cast.nadia)


class TestBeforeAnnouncing:
    def test_shows_what_would_break_and_whom_to_call_first(self, case, cast):
        urgent = owned(cast.nadia, cast.mallory, priority=1)
        page = said(signed_in(cast.nadia).get("/away/", typed(cast.ben)))
        assert "These 2 promises break unless somebody keeps them" in page
        # Both are due at two; hers weighs more.
        assert f"Call {urgent.customer.name} first : mallory@home.example" in page
        assert "You are away from today 10:00 until Monday, and Ben Becker stands in. Announce it" in page

    def test_changes_nothing(self, case, cast):
        before = everything(), Absence.objects.count()
        signed_in(cast.nadia).get("/away/", typed(cast.ben))
        assert (everything(), Absence.objects.count()) == before

    def test_asks_for_a_cover_before_it_can_be_announced(self, case, cast):
        page = said(signed_in(cast.nadia).get("/away/", typed()))
        assert "Choose who stands in; then you can announce it." in page
        assert "Announce it" not in page and "There is a problem" not in page

    def test_says_beside_its_field_what_would_be_refused(self, case, cast):
        absences.announce(cast.ben, THURSDAY, MONDAY, cast.olga, by=cast.ben)
        page = signed_in(cast.nadia).get("/away/", typed(cast.ben))
        assert page.context["form"].errors.keys() == {"cover"}
        assert "Ben Becker is away from Thu 12 Mar, 09:00" in said(page) and "Announce it" not in said(page)

    def test_is_the_region_alone_for_htmx(self, case, cast):
        answer = signed_in(cast.nadia).get("/away/", typed(cast.ben), headers={"HX-Request": "true"})
        assert answer.content.decode().lstrip().startswith('<div id="announcing"')
        nothing = signed_in(cast.nadia).get("/away/", {"starts_at": "", "ends_at": ""}, headers={"HX-Request": "true"})
        assert "Say from when until when" in said(nothing)

    def test_what_is_refused_stands_beside_its_field_while_it_is_typed_too(self, case, cast):
        absences.announce(cast.ben, THURSDAY, MONDAY, cast.olga, by=cast.ben)
        nadia = signed_in(cast.nadia)
        for wrong, field in ((typed(cast.ben), "cover"), (typed(starts_at=MONDAY, ends_at=THURSDAY), "ends_at")):
            page = nadia.get("/away/", wrong, headers={"HX-Request": "true"})
            assert f'id="id_{field}_error"' in page.content.decode()
            # The focus stays where somebody types.
            assert "There is a problem" not in said(page) and "Announce it" not in said(page)
        page = nadia.get("/away/", typed(starts_at=MONDAY, ends_at=None), headers={"HX-Request": "true"})
        assert page.context["form"].errors == {}

    def test_says_of_impossible_times_nothing_else(self, case, cast):
        page = said(signed_in(cast.nadia).get("/away/", typed(starts_at=MONDAY, ends_at=THURSDAY)))
        assert "Choose an end after that" in page and "falls into it." not in page

    def test_says_that_nothing_falls_into_it_only_where_nothing_does(self, case, cast):
        olga = signed_in(cast.olga)
        assert "Nothing falls into it." in said(olga.get("/away/", typed(cast.ben)))
        part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
        subtasks.accept(part, committed_at=THURSDAY, by=cast.olga)
        foreseen = said(olga.get("/away/", typed(cast.ben)))
        announced = absences.announce(cast.olga, TUESDAY, MONDAY, cast.ben, by=cast.olga)
        for page in (foreseen, said(olga.get(f"/away/{announced.pk}/"))):
            assert "Nothing falls into it." not in page
            assert "No promise to a customer falls into it, but what stands below does." in page
            assert "Parts in work 1" in page

    def test_what_is_in_hand_does_not_hide_what_is_not(self, case, cast, absence):
        nadia = signed_in(cast.nadia)
        told.leave_all_to_cover(absence, by=cast.nadia)
        assert "Everything is in hand." in said(nadia.get(f"/away/{absence.pk}/"))
        own = subtasks.ask(case, cast.support, "Read the log", by=cast.nadia)
        subtasks.accept(own, committed_at=WEDNESDAY, by=cast.nadia)
        page = said(nadia.get(f"/away/{absence.pk}/"))
        assert "Everything is in hand." not in page and "This is not yet: Parts in work 1" in page

    def test_counts_as_far_as_ninety_nine_and_goes_on_by_key(self, case, cast):
        for number in range(120):
            promises.make(case, pledge(f"tell you {number}", 30), by=cast.nadia)
        nadia = signed_in(cast.nadia)
        page = nadia.get("/away/", typed(cast.ben))
        assert "These 99+ promises break" in said(page)
        seen = []
        while True:
            seen += [row.promise.pk for row in page.context["foresight"].rows]
            if not page.context["foresight"].after:
                break
            page = nadia.get("/away/", typed(cast.ben, after=page.context["foresight"].after))
        assert len(seen) == len(set(seen)) == 121

    @pytest.mark.parametrize("path", ["/away/", "of"])
    def test_stays_within_twelve_queries(self, case, cast, path, django_assert_max_num_queries):
        for number in range(60):
            promises.make(case, pledge(f"tell you {number}", 30), by=cast.nadia)
            owned(cast.nadia, cast.mallory)
        who = cast.nadia if path == "/away/" else cast.sam
        client = signed_in(who)
        with django_assert_max_num_queries(12):
            client.get(path if path == "/away/" else f"/away/of/{cast.nadia.pk}/", typed(cast.ben))


class TestAnnouncing:
    def test_leads_to_what_falls_into_it(self, case, cast):
        answer = signed_in(cast.nadia).post("/away/", typed(cast.ben, once="k"), follow=True)
        absence = Absence.objects.get()
        assert answer.redirect_chain[-1][0] == f"/away/{absence.pk}/"
        assert "Announced. Ben Becker is told." in said(answer) and "Leave all to Ben" in said(answer)
        signed_in(cast.nadia).post("/away/", typed(cast.ben, once="k"))
        assert Absence.objects.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "field", "says"),
        [
            ({"ends_at": TUESDAY - timedelta(hours=1)}, "ends_at", "Choose an end after that"),
            ({"starts_at": TUESDAY - timedelta(days=1)}, "starts_at", "still ahead"),
            ({"ends_at": TUESDAY + timedelta(days=400)}, "ends_at", "longer than a year"),
            ({"cover": None}, "cover", "Choose a person"),
            ({"ends_at": None}, "ends_at", "Fill in"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, case, cast, wrong, field, says):
        answer = signed_in(cast.nadia).post("/away/", typed(**{"cover": cast.ben, "once": "k", **wrong}))
        assert answer.status_code == 422 and not Absence.objects.exists()
        assert list(answer.context["form"].errors) == [field] and says in said(answer)

    def test_somebody_who_cannot_stand_in_is_not_offered(self, case, cast):
        Agent.objects.filter(pk=cast.ben.pk).update(can_sign_in=False)
        answer = signed_in(cast.nadia).post("/away/", typed(cast.ben, once="k"))
        assert answer.status_code == 422 and "Choose a person from the list." in said(answer)
        own = signed_in(cast.nadia).post("/away/", typed(cast.nadia, once="k"))
        assert own.status_code == 422 and not Absence.objects.exists()

    def test_nonsense_is_refused_kindly(self, case, cast):
        for nonsense in ("x", "\x00", "9" * 40):
            sent = {"starts_at": nonsense, "ends_at": nonsense, "cover": nonsense, "once": "k"}
            assert signed_in(cast.nadia).post("/away/", sent).status_code == 422
            assert signed_in(cast.nadia).get("/away/", {**sent, "after": nonsense}).status_code == 200


class TestOfSomebodyElse:
    def test_a_supervisor_looks_and_announces_at_once_and_without_anything_known(self, case, cast):
        sam = signed_in(cast.sam)
        page = said(sam.get(f"/away/of/{cast.nadia.pk}/", typed(starts_at=None, ends_at=None)))
        assert "This promise breaks unless somebody keeps it" in page and "Call Carla Conti first" in page
        assert "Nadia Novak is away from now until further notice, and nobody stands in." in page
        sam.post(f"/away/of/{cast.nadia.pk}/", typed(starts_at=None, ends_at=None, once="k"))
        absence = Absence.objects.get()
        assert (absence.agent, absence.starts_at, absence.ends_at, absence.cover) == (cast.nadia, TUESDAY, None, None)

    def test_says_whom_they_stand_in_for(self, case, cast, absence):
        page = said(signed_in(cast.sam).get(f"/away/of/{cast.ben.pk}/", typed(starts_at=None, ends_at=None)))
        assert "Ben stands in for Nadia Novak until Thursday. Then nobody would." in page

    def test_is_for_supervisors_and_of_somebody_who_is_there(self, case, cast):
        assert signed_in(cast.ben).get(f"/away/of/{cast.nadia.pk}/").status_code == 403
        assert signed_in(cast.sam).get("/away/of/99999/").status_code == 404
        assert signed_in(cast.sam).get(f"/away/of/{cast.nobody.pk}/").status_code == 404
        assert signed_in(cast.sam).get(f"/away/of/{cast.sam.pk}/").url == "/away/"

    def test_shows_no_figure_of_anybody_among_the_people(self, case, cast):
        page = said(signed_in(cast.sam).get("/people/"))
        assert not any(word.isdigit() for word in page.split("People", 2)[-1].split())


class TestOneAbsence:
    def test_leaves_one_promise_and_then_all_of_them(self, case, cast, absence):
        other = owned(cast.nadia, cast.mallory)
        nadia, promise = signed_in(cast.nadia), first_promise(case)
        page = said(nadia.get(f"/away/{absence.pk}/"))
        assert "What falls into it 2" in page and "New date" in page and "Hand over" in page
        nadia.post(reverse("cases:leave_to_cover", args=[absence.pk, promise.pk]))
        assert fresh(promise).covered_in == absence
        page = nadia.post(reverse("cases:leave_all_to_cover", args=[absence.pk]), follow=True)
        assert "One promise is left to Ben Becker." in said(page) and "Everything is in hand." in said(page)
        assert fresh(first_promise(other)).covered_in == absence

    def test_offers_every_case_of_which_something_falls_into_it(self, case, cast, absence):
        others = [owned(cast.nadia, cast.mallory) for _ in range(3)]
        told_them = {"to": cast.olga.pk, "brief": "I am away."}
        page = signed_in(cast.nadia).post(f"/away/{absence.pk}/offer/", told_them, follow=True)
        assert "4 cases are offered to Olga Orlova" in said(page)
        assert set(Handover.objects.values_list("case", flat=True)) == {case.pk, *(other.pk for other in others)}

    def test_offer_without_a_word_comes_back_beside_its_field(self, case, cast, absence):
        answer = signed_in(cast.nadia).post(f"/away/{absence.pk}/offer/", {"to": cast.olga.pk, "brief": ""})
        assert answer.status_code == 422 and "brief" in answer.context["form"].errors

    def test_is_seen_by_who_is_away_who_stands_in_and_supervisors(self, case, cast, absence):
        path = f"/away/{absence.pk}/"
        for who, status in (("nadia", 200), ("ben", 200), ("sam", 200), ("olga", 404), ("wanda", 404)):
            assert signed_in(getattr(cast, who)).get(path).status_code == status
        assert "Leave all to Ben" not in said(signed_in(cast.ben).get(path))
        assert signed_in(cast.ben).post(f"{path}leave-all/").status_code == 403
        assert signed_in(cast.ben).post(f"{path}back/").status_code == 403
        assert signed_in(cast.olga).post(f"{path}back/").status_code == 404

    def test_shows_the_cover_nothing_confidential_before_it_begins(self, case, cast):
        confidentiality.make_confidential(case, reason="It is about her health.", by=cast.nadia)
        absence = absences.announce(cast.nadia, TUESDAY + timedelta(hours=1), MONDAY, cast.ben, by=cast.nadia)
        path = f"/away/{absence.pk}/"
        assert "Carla" not in said(signed_in(cast.ben).get(path))
        with clock.at(TUESDAY + timedelta(hours=1)):
            assert "Carla" in said(signed_in(cast.ben).get(path))

    def test_is_changed_with_refusals_beside_their_field(self, case, cast, absence):
        nadia, path = signed_in(cast.nadia), f"/away/{absence.pk}/change/"
        assert "From" not in nadia.get(path).context["form"].fields
        wrong = nadia.post(path, {"ends_at": f"{TUESDAY - timedelta(days=1):{TYPED}}", "cover": cast.ben.pk})
        assert wrong.status_code == 422 and "ends_at" in wrong.context["form"].errors
        nadia.post(path, {"ends_at": f"{MONDAY:{TYPED}}", "cover": cast.olga.pk})
        assert (fresh(absence).ends_at, fresh(absence).cover) == (MONDAY, cast.olga)

    def test_ends_when_one_is_back(self, case, cast, absence):
        with clock.at(WEDNESDAY):
            nadia = signed_in(cast.nadia)
            assert "Are you back?" in said(nadia.get(f"/away/{absence.pk}/back/"))
            page = nadia.post(f"/away/{absence.pk}/back/", follow=True)
            assert fresh(absence).ends_at == WEDNESDAY and "You were away" in said(page)

    def test_tells_of_complaints_for_which_nobody_stands_in(self, case, cast):
        complaint = complaints.complain(case, "I was hung up on.", by=cast.carla)
        absence = absences.announce(complaint.owner, TUESDAY, MONDAY + timedelta(days=5), cast.ben, by=complaint.owner)
        page = said(signed_in(complaint.owner).get(f"/away/{absence.pk}/"))
        assert "Complaints to answer 1" in page and "I was hung up on." in page

    def test_tells_of_what_waits_for_their_decision_and_of_parts_that_they_have(self, case, cast):
        Mandate.objects.create(department=cast.support, refund_up_to=0, decider=cast.olga)
        told = {"amount": Decimal(80), "words": "Both licences", "why": "Twice."}
        asked = concessions.give(case, "refund", **told, by=cast.nadia)
        part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
        subtasks.accept(part, committed_at=THURSDAY, by=cast.olga)
        olga = signed_in(cast.olga)
        before = said(olga.get("/away/", typed(cast.wanda)))
        absence = absences.announce(cast.olga, TUESDAY, MONDAY, cast.wanda, by=cast.olga)
        for page in (before, said(olga.get(f"/away/{absence.pk}/"))):
            assert "To decide 1" in page and "A refund of 80.00 EUR: Both licences Nadia Novak asks" in page
            assert "Parts in work 1" in page and "Test the board Hardware" in page
        shown = olga.get(f"/away/{absence.pk}/").content.decode()
        for anchor in (f"#concession-{asked.pk}", f"#subtask-{part.pk}"):
            assert f'href="{case.get_absolute_url()}{anchor}"' in shown
        with clock.at(MONDAY):
            assert "Test the board" not in said(
                olga.get("/away/", typed(cast.wanda, MONDAY, MONDAY + timedelta(days=1)))
            )

    def test_stays_within_twelve_queries(self, case, cast, absence, django_assert_max_num_queries):
        for number in range(60):
            promises.make(case, pledge(f"tell you {number}", 30), by=cast.nadia)
            promises.make(owned(cast.nadia, cast.mallory), pledge("call you", 20), by=cast.nadia)
        Promise.objects.filter(words="call you").update(covered_in=absence)
        client = signed_in(cast.nadia)
        with django_assert_max_num_queries(12):
            client.get(f"/away/{absence.pk}/")


class TestMyCases:
    def test_of_who_stands_in_have_those_marked(self, case, cast, absence):
        page = said(signed_in(cast.ben).get("/"))
        assert "You stand in for Nadia Novak , away until Thursday." in page
        assert "for Nadia, away until Thursday" in page and "The upgrade I paid for fails." in page
        with clock.at(THURSDAY):
            assert "Nadia" not in said(signed_in(cast.ben).get("/"))

    def test_say_who_holds_them_while_one_is_away(self, case, cast, absence):
        page = said(signed_in(cast.nadia).get("/"))
        assert "You are away until Thursday. Ben Becker holds these." in page
        absences.announce(cast.ben, None, None, None, by=cast.sam)
        with clock.at(TUESDAY + timedelta(minutes=1)):
            assert "Nobody holds these" in said(signed_in(cast.nadia).get("/"))

    def test_count_what_is_due_of_both(self, case, cast, absence):
        own = owned(cast.ben, cast.mallory)
        assert own.owner == cast.ben
        page = signed_in(cast.ben).get("/")
        assert next(place for place in page.context["shell"]["places"])["count"] == "2"

    def test_have_what_waits_and_what_was_written_after_closing(self, case, cast, absence):
        waiting = owned(cast.nadia, cast.mallory)
        proposing.propose(waiting, kind="solved", words="Done.", why_none="None can.", by=cast.ben)
        promises.keep(first_promise(waiting), said="We spoke.", by=cast.ben)
        answering.say_yes(case, by=cast.carla)
        conversation.customer_writes(case, "Thank you!", by=cast.carla)
        page = signed_in(cast.ben).get("/")
        assert [row.pk for row in page.context["waiting"].rows] == [waiting.pk]
        assert [row.pk for row in page.context["afterwards"]] == [case.pk]
        assert all("for Nadia" in row.mark.lower() or "for Nadia" in row.mark for row in page.context["afterwards"])

    def test_stay_within_eight_queries_standing_in_for_two(self, case, cast, absence, django_assert_max_num_queries):
        absences.announce(cast.wanda, TUESDAY, MONDAY, cast.ben, by=cast.wanda)
        for _ in range(30):
            owned(cast.nadia, cast.mallory)
            owned(cast.wanda, cast.mallory)
        ben = signed_in(cast.ben)
        with django_assert_max_num_queries(8):
            first = ben.get("/")
        second = ben.get("/", {"after": first.context["after"]})
        shown = [row.pk for page in (first, second) for _n, _t, rows in page.context["groups"] for row in rows]
        assert len(shown) == len(set(shown)) == 61


class TestTheCasePage:
    def test_says_that_the_owner_is_away_and_who_stands_in(self, case, cast, absence):
        assert "Nadia Novak is away until Thursday. Ben Becker stands in." in said(
            signed_in(cast.olga).get(case.get_absolute_url())
        )
        page = signed_in(cast.ben).get(case.get_absolute_url())
        assert "You stand in for Nadia Novak, away until Thursday." in said(page)
        assert "Ben will be in touch with you" in said(page) and "Kept it" in said(page)
        assert page.context["may"]["speak"] and not page.context["may"]["hand_over"]

    def test_says_that_nobody_does(self, case, cast):
        absences.announce(cast.nadia, None, None, None, by=cast.sam)
        page = said(signed_in(cast.sam).get(case.get_absolute_url()))
        assert "Nadia Novak is away until further notice, and nobody stands in." in page

    def test_names_the_owner_for_what_is_due_after_they_are_back(self, case, cast, absence):
        promises.keep(first_promise(case), said="Done.", next_promise=pledge(hours=90), by=cast.ben)
        assert "Nadia will call you" in said(signed_in(cast.ben).get(case.get_absolute_url()))

    def test_tells_it_in_the_timeline(self, case, cast, absence):
        sweep(TUESDAY)
        told.leave_to_cover(first_promise(case), absence, by=cast.nadia)
        page = said(signed_in(cast.sam).get(case.get_absolute_url()))
        assert "Nadia Novak is away until Thu 12 Mar, 09:00: Ben Becker stands in" in page
        assert "Left to Ben Becker, who stands in: be in touch with you" in page
        with clock.at(THURSDAY):
            sweep(THURSDAY)
            assert "Nadia Novak is back" in said(signed_in(cast.sam).get(case.get_absolute_url()))

    def test_stays_within_twelve_queries(self, case, cast, absence, django_assert_max_num_queries):
        for turn in range(30):
            conversation.note(case, f"Note {turn}", by=cast.olga)
            subtasks.ask(case, cast.hardware, f"Part {turn}", by=cast.ben)
            conversation.attempt(case, "engaged", promise=first_promise(case), by=cast.ben)
        sweep(TUESDAY)
        for who in (cast.ben, cast.olga):
            client = signed_in(who)
            with django_assert_max_num_queries(12):
                client.get(case.get_absolute_url())


class TestWelcomeBack:
    def test_tells_what_happened_meanwhile_by_what_it_was(self, case, cast, absence):
        lost, done = owned(cast.nadia, cast.mallory), owned(cast.nadia, cast.mallory)
        with clock.at(TUESDAY + timedelta(hours=1)):
            conversation.customer_writes(case, "One more thing.", by=cast.carla)
            promises.keep(first_promise(case), said="We have it.", next_promise=pledge(hours=90), by=cast.ben)
            ownership.take_over(lost, reason="She asked for me.", by=cast.sam)
            answering.withdraw(done, words="I have another.", by=cast.mallory)
            conversation.note(case, "Noted.", by=cast.ben)
        sweep(WEDNESDAY)
        with clock.at(THURSDAY):
            page = signed_in(cast.nadia).get(f"/away/{absence.pk}/summary/")
        groups = {group.name: [(line.case.pk, line.who) for line in group.lines] for group in page.context["groups"]}
        assert groups["wrote"] == [(case.pk, "")]
        assert groups["kept"] == [(case.pk, "Ben Becker")]
        assert groups["decided"] == [(done.pk, "")] and groups["closed"] == [(done.pk, "")]
        assert groups["hands"] == [(lost.pk, "Sam Sato")]
        assert "Welcome back" in said(page) and "One more thing." in said(page)
        assert f'href="{case.get_absolute_url()}#entry-' in page.content.decode()

    def test_tells_what_broke(self, case, cast):
        absence = absences.announce(cast.nadia, None, THURSDAY, None, by=cast.sam)
        with clock.at(WEDNESDAY):
            sweep(WEDNESDAY)
        with clock.at(THURSDAY):
            page = signed_in(cast.nadia).get(f"/away/{absence.pk}/summary/")
        assert [group.name for group in page.context["groups"]] == ["broken"]

    def test_tells_nothing_of_what_one_did_oneself_or_that_was_before_or_after(self, case, cast):
        absence = absences.announce(cast.nadia, WEDNESDAY, THURSDAY, cast.ben, by=cast.nadia)
        conversation.customer_writes(case, "Before.", by=cast.carla)
        with clock.at(WEDNESDAY + timedelta(hours=1)):
            promises.make(case, pledge(), by=cast.nadia)
        with clock.at(THURSDAY + timedelta(hours=1)):
            conversation.customer_writes(case, "After.", by=cast.carla)
            page = signed_in(cast.nadia).get(f"/away/{absence.pk}/summary/")
        assert page.context["groups"] == [] and "Nothing happened." in said(page)

    def test_is_for_them_and_supervisors(self, case, cast, absence):
        for who, status in (("nadia", 200), ("sam", 200), ("ben", 404), ("olga", 404)):
            assert signed_in(getattr(cast, who)).get(f"/away/{absence.pk}/summary/").status_code == status

    def test_stays_within_twelve_queries(self, case, cast, absence, django_assert_max_num_queries):
        for number in range(60):
            conversation.customer_writes(case, f"And {number}.", by=cast.carla)
            promises.make(case, pledge(f"tell you {number}"), by=cast.ben)
            subtasks.drop(subtasks.ask(case, cast.hardware, "Look", by=cast.ben), reason="No need.", by=cast.ben)
        client = signed_in(cast.nadia)
        with django_assert_max_num_queries(12):
            page = client.get(f"/away/{absence.pk}/summary/")
        assert [len(group.lines) for group in page.context["groups"]] == [50, 50]

    def test_leads_there_from_the_notices(self, case, cast, absence):
        sweep(TUESDAY)
        assert "You stand in for Nadia until Thu 12 Mar, 09:00" in said(signed_in(cast.ben).get("/notices/"))
        with clock.at(THURSDAY):
            sweep(THURSDAY)
            page = signed_in(cast.nadia).get("/notices/")
        assert "Welcome back" in said(page) and f"/away/{absence.pk}/summary/" in page.content.decode()


class TestPeople:
    def test_are_here_away_off_or_gone(self, case, cast, absence):
        absences.sign_off(cast.olga, by=cast.sam)
        absences.announce(cast.wanda, THURSDAY, MONDAY, cast.ben, by=cast.wanda)
        page = said(signed_in(cast.sam).get("/people/"))
        assert "Away until Thursday , Ben Becker stands in" in page
        assert "Away until further notice , nobody stands in . Sign-in off" in page
        assert "Here, away from Thu 09:00 until Monday" in page
        away_ones = signed_in(cast.sam).get("/people/", {"which": "away"})
        assert [row.agent for row in away_ones.context["rows"]] == [cast.nadia, cast.olga]
        off = signed_in(cast.sam).get("/people/", {"which": "off"})
        assert [row.agent for row in off.context["rows"]] == [cast.olga]

    def test_are_for_supervisors_and_administrators(self, cast):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        for who, status in ((cast.sam, 200), (ada, 200), (cast.nadia, 403)):
            client = signed_in(who)
            assert client.get("/people/").status_code == status
            for name in ("sign_off", "sign_on", "leaving"):
                assert client.get(reverse(f"cases:{name}", args=[cast.ben.pk])).status_code == status, name
        assert signed_in(cast.nadia).post(reverse("cases:sign_off", args=[cast.ben.pk])).status_code == 403
        assert signed_in(cast.sam).get(reverse("cases:sign_off", args=[cast.nobody.pk])).status_code == 404

    def test_go_on_by_name(self, cast):
        for number in range(60):
            agent = an_agent(f"P{number} Same", cast.support)
            Agent.objects.filter(pk=agent.pk).update(name="Pat Same")
        sam, seen, after = signed_in(cast.sam), [], ""
        while True:
            page = sam.get("/people/", {"after": after})
            seen += [row.agent.pk for row in page.context["rows"]]
            after = page.context["after"]
            if not after:
                break
        assert len(seen) == len(set(seen)) == 66

    def test_cost_the_same_however_many(self, cast, django_assert_max_num_queries):
        for number in range(60):
            agent = an_agent(f"P{number} Pat", cast.support)
            absences.announce(agent, TUESDAY, MONDAY, cast.ben, by=agent)
        client = signed_in(cast.sam)
        with django_assert_max_num_queries(12):
            client.get("/people/")

    def test_are_signed_off_with_a_cover_and_let_in_again(self, case, cast):
        sam, nadia = signed_in(cast.sam), signed_in(cast.nadia)
        page = sam.post(reverse("cases:sign_off", args=[cast.nadia.pk]), {"cover": cast.ben.pk}, follow=True)
        assert "Nadia Novak is signed off." in said(page)
        assert nadia.get("/").status_code == 302
        assert "for Nadia, away until further notice" in said(signed_in(cast.ben).get("/")).replace("For", "for")
        sam.post(reverse("cases:sign_on", args=[cast.nadia.pk]))
        assert fresh(cast.nadia).can_sign_in

    def test_leave_once_everything_is_in_other_hands(self, case, cast, absence):
        other = owned(cast.nadia, cast.mallory)
        sam, path = signed_in(cast.sam), reverse("cases:leaving", args=[cast.nadia.pk])
        refused = sam.post(path)
        assert refused.status_code == 422 and "cannot leave yet" in said(refused)
        assert said(refused).count("Needs a new owner") == 2
        page = sam.post(
            reverse("cases:offer_all", args=[cast.nadia.pk]),
            {"to": cast.olga.pk, "brief": "Nadia leaves."},
            follow=True,
        )
        assert "2 cases are offered to Olga Orlova" in said(page) and "Offered to Olga Orlova" in said(page)
        for offer in Handover.objects.filter(state="offered"):
            ownership.accept(offer, by=cast.olga)
        assert fresh(other).owner == fresh(case).owner == cast.olga
        assert "Nadia Novak has left." in said(sam.post(path, follow=True))
        assert sam.get(path).status_code == 404

    def test_offer_all_needs_words(self, case, cast):
        answer = signed_in(cast.sam).post(reverse("cases:offer_all", args=[cast.nadia.pk]), {"to": cast.olga.pk})
        assert answer.status_code == 422 and "brief" in answer.context["form"].errors
        assert not Handover.objects.exists()

    def test_leaving_costs_the_same_however_much_is_theirs(self, case, cast, django_assert_max_num_queries):
        for _ in range(60):
            ownership.hand_over(owned(cast.nadia, cast.mallory), cast.ben, brief="Yours.", by=cast.nadia)
        client = signed_in(cast.sam)
        with django_assert_max_num_queries(12):
            client.get(reverse("cases:leaving", args=[cast.nadia.pk]))

    def test_leaving_shows_an_administrator_nothing_confidential(self, case, cast):
        ada = an_agent("Ada Adams", cast.hardware, is_admin=True)
        confidentiality.make_confidential(case, reason="It is about her health.", by=cast.nadia)
        page = said(signed_in(ada).get(reverse("cases:leaving", args=[cast.nadia.pk])))
        assert "Confidential" in page and "Carla" not in page and case.subject not in page


def test_the_menu_says_here_or_away(case, cast, absence):
    assert "You are away : absence and cover" in said(signed_in(cast.nadia).get("/")).replace(":", " :", 1) or (
        "You are away: absence and cover" in said(signed_in(cast.nadia).get("/"))
    )
    assert "You are here: absence and cover" in said(signed_in(cast.ben).get("/"))
    assert "/people/" in signed_in(cast.sam).get("/").content.decode()
    assert "/people/" not in signed_in(cast.ben).get("/").content.decode()


def test_signed_off_the_right_password_says_so_and_opens_no_session(client, cast):
    cast.nadia.set_password("a long enough password")
    cast.nadia.save()
    typed = {"login": cast.nadia.email, "password": "a long enough password"}
    absences.sign_off(cast.nadia, by=cast.sam)
    refused = client.post("/accounts/login/", typed)
    assert "Your sign-in is turned off. A supervisor or an administrator can turn it on again." in said(refused)
    wrong = client.post("/accounts/login/", {**typed, "password": "not this one, surely"})
    assert "turned off" not in said(wrong)
    absences.sign_on(cast.nadia, by=cast.sam)
    assert client.get("/").status_code == 302, "What was tried before lets nobody in now."
    assert client.post("/accounts/login/", typed).url == "/"


def test_a_supervisor_hands_over_on_the_owners_behalf(case, cast):
    sam = signed_in(cast.sam)
    path = reverse("cases:hand_over", args=[case.pk])
    assert sam.get(path).status_code == 200
    page = sam.post(path, {"to": cast.ben.pk, "brief": "She leaves."}, follow=True)
    assert "Offered. It stays with Nadia until it is accepted." in said(page)
    announce()
    assert Notice.objects.filter(agent=cast.nadia).exists()


def people_as_they_are() -> list:
    # Signing in for the test is written down.
    agents = [{**row, "last_login": None} for row in Agent.objects.order_by("pk").values()]
    return [agents, list(Absence.objects.order_by("pk").values())]


def test_looking_at_absences_and_people_changes_nothing(case, cast, absence):
    of_absence = ("absence", "change_absence", "back", "offer_what_falls", "absence_summary")
    paths = [reverse(f"cases:{name}", args=[absence.pk]) for name in of_absence]
    paths += [reverse(f"cases:{name}", args=[cast.ben.pk]) for name in ("away_of", "sign_off", "sign_on", "leaving")]
    paths += ["/away/", "/people/"]
    before = everything(), people_as_they_are()
    for who in (cast.nadia, cast.ben, cast.olga, cast.sam):
        client = signed_in(who)
        for path in paths:
            for ask in (client.get, client.head):
                assert ask(path).status_code in (200, 302, 403, 404), path
    assert (everything(), people_as_they_are()) == before
    for name in ("leave_to_cover", "leave_all_to_cover", "offer_all"):
        about = [absence.pk, first_promise(case).pk] if name == "leave_to_cover" else [absence.pk]
        assert signed_in(cast.sam).get(reverse(f"cases:{name}", args=about)).status_code == 405


def test_everybody_is_asked_to_sign_in(client, case, cast, absence):
    for path in (
        "/away/",
        f"/away/{absence.pk}/",
        f"/away/of/{cast.ben.pk}/",
        "/people/",
        f"/away/{absence.pk}/summary/",
    ):
        assert client.get(path).url.startswith("/accounts/login/")


def test_what_was_opened_while_somebody_is_away_finds_somebody_who_is_here(case, cast, absence):
    assert a_case(cast.carla).owner == cast.ben, "She looked after Carla last, and is away."
