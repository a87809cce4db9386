"""Who is this? One customer per address, whatever way it was written."""

from __future__ import annotations

import pytest

from customers import identity
from customers.models import Address, Customer
from supportdesk.errors import Refused
from tests.cast import TUESDAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.mark.parametrize(
    "kind, written, kept",
    [
        ("mail", " Carla@Home.Example ", "carla@home.example"),
        ("phone", "+39 (06) 12-34", "+390612 34".replace(" ", "")),
        ("phone", "0039 06 1234", "+39061234"),
        ("phone", "06 1234", "061234"),
        ("other", " @Carla ", "@Carla"),
    ],
)
def test_an_address_is_kept_in_one_form(kind, written, kept):
    assert identity.normalise(kind, written) == kept


def test_a_known_address_is_a_known_customer_with_the_name_we_know():
    carla = identity.recognise("Carla Conti", mail="carla@home.example")
    assert identity.recognise("C. Conti", mail="CARLA@home.example ") == carla
    assert Customer.objects.get().name == "Carla Conti"


def test_every_address_of_a_new_customer_leads_to_them():
    carla = identity.recognise("Carla Conti", mail="carla@home.example", phone="+39 06 1234")
    assert identity.recognise("Who?", phone="0039 06 1234") == carla


def test_a_new_address_beside_a_known_one_is_not_added_for_it_may_be_a_strangers():
    carla = identity.recognise("Carla Conti", mail="carla@home.example")
    assert identity.recognise("Mallory", mail="carla@home.example", phone="+39 06 1234") == carla
    assert identity.recognise("Mallory", phone="0039 06 1234") != carla


@pytest.mark.parametrize(
    "given", [{"name": "N" * 121, "mail": "a@b.example"}, {"name": "N", "mail": "a" * 250 + "@b.example"}]
)
def test_what_is_longer_than_any_real_one_is_refused(given):
    with pytest.raises(Refused, match="at most"):
        identity.recognise(**given)


def test_a_stranger_moves_no_address():
    carla = identity.recognise("Carla Conti", mail="carla@home.example")
    mallory = identity.recognise("Mallory Moss", mail="mallory@home.example", phone="+39 06 9999")
    assert identity.recognise("Mallory", mail="carla@home.example", phone="+39 06 9999") == carla
    assert Address.objects.get(value="+39069999").customer == mallory


def test_without_any_address_nobody_is_recognised():
    with pytest.raises(ValueError, match="needs an address"):
        identity.recognise("Carla", mail="  ")
    assert not Customer.objects.exists()


def test_a_new_customer_keeps_zone_and_since_when():
    carla = identity.recognise("", mail="carla@home.example", zone="Europe/Rome")
    assert (carla.name, carla.zone, carla.since) == ("carla@home.example", "Europe/Rome", TUESDAY)
