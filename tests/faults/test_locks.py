"""Many at the same case at one moment, locks held for long, two who wait for each other, sweeps beside each other."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from cases.models import Case, Handover
from cases.models.timeline import Kind
from cases.verbs import answering, closing, conversation, joining, ownership, promises, subtasks
from cases.verbs.locking import lock
from escalations.models import Flag
from escalations.sweep import sweep, sweep_now
from supportdesk import clock
from supportdesk.errors import Conflict, Refused
from tests.cast import (
    SILENCE,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    a_case,
    an_agent,
    at_once,
    first_promise,
    fresh,
    kinds,
    proposed,
)
from tests.faults.crowd import Crowd
from tests.faults.invariants import check
from tests.pages import said, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def only_refusals(results):
    """Rows, or a rule that said no; anything else is a defect."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refused):
            raise result
    return results


class Held:
    """A case that another session holds, for as long as the block lasts."""

    def __init__(self, case: Case):
        self._case = case
        self._holding, self._release = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, daemon=True)

    def _hold(self) -> None:
        try:
            with transaction.atomic():
                lock(self._case)
                self._holding.set()
                self._release.wait(120)
        finally:
            connection.close()

    def __enter__(self) -> None:
        self._thread.start()
        assert self._holding.wait(20)

    def __exit__(self, *_) -> None:
        self._release.set()
        self._thread.join(20)


# -- locks ---------------------------------------------------------------------------------------------------------


def test_f26_a_case_held_for_long_is_said_so_and_the_sweep_goes_round_it(cast, tuesday, size):
    held, free = a_case(cast.carla), a_case(cast.mallory)
    browser = signed_in(cast.sam)
    with Held(held):
        began = time.monotonic()
        answer = browser.post(f"/cases/{held.number}/note/", {"body": "Hm.", "once": "k1"})
        waited = time.monotonic() - began
        assert answer.status_code == 503 and answer["Retry-After"] and 4 < waited < 20
        assert "Somebody is changing this at this moment" in said(answer)
        began = time.monotonic()
        raised = sweep(WEDNESDAY).raised["promise_broken"]
        assert (raised, time.monotonic() - began < 20) == (1, True)
        time.sleep(size(0, 25))
    assert browser.post(f"/cases/{held.number}/note/", {"body": "Hm.", "once": "k1"}).status_code == 302
    assert sweep(WEDNESDAY).raised["promise_broken"] == 1
    assert held.notes.count() == 1 and first_promise(free).state == "broken"
    with clock.at(WEDNESDAY):
        check(announced=False)


def test_f26_no_flag_is_raised_or_settled_on_a_case_that_a_verb_holds(cast, tuesday):
    case = a_case(cast.carla)
    part = subtasks.ask(case, cast.hardware, "Test", by=case.owner)
    subtasks.accept(part, committed_at=TUESDAY + timedelta(hours=1), by=cast.olga)
    with Held(case):
        assert sweep(WEDNESDAY).raised["subtask_late"] == 0
    assert sweep(WEDNESDAY).raised["subtask_late"] == 1
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    with Held(case):
        assert sweep(WEDNESDAY).settled["subtask_late"] == 0
    assert sweep(WEDNESDAY).settled["subtask_late"] == 1


def test_two_requests_that_wait_for_each_other_are_both_done(cast, tuesday, size, monkeypatch):
    """Two views lock two cases crosswise, as joining both ways will; PostgreSQL ends one, which is done again."""
    note, one, two = conversation.note, a_case(cast.carla), a_case(cast.mallory)
    for number in range(size(2, 50)):
        meeting = threading.Barrier(2)

        def crossed(case, words, *, by, once, number=number, meeting=meeting):
            mine = lock(case)
            if not meeting.broken:  # not when it is done again
                with suppress(threading.BrokenBarrierError):
                    meeting.wait(10)
                meeting.abort()
            lock(two if mine.pk == one.pk else one)
            return note(mine, f"Round {number}", by=by)

        monkeypatch.setattr(conversation, "note", crossed)
        answers = only_refusals(
            at_once(
                *[
                    lambda case=case, number=number: signed_in(cast.sam).post(
                        f"/cases/{case.number}/note/", {"body": "x", "once": f"{case.pk}k{number}"}
                    )
                    for case in (one, two)
                ]
            )
        )
        assert [answer.status_code for answer in answers] == [302, 302]
        assert [case.notes.filter(body=f"Round {number}").count() for case in (one, two)] == [1, 1]


def test_without_its_database_the_desk_says_when_to_come_back(cast, monkeypatch):
    def away(*_, **__):
        raise OperationalError("connection to server failed: SECRET_PASSWORD")

    browser = Client(raise_request_exception=False)
    connection.close()
    monkeypatch.setattr(connection, "get_new_connection", away)
    for path in ("/help/", "/escalations/", reverse("account_login")):
        answer = browser.get(path, headers={"Cookie": f"session={'a' * 32}"})
        if path != "/help/" or answer.status_code != 200:
            assert answer.status_code == 503 and answer["Retry-After"], path
        assert "SECRET" not in answer.content.decode() and "Traceback" not in answer.content.decode()
    report = browser.get("/readyz")
    assert report.status_code == 503 and report.json()["database"] == "OperationalError"


# -- races ---------------------------------------------------------------------------------------------------------
#
# Five kinds of forty rounds in `make test`, of 2,000 in `make faults`: ten thousand. Each round has one winner, and at
# its end nothing stands that could not stand if all had come one after the other.

ROUNDS = (40, 2000)


@pytest.fixture
def crowd(cast):
    with Crowd(20) as people:
        yield people


def test_f28_twenty_take_one_case_at_one_moment(cast, crowd, size):
    agents = [an_agent(f"Agent{number} Twenty", cast.support) for number in range(20)]
    for _ in range(size(*ROUNDS)):
        with clock.at(SUNDAY):
            case = a_case(cast.carla)
            results = only_refusals(crowd.at_once(*[partial(ownership.take, case, by=by) for by in agents]))
        lost = [result for result in results if isinstance(result, Conflict)]
        winner = fresh(case).owner
        assert winner in agents and len(lost) == 19
        assert {conflict.sentence for conflict in lost} == {f"{winner.name} owns this case already."}
        assert kinds(case).count(Kind.TAKEN) == 1
    check(announced=False)


def test_f28_one_offer_accepted_given_back_and_taken_over_at_one_moment(cast, crowd, tuesday, size):
    """Whoever is the owner at the end is the one whom the timeline names last."""
    for _ in range(size(*ROUNDS)):
        case = a_case(cast.carla)
        offer = ownership.hand_over(case, cast.olga, brief="Yours.", by=case.owner)
        supervisor = cast.sam if case.owner == cast.sue else cast.sue
        acts = [
            *[partial(ownership.accept, offer, by=cast.olga)] * 7,
            *[partial(ownership.give_back, offer, reason="No time.", by=cast.olga)] * 6,
            *[partial(ownership.take_over, case, reason="Mine.", by=supervisor)] * 7,
        ]
        only_refusals(crowd.at_once(*acts))
        case = fresh(case)
        assert case.owner == case.entries.exclude(owner=None).latest("pk").owner == supervisor
        told = kinds(case)
        assert told.count(Kind.HANDOVER_ACCEPTED) + told.count(Kind.HANDOVER_GIVEN_BACK) <= 1
        assert told.count(Kind.TAKEN_OVER) == 1
        assert not Handover.objects.filter(case=case, state="offered").exists()
    check(announced=False)


def test_f29_a_yes_against_an_ask(cast, crowd, tuesday, size):
    for _ in range(size(*ROUNDS)):
        case = a_case(cast.carla)
        acts = [
            *[partial(answering.say_yes, case, by=cast.carla)] * 10,
            *[partial(subtasks.ask, case, cast.hardware, "Test", by=case.owner)] * 10,
        ]
        only_refusals(crowd.at_once(*acts))
        case = fresh(case)
        assert case.yes_at and case.is_open == case.subtasks.open().exists()
        assert kinds(case).count(Kind.CUSTOMER_SAID_YES) == 1
    check(announced=False)


def test_f29_a_closing_against_an_ask_and_a_word(cast, crowd, tuesday, size):
    """The owner closes, a part is asked for, the customer writes: no word is lost, nothing is closed over a part."""
    for _ in range(size(*ROUNDS)):
        case = a_case(cast.carla)
        owner = case.owner
        part = subtasks.ask(case, cast.hardware, "Test", by=owner)
        answering.say_yes(case, by=cast.carla)
        acts = [
            partial(subtasks.done, part, outcome="Fine.", by=cast.olga),
            *[partial(closing.close, case, by=owner)] * 7,
            *[partial(subtasks.ask, case, cast.warranty, "Look", by=owner)] * 6,
            *[partial(conversation.customer_writes, case, f"One thing more: {n}.", by=cast.carla) for n in range(6)],
        ]
        only_refusals(crowd.at_once(*acts))
        case = fresh(case)
        assert case.messages.filter(body__startswith="One thing more").count() == 6
        assert case.is_open or not case.subtasks.open().exists()
    check(announced=False)


def test_f27_twenty_join_two_cases_crosswise(cast, crowd, tuesday, size):
    """Ten one way, ten the other: one case goes on with both promises, and nobody waits in a ring."""
    for _ in range(size(*ROUNDS)):
        one, two = a_case(cast.carla), a_case(cast.carla)
        acts = [
            *[partial(joining.join, one, two, by=cast.sam)] * 10,
            *[partial(joining.join, two, one, by=cast.sue)] * 10,
        ]
        lost = [result for result in only_refusals(crowd.at_once(*acts)) if isinstance(result, Conflict)]
        assert len(lost) == 10 and all("they are one already" in conflict.sentence for conflict in lost)
        joined, survivor = sorted((fresh(one), fresh(two)), key=lambda case: case.is_open)
        assert (joined.outcome, joined.joined_into, survivor.is_open) == ("joined", survivor, True)
        assert kinds(joined).count(Kind.JOINED) == kinds(survivor).count(Kind.JOINED_HERE) == 1
        assert survivor.promises.owed().count() == 2
    check(announced=False)


# -- two sweepers --------------------------------------------------------------------------------------------------


def test_f31_two_sweepers_through_half_an_hour(cast, size, dice):
    """A fast clock: both sweep minute by minute while promises fall due and the customer speaks in between."""
    due = {}
    with clock.at(TUESDAY):
        cases = [a_case(cast.carla) for _ in range(3)]
        for number in range(size(30, 600)):
            at = TUESDAY + timedelta(seconds=dice.randrange(1, 60 * size(30, 600)))
            promise = promises.make(
                cases[number % 3], promises.Pledge("call you", at, in_closed_hours=True), by=cast.sam
            )
            due[promise.pk] = at
    for minute in range(0, size(30, 600) + 1, size(3, 1)):
        with clock.at(TUESDAY + timedelta(minutes=minute)):
            acts = [sweep_now, sweep_now]
            if dice.random() < 0.5:
                case = dice.choice(cases)
                acts.append(lambda case=case: conversation.customer_writes(case, "And?", by=cast.carla))
            only_refusals(at_once(*acts))
            early = Flag.objects.filter(became_true_at__gt=clock.now())
            assert not early.exists()
    with clock.at(TUESDAY + timedelta(minutes=size(31, 601))):
        sweep_now()
        broken = Flag.objects.filter(rule="promise_broken", subject__in=due)
        assert dict(broken.values_list("subject", "became_true_at")) == due
        check(announced=False)


# -- a step that fails ---------------------------------------------------------------------------------------------


def test_a_step_that_fails_holds_up_no_other_and_is_seen(cast, tuesday, monkeypatch, caplog):
    case = a_case(cast.carla)
    sweep_now()

    def broken(now, **scope):
        raise ValueError("nonsense in a row")

    with monkeypatch.context() as broken_desk, clock.at(WEDNESDAY):
        broken_desk.setattr("escalations.sweep.silence.remind_due", broken)
        for _ in range(2):
            swept = sweep_now()
        assert swept.failed == {"remind": "ValueError"}
        assert Flag.objects.filter(rule="promise_broken", case=case).count() == 1
    assert "“remind” failed" in caplog.text
    assert Client().get("/readyz").json()["failing_steps"] == ["remind"]
    with clock.at(WEDNESDAY):
        sweep_now()
    assert Client().get("/readyz").json()["failing_steps"] == []


def test_a_calendar_emptied_behind_our_back_keeps_nobody_waiting(cast, tuesday):
    stuck, free = a_case(cast.carla), a_case(cast.mallory)
    for case in (stuck, free):
        proposed(case, case.owner)
    ownership.accept(ownership.hand_over(stuck, cast.olga, brief="Yours.", by=stuck.owner), by=cast.olga)
    hours = cast.hardware.calendar
    hours.pk, hours.name = None, "Emptied"
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
        setattr(hours, day, "")
    hours.save()
    type(cast.hardware).objects.filter(pk=cast.hardware.pk).update(calendar=hours)
    with clock.at(SILENCE):
        sweep_now()
        swept = sweep_now()
    assert swept.failed == {}
    assert {fresh(stuck).state, fresh(free).state} == {"unconfirmed"}
    assert stuck.resolutions.get(ended_at=None).supervisors_by == SILENCE
