"""The database says no, below every verb and every door (design rules 1, 2 and 9)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from cases import timeline
from cases.models import Case, Entry, Handover, Promise, Resolution, Subtask
from cases.models.timeline import Kind
from cases.verbs import closing, ownership, subtasks
from customers.models import Address
from escalations import flags
from escalations.models import Flag
from escalations.rules import BY_NAME
from staff.models import Agent, Department
from tests.cast import TUESDAY, WEDNESDAY, as_at_commit, as_the_owner, first_promise, fresh, proposed

CLOSED = {"state": "closed", "closed_at": TUESDAY, "outcome": "no_answer"}


def refused(match=""):
    """The database refuses what is done inside; the test goes on afterwards."""
    return _Refused(match)


class _Refused:
    def __init__(self, match):
        self.expected = pytest.raises(DatabaseError, match=match)
        self.savepoint = transaction.atomic()

    def __enter__(self):
        self.expected.__enter__()
        self.savepoint.__enter__()

    def __exit__(self, *failure):
        self.savepoint.__exit__(*failure)
        return self.expected.__exit__(*failure)


def update(case, **facts):
    Case.objects.filter(pk=case.pk).update(**facts)


@pytest.mark.parametrize(
    "facts, name",
    [
        pytest.param({"owner": None}, "owner_id", id="without an owner"),
        pytest.param({"state": "closed"}, "closed_says_when", id="closed without a word"),
        pytest.param({**CLOSED, "closed_by": "desk", "outcome": ""}, "closed_says_when", id="closed without outcome"),
        pytest.param({**CLOSED, "closed_by": ""}, "closed_says_when", id="closed by nobody"),
        pytest.param({"closed_at": TUESDAY}, "closed_says_when", id="open with a closing time"),
        pytest.param({"outcome": "override"}, "closed_says_when|reason", id="open with an outcome"),
        pytest.param({**CLOSED, "closed_by": "agent"}, "names_the_agent", id="closed by an agent without a name"),
        pytest.param(
            {**CLOSED, "closed_by": "desk", "outcome": "confirmed", "yes_at": TUESDAY},
            "customer_alone",
            id="confirmed by the desk",
        ),
        pytest.param(
            {**CLOSED, "closed_by": "customer", "outcome": "confirmed"}, "customer_alone", id="confirmed without a yes"
        ),
        pytest.param({**CLOSED, "closed_by": "log", "outcome": "override"}, "reason", id="override without a reason"),
        pytest.param({"next_step": "nothing"}, "next_step", id="a next promise that is no next step"),
        pytest.param({"next_promise": None}, "next_step", id="a next step without its promise"),
        pytest.param({"priority": 5}, "priority", id="no such priority"),
        pytest.param({"problem": "He says it works."}, "Cannot update", id="other first words"),
        pytest.param({"opened_at": WEDNESDAY}, "Cannot update", id="another beginning"),
    ],
)
def test_no_case_is_like_this(case, facts, name):
    before = Case.objects.filter(pk=case.pk).values().get()
    with refused(name):
        update(case, **facts)
    assert Case.objects.filter(pk=case.pk).values().get() == before


def test_staff_cannot_confirm(cast, case):
    with refused("customer_alone"):
        update(case, **{**CLOSED, "outcome": "confirmed"}, closed_by="agent", closed_by_agent=cast.sam, yes_at=TUESDAY)


@pytest.mark.parametrize("outcome, yes", [("no_answer", False), ("confirmed", True)])
def test_no_statement_closes_over_an_open_part(cast, case, outcome, yes):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    facts = {
        **CLOSED,
        "outcome": outcome,
        "closed_by": "customer" if yes else "log",
        "yes_at": TUESDAY if yes else None,
    }
    with refused("has open sub-tasks"):
        update(case, **facts)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    update(case, **facts)
    assert fresh(case).outcome == outcome


def test_only_an_override_passes_over_an_open_part(cast, case):
    subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    update(case, **{**CLOSED, "outcome": "override"}, closed_by="log", override_reason="So it was.")
    assert not fresh(case).is_open


@pytest.mark.parametrize("row", [Case, Entry])
def test_what_is_written_once_is_never_deleted(case, row):
    before = row.objects.count()
    with refused("permission denied"):
        row.objects.all()._raw_delete("default")
    with refused("Cannot delete"):
        as_the_owner()
        row.objects.all()._raw_delete("default")
    assert row.objects.count() == before


@pytest.mark.parametrize(
    "change", [{"kind": Kind.NOTED}, {"at": WEDNESDAY}, {"data": {"rule": "none"}}, {"actor": "desk", "customer": None}]
)
def test_an_entry_never_changes(case, change):
    with refused("permission denied"):
        Entry.objects.filter(pk=case.entries.first().pk).update(**change)
    with refused("Cannot update"):
        as_the_owner()
        Entry.objects.filter(pk=case.entries.first().pk).update(**change)


def test_except_that_it_was_announced(case):
    assert case.entries.update(announced_at=WEDNESDAY) == 2


def test_the_timeline_cannot_be_truncated_except_by_the_test_runner(case):
    with refused("cannot be truncated"), connection.cursor() as cursor:
        as_the_owner()
        cursor.execute("SET LOCAL desk.test = '0'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE cases_entry CASCADE")
    assert case.entries.exists()


def test_an_owner_who_changes_without_an_entry_cannot_be_committed(cast, case):
    as_at_commit()
    with refused("does not name its owner"):
        update(case, owner=cast.ben)
        as_at_commit()
    assert fresh(case).owner == cast.nadia


def test_an_owner_who_changes_with_an_entry_can(cast, case):
    update(case, owner=cast.ben)
    timeline.record(case, Kind.TAKEN, by=cast.ben, owner=cast.ben)
    as_at_commit()


def test_a_case_without_an_opening_entry_cannot_be_committed(cast, case):
    copy = fresh(case)
    copy.pk, copy.key, copy.next_step, copy.next_promise = None, "another", "nothing", None
    with refused("does not name its owner"):
        copy.save(force_insert=True)
        as_at_commit()


@pytest.mark.parametrize(
    "actor", [{"actor": "agent"}, {"actor": "customer"}, {"actor": "desk", "agent": "nadia"}, {"actor": "nobody"}]
)
def test_an_entry_names_its_actor(cast, case, actor):
    facts = {**actor, **({"agent": cast.nadia} if "agent" in actor else {})}
    with refused("names_its_actor"):
        Entry.objects.create(case=case, kind=Kind.NOTED, at=TUESDAY, **facts)


def test_one_resolution_stands(cast, case):
    proposed(case, cast.nadia)
    with refused("one_standing_resolution"):
        Resolution.objects.create(case=case, kind="solved", words="Again.", why_none="None.", proposed_at=TUESDAY)


def test_a_resolution_meets_a_wish_or_says_why_none(case):
    with refused("meets_a_wish"):
        Resolution.objects.create(case=case, kind="solved", words="Done.", proposed_at=TUESDAY)


def test_one_handover_stands(cast, case):
    ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
    with refused("one_open_handover"):
        Handover.objects.create(
            case=case, from_agent=cast.nadia, to_agent=cast.olga, brief="Yours.", offered_at=TUESDAY
        )


def test_nobody_hands_over_to_themselves(cast, case):
    with refused("somebody_else"):
        Handover.objects.create(case=case, from_agent=cast.ben, to_agent=cast.ben, brief="Mine.", offered_at=TUESDAY)


@pytest.mark.parametrize("became_true_at, name", [(TUESDAY, "raised_once|one_standing"), (WEDNESDAY, "one_standing")])
def test_one_flag_stands_for_each_rule_and_subject(case, became_true_at, name):
    facts = {"rule": "promise_broken", "case": case, "subject": 1, "raised_at": WEDNESDAY}
    Flag.objects.create(became_true_at=TUESDAY, **facts)
    with refused(name):
        Flag.objects.create(became_true_at=became_true_at, **facts)


def test_a_settled_flag_is_not_raised_again_for_the_same_instant(cast, case):
    closing.override(case, reason="A double.", by=cast.sue)
    flags.raise_all(BY_NAME["closed_by_override"], WEDNESDAY)
    flag = flags.settle(Flag.objects.get(), reason="Looked at.", by=cast.sam)
    with refused("raised_once"):
        Flag.objects.create(
            rule=flag.rule, case=case, subject=flag.subject, became_true_at=flag.became_true_at, raised_at=WEDNESDAY
        )


@pytest.mark.parametrize(
    "facts, name",
    [
        ({"state": "kept"}, "ended_promise"),
        ({"ended_at": TUESDAY}, "ended_promise"),
        ({"state": "broken", "ended_at": WEDNESDAY}, "broken_at_its_due_time"),
        ({"answered_at": TUESDAY}, "only_a_broken"),
        ({"state": "renegotiated", "ended_at": TUESDAY}, "with_agreement"),
    ],
)
def test_no_promise_ends_like_this(case, facts, name):
    with refused(name):
        Promise.objects.filter(pk=first_promise(case).pk).update(**facts)


@pytest.mark.parametrize(
    "facts, name", [({"state": "done"}, "ended_subtask"), ({"state": "in_work"}, "in_work_with_a_date")]
)
def test_no_part_is_like_this(cast, case, facts, name):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    with refused(name):
        Subtask.objects.filter(pk=part.pk).update(**facts)


def test_an_address_belongs_to_one_customer(cast):
    with refused("one_customer_per_address"):
        Address.objects.create(customer=cast.mallory, kind="mail", value="carla@home.example")


def test_there_is_one_default_department_and_one_fallback_owner(cast):
    with refused("one_default_department"):
        Department.objects.filter(pk=cast.hardware.pk).update(is_default=True)
    with refused("one_fallback_owner"):
        Agent.objects.filter(pk=cast.ben.pk).update(is_fallback=True, can_sign_in=False)
    with refused("fallback_owner_cannot_sign_in"):
        Agent.objects.filter(pk=cast.nobody.pk).update(can_sign_in=True)
