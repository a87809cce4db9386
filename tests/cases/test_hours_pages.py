"""The pages about hours and who decides: everybody reads them, administrators change them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.verbs import promises
from staff import hours as verbs
from staff.models import Calendar, Company, Department
from tests.cast import TUESDAY, an_agent, everything, first_promise, fresh
from tests.pages import said, signed_in

pytestmark = pytest.mark.usefixtures("tuesday")
OFFICE = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def ada(cast):
    return an_agent("Ada Winter", cast.support, is_admin=True)


@pytest.fixture
def page(cast):
    """The address of everybody's hours."""
    return f"/hours/calendars/{cast.support.calendar_id}/"


def typed(**words) -> dict:
    return {"zone": "UTC", **OFFICE, **words}


def due_late(case):
    """Carla is promised a call for six in the evening, an hour after closing."""
    promise = promises.make(
        case, promises.Pledge("call you", TUESDAY + 8 * AN_HOUR, in_closed_hours=True), by=case.owner
    )
    promises.keep(first_promise(case), said="Hello.", by=case.owner)
    return promise


class TestReading:
    def test_everybody_finds_it_in_their_own_menu(self, cast):
        assert 'href="/hours/"' in signed_in(cast.olga).get("/").content.decode()

    def test_the_list_names_hours_leads_and_who_decides(self, cast, ada):
        Department.objects.filter(pk=cast.hardware.pk).update(lead=cast.olga)
        verbs.give_own_hours(cast.warranty, by=ada)
        listed = said(signed_in(cast.nadia).get("/hours/"))
        assert "Everybody’s hours Monday to Friday 09:00–17:00 UTC, no public holidays" in listed
        assert "Hardware led by Olga Orlova Everybody’s hours" in listed
        assert "Warranty nobody leads it Monday to Friday 09:00–17:00" in listed
        assert "Customers read no name to turn to in the end" in listed

    def test_who_may_not_change_it_sees_no_form(self, cast, page):
        for who in (cast.nadia, cast.sam):
            client = signed_in(who)
            for path in ("/hours/", page, f"/hours/departments/{cast.hardware.pk}/"):
                shown = client.get(path)
                assert shown.status_code == 200
                assert 'method="post" action="/hours' not in shown.content.decode()
            assert "Friday 09:00-17:00" in said(client.get(page))

    def test_the_page_shows_the_next_four_weeks(self, cast, page, ada):
        Calendar.objects.update(country="GB", closed_days=["2026-03-12"])
        for who in (cast.nadia, ada):
            shown = said(signed_in(who).get(page))
            assert "Tue 10 Mar 09:00–17:00 Wed 11 Mar 09:00–17:00 Thu 12 Mar closed own closed day" in shown
            assert "Fri 3 Apr closed Good Friday" in shown
            assert "No open promise falls outside these hours." in shown

    def test_costs_few_queries_however_many_departments_there_are(
        self, case, cast, ada, page, django_assert_max_num_queries
    ):
        due_late(case)
        Department.objects.bulk_create(
            Department(name=f"D{n}", calendar=cast.support.calendar, lead=cast.olga) for n in range(60)
        )
        client = signed_in(ada)
        for path in ("/hours/", page, f"/hours/departments/{cast.hardware.pk}/"):
            with django_assert_max_num_queries(12):
                assert client.get(path).status_code == 200

    def test_of_nothing_there_is_no_page(self, cast, ada):
        client = signed_in(ada)
        for path in ("calendars/999/", "calendars/999/ahead/", "departments/999/", "departments/999/mandate/"):
            assert client.get(f"/hours/{path}").status_code == 404


class TestChanging:
    def test_what_is_typed_is_kept_and_no_time_moves(self, case, cast, ada, page):
        promise = due_late(case)
        client = signed_in(ada)
        shown = client.get(page)
        read_as = shown.context["form"]["read_as"].value()
        kept = client.post(page, typed(saturday="10:00-12:00", read_as=read_as), follow=True)
        assert "Kept. No time that was promised has moved." in said(kept)
        assert "One open promise falls outside these hours. No time moves" in said(kept)
        assert f'href="{case.get_absolute_url()}"' in kept.content.decode()
        assert "Nadia will call you" in said(kept)
        assert fresh(promise).due_at == promise.due_at
        assert fresh(cast.support.calendar).saturday == "10:00-12:00"

    def test_everybody_reads_who_changed_the_hours_last(self, cast, ada, page):
        assert "Last changed" not in said(signed_in(cast.nadia).get(page))
        signed_in(ada).post(page, typed(friday="09:00-13:00"))
        for where in ("/hours/", f"/hours/departments/{cast.hardware.pk}/", page):
            assert "Last changed by Ada Winter, today 10:00" in said(signed_in(cast.nadia).get(where))

    def test_hours_changed_in_djangos_admin_say_who_as_well(self, cast, ada):
        calendar = cast.support.calendar
        facts = {"name": calendar.name, "zone": "UTC", **OFFICE, "closed_days": "", "open_days": "{}"}
        client = signed_in(ada)
        kept = client.post(f"/admin/staff/calendar/{calendar.pk}/change/", {**facts, "friday": ""})
        assert kept.status_code == 302
        assert fresh(calendar).changed_by == ada

    @pytest.mark.parametrize("typed_days", ["[]", "[1]", "7", '"2026"', '{"2026-12-19": 10}', '{"soon": "9-5"}'])
    def test_open_days_that_are_none_are_refused_beside_their_field_in_djangos_admin(self, cast, ada, typed_days):
        calendar = cast.support.calendar
        facts = {"name": calendar.name, "zone": "UTC", **OFFICE, "closed_days": "", "open_days": typed_days}
        refused = signed_in(ada).post(f"/admin/staff/calendar/{calendar.pk}/change/", facts)
        assert refused.status_code == 200
        assert list(refused.context["adminform"].form.errors) == ["open_days"]
        assert fresh(calendar).changed_by is None

    def test_emptied_open_days_are_no_days_in_djangos_admin(self, cast, ada):
        calendar = cast.support.calendar
        facts = {"name": calendar.name, "zone": "UTC", **OFFICE, "closed_days": "", "open_days": ""}
        assert signed_in(ada).post(f"/admin/staff/calendar/{calendar.pk}/change/", facts).status_code == 302
        assert fresh(calendar).open_days == {}

    def test_what_stands_there_by_another_hand_and_makes_no_hours_is_shown_as_it_stands(self, cast, ada, page):
        Calendar.objects.filter(pk=cast.support.calendar_id).update(open_days=["2026-12-19"])
        for where in ("/hours/", f"/hours/departments/{cast.support.pk}/", page):
            assert "Write open days like" in said(signed_in(ada).get(where))

    def test_looking_first_keeps_nothing_and_shows_what_would_be(self, case, cast, ada, page):
        due_late(case)
        before = everything(), Calendar.objects.values_list().get()
        shown = signed_in(ada).post(f"{page}ahead/", typed(tuesday="09:00-12:00", friday="", zone="Europe/Berlin"))
        assert shown.status_code == 200
        assert "As they would be. Not kept yet." in said(shown)
        assert "Tue 10 Mar 09:00–12:00 changed" in said(shown) and "Fri 13 Mar closed changed" in said(shown)
        assert "One open promise would fall outside these hours; it does already." in said(shown)
        assert 'value="Europe/Berlin"' in shown.content.decode()
        assert (everything(), Calendar.objects.values_list().get()) == before

    def test_with_htmx_only_what_the_hours_mean_comes_back(self, cast, ada, page):
        client = signed_in(ada, headers={"HX-Request": "true"})
        shown = client.post(f"{page}ahead/", typed(friday="", country="DE"))
        assert "<html" not in shown.content.decode() and 'id="ahead"' in shown.content.decode()
        assert '<option value="BY">Bayern, Bavaria</option>' in shown.content.decode()
        wrong = client.post(f"{page}ahead/", typed(friday="x"))
        assert (wrong.status_code, "What is typed makes no hours yet." in said(wrong)) == (200, True)
        assert "Friday : “x” is not a working block" in said(wrong)

    def test_an_address_to_look_first_that_was_kept_leads_to_the_page(self, cast, ada, page):
        assert signed_in(ada).get(f"{page}ahead/").url == page

    @pytest.mark.parametrize(
        "words, field, way_out",
        [
            ({"zone": ""}, "zone", "Name the time zone by continent and city"),
            ({"zone": "Europe/Berln"}, "zone", "Did you mean Europe/Berlin"),
            ({**dict.fromkeys(OFFICE, ""), "saturday": ""}, "monday", "Not one hour of the week is open"),
            ({"monday": "09:00-13:00, 12:00-17:00"}, "monday", "overlap. Let the second begin"),
            ({"monday": "9 " * 100}, "monday", "at most 120 characters"),
            ({"country": "XX"}, "country", "No public holidays are known for a country “XX”"),
            ({"country": "DE", "subdivision": "XX"}, "subdivision", "No public holidays are known for “XX”"),
            ({"closed_days": "24.12.2026"}, "closed_days", "Write it like 2026-12-24"),
            (
                {"closed_days": "2026-12-19", "open_days": "2026-12-19 10:00-12:00"},
                "open_days",
                "out of one of the two",
            ),
            ({"closed_days": "2026-01-01 to 2026-12-31, 2027-01-01 to 2027-12-31"}, "closed_days", "for a year"),
        ],
    )
    def test_what_makes_no_hours_is_refused_beside_its_field_and_everything_typed_stays(
        self, cast, ada, page, words, field, way_out
    ):
        refused = signed_in(ada).post(page, typed(**{"saturday": "11:11-12:12", **words}))
        assert refused.status_code == 422
        assert way_out in " ".join(refused.context["form"].errors[field])
        html = refused.content.decode()
        assert "<title>Error: " in html and f'href="#id_{field}"' in html and f'id="id_{field}_error"' in html
        assert "saturday" in words or 'value="11:11-12:12"' in html
        assert fresh(cast.support.calendar).saturday == ""

    def test_what_somebody_else_has_changed_meanwhile_is_not_written_over(self, cast, ada, page):
        client = signed_in(ada)
        read_as = client.get(page).context["form"]["read_as"].value()
        Calendar.objects.update(friday="09:00-13:00")
        conflict = client.post(page, typed(monday="", read_as=read_as))
        assert conflict.status_code == 409 and "Load the page anew" in said(conflict)
        assert fresh(cast.support.calendar).friday == "09:00-13:00"

    def test_hours_spoilt_behind_our_back_are_shown_and_can_be_mended(self, cast, ada, page):
        Calendar.objects.update(monday="nine")
        client = signed_in(ada)
        for where in ("/hours/", f"/hours/departments/{cast.hardware.pk}/", page):
            shown = said(client.get(where))
            assert "What stands there makes no hours." in shown
            assert "Nothing can be reckoned with these hours: “nine” is not a working block." in shown
        assert 'value="nine"' in client.get(page).content.decode()
        assert client.post(page, typed()).status_code == 302
        assert fresh(cast.support.calendar).monday == "09:00-17:00"

    def test_nobody_but_an_administrator_gets_through(self, cast, page):
        before = Calendar.objects.values_list().get()
        department = f"/hours/departments/{cast.hardware.pk}/"
        for who in (cast.nadia, cast.sam):
            client = signed_in(who)
            for path in (page, f"{page}ahead/", "/hours/supervisors/own/", f"{department}own/"):
                assert client.post(path, typed()).status_code == 403
            for path in (
                "/hours/company/",
                "/hours/supervisors/follow/",
                f"{department}mandate/",
                f"{department}lines/",
            ):
                assert client.get(path).status_code == 403
                given = {"refund_up_to": 1, "courtesy_up_to": 1, "contact": "x", "lead": cast.olga.pk}
                assert client.post(path, given).status_code == 403
        assert Calendar.objects.values_list().get() == before


class TestDepartments:
    def test_one_gets_hours_of_its_own_and_gives_them_back(self, case, cast, ada):
        client, path = signed_in(ada), f"/hours/departments/{cast.support.pk}/"
        given = client.post(f"{path}own/")
        own = fresh(cast.support).calendar
        assert given.url == f"/hours/calendars/{own.pk}/" and own.name == "Hours of Support"
        client.post(given.url, typed(tuesday="09:00-19:00"))
        due_late(case)
        asked = said(client.get(f"{path}follow/"))
        assert "Let Support follow everybody’s hours?" in asked and "Tuesday 09:00–19:00" in asked
        assert "One open promise would fall outside these hours." in asked
        assert client.post(f"{path}follow/").url == path
        assert fresh(cast.support).calendar == Company.objects.the().calendar

    def test_one_that_follows_everybodys_hours_again_says_who_let_it(self, cast, ada):
        client, path = signed_in(ada), f"/hours/departments/{cast.hardware.pk}/"
        assert "So since" not in said(client.get(path))
        client.post(f"{path}own/")
        client.post(f"{path}follow/")
        assert "So since today 10:00, by Ada Winter" in said(signed_in(cast.nadia).get(path))

    def test_so_do_the_supervisors(self, cast, ada):
        client = signed_in(ada)
        client.post("/hours/supervisors/own/")
        client.post("/hours/supervisors/follow/")
        shown = said(signed_in(cast.nadia).get("/hours/"))
        assert "Supervisors answer in everybody’s hours So since today 10:00, by Ada Winter" in shown

    def test_hours_chosen_in_djangos_admin_say_who_as_well(self, cast, ada):
        own = Calendar.objects.create(name="Nights", zone="UTC")
        facts = {"name": "Hardware", "plain_name": "", "calendar": own.pk}
        kept = signed_in(ada).post(f"/admin/staff/department/{cast.hardware.pk}/change/", facts)
        assert kept.status_code == 302 and fresh(cast.hardware).hours_chosen_by == ada

    def test_lead_and_second_line_are_said_there(self, cast, ada):
        client, path = signed_in(ada), f"/hours/departments/{cast.hardware.pk}/"
        client.post(f"{path}lines/", {"lead": cast.olga.pk, "second_line": cast.warranty.pk})
        shown = said(client.get(path))
        assert "Lead Olga Orlova" in shown and "Second line Warranty" in shown
        assert "Who leads it" in said(client.get(f"{path}lines/"))
        ring = client.post(f"/hours/departments/{cast.warranty.pk}/lines/", {"second_line": cast.hardware.pk})
        assert ring.status_code == 422 and "second_line" in ring.context["form"].errors
        nobody = client.post(f"{path}lines/", {"lead": cast.nobody.pk})
        assert nobody.context["form"].errors["lead"] == ["Choose somebody from this list."]

    def test_the_mandate_is_said_there(self, cast, ada):
        client, path = signed_in(ada), f"/hours/departments/{cast.support.pk}/"
        given = {"refund_up_to": "100", "courtesy_up_to": "0", "replacement": "on", "decider": cast.sam.pk}
        client.post(f"{path}mandate/", given)
        shown = said(client.get(path))
        assert "Refunds up to EUR 100, replacements" in shown and "Sam Sato decides" in shown
        assert "Refunds up to EUR 100, replacements by owners alone; beyond it Sam Sato decides" in said(
            client.get("/hours/")
        )

    @pytest.mark.parametrize(
        "given, field, way_out",
        [
            ({"refund_up_to": "-1"}, "refund_up_to", "cannot be negative"),
            ({"refund_up_to": ""}, "refund_up_to", "write 0 where nothing is given"),
            ({"refund_up_to": "a lot"}, "refund_up_to", "such as 50 or 49.90"),
            ({"refund_up_to": "1.234"}, "refund_up_to", "two places"),
            ({"courtesy_up_to": "1" + "0" * 12}, "courtesy_up_to", "at most 99,999,999.99"),
            ({"courtesy_up_to": "NaN"}, "courtesy_up_to", "such as 50 or 49.90"),
            ({"decider": "0"}, "decider", "Choose somebody from this list"),
        ],
    )
    def test_a_mandate_that_cannot_be_is_refused_beside_its_field(self, cast, ada, given, field, way_out):
        path = f"/hours/departments/{cast.support.pk}/mandate/"
        refused = signed_in(ada).post(path, {"refund_up_to": "1", "courtesy_up_to": "1", **given})
        assert refused.status_code == 422
        assert way_out in " ".join(refused.context["form"].errors[field])

    def test_a_decider_who_was_signed_off_since_is_named_and_must_be_replaced(self, cast, ada):
        client, path = signed_in(ada), f"/hours/departments/{cast.support.pk}/mandate/"
        given = {"refund_up_to": "1", "courtesy_up_to": "1", "decider": cast.sam.pk}
        client.post(path, given)
        cast.sam.can_sign_in = False
        cast.sam.save(update_fields=["can_sign_in"])
        assert "Sam Sato, Support" in said(client.get(path))
        refused = client.post(path, {**given, "refund_up_to": "2"})
        assert "Sam Sato cannot sign in, and so could not decide." in " ".join(
            refused.context["form"].errors["decider"]
        )


class TestTheCompany:
    def test_the_rungs_are_named_there(self, cast, ada):
        client = signed_in(ada)
        given = {"head": cast.sam.pk, "ombudsperson": cast.olga.pk, "contact": "olga@desk.example"}
        assert client.post("/hours/company/", given).url == "/hours/"
        shown = said(client.get("/hours/"))
        assert "The head Sam Sato" in shown and "The last rung Olga Orlova olga@desk.example" in shown
        refused = client.post("/hours/company/", {**given, "contact": ""})
        assert refused.status_code == 422 and "say how they reach them" in said(refused)

    def test_the_supervisors_get_hours_of_their_own_and_give_them_back(self, cast, ada):
        client = signed_in(ada)
        given = client.post("/hours/supervisors/own/")
        shown = said(client.get(given.url))
        assert "When supervisors answer" in shown and "No department has these hours" in shown
        assert "Follow everybody’s hours…" in said(client.get("/hours/"))
        assert client.post("/hours/supervisors/follow/").url == "/hours/"
        assert Company.objects.the().supervisors_calendar is None
