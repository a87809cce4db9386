"""Who owns a new case (design rule 1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.assignment import find_owner
from cases.models import Case
from cases.verbs import closing, ownership
from cases.verbs.opening import open_case
from staff.models import Agent, Department, Topic
from supportdesk import clock
from tests.cast import SUNDAY, TUESDAY, a_case, an_agent, fresh

pytestmark = pytest.mark.usefixtures("tuesday")
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def two(cast):
    """Only Nadia and Ben work in Support today."""
    Agent.objects.filter(is_supervisor=True).update(is_active=False)
    return cast


def owned(agent, customer, *priorities, since=TUESDAY - 2 * AN_HOUR):
    """Open cases of an agent, one for each priority, as they lie after an earlier time."""
    with clock.at(since):
        for priority in priorities:
            case = a_case(customer, priority=priority)
            if case.owner != agent:
                hand = ownership.hand_over(case, agent, brief="Yours.", by=case.owner)
                ownership.accept(hand, by=agent)


def owner_for(customer, department):
    return find_owner(customer, department, clock.now(), Department.objects.with_hours())


def test_the_agent_who_looked_after_the_customer_last_gets_the_next_case(two):
    owned(two.ben, two.carla, 1, 1, 1)
    assert owner_for(two.carla, two.support) == two.ben
    assert owner_for(two.mallory, two.support) == two.nadia


def test_the_last_agent_is_found_in_whatever_department_the_topic_is(two):
    owned(two.ben, two.carla, 3)
    assert owner_for(two.carla, two.hardware) == two.ben


@pytest.mark.parametrize("priorities, owner", [((1,) * 10, "ben"), ((1,) * 10 + (4,), "nadia")])
def test_the_last_agent_may_carry_forty_and_not_one_more(two, priorities, owner):
    owned(two.ben, two.mallory, *priorities[1:])
    owned(two.ben, two.carla, priorities[0], since=TUESDAY - AN_HOUR)
    assert owner_for(two.carla, two.support) == getattr(two, owner)


def test_the_last_agent_who_is_not_on_duty_is_passed_over(two):
    owned(two.ben, two.carla, 4)
    Agent.objects.filter(pk=two.ben.pk).update(can_sign_in=False)
    assert owner_for(two.carla, two.support) == two.nadia


def test_closed_cases_weigh_nothing_but_are_remembered(two):
    owned(two.ben, two.carla, *(1,) * 11)
    for case in Case.objects.filter(owner=two.ben):
        closing.override(case, reason="A test.", by=LOG)
    assert owner_for(two.carla, two.support) == two.ben


@pytest.mark.parametrize(
    "nadias, bens, owner",
    [
        pytest.param((1,), (2,), "ben", id="4 against 3"),
        pytest.param((2,), (3,), "ben", id="3 against 2"),
        pytest.param((3,), (4,), "ben", id="2 against 1"),
        pytest.param((4, 4, 4), (1,), "nadia", id="three quiet ones are less than one urgent"),
        pytest.param((2, 4), (3,), "ben", id="what counts is the sum"),
    ],
)
def test_the_fewest_open_cases_are_counted_by_weight(two, nadias, bens, owner):
    owned(two.nadia, two.mallory, *nadias)
    owned(two.ben, two.mallory, *bens)
    assert owner_for(two.carla, two.support) == getattr(two, owner)


def test_of_two_with_the_same_weight_the_one_who_has_waited_longest_is_next(two):
    owned(two.nadia, two.mallory, 3, since=TUESDAY - AN_HOUR)
    owned(two.ben, two.mallory, 3, since=TUESDAY - 2 * AN_HOUR)
    assert owner_for(two.carla, two.support) == two.ben


def test_who_never_had_a_case_has_waited_longest(two):
    owned(two.nadia, two.mallory, 4)
    for case in Case.objects.all():
        closing.override(case, reason="A test.", by=LOG)
    assert owner_for(two.carla, two.support) == two.ben


def test_a_topic_leads_to_its_department(cast):
    board = Topic.objects.create(name="A machine does not start", department=cast.hardware)
    case = open_case(cast.carla, "It is dead.", topic=board, by=cast.carla)
    assert (case.owner, case.department, case.topic) == (cast.olga, cast.hardware, board)


def test_without_a_topic_it_is_the_default_departments(cast):
    assert a_case(cast.carla).department == cast.support


def test_outside_the_departments_hours_the_fallback_owner_has_it_until_somebody_takes_it(cast):
    with clock.at(SUNDAY):
        case = a_case(cast.carla)
    assert case.owner == cast.nobody
    assert list(Case.objects.up_for_taking()) == [case]


def test_the_fallback_owner_is_never_the_agent_who_looked_after_somebody_last(cast):
    with clock.at(SUNDAY):
        a_case(cast.carla)
    assert a_case(cast.carla).owner == cast.nadia


def test_a_department_without_anybody_on_duty_leaves_it_to_the_fallback_owner(cast):
    Agent.objects.filter(department=cast.hardware).update(is_active=False)
    assert owner_for(cast.carla, cast.hardware) == cast.nobody


def test_the_owner_of_a_live_case_cannot_be_named_by_whoever_opens_it(cast):
    with pytest.raises(ValueError, match="found by rule"):
        a_case(cast.carla, owner=cast.ben)
    assert not Case.objects.exists()


def test_everybody_gets_their_share_of_a_busy_morning(two):
    zoe = an_agent("Zoe Zimmer", two.support)
    for minute in range(9):
        with clock.at(TUESDAY + timedelta(minutes=minute)):
            customer = two.carla if minute == 0 else type(two.carla).objects.create(name=f"C{minute}", since=TUESDAY)
            a_case(customer)
    assert [Case.objects.owned_by(agent).count() for agent in (two.nadia, two.ben, zoe)] == [3, 3, 3]


def test_the_owner_is_looked_for_in_the_department_of_the_case_which_is_kept(cast):
    case = a_case(cast.carla)
    assert fresh(case).department == cast.support
    assert fresh(case).owner.department == cast.support
