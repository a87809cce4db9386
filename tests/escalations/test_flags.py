"""Flags: each rule raised once with its time and evidence; conditions end by themselves, events by a supervisor."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases import timeline
from cases.actors import LOG
from cases.models import Case, Refusal
from cases.models.timeline import Kind
from cases.verbs import answering, appeals, closing, complaints, conversation, ownership, promises, proposing, subtasks
from cases.verbs.locking import lock
from escalations import flags
from escalations.models import Flag, LastSweep
from escalations.rules import BY_NAME
from escalations.sweep import sweep, sweep_at, sweep_now
from staff.origins import Origin
from supportdesk import clock
from supportdesk.advisory import Alone
from supportdesk.errors import NotAllowed, Refused
from tests.cast import (
    TUESDAY,
    WEDNESDAY,
    a_case,
    at_once,
    everything,
    first_promise,
    fresh,
    kinds,
    latest_entry,
    pledge,
    proposed,
)

pytestmark = pytest.mark.usefixtures("tuesday")

DUE = TUESDAY + timedelta(hours=4)
THURSDAY = WEDNESDAY + timedelta(days=1)
# Within which a complaint is to be answered.
A_WEEK = timedelta(days=7)


def late_part(cast, case):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    return subtasks.accept(part, committed_at=TUESDAY + timedelta(hours=1), by=cast.olga)


def unpromised(case):
    promises.keep(first_promise(case), said="So it was.", by=LOG)


def overridden(cast, case):
    subtasks.ask(case, cast.warranty, "The receipt", by=cast.nadia)
    subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    closing.override(case, reason="A double of C-10400.", by=cast.sue)


def not_accepted(cast, case):
    told = {"kind": "cannot", "words": "It cannot be mended.", "tried": "Two boards.", "why_none": "None can be had."}
    proposing.propose(case, **told, by=cast.sue)
    answering.do_not_accept(case, by=cast.carla)


def complained(cast, case):
    complaint = complaints.complain(case, "I was hung up on.", by=cast.carla)
    complaints.hand_on(complaint, cast.sue, reason="I am away.", by=cast.sam)


def did_not_help(cast, case):
    appeals.did_not_help(appeals.answer(appeals.ask(case, by=cast.carla), "I read it.", by=cast.sue), by=cast.carla)
    appeals.answer(case.appeals.open().get(), "So did I.", by=cast.sam)


def raised(rule) -> Flag:
    return Flag.objects.get(rule=rule)


# -- the rules ---------------------------------------------------------------------------------------------------------


def test_the_rules_are_these():
    assert list(BY_NAME) == [
        "closed_over_open_subtasks",
        "closed_by_override",
        "promise_broken",
        "promise_at_risk",
        "no_next_promise",
        "unanswered",
        "customer_chased",
        "someone_else_asked",
        "answer_did_not_help",
        "not_yet_twice",
        "refusal_disputed",
        "complaint_late",
        "only_words",
        "message_did_not_arrive",
        "subtask_late",
        "subtask_not_seen",
        "passed_around",
        "handover_not_accepted",
        "owner_away",
        "owner_idle",
        "not_made_sure",
    ]


def test_a_broken_promise_is_flagged_with_its_due_time_and_words(case):
    assert sweep(WEDNESDAY).raised["promise_broken"] == 1
    flag = raised("promise_broken")
    assert (flag.case, flag.subject, flag.became_true_at, flag.raised_at) == (
        case,
        first_promise(case).pk,
        DUE,
        WEDNESDAY,
    )
    assert (flag.evidence, flag.act_of) == ("be in touch with you", None)


def test_a_late_part_is_flagged_from_the_departments_own_date(cast, case):
    part = late_part(cast, case)
    sweep(TUESDAY + timedelta(minutes=59))
    assert not Flag.objects.exists()
    sweep(WEDNESDAY)
    flag = raised("subtask_late")
    assert (flag.subject, flag.became_true_at) == (part.pk, TUESDAY + timedelta(hours=1))
    assert flag.evidence == "Hardware: Test the board"


def test_a_part_without_a_date_is_never_late(cast, case):
    subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    sweep(WEDNESDAY + timedelta(days=300))
    assert not Flag.objects.filter(rule="subtask_late").exists()


def test_a_case_without_a_next_promise_is_flagged_since_it_has_none(case):
    unpromised(case)
    sweep(WEDNESDAY)
    flag = raised("no_next_promise")
    assert (flag.subject, flag.became_true_at) == (case.pk, TUESDAY)


def test_an_override_is_flagged_with_its_reason_and_who_did_it(cast, case):
    closing.override(case, reason="A double of C-10400.", by=cast.sue)
    sweep(TUESDAY)
    flag = raised("closed_by_override")
    assert flag.subject == case.entries.get(kind=Kind.CLOSED).pk
    assert (flag.became_true_at, flag.evidence, flag.act_of) == (TUESDAY, "A double of C-10400.", cast.sue)


def test_a_case_closed_over_open_parts_is_flagged_with_the_departments(cast, case):
    overridden(cast, case)
    sweep(TUESDAY)
    flag = raised("closed_over_open_subtasks")
    assert (flag.became_true_at, flag.evidence, flag.act_of) == (TUESDAY, "Not finished: Hardware, Warranty", cast.sue)


def test_it_is_flagged_even_when_the_part_has_ended_since(cast, case):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    closing.override(case, reason="A double.", by=cast.sue)
    with clock.at(WEDNESDAY):
        subtasks.done(part, outcome="Too late.", by=cast.olga)
    sweep(WEDNESDAY)
    assert raised("closed_over_open_subtasks").evidence == "Not finished: Hardware"


def test_a_case_that_the_customer_ended_is_not_flagged(cast, case):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    proposed(case, cast.nadia)
    answering.say_yes(case, by=cast.carla)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    sweep(WEDNESDAY)
    assert not Flag.objects.exists()


def test_what_the_customer_does_not_accept_lands_with_the_supervisors(cast, case):
    not_accepted(cast, case)
    sweep(TUESDAY)
    flag = raised("refusal_disputed")
    assert flag.subject == case.entries.get(kind=Kind.CUSTOMER_DID_NOT_ACCEPT).pk
    assert (flag.became_true_at, flag.evidence, flag.act_of) == (TUESDAY, "We cannot", cast.sue)
    with pytest.raises(NotAllowed, match="Another supervisor"):
        flags.settle(flag, reason="Fine.", by=cast.sue)


def test_who_was_named_stands_in_the_evidence(cast, case):
    told = {"kind": "another", "words": "Theirs.", "another": "Ada’s Repairs", "why_none": "x", "check_back": pledge()}
    proposing.propose(case, **told, by=cast.nadia)
    answering.do_not_accept(case, by=cast.carla)
    sweep(TUESDAY)
    assert raised("refusal_disputed").evidence == "Another must do it: Ada’s Repairs"


def test_another_look_at_a_refusal_is_a_dispute_as_well(cast, case):
    no = Refusal.objects.create(
        case=case,
        asked="A new laptop",
        kind="not_entitled",
        ground="The warranty ended.",
        read_before="The receipt.",
        decider="Sue",
        said_at=TUESDAY,
        said_by_agent=cast.sue,
    )
    timeline.record(case, Kind.ANOTHER_LOOK_ASKED, by=cast.carla, refusal=no)
    sweep(TUESDAY)
    assert (raised("refusal_disputed").evidence, raised("refusal_disputed").act_of) == ("A new laptop", cast.sue)


def test_the_sweep_reopens_what_nobody_decided_in_time(cast, case):
    answering.say_yes(case, by=cast.carla)
    conversation.customer_writes(case, "Thank you.", by=cast.carla)
    sweep(WEDNESDAY)
    assert (fresh(case).state, fresh(case).next_step) == ("open", "promise")


def test_raising_stands_in_the_timeline(cast, case):
    start = latest_entry()
    sweep(WEDNESDAY)
    assert kinds(case, start) == [Kind.PROMISE_BROKEN, Kind.FLAG_RAISED, Kind.FLAG_RAISED]
    told = [entry.data for entry in case.entries.filter(kind=Kind.FLAG_RAISED).order_by("pk")]
    assert told == [{"rule": rule, "flag": raised(rule).pk} for rule in ("promise_broken", "unanswered")]


# -- again and again ---------------------------------------------------------------------------------------------------


def test_sweeping_twice_changes_nothing(cast, case):
    late_part(cast, case)
    closing.override(a_case(cast.mallory), reason="A double.", by=cast.sue)
    # Of both the first promise is broken; the first is not answered either, the second was closed over everything.
    assert sum(sweep(WEDNESDAY).raised.values()) == 5
    once = everything()
    again = sweep(WEDNESDAY)
    assert (sum(again.raised.values()), sum(again.settled.values())) == (0, 0)
    sweep(THURSDAY)
    assert everything() == once


def test_a_condition_that_ends_settles_itself_and_a_new_occurrence_has_its_own_time(cast, case):
    part = late_part(cast, case)
    sweep(WEDNESDAY)
    with clock.at(WEDNESDAY):
        subtasks.ask_later(part, THURSDAY, "The board is late.", by=cast.olga)
        assert sweep(WEDNESDAY).settled["subtask_late"] == 0  # Asking moves nothing.
        subtasks.grant_later(part, THURSDAY, by=cast.nadia)
    assert sweep(WEDNESDAY).settled["subtask_late"] == 1
    flag = raised("subtask_late")
    assert (flag.settled, flag.settled_by, flag.settled_at) == ("itself", None, WEDNESDAY)
    assert sweep(THURSDAY).raised["subtask_late"] == 1
    times = Flag.objects.filter(rule="subtask_late").order_by("pk").values_list("became_true_at", flat=True)
    assert list(times) == [TUESDAY + timedelta(hours=1), THURSDAY]


def test_a_new_promise_settles_the_lack_of_one(cast, case):
    unpromised(case)
    sweep(WEDNESDAY)
    with clock.at(WEDNESDAY):
        promise = promises.make(case, pledge(), by=cast.nadia)
    assert sweep(WEDNESDAY).settled["no_next_promise"] == 1
    with clock.at(WEDNESDAY + timedelta(hours=1)):
        promises.keep(promise, said="So it was.", by=LOG)
    sweep(THURSDAY)
    assert Flag.objects.standing().get(rule="no_next_promise").became_true_at == WEDNESDAY + timedelta(hours=1)


def test_an_event_does_not_settle_itself(cast, case):
    sweep(WEDNESDAY)
    with clock.at(WEDNESDAY):
        promises.keep(first_promise(case), said="Sorry.", next_promise=pledge(hours=400), by=cast.nadia)
    sweep(THURSDAY)
    assert raised("promise_broken").settled_at is None


OF_OLD = ("closed_over_open_subtasks", "closed_by_override", "promise_broken", "refusal_disputed", "no_next_promise")


@pytest.mark.parametrize("rule", [*OF_OLD, "subtask_late", "complaint_late"])
def test_what_a_supervisor_settled_stays_settled(cast, case, rule):
    if rule.startswith("closed"):
        overridden(cast, case)
    elif rule == "subtask_late":
        late_part(cast, case)
    elif rule == "no_next_promise":
        unpromised(case)
    elif rule == "refusal_disputed":
        not_accepted(cast, case)
    elif rule == "complaint_late":
        complained(cast, case)
    elif rule == "someone_else_asked":
        did_not_help(cast, case)
    sweep(WEDNESDAY + A_WEEK)
    flags.settle(raised(rule), reason="I have called Carla.", by=cast.sam)
    assert sweep(THURSDAY + A_WEEK).raised[rule] == 0
    assert (raised(rule).settled, raised(rule).settled_by) == ("supervisor", cast.sam)


# -- settling ----------------------------------------------------------------------------------------------------------


def test_settling_says_why(cast, case):
    sweep(WEDNESDAY)
    with pytest.raises(Refused) as refused:
        flags.settle(raised("promise_broken"), reason=" ", by=cast.sam)
    assert refused.value.code == "reason_needed"


def test_the_owner_settles_no_flag_about_the_own_case_not_even_as_a_supervisor(cast, case):
    ownership.take_over(case, reason="Carla asked for me.", by=cast.sam)
    sweep(WEDNESDAY)
    with pytest.raises(NotAllowed, match="Another supervisor"):
        flags.settle(raised("promise_broken"), reason="Fine.", by=cast.sam)
    assert flags.settle(raised("promise_broken"), reason="Seen.", by=cast.sue).settled_by == cast.sue


def test_who_overrode_settles_no_flag_about_it(cast, case):
    overridden(cast, case)
    sweep(WEDNESDAY)
    for rule in ("closed_by_override", "closed_over_open_subtasks"):
        with pytest.raises(NotAllowed, match="Another supervisor"):
            flags.settle(raised(rule), reason="Fine.", by=cast.sue)
        flags.settle(raised(rule), reason="Seen.", by=cast.sam)


# -- the sweep by the clock --------------------------------------------------------------------------------------------


def test_a_gap_of_three_hours_raises_everything_with_its_own_time(cast, case):
    with clock.at(DUE - timedelta(minutes=1)):
        sweep_now()
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    subtasks.accept(part, committed_at=DUE + timedelta(hours=1), by=cast.olga)
    other = a_case(cast.mallory)
    with clock.at(DUE + timedelta(minutes=30)):
        closing.override(other, reason="A double.", by=cast.sue)
    with clock.at(DUE + timedelta(hours=3)):
        sweep_now()
    assert set(Flag.objects.values_list("rule", "became_true_at")) == {
        ("promise_at_risk", DUE - timedelta(hours=2, minutes=15)),
        ("promise_broken", DUE),
        ("unanswered", DUE),
        ("closed_by_override", DUE + timedelta(minutes=30)),
        ("subtask_late", DUE + timedelta(hours=1)),
    }
    assert LastSweep.objects.get().finished_at == DUE + timedelta(hours=3)


def long_ago(cast):
    """A case closed over an open part a week before TUESDAY, written down now as an import does."""
    with clock.at(TUESDAY - A_WEEK):
        case = a_case(cast.carla)
        overridden(cast, case)
    return case


def swept_statements():
    with CaptureQueriesContext(connection) as asked:
        swept = sweep_now()
    return sum(swept.raised.values()), [query["sql"] for query in asked]


def looks_for_closings(statements):
    return [statement for statement in statements if "INSERT" in statement and "e.kind = 'closed'" in statement]


def test_what_was_written_down_later_than_it_happened_is_found_by_the_next_sweep(cast, case):
    with clock.at(TUESDAY):
        sweep_now()
    late = long_ago(cast)
    with clock.at(TUESDAY + timedelta(minutes=1)):
        sweep_now()
    assert raised("closed_by_override").case == late
    assert raised("closed_over_open_subtasks").case == late


def test_a_sweep_that_finds_nothing_new_does_not_read_the_events_of_the_past_again(cast):
    long_ago(cast)
    with clock.at(TUESDAY):
        found, statements = swept_statements()
        assert found and looks_for_closings(statements)
        sweep_now()
        found, statements = swept_statements()
        assert not found and not looks_for_closings(statements)


def test_a_sweep_by_hand_leaves_its_mark_and_never_moves_it_back(cast, case):
    long_ago(cast)
    sweep_at(TUESDAY)
    mark = LastSweep.objects.get()
    assert mark.looked_until == TUESDAY
    sweep_at(TUESDAY - timedelta(days=1))
    assert LastSweep.objects.get().looked_until == TUESDAY
    # Ahead of the clock it marks only what the clock has reached: the rest may still happen.
    sweep_at(clock.now() + timedelta(days=30))
    assert LastSweep.objects.get().looked_until <= clock.now()


def test_an_earlier_sweep_by_hand_loses_nothing_that_happened_after_it(cast, case):
    sweep_at(WEDNESDAY)
    with clock.at(TUESDAY + timedelta(hours=1)):
        closing.override(a_case(cast.mallory), reason="A double.", by=cast.sue)
    assert sweep_at(TUESDAY).raised["closed_by_override"] == 0
    assert sweep_at(WEDNESDAY).raised["closed_by_override"] == 1


def test_a_sweep_looks_only_at_what_it_is_told(cast, case):
    other = a_case(cast.mallory)
    assert sweep(WEDNESDAY, cases=[other.pk]).raised["promise_broken"] == 1
    assert raised("promise_broken").case == other
    assert first_promise(case).state == "open"
    Case.objects.filter(pk=case.pk).update(origin=Origin.REPLAY_UCI)
    sweep(WEDNESDAY, leave_out=Origin.REPLAY_UCI)
    assert first_promise(case).state == "open"


@pytest.mark.django_db(transaction=True)
def test_a_case_that_another_session_holds_is_left_for_the_next_sweep(cast, tuesday):
    held, free = a_case(cast.carla), a_case(cast.mallory)
    holding, release = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                lock(held)
                holding.set()
                release.wait(20)
        finally:
            connection.close()

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    assert holding.wait(20)
    try:
        assert sweep(WEDNESDAY).raised["promise_broken"] == 1
        assert (first_promise(held).state, first_promise(free).state) == ("open", "broken")
    finally:
        release.set()
        holder.join(20)
    assert sweep(WEDNESDAY).raised["promise_broken"] == 1
    assert set(Flag.objects.values_list("case", flat=True)) == {held.pk, free.pk}


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_the_same_moment_raise_once(cast, tuesday):
    cases = [a_case(cast.carla) for _ in range(6)]
    overridden(cast, cases[0])
    for _ in range(5):
        for result in at_once(lambda: sweep(WEDNESDAY), lambda: sweep(WEDNESDAY)):
            assert not isinstance(result, Exception), result
    # What one left because the other held it is found by the next: nothing twice, nothing missing.
    assert Flag.objects.filter(rule="promise_broken").count() == 6
    assert Flag.objects.filter(rule__startswith="closed").count() == 2
    assert [kinds(case).count(Kind.PROMISE_BROKEN) for case in cases] == [1] * 6
    assert sum(kinds(case).count(Kind.FLAG_RAISED) for case in cases) == Flag.objects.count()


@pytest.mark.django_db(transaction=True)
def test_while_a_replay_runs_elsewhere_its_cases_are_left_alone(cast, tuesday):
    replayed, live = a_case(cast.carla), a_case(cast.mallory)
    Case.objects.filter(pk=replayed.pk).update(origin=Origin.REPLAY_UCI)
    running, release = threading.Event(), threading.Event()

    def replay():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [Alone.REPLAYING])
                running.set()
                release.wait(20)
        finally:
            connection.close()

    runner = threading.Thread(target=replay, daemon=True)
    runner.start()
    assert running.wait(20)
    try:
        with clock.at(WEDNESDAY):
            sweep_now()
        assert set(Flag.objects.values_list("case", flat=True)) == {live.pk}
        assert not LastSweep.objects.exists()
    finally:
        release.set()
        runner.join(20)
    assert fresh(first_promise(replayed)).state == "open"
