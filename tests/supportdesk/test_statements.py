"""A queryset that is put into SQL once reads what a new one would read, whoever asks and in whatever thread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from staff.models import Agent, Department
from supportdesk.statements import built_once, insert

pytestmark = pytest.mark.django_db

LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


@pytest.fixture
def built():
    """How often the queryset has been built."""
    return []


@pytest.fixture
def named(built):
    @built_once
    def read(pks: tuple[int, ...], word: str, only_admins: bool, left_before: datetime | None):
        built.append(word)
        found = Agent.objects.filter(pk__in=pks, name__gte=word).order_by("name")
        found = found.filter(is_admin=True) if only_admins else found
        return found if left_before is None else found.filter(left_at__lt=left_before)

    return read


@pytest.fixture
def people():
    department = Department.objects.first()
    made = [
        Agent(name=name, email=f"{name.lower()}@example.org", department=department, is_admin=name == "Cleo")
        for name in ("Abel", "Bea", "Cleo")
    ]
    return Agent.objects.bulk_create(made)


def names(found) -> list[str]:
    return [agent.name for agent in found]


def test_only_the_values_change(named, people, built):
    abel, bea, cleo = (agent.pk for agent in people)
    assert names(named((abel, bea), "A", False, None)) == ["Abel", "Bea"]
    assert names(named((cleo, bea), "Bo", False, None)) == ["Cleo"]
    assert len(built) == 1


def test_what_may_be_looked_at_has_a_statement_of_its_own(named, people, built):
    pks = tuple(agent.pk for agent in people)
    assert names(named(pks, "A", True, None)) == ["Cleo"]
    assert names(named(pks, "A", False, None)) == ["Abel", "Bea", "Cleo"]
    assert names(named(pks[:1], "A", False, None)) == ["Abel"]
    assert names(named(pks, "A", False, LATER)) == []
    assert len(built) == 4


def test_instants_are_values_too(named, people, built):
    Agent.objects.filter(name="Bea").update(left_at=LONG_AGO)
    pks = tuple(agent.pk for agent in people)
    assert names(named(pks, "A", False, LATER)) == ["Bea"]
    assert names(named(pks, "A", False, LONG_AGO - timedelta(days=1))) == []
    assert len(built) == 1


def test_one_statement_and_what_is_selected_with_it(named, people):
    named((people[0].pk,), "A", False, None)
    with CaptureQueriesContext(connection) as asked:
        (abel,) = named((people[0].pk,), "A", False, None)
        assert abel.department.calendar.zone
    assert len(asked) == 1


def test_rows_are_read_anew_each_time(named, people):
    pks = (people[0].pk,)
    assert names(named(pks, "A", False, None)) == ["Abel"]
    Agent.objects.filter(pk=people[0].pk).update(name="Anna")
    assert names(named(pks, "A", False, None)) == ["Anna"]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection(named):
    (first,) = Agent.objects.all()[:1]
    assert names(named((first.pk,), "", False, None)) == [first.name]
    found = []

    def ask():
        found.extend(names(named((first.pk,), "", False, None)))
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [first.name]


class TestWritingDown:
    def test_rows_are_written_as_bulk_create_writes_them_and_know_their_ids(self, people):
        department = Department.objects.first()
        facts = {"department": department, "is_supervisor": True, "left_at": LONG_AGO}
        dan, eve = (Agent(name=name, email=f"{name.lower()}@example.org", **facts) for name in ("Dan", "Eve"))
        insert(dan, eve)
        (theirs,) = Agent.objects.bulk_create([Agent(name="Fay", email="fay@example.org", **facts)])
        assert names([Agent.objects.get(pk=dan.pk), Agent.objects.get(pk=eve.pk)]) == ["Dan", "Eve"]
        mine, theirs = (Agent.objects.filter(pk=row.pk).values().get() for row in (dan, theirs))
        assert {**mine, "id": 0, "name": "", "email": ""} == {**theirs, "id": 0, "name": "", "email": ""}

    def test_they_can_be_changed_and_saved_at_once(self, people):
        dan = Agent(name="Dan", email="dan@example.org", department=Department.objects.first())
        insert(dan)
        dan.name = "Daniel"
        dan.save()
        assert Agent.objects.get(pk=dan.pk).name == "Daniel"

    def test_what_the_database_refuses_is_refused(self, people):
        twin = Agent(name="Twin", email="abel@example.org", department=Department.objects.first())
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(twin)
        assert twin.pk is None
