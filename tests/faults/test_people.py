"""People who are turned off in the middle: what was theirs is seen by the supervisors, none is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case
from cases.verbs import leaving, ownership
from escalations.models import Flag
from escalations.sweep import sweep_now
from staff import absences
from staff.models import Absence, Agent
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import NotAllowed, Refused
from tests.cast import TUESDAY, a_case, an_agent, at_once, fresh
from tests.faults.invariants import check

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tuesday")]


def handed_to(agent, case) -> Case:
    """The case, in this agent's hands."""
    if case.owner != agent:
        ownership.accept(ownership.hand_over(case, agent, brief="Yours.", by=case.owner), by=agent)
    return fresh(case)


def whose_owner_is_gone() -> set[int]:
    gone = Agent.objects.filter(is_fallback=False).exclude(is_active=True, can_sign_in=True)
    return set(Case.objects.open().filter(owner__in=gone).values_list("pk", flat=True))


def flagged() -> list[int]:
    return sorted(Flag.objects.filter(rule="owner_away", settled_at=None).values_list("case", flat=True))


def test_f30_an_owner_of_many_cases_is_turned_off(cast, size):
    theirs = [handed_to(cast.olga, a_case(cast.carla)).pk for _ in range(size(20, 100))]
    absences.sign_off(cast.olga, by=cast.sam)
    for _ in range(2):
        sweep_now()
        assert flagged() == theirs == sorted(whose_owner_is_gone())
    # Who stands in is turned off as well, and is no cover any more.
    absences.sign_off(cast.olga, cover=cast.wanda, by=cast.sam)
    sweep_now()
    assert flagged() == []
    with clock.at(TUESDAY + timedelta(hours=1)):
        absences.sign_off(cast.wanda, by=cast.sam)
        sweep_now()
        assert flagged() == theirs
    # Nobody is named any more.
    [absence] = Absence.objects.filter(agent=cast.olga)
    for hours, cover in ((2, cast.ben), (3, None)):
        with clock.at(TUESDAY + timedelta(hours=hours)):
            absences.change(fresh(absence), cover=cover, by=cast.sam)
            sweep_now()
            assert flagged() == ([] if cover else theirs)
    announce()
    check()


def test_f30_an_owner_who_is_made_inactive_behind_our_back(cast, size):
    theirs = [handed_to(cast.olga, a_case(cast.carla)).pk for _ in range(size(5, 100))]
    Agent.objects.filter(pk=cast.olga.pk).update(is_active=False)
    sweep_now()
    assert flagged() == theirs
    announce()
    check()


@pytest.mark.parametrize("who", ["receiver", "giver"])
@pytest.mark.parametrize("how", ["signed off", "leaving"])
def test_f30_somebody_is_turned_off_while_a_case_changes_hands(cast, size, who, how):
    for number in range(size(5, 100)):
        giver = an_agent(f"Giver{number} Gray", cast.hardware)
        receiver = an_agent(f"Receiver{number} Reed", cast.hardware)
        case = handed_to(giver, a_case(cast.carla))
        offer = ownership.hand_over(case, receiver, brief="Yours.", by=giver)
        goes = receiver if who == "receiver" else giver
        end = absences.sign_off if how == "signed off" else leaving.leave
        results = at_once(
            lambda offer=offer, to=receiver: ownership.accept(offer, by=to),
            lambda goes=goes, end=end: end(goes, by=cast.sam),
        )
        unexpected = [
            one for one in results if isinstance(one, Exception) and not isinstance(one, Refused | NotAllowed)
        ]
        assert unexpected == []
        if how == "leaving":
            assert case.pk not in whose_owner_is_gone(), "Nobody leaves with what they are given at that moment."
    sweep_now()
    assert flagged() == sorted(whose_owner_is_gone())
    announce()
    check()
