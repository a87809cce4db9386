"""Two rows of one person: whoever asks reads the whole person, and every merging can be taken back."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.assignment import find_owner
from cases.verbs import conversation
from customers import identity, merging
from customers.models import Address, Customer, Merging
from staff.models import Department
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, a_case, at_once, everything, fresh

MAILS = tuple(f"c{number}@home.example" for number in range(5))


@pytest.fixture
def carlas(cast):
    """Carla by her second address, whom the desk took for somebody else."""
    return cast.carla, identity.recognise("C. Conti", mail="carla@work.example", phone="+39 06 1234")


def test_every_address_leads_to_the_person(cast, carlas):
    carla, other = carlas
    merging.merge(carla, other, by=cast.ben)
    assert identity.recognise("x", mail="carla@work.example") == carla
    assert identity.recognise("x", phone="0039 06 1234") == carla
    assert set(Customer.objects.person(other)) == set(Customer.objects.person(carla)) == {carla, other}


def test_it_says_who_and_when_and_moves_nothing(cast, carlas, tuesday):
    carla, other = carlas
    made = merging.merge(carla, other, by=cast.ben)
    assert (made.kept, made.merged, made.merged_by, made.merged_at) == (carla, other, cast.ben, TUESDAY)
    assert other.addresses.count() == 2


def test_undone_they_are_two_again_whenever(cast, carlas, tuesday):
    carla, other = carlas
    before = list(Customer.objects.order_by("pk").values())
    made = merging.merge(carla, other, by=cast.ben)
    with clock.at(TUESDAY.replace(year=2030)):
        undone = merging.undo(made, by=cast.olga)
    assert (undone.undone_by, undone.undone_at.year) == (cast.olga, 2030)
    assert list(Customer.objects.order_by("pk").values()) == before
    assert identity.recognise("x", mail="carla@work.example") == other


def test_the_second_time_changes_nothing(cast, carlas):
    carla, other = carlas
    made = merging.merge(carla, other, by=cast.ben)
    once = everything()
    assert merging.merge(carla, other, by=cast.sam) == made
    assert everything() == once
    merging.undo(made, by=cast.ben)
    undone = everything()
    merging.undo(made, by=cast.sam)
    assert everything() == undone


def test_the_opposite_is_refused_and_says_by_whom_they_are_known(cast, carlas):
    carla, other = carlas
    merging.merge(carla, other, by=cast.ben)
    with pytest.raises(Conflict, match="one person already, known as Carla Conti"):
        merging.merge(other, carla, by=cast.ben)


def test_nobody_is_merged_with_themselves(cast):
    with pytest.raises(Refused, match="one and the same"):
        merging.merge(cast.carla, cast.carla, by=cast.ben)


@pytest.mark.parametrize("who", ["carla", "mallory"])
def test_customers_merge_nobody(cast, carlas, who):
    made = merging.merge(*carlas, by=cast.ben)
    before = everything()
    for act in (lambda by: merging.merge(cast.mallory, cast.carla, by=by), lambda by: merging.undo(made, by=by)):
        with pytest.raises(NotAllowed):
            act(getattr(cast, who))
    assert everything() == before


def test_whoever_has_left_merges_nobody(cast, carlas):
    cast.ben.is_active = False
    with pytest.raises(NotAllowed):
        merging.merge(*carlas, by=cast.ben)


def test_all_roads_lead_to_the_top_and_back_again(cast, carlas):
    carla, other = carlas
    third = identity.recognise("Carla", mail="carla@third.example")
    lower = merging.merge(other, third, by=cast.ben)
    upper = merging.merge(carla, third, by=cast.ben)
    assert (upper.kept, upper.merged) == (carla, other), "The whole person goes under, not the row alone."
    assert {fresh(other).merged_into, fresh(third).merged_into} == {carla}
    merging.undo(upper, by=cast.ben)
    assert (fresh(other).merged_into, fresh(third).merged_into) == (None, other)
    merging.undo(lower, by=cast.ben)
    assert fresh(third).merged_into is None


def test_the_next_problem_goes_to_who_looked_after_the_person_last(cast, carlas, tuesday):
    carla, other = carlas
    case = a_case(other)
    assert find_owner(carla, cast.hardware, TUESDAY, Department.objects.with_hours()) != case.owner
    merging.merge(carla, other, by=cast.ben)
    assert find_owner(carla, cast.hardware, TUESDAY, Department.objects.with_hours()) == case.owner


def test_the_person_may_speak_on_each_of_their_cases(cast, carlas, tuesday):
    carla, other = carlas
    case = a_case(other)
    with pytest.raises(NotAllowed):
        conversation.customer_writes(case, "It is me.", by=carla)
    merging.merge(carla, other, by=cast.ben)
    assert conversation.customer_writes(case, "It is me.", by=fresh(carla)).body == "It is me."


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 4)), max_size=14))
def test_in_any_order_every_address_stays_with_exactly_one_person(cast, steps):
    with transaction.atomic():
        rows = [identity.recognise(mail, mail=mail) for mail in MAILS]
        for merges, first, second in steps:
            try:
                if merges:
                    merging.merge(rows[first], rows[second], by=cast.ben)
                elif made := list(Merging.objects.order_by("pk")):
                    merging.undo(made[(first * 5 + second) % len(made)], by=cast.ben)
            except Refused as refused:
                assert refused.sentence
            _assert_each_is_one_person(rows)
        for made in Merging.objects.order_by("-pk"):
            merging.undo(made, by=cast.ben)
        assert not Customer.objects.exclude(merged_into=None).exists()
        transaction.set_rollback(True)


def _assert_each_is_one_person(rows):
    """As the standing mergings say, read in the plainest way."""
    above = dict(Merging.objects.filter(undone_at=None).values_list("merged", "kept"))
    for row, mail in zip(rows, MAILS, strict=True):
        top = row.pk
        for _ in range(len(rows)):
            top = above.get(top, top)
        assert top not in above, "A ring."
        assert identity.recognise("x", mail=mail).pk == top
        assert fresh(row).person_id == top
        assert Address.objects.of_person(fresh(row)).filter(value=mail).count() == 1


@pytest.mark.django_db(transaction=True)
def test_crossed_at_once_one_wins(cast, tuesday):
    for turn in range(20):
        one = identity.recognise("One", mail=f"one{turn}@home.example")
        two = identity.recognise("Two", mail=f"two{turn}@home.example")
        results = at_once(partial(merging.merge, one, two, by=cast.ben), partial(merging.merge, two, one, by=cast.olga))
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Merging"]
        assert sorted(row.merged_into is None for row in (fresh(one), fresh(two))) == [False, True]
