"""Made-up cases in bulk: as many as asked for, the same ones again, and nothing that breaks a rule."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from cases.models import Case, Entry, Message, Promise, Subtask
from cases.verbs import opening
from customers.models import Address
from escalations.models import Flag
from escalations.sweep import sweep
from staff.models import Agent
from staff.origins import Origin
from supportdesk import clock
from supportdesk.load.checking import Breach, check
from supportdesk.load.running import NotHere, load

NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
# The batches are written by a thread with a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tuesday_morning(cast):
    with clock.at(NOW):
        yield


def told(seed: int) -> list[tuple]:
    """What can be told apart of a seed's cases, in their order; nothing that the database numbers."""
    cases = Case.objects.filter(origin_ref__startswith=f"{seed}-").order_by("pk")
    return list(cases.values_list("origin_ref", "key", "problem", "state", "opened_at", "next_step", "next_due_at"))


def test_there_are_as_many_as_asked_for_and_their_figures_are_counted():
    figures = load(300)
    assert figures["cases"] == Case.objects.filter(origin=Origin.LOAD).count() == 300
    assert figures["messages"] == Message.objects.count()
    assert figures["promises"] == Promise.objects.count()
    assert figures["subtasks"] == Subtask.objects.count()
    assert Agent.objects.filter(origin=Origin.LOAD).count() == 50


def test_they_are_spread_as_life_spreads_them():
    load(600)
    cases = Case.objects.filter(origin=Origin.LOAD)
    assert 30 <= cases.open().count() <= 100
    assert set(cases.values_list("state", flat=True)) == set(Case.State.values)
    assert cases.filter(opened_at__lt=NOW - timedelta(days=365)).exists()
    assert not cases.filter(opened_at__lt=NOW - timedelta(days=730)).exists()
    assert set(Promise.objects.values_list("state", flat=True)) >= {"kept", "broken", "moved", "renegotiated", "open"}
    bodies = list(Message.objects.values_list("body", flat=True))
    assert 3.3 <= len(bodies) / 600 <= 4.2
    assert 580 <= sum(map(len, bodies)) / len(bodies) <= 700
    assert len(set(bodies)) == len(bodies)


def test_the_same_seed_tells_the_same_and_adds_nothing_twice():
    load(40)
    before = told(1)
    assert load(40)["cases"] == 0
    assert told(1) == before
    assert load(60)["cases"] == 20
    assert told(1)[:40] == before


def test_another_seed_tells_something_else():
    load(20)
    load(20, seed=2)
    assert {case[2] for case in told(1)}.isdisjoint(case[2] for case in told(2))


def test_nobody_can_sign_in_nobody_is_written_to_and_nothing_follows():
    load(60)
    assert not Agent.objects.filter(origin=Origin.LOAD, can_sign_in=True).exists()
    made_up = Address.objects.filter(customer__origin=Origin.LOAD)
    assert made_up.exists() and not made_up.exclude(value__endswith=".invalid").exists()
    assert not Entry.objects.unannounced().exists()


def test_the_next_case_gets_a_number_of_its_own(cast):
    load(30)
    case = opening.open_case(cast.carla, "It broke.", by=cast.carla)
    assert case.pk > Case.objects.filter(origin=Origin.LOAD).latest("pk").pk


def test_a_desk_with_real_cases_is_refused_unless_one_insists(cast):
    opening.open_case(cast.carla, "It broke.", by=cast.carla)
    with pytest.raises(NotHere):
        load(10)
    assert not Agent.objects.filter(origin=Origin.LOAD).exists()
    assert load(10, into_live=True)["cases"] == 10


@pytest.mark.parametrize(
    ("breach", "rule"),
    [
        ("UPDATE cases_case SET next_due_at = next_due_at + interval '1 hour' WHERE next_step = 'promise'", "due next"),
        ("UPDATE cases_case SET next_step = 'nothing', next_promise_id = NULL WHERE next_step = 'promise'", "due next"),
        ("UPDATE cases_resolution SET ended_at = proposed_at WHERE ended_at IS NULL", "proposed"),
        (
            "INSERT INTO cases_subtask (case_id, department_id, ask, plain_words, state, asked_at, outcome,"
            " waiting_for, later_reason) SELECT id, department_id, '?', '', 'asked', opened_at, '', '', ''"
            " FROM cases_case WHERE outcome = 'confirmed'",
            "open sub-task",
        ),
        (
            "INSERT INTO cases_entry (case_id, kind, at, actor, data)"
            " SELECT id, 'unconfirmed', opened_at - interval '1 day', 'desk', '{}' FROM cases_case",
            "runs forward",
        ),
        (
            "INSERT INTO cases_entry (case_id, kind, at, actor, data, owner_id)"
            " SELECT c.id, 'taken', c.opened_at, 'desk', '{}', a.id FROM cases_case c JOIN staff_agent a"
            " ON a.id <> c.owner_id AND a.is_fallback",
            "owner",
        ),
    ],
)
def test_a_planted_breach_is_found(breach, rule):
    load(80)
    check()
    with connection.cursor() as cursor:
        cursor.execute(breach)
        assert cursor.rowcount > 0
    with pytest.raises(Breach, match=rule):
        check()


def test_a_sweep_raises_what_is_due_once():
    load(400)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_promise WHERE state = 'broken'")
        broken = cursor.fetchone()[0]
    overdue = Promise.objects.due(NOW).count()
    late = Subtask.objects.late(NOW).count()
    assert overdue and late and broken
    swept = sweep(NOW)
    assert swept.raised["promise_broken"] == broken + overdue
    assert swept.raised["subtask_late"] == late
    assert swept.raised["no_next_promise"] and swept.raised["closed_by_override"]
    flags = Flag.objects.count()
    again = sweep(NOW)
    assert not any(again.raised.values()) and Flag.objects.count() == flags


def test_memory_does_not_grow_with_the_number():
    small = load(100)["peak_rss_mb"]
    assert load(3_000)["peak_rss_mb"] - small < 60


def test_the_command_prints_its_figures_as_json():
    out = StringIO()
    call_command("load", "--cases", "10", "--seed", "3", "--json", stdout=out)
    figures = json.loads(out.getvalue())
    assert list(figures) == ["cases", "messages", "subtasks", "promises", "seconds", "peak_rss_mb"]
    assert figures["cases"] == 10
