"""While the owner is away the customer reads until when, who looks after it, and who keeps what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cases.verbs import promises
from escalations.sweep import sweep
from portal.links import status_path
from staff import absences
from staff.models import Absence
from supportdesk import clock
from supportdesk.announce import announce
from tests.cast import TUESDAY, WEDNESDAY, first_promise, pledge, takes_part
from tests.pages import signed_in
from tests.portal.conftest import press, words

THURSDAY = datetime(2026, 3, 12, 9, tzinfo=UTC)
# Carla lives in Rome, one hour ahead.
AWAY = "Nadia Novak is away until Thursday 12 March. Ben Becker is looking after this in the meantime."

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def absence(case, cast) -> Absence:
    return absences.announce(cast.nadia, TUESDAY, THURSDAY, cast.ben, by=cast.nadia)


def reads(client, link) -> str:
    return words(client.get(link))


def test_reads_until_when_and_who_looks_after_it(client, link, absence):
    page = reads(client, link)
    assert AWAY in page
    assert "Ben Becker will be in touch with you by Tuesday 10 March, 3 pm." in page
    assert "Now: Ben is looking after it" in page and "Nadia took it on" in page


def test_reads_since_when_who_stands_in_has_been_looking_after_it(client, link, case, cast):
    absences.announce(cast.nadia, WEDNESDAY, THURSDAY, cast.ben, by=cast.nadia)
    with clock.at(WEDNESDAY + timedelta(minutes=30)):
        page = reads(client, link)
    assert "Nadia took it on Tue 10 Mar, 11 am" in page
    assert "Now: Ben is looking after it since today, 11 am" in page


def test_reads_the_hour_where_that_is_today(client, link, case, cast):
    absences.announce(cast.nadia, TUESDAY, TUESDAY + timedelta(hours=5), cast.ben, by=cast.nadia)
    assert "Nadia Novak is away until 4 pm today." in reads(client, link)


def test_reads_no_date_where_nobody_knows_one(client, link, case, cast):
    absences.announce(cast.nadia, None, None, cast.ben, by=cast.sam)
    assert "Nadia Novak is away. Ben Becker is looking after this in the meantime." in reads(client, link)


def test_reads_that_we_are_finding_somebody_where_nobody_stands_in(client, link, case, cast):
    absences.announce(cast.nadia, None, THURSDAY, None, by=cast.sam)
    page = reads(client, link)
    assert "Nadia Novak is away until Thursday 12 March. We are finding somebody who looks after this" in page
    assert "They will be in touch with you by Tuesday 10 March, 3 pm." in page
    assert "Now: we are finding the right person for you" in page


def test_reads_nothing_of_it_before_and_after(client, link, case, cast):
    absences.announce(cast.nadia, WEDNESDAY, THURSDAY, cast.ben, by=cast.nadia)
    for instant in (TUESDAY, THURSDAY):
        with clock.at(instant):
            assert "away" not in reads(client, link)


def test_reads_the_owner_for_what_is_due_after_they_are_back(client, link, case, cast, absence):
    promises.keep(first_promise(case), said="We have it.", next_promise=pledge(hours=90), by=cast.ben)
    page = reads(client, link)
    assert "Nadia Novak will call you by" in page and AWAY in page


def test_reads_who_has_it_after_writing(client, browser, link, case, cast, absence):
    press(browser, f"{link}add/", words="One more thing.")
    assert "Ben has it and will be in touch with you by" in reads(browser, link)
    promises.keep(first_promise(case), said="We have it.", next_promise=pledge(hours=90), by=cast.ben)
    press(browser, f"{link}add/", words="And another.")
    assert "Ben" in reads(browser, link)


def test_reads_on_the_way_there_who_reads_it(client, link, absence):
    assert "Ben reads it, and you will not need to repeat it." in reads(client, f"{link}add/")


def test_reads_that_who_stands_in_has_been_told_of_what_is_late(client, link, case, cast, absence):
    late = TUESDAY + timedelta(hours=5)
    with clock.at(late):
        sweep(late)
        announce()
        assert "Ben has been told, and so has a supervisor." in reads(client, link)


def test_is_read_by_who_takes_part_and_by_staff(client, case, cast, absence):
    from portal.links import participant_path

    participant = takes_part(case, cast.mallory, by=cast.nadia)
    page = reads(client, participant_path(participant))
    assert "Ben Becker is looking after this." in page and "Nadia Novak is away until" in page
    assert AWAY in words(signed_in(cast.olga).get(f"/help/view/{case.number}/"))


def test_is_no_matter_once_it_is_over(client, case, cast, absence):
    from cases.verbs import answering

    answering.withdraw(case, words="I have another.", by=cast.carla)
    assert "is away" not in reads(client, status_path(case))


def test_costs_no_query_of_its_own(client, link, case, cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(50) as here:
        client.get(link)
    absences.announce(cast.nadia, TUESDAY, THURSDAY, cast.ben, by=cast.nadia)
    with django_assert_max_num_queries(len(here)):
        client.get(link)
