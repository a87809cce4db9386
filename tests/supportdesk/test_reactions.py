"""Who is told when something slips: whom the rule names, nobody twice, nobody of their own act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Notice, Subtask
from cases.models.timeline import Kind
from cases.verbs import closing, confidentiality, ownership, promises, refusals, subtasks
from escalations import flags, rules
from escalations.models import Flag
from staff.models import Absence, Agent
from supportdesk import clock
from supportdesk.announce import announce
from tests.cases.test_beats import NO
from tests.cast import TUESDAY, WEDNESDAY, an_agent, first_promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

THURSDAY = WEDNESDAY + timedelta(days=1)


@pytest.fixture
def tells(monkeypatch):
    """The rule tells these, whichever it is."""

    def say(*whom):
        monkeypatch.setattr(rules, "tells", lambda name: whom, raising=False)

    return say


def raised(rule: str, now=THURSDAY) -> None:
    """Everything that is announced as of then, the rule's flags among it."""
    with clock.at(now):
        promises.break_due(now)
        assert flags.raise_all(rules.BY_NAME[rule], now) >= 1
        announce()


def told(kind=Kind.FLAG_RAISED) -> list[tuple[str, str]]:
    found = Notice.objects.filter(entry__kind=kind).order_by("agent__name")
    return list(found.values_list("agent__name", "why"))


def late_part(case, cast) -> Subtask:
    part = subtasks.ask(case, cast.hardware, "Test", by=cast.nadia)
    return subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)


def test_by_itself_a_rule_tells_whom_it_names(case, cast):
    cast.hardware.lead = cast.olga
    cast.hardware.save(update_fields=["lead"])
    late_part(case, cast)
    raised("subtask_late")
    assert told() == [("Nadia Novak", "owner"), ("Olga Orlova", "lead")]


def test_whom_the_rule_names_is_told_each_with_their_reason(case, cast, tells):
    tells("supervisors", "lead", "cover", "owner")
    cast.hardware.lead = cast.olga
    cast.hardware.save(update_fields=["lead"])
    Absence.objects.create(
        agent=cast.nadia, cover=cast.ben, starts_at=TUESDAY, announced_at=TUESDAY, announced_by=cast.nadia
    )
    late_part(case, cast)
    raised("subtask_late")
    assert told() == [
        ("Ben Becker", "cover"),
        ("Nadia Novak", "owner"),
        ("Olga Orlova", "lead"),
        ("Sam Sato", "supervisor"),
        ("Sue Singh", "supervisor"),
    ]


def test_the_lead_is_the_owners_where_no_department_is_late(case, cast, tells):
    tells("lead")
    cast.support.lead, cast.hardware.lead = cast.ben, cast.olga
    for department in (cast.support, cast.hardware):
        department.save(update_fields=["lead"])
    raised("promise_broken")
    assert told() == [("Ben Becker", "lead")]


def test_nobody_is_told_where_the_rule_tells_nobody(case, cast, tells):
    tells()
    raised("promise_broken")
    assert told() == []


def test_whoever_is_named_twice_is_told_once(case, cast, tells):
    tells("owner", "lead", "supervisors")
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    cast.hardware.lead = cast.sue
    cast.hardware.save(update_fields=["lead"])
    part = subtasks.ask(case, cast.hardware, "Test", by=cast.sam)
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    raised("subtask_late")
    assert told() == [("Sam Sato", "owner"), ("Sue Singh", "lead")]


def test_a_supervisor_is_not_told_as_one_of_their_own_case(case, cast):
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    raised("promise_broken")
    assert told() == [("Sue Singh", "supervisor")]


def test_where_no_other_supervisor_is_all_are_told_but_who_heard_of_it_already(case, cast, tells):
    tells("supervisors")
    Agent.objects.filter(pk=cast.sue.pk).update(can_sign_in=False)
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    part = subtasks.ask(case, cast.hardware, "Test", by=cast.sam)
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    raised("subtask_late")
    assert told() == [("Sam Sato", "supervisor")]
    raised("promise_broken")
    assert told(Kind.PROMISE_BROKEN) == [("Sam Sato", "owner")]
    assert told() == [("Sam Sato", "supervisor")], "the promise that broke was told once"


def test_the_owner_who_read_that_it_broke_does_not_read_that_there_is_a_flag(case, cast, tells):
    tells("owner", "supervisors")
    raised("promise_broken")
    assert told(Kind.PROMISE_BROKEN) == [("Nadia Novak", "owner")]
    assert told() == [("Sam Sato", "supervisor"), ("Sue Singh", "supervisor")]


def test_whoever_was_asked_to_look_is_not_told_of_the_flag_about_it(case, cast):
    refusal = refusals.refuse(case, **NO, by=cast.nadia)
    refusals.ask_for_another_look(refusal, by=cast.carla)
    announce()
    raised("refusal_disputed")
    assert told(Kind.ANOTHER_LOOK_ASKED) == [
        ("Nadia Novak", "owner"),
        ("Sam Sato", "supervisor"),
        ("Sue Singh", "supervisor"),
    ]
    assert told() == []


def test_nobody_is_told_of_their_own_act(case, cast, tells):
    tells("owner", "supervisors")
    closing.override(case, reason="A double of C-1.", by=cast.sam)
    announce()
    raised("closed_by_override")
    # Nadia has been told of the closing itself.
    assert told() == [("Sue Singh", "supervisor")]


def test_what_has_ended_before_it_was_told_is_not_told(case, cast):
    part = late_part(case, cast)
    with clock.at(THURSDAY):
        flags.raise_all(rules.BY_NAME["subtask_late"], THURSDAY)
        subtasks.done(part, outcome="Here.", by=cast.olga)
        flags.settle_ended(rules.BY_NAME["subtask_late"], THURSDAY)
        announce()
    assert Flag.objects.get().settled == "itself"
    assert told() == []


def test_only_who_may_see_it_and_can_sign_in_is_told(case, cast, tells):
    tells("lead", "supervisors")
    cast.support.lead = an_agent("Paula Petit", cast.warranty)
    cast.support.save(update_fields=["lead"])
    confidentiality.make_confidential(case, reason="It is about her health.", by=cast.nadia)
    Agent.objects.filter(pk=cast.sue.pk).update(can_sign_in=False)
    raised("promise_broken")
    assert told() == [("Sam Sato", "supervisor")]


def test_one_entry_tells_one_agent_once_whatever_its_reactions(case, cast):
    """Sam owns the case and has the part that he, as its owner, is told about; the part was dropped by Sue."""
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    part = subtasks.ask(case, cast.support, "Look it up", by=cast.sam)
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.sam)
    subtasks.drop(part, reason="Not needed.", by=cast.sue)
    announce()
    assert told(Kind.SUBTASK_DROPPED) == [("Sam Sato", "owner")]


def test_whoever_has_left_is_not_told(case, cast):
    Agent.objects.filter(pk=cast.nadia.pk).update(is_active=False)
    with clock.at(first_promise(case).due_at):
        promises.break_due(clock.now())
        announce()
    assert told(Kind.PROMISE_BROKEN) == []
