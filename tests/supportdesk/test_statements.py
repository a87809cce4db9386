"""A queryset that is put into SQL once, or read together with others, reads what a new one would read, whoever asks and
in whatever thread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Thread

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Concession, Entry
from staff.models import Agent, Calendar, Department, Mandate
from supportdesk.statements import built_once, built_together, insert, read_together, update

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


# -- several in one ----------------------------------------------------------------------------------------------------


def everything_read(rows) -> list[dict]:
    """All that stands in these rows, also what has been joined."""
    return [
        {name: value for name, value in vars(row).items() if name != "_state"}
        | {name: vars(other)["id"] for name, other in row._state.fields_cache.items() if other is not None}
        for row in rows
    ]


def test_what_is_read_together_is_what_is_read_alone(case, cast, django_assert_num_queries):
    Mandate.objects.create(department=cast.support, refund_up_to=Decimal("12.50"), decider=cast.sam)
    Calendar.objects.update(closed_days=[], open_days={"2026-12-19": "10:00-14:00"})
    amount = Concession.objects.create(
        case=case, kind="refund", amount=Decimal("7.10"), words="“Half” – 50 %", why="\\ \n☂",
        asked_by_agent=cast.nadia, decider=cast.sam, asked_at=datetime(2026, 3, 1, 9, 0, 0, 123456, UTC), due_at=LATER,
    ).amount  # fmt: skip
    questions = {
        "concessions": Concession.objects.select_related("asked_by_agent__department", "case"),
        "entries": Entry.objects.annotate(is_first=Exists(Case.objects.filter(pk=OuterRef("case")))).order_by("-pk"),
        "mandates": Mandate.objects.select_related("decider"),
        "calendars": Calendar.objects.all(),
        "two": Agent.objects.order_by("-name")[:2],
        "none": Case.objects.none(),
        "nobody": Agent.objects.filter(name="Nobody at all"),
    }
    alone = {name: everything_read(rows) for name, rows in questions.items()}
    with django_assert_num_queries(1):
        together = read_together(questions)
    assert {name: everything_read(rows) for name, rows in together.items()} == alone
    assert together["concessions"][0].amount == amount and type(together["concessions"][0].amount) is Decimal


def test_where_nothing_can_be_found_nothing_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert read_together({"none": Agent.objects.none()}) == {"none": []}


def test_of_what_is_read_together_only_the_values_change_too(people, built):
    @built_together
    def read(pks: tuple[int, ...], word: str):
        built.append(word)
        found = Agent.objects.filter(pk__in=pks).order_by("name")
        return {"all": found, "late": found.filter(name__gte=word)}

    abel, bea, cleo = (agent.pk for agent in people)
    first, second = read((abel, bea), "B"), read((cleo, abel), "A")
    assert [names(rows) for rows in (first["all"], first["late"])] == [["Abel", "Bea"], ["Bea"]]
    assert [names(rows) for rows in (second["all"], second["late"])] == [["Abel", "Cleo"], ["Abel", "Cleo"]]
    assert len(built) == 1


# -- writing -----------------------------------------------------------------------------------------------------------


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

    def test_of_a_row_only_what_is_named_is_changed(self, people, django_assert_num_queries):
        abel, bea, _ = people
        abel.name, abel.left_at, abel.email = "Abe", LONG_AGO, "not@changed.example"
        with django_assert_num_queries(1):
            update(abel, "name", "left_at")
        there = Agent.objects.get(pk=abel.pk)
        assert (there.name, there.left_at, there.email) == ("Abe", LONG_AGO, "abel@example.org")
        assert Agent.objects.get(pk=bea.pk).name == "Bea"

    def test_a_row_that_is_gone_is_not_changed_in_silence(self, people):
        gone = people[0]
        Agent.objects.filter(pk=gone.pk).delete()
        with pytest.raises(DatabaseError):
            update(gone, "name")
