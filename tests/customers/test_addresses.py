"""An address belongs to one customer at a time, and what staff change is on record."""

from __future__ import annotations

from functools import partial

import pytest

from customers import addresses, identity, merging, organisations
from customers.models import Address, Organisation
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, at_once, everything, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


def test_whoever_writes_from_an_added_address_is_the_customer(cast):
    address = addresses.add(cast.carla, "phone", "0039 06 1234", by=cast.ben)
    assert (address.value, address.added_by) == ("+39061234", cast.ben)
    assert identity.recognise("x", phone="+39 06 12 34") == cast.carla


def test_added_twice_it_is_there_once(cast):
    addresses.add(cast.carla, "mail", "Carla@Work.example", by=cast.ben)
    once = everything()
    addresses.add(cast.carla, "mail", "carla@work.example ", by=cast.sam)
    assert everything() == once


def test_anothers_is_refused_and_says_whose_it_is(cast):
    with pytest.raises(Conflict, match="This is Mallory Moss’s") as refused:
        addresses.add(cast.carla, "mail", "MALLORY@home.example", by=cast.ben)
    assert refused.value.field == "value"


def test_of_a_merged_person_it_is_theirs_already(cast):
    merging.merge(cast.carla, cast.mallory, by=cast.ben)
    once = everything()
    assert addresses.add(cast.carla, "mail", "mallory@home.example", by=cast.ben).customer == cast.mallory
    assert everything() == once


@pytest.mark.parametrize(
    ("kind", "value"),
    [("mail", "no mail"), ("mail", ""), ("mail", "a" * 250 + "@b.example"), ("phone", "12-34"), ("fax", "123456")],
)
def test_what_can_be_no_address_is_refused(cast, kind, value):
    before = everything()
    with pytest.raises(Refused):
        addresses.add(cast.carla, kind, value, by=cast.ben)
    assert everything() == before


def test_ended_it_leads_to_somebody_else_and_stays_on_record(cast):
    addresses.add(cast.carla, "mail", "carla@work.example", by=cast.ben)
    ended = addresses.end(cast.carla.addresses.get(value="carla@home.example"), by=cast.olga)
    assert (ended.ended_by, ended.ended_at) == (cast.olga, TUESDAY)
    other = identity.recognise("New Tenant", mail="carla@home.example")
    assert other not in (cast.carla, cast.mallory)
    assert Address.objects.filter(value="carla@home.example").count() == 2
    once = everything()
    addresses.end(ended, by=cast.sam)
    assert everything() == once


def test_the_last_one_stays(cast):
    with pytest.raises(Refused, match="the last one"):
        addresses.end(cast.carla.addresses.get(), by=cast.ben)


@pytest.mark.parametrize("stranger", ["carla", "mallory"])
def test_customers_change_nothing(cast, stranger):
    by = getattr(cast, stranger)
    before = everything()
    for act in (
        partial(addresses.add, cast.carla, "mail", "x@y.example", by=by),
        partial(addresses.end, cast.carla.addresses.get(), by=by),
        partial(organisations.belong_to, cast.carla, "Halden", by=by),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert everything() == before


def test_an_organisation_is_one_however_its_name_is_written(cast):
    organisations.belong_to(cast.carla, " Halden  Choir ", by=cast.ben)
    organisations.belong_to(cast.mallory, "halden choir", by=cast.ben)
    assert fresh(cast.carla).organisation == fresh(cast.mallory).organisation == Organisation.objects.get()
    once = everything()
    organisations.belong_to(cast.carla, "Halden Choir", by=cast.ben)
    assert everything() == once
    organisations.belong_to(cast.carla, "", by=cast.ben)
    assert fresh(cast.carla).organisation is None


@pytest.mark.django_db(transaction=True)
def test_given_to_two_at_once_it_is_one_customers(cast):
    for turn in range(10):
        give = partial(addresses.add, kind="mail", value=f"shared{turn}@home.example", by=cast.ben)
        results = at_once(partial(give, cast.carla), partial(give, cast.mallory))
        assert sorted(type(result).__name__ for result in results) == ["Address", "Conflict"]


@pytest.mark.django_db(transaction=True)
def test_the_last_two_ended_at_once_leave_one(cast):
    for turn in range(10):
        person = identity.recognise("Two", mail=f"one{turn}@home.example", phone=f"+47 22 {turn:05}")
        one, two = person.addresses.all()
        results = at_once(partial(addresses.end, one, by=cast.ben), partial(addresses.end, two, by=cast.sam))
        assert sorted(type(result).__name__ for result in results) == ["Address", "Refused"]
