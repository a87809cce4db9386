"""Finding a customer by whatever somebody on the telephone says."""

from __future__ import annotations

import pytest
from django.db import connection

from customers import addresses, identity, merging
from customers.models import Address, Customer
from customers.search import PAGE, _meant, find
from tests.cast import TUESDAY, as_the_desk, as_the_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


def found(typed: str) -> list[str]:
    return [person.name for person in find(typed)[0]]


@pytest.fixture
def people(cast):
    addresses.add(cast.carla, "phone", "+39 06 123 456", by=cast.ben)
    for name in ("Carlo Cattaneo", "Anna-Lena O’Brien", "Østen Ånd"):
        identity.recognise(name, mail=f"{len(name)}{name[0].lower()}@home.example".replace("ø", "o"))
    return cast


@pytest.mark.parametrize(
    "typed",
    ["carla@home.example", " CARLA@Home.example ", "06 123 456", "0039 06-123456", "+39 (06) 123 456", "123456"],
)
def test_by_any_address_however_written(people, typed):
    assert found(typed) == ["Carla Conti"]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("car", ["Carla Conti", "Carlo Cattaneo"]),
        ("CONT", ["Carla Conti"]),
        ("carl con", ["Carla Conti"]),
        ("arla", []),
        ("lena", ["Anna-Lena O’Brien"]),
        ("o’brien", ["Anna-Lena O’Brien"]),
        ("anna-l", ["Anna-Lena O’Brien"]),
        ("ø", ["Østen Ånd"]),
        ("mallory@nowhere.example", []),
    ],
)
def test_by_the_beginning_of_any_word_of_a_name(people, typed, names):
    assert found(typed) == names


@pytest.mark.parametrize(
    "typed", ["", "  ", "%", "'", "a' | b:*", "\\", "!!", "&&", "():*", "٣٤٥٦٧", "x" * 200, "1234 x"]
)
def test_whatever_is_typed_is_no_error(people, typed):
    assert found(typed) == []


def test_a_merged_person_is_found_by_each_of_their_names_and_stands_there_once(people):
    other = identity.recognise("Charlotte Conti", mail="charlotte@home.example")
    merging.merge(people.carla, other, by=people.ben)
    assert found("charlotte@home.example") == found("Charl") == found("conti") == ["Carla Conti"]


def test_an_ended_address_finds_nobody(people):
    addresses.end(people.carla.addresses.get(kind="mail"), by=people.ben)
    assert found("carla@home.example") == []


def test_pages_show_everybody_once_by_name(people):
    for number in range(PAGE + 20):
        identity.recognise(f"Zoë Z{number % 7}", mail=f"zoe{number}@home.example")
    first, last = find("zo")
    second, end = find("zo", after=last)
    assert (len(first), len(second), end) == (PAGE, 20, None)
    assert len({person.pk for person in first + second}) == PAGE + 20
    names = [person.name for person in first + second]
    assert names == sorted(names)


def test_each_way_looks_into_its_own_index(people):
    rows = [Customer(name=f"Person {number}", since=TUESDAY) for number in range(3000)]
    Customer.objects.bulk_create(rows)
    Address.objects.bulk_create(Address(customer=row, kind="phone", value=f"+47{row.pk:08}") for row in rows)
    with connection.cursor() as cursor:
        # Only the owner of a table may count what lies in it; the desk would be passed over.
        as_the_owner()
        cursor.execute("ANALYZE customers_customer, customers_address")
        as_the_desk()
        for typed, index in (
            ("conti", "words_of_names"),
            ("06 123 456", "numbers_from_their_end"),
            ("carla@home.example", "one_customer_per_address_in_use"),
        ):
            statement, values = _meant(typed, None).query.sql_with_params()
            cursor.execute(f"EXPLAIN {statement}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert index in plan and "Seq Scan on customers_address" not in plan, plan
