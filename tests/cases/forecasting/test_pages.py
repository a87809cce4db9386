"""The page and the slot: how likely a time is, and what departments need."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cases.verbs import closing, confidentiality, joining, subtasks
from supportdesk import clock
from tests.cases.forecasting.test_record import LONG_AGO, is_away, took
from tests.cast import TUESDAY, a_case, everything, fresh
from tests.pages import said, signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def known(case, cast):
    """An hour is what Hardware needs, a day Warranty."""
    with clock.at(LONG_AGO):
        old = a_case(cast.mallory)
    took(old, cast.hardware, *[1] * 20)
    took(old, cast.warranty, *[24] * 20)


@pytest.fixture
def board(known, case, cast):
    return subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)


def look(case, agent, query: str = "", **headers):
    return signed_in(agent).get(f"/cases/{case.number}/forecast/{query}", headers=headers or None)


def words_of(response) -> str:
    return re.sub(r" (?=[.,;])", "", said(response).replace("\N{NO-BREAK SPACE}", " "))


class TestTheForecast:
    def test_is_for_staff(self, case, client):
        assert client.get(f"/cases/{case.number}/forecast/").status_code == 302

    def test_says_by_when_and_what_each_department_needs(self, board, case, cast):
        text = words_of(look(case, cast.nadia))
        assert "Kept in 8 of 10 by Today 11:00" in text
        assert "Hardware needs up to 1 h, 8 of 10 times (its last 20)" in text
        assert "1000 plays, for what hangs on the open part" in text

    def test_says_how_likely_a_typed_time_is_and_on_whom_it_hangs(self, board, case, cast):
        # One quick part in six: the plays, which differ by the case's number, come to some 2 of 10 whatever it is.
        with clock.at(LONG_AGO):
            took(a_case(cast.mallory), cast.warranty, *[1] * 4)
        subtasks.ask(case, cast.warranty, "Pay for it", after=board, by=cast.nadia)
        text = words_of(look(case, cast.nadia, "?due=2026-03-11T09:00"))
        assert "Kept in 2 of 10 by Wed 09:00; mostly at risk from Warranty" in text
        assert "In 8 of 10 it is over by Wed 11:00" in text
        text = words_of(look(case, cast.nadia, "?due=2026-03-12T12:00"))
        assert "Kept in more than 9 of 10 by Thu 12:00" in text and "In 8 of 10" not in text

    def test_looks_only_at_what_a_promise_hangs_on(self, board, case, cast):
        subtasks.ask(case, cast.warranty, "Pay for it", after=board, by=cast.nadia)
        assert "what hangs on the open part" in words_of(look(case, cast.nadia, f"?part={board.pk}"))
        assert "what hangs on the 2 open parts" in words_of(look(case, cast.nadia, f"?part={board.pk + 9}"))

    def test_says_the_same_each_time(self, board, case, cast):
        assert said(look(case, cast.nadia, **HTMX)) == said(look(case, cast.sam, **HTMX))

    @pytest.mark.parametrize(
        "due, sentence",
        [
            ("2026-03-10T09:00", "Choose a time that is still ahead."),
            ("2028-03-10T09:00", "Choose a time within a year."),
            ("Thursday", "Enter a valid date/time."),
        ],
    )
    def test_a_time_that_cannot_be_is_said_beside_its_field(self, board, case, cast, due, sentence):
        response = look(case, cast.nadia, f"?due={due}")
        assert response.status_code == 422
        assert said(response).count(sentence) == 2
        assert sentence in said(look(case, cast.nadia, f"?due={due}", **HTMX))

    def test_without_open_parts_it_hangs_on_the_owner(self, known, case, cast):
        assert "No department is asked: it hangs on Nadia alone." in said(look(case, cast.nadia))

    def test_on_a_new_desk_there_are_too_few(self, case, cast):
        subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)
        text = said(look(case, cast.nadia))
        assert "Too few parts have ended on this desk to say how likely." in text
        assert "Hardware: too few to say (none has ended)" in text

    def test_says_for_whom_the_whole_desk_stands_in(self, known, case, cast):
        subtasks.ask(case, cast.support, "Look at it", by=cast.nadia)
        assert "Support has ended too few: the whole desk’s parts stand in." in said(look(case, cast.nadia))

    def test_where_nobody_comes_back_it_says_so(self, board, case, cast):
        is_away(cast.olga, TUESDAY, None)
        text = words_of(look(case, cast.nadia))
        assert "Nobody can say by when: fewer than 8 of 10 are over within a year; mostly at risk from Hardware" in text

    def test_of_a_closed_problem_nothing_is_left(self, case, cast):
        closing.override(case, reason="A double.", by=cast.sam)
        assert "nothing is left to forecast" in said(look(case, cast.nadia))

    def test_the_number_of_a_joined_case_leads_on(self, board, case, cast):
        other = a_case(cast.carla)
        joining.join(other, case, by=cast.nadia)
        response = look(other, cast.nadia, "?due=2026-03-12T09:00")
        assert response.status_code == 302
        assert response.url == f"/cases/{case.number}/forecast/?due=2026-03-12T09%3A00"

    def test_is_not_found_where_the_case_is_not_seen(self, case, cast):
        confidentiality.make_confidential(case, reason="Her health.", by=cast.nadia)
        assert look(case, cast.wanda).status_code == 404

    def test_changes_nothing_and_takes_twelve_statements_at_most(
        self, board, case, cast, django_assert_max_num_queries
    ):
        before, nadia = everything(), signed_in(cast.nadia)
        with django_assert_max_num_queries(12):
            nadia.get(f"/cases/{case.number}/forecast/?due=2026-03-12T09:00")
        assert everything() == before


class TestTheSlot:
    def test_for_htmx_only_the_fragment_comes(self, board, case, cast):
        response = look(case, cast.nadia, "?due=2026-03-12T09:00", **HTMX)
        assert "<html" not in response.content.decode()
        assert "HX-Request" in response["Vary"]
        assert "Kept in more than 9 of 10" in said(response)

    def test_beside_the_plan_stands_one_line(self, board, case, cast):
        page = signed_in(cast.ben).get(case.get_absolute_url()).content.decode()
        assert f'data-slot="/cases/{case.number}/forecast/?only=plan"' in page
        line = words_of(look(case, cast.ben, "?only=plan", **HTMX))
        assert line.startswith("8 of 10 such plans are over by Today 11:00.")
        subtasks.ask(case, cast.warranty, "Pay for it", after=board, by=cast.nadia)
        assert "by Wed 11:00, mostly held up by Warranty" in words_of(look(case, cast.ben, "?only=plan", **HTMX))

    def test_where_nothing_is_open_no_line_is_asked_for(self, case, cast):
        assert "data-slot" not in signed_in(cast.nadia).get(case.get_absolute_url()).content.decode()

    @pytest.mark.parametrize(
        "act, fields", [("promise", "due_at_plain due_at next_due_plain next_due"), ("ask", "department")]
    )
    def test_stands_in_the_forms_and_is_a_link_without_javascript(self, case, cast, act, fields):
        page = signed_in(cast.nadia).get(f"/cases/{case.number}/{act}/").content.decode()
        assert f'data-slot="/cases/{case.number}/forecast/" data-slot-with="{fields}"' in page
        assert f'<a href="/cases/{case.number}/forecast/">' in page

    def test_beside_asking_a_department_it_says_what_that_one_needs(self, known, case, cast):
        text = words_of(look(case, cast.nadia, f"?department={cast.warranty.pk}", **HTMX))
        assert "Warranty needs up to 1 day, 8 of 10 times (its last 20): if asked now, by Wed 10:00." in text
        assert "A suggestion from the department’s own record." in text
        assert "Kept in" not in text
        assert look(case, cast.nadia, "?department=0", **HTMX).status_code == 200


class TestTakingAPartOn:
    def test_is_proposed_for_when_eight_of_ten_are_done(self, board, cast):
        page = signed_in(cast.olga).get(f"/subtasks/{board.pk}/accept/")
        text = words_of(page)
        assert "Hardware needs up to 1 h, 8 of 10 times (its last 20): that is by Today 11:00" in text
        assert page.context["form"]["committed_at"].initial == TUESDAY + timedelta(hours=1)

    def test_where_that_has_passed_it_is_proposed_for_tomorrow(self, board, cast):
        with clock.at(TUESDAY + timedelta(hours=3)):
            page = signed_in(cast.olga).get(f"/subtasks/{board.pk}/accept/")
        assert "that is by" not in said(page)
        assert page.context["form"]["committed_at"].initial == TUESDAY + timedelta(days=1, hours=3)

    def test_where_too_few_have_ended_it_says_so(self, case, cast):
        part = subtasks.ask(case, cast.hardware, "The board", by=cast.nadia)
        page = signed_in(cast.olga).get(f"/subtasks/{part.pk}/accept/")
        assert "Hardware: too few to say (none has ended)" in said(page)
        assert fresh(part).committed_at is None
