"""Which open promises fall outside some hours of the department that owes them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.models import Case, Promise
from cases.outside_hours import MOST, SHOWN, outside
from cases.verbs import answering, confidentiality, ownership, promises
from staff.businesstime import BusinessHours
from staff.models import Calendar
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, a_case, everything, first_promise, fresh, pledge

pytestmark = pytest.mark.usefixtures("tuesday")
AN_HOUR = timedelta(hours=1)


def until(closing: str = "17:00", **facts) -> BusinessHours:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    return Calendar(zone="UTC", **{**dict.fromkeys(days, f"09:00-{closing}"), **facts}).hours


def told(cast, hours=None, *, departments=None, reader=None, **options):
    departments = [cast.support.pk] if departments is None else [department.pk for department in departments]
    return outside(departments, hours or until(), clock.now(), reader=reader or cast.sam, **options)


def due_at(case, *instants):
    """Promises that are due then, whatever hours there are; the desk's own first word is kept."""
    for instant in instants:
        promises.make(case, promises.Pledge("call you", instant, in_closed_hours=True), by=case.owner)
    promises.keep(first_promise(case), said="Hello.", by=case.owner)
    return list(case.promises.owed().order_by("due_at"))


def test_only_what_is_due_while_nobody_is_there_falls_outside(case, cast):
    four, five, six, sunday = due_at(case, *(TUESDAY + n * AN_HOUR for n in (6, 7, 8)), TUESDAY + timedelta(days=5))
    found = told(cast)
    assert (found.count, [promise.pk for promise in found.first]) == (2, [six.pk, sunday.pk])
    # Due at the very moment of closing is within.
    assert [promise.pk for promise in told(cast, until("16:00")).first] == [five.pk, six.pk, sunday.pk]
    assert told(cast, until(closed_days=[date(2026, 3, 10)])).count == 4
    assert four.due_at == TUESDAY + 6 * AN_HOUR


def test_what_falls_outside_already_is_told_apart(case, cast):
    due_at(case, *(TUESDAY + n * AN_HOUR for n in (6, 7, 8)))
    found = told(cast, until("15:00"), instead_of=until())
    assert (found.count, found.already) == (3, 1)
    assert found.sentence(typed=True) == "3 open promises would fall outside these hours; one does already."
    assert told(cast, instead_of=until()).sentence(typed=False) == "One open promise falls outside these hours."
    assert told(cast, until("20:00")).sentence(typed=True) == "No open promise would fall outside these hours."


def test_it_is_the_owners_department_that_owes(case, cast):
    due_at(case, TUESDAY + 8 * AN_HOUR)
    assert told(cast, departments=[cast.hardware]).count == 0
    offer = ownership.hand_over(case, cast.olga, brief="A board.", by=cast.nadia)
    ownership.accept(offer, by=cast.olga)
    assert told(cast).count == 0
    assert told(cast, departments=[cast.hardware, cast.warranty]).count == 1


def test_what_is_late_kept_or_over_is_not_asked_about(case, cast):
    due_at(case, TUESDAY + 8 * AN_HOUR, WEDNESDAY + 8 * AN_HOUR)
    assert told(cast).count == 2
    with clock.at(TUESDAY + 9 * AN_HOUR):
        assert told(cast).count == 1
    promises.keep(fresh(case).next_promise, said="Hello.", by=cast.nadia)
    assert told(cast).count == 1
    answering.say_yes(case, by=cast.carla)
    assert told(cast).count == 0


def test_those_of_confidential_cases_are_counted_and_not_shown(case, cast):
    due_at(case, TUESDAY + 8 * AN_HOUR)
    due_at(a_case(cast.mallory), TUESDAY + 9 * AN_HOUR)
    confidentiality.make_confidential(case, reason="Her health.", by=case.owner)
    seen, unseen = told(cast), told(cast, reader=cast.olga)
    assert (seen.count, len(seen.first), seen.unseen) == (2, 2, 0)
    assert (unseen.count, len(unseen.first), unseen.unseen) == (2, 1, 1)


@pytest.mark.parametrize("how_many, said", [(SHOWN, "10"), (MOST, "99"), (MOST + 1, "99+"), (MOST + 30, "99+")])
def test_the_count_is_exact_and_ends_at_a_hundred(case, cast, how_many, said, django_assert_num_queries):
    Promise.objects.bulk_create(
        Promise(
            case=case,
            kind="update",
            words="call you",
            made_at=TUESDAY,
            made_by="desk",
            due_at=TUESDAY + n * AN_HOUR / 100,
        )
        for n in range(800, 800 + how_many)
    )
    with django_assert_num_queries(2):
        found = told(cast)
    assert (found.said, len(found.first), found.more) == (said, SHOWN, how_many > SHOWN)


def test_asking_changes_nothing(case, cast):
    due_at(case, TUESDAY + 8 * AN_HOUR)
    before = everything()
    told(cast)
    assert everything() == before
    assert Case.objects.get() == case and pledge()
