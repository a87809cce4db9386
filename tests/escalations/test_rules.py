"""Each rule: once, at the very instant, not before; a condition ends by itself; wishes for it are kept to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Value
from django.db.models.functions import Greatest

from cases.actors import DESK, LOG
from cases.models import Appeal, Case, Promise
from cases.models.timeline import Kind
from cases.timeline import record
from cases.verbs import (
    answering,
    aside,
    assurances,
    closing,
    complaints,
    conversation,
    ownership,
    promises,
    subtasks,
)
from escalations import flags
from escalations.models import Flag, RuleSetting
from escalations.rules import BY_NAME, RULES, SOMEONE_ELSE
from escalations.sweep import sweep
from staff import absences
from staff.models import Absence, Agent, Calendar, Department
from staff.origins import Origin
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, a_case, everything, first_promise, fresh, pledge, proposed
from tests.escalations.test_flags import not_accepted

pytestmark = pytest.mark.usefixtures("tuesday")

A_SECOND, AN_HOUR, A_DAY, A_WEEK = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
# Late on Tuesday: four business hours from here end on Wednesday at noon.
AFTERNOON = TUESDAY + 6 * AN_HOUR
NOON = WEDNESDAY + 2 * AN_HOUR
FRIDAY = TUESDAY + 3 * A_DAY


@dataclass(frozen=True)
class Condition:
    """One condition: what makes it so, when that becomes a flag, and what ends it.

    Attributes:
        begins: makes it so; returns the id of what it is about, and may be called again after it has ended.
        due: the instant of the flag. numbers: a longer patience, and later: when it is due then.
    """

    rule: str
    begins: Callable
    due: datetime
    ends: Callable
    numbers: dict | None = None
    later: datetime | None = None

    def __str__(self):
        return self.rule


def at(instant, act, *args, **facts):
    with clock.at(instant):
        return act(*args, **facts)


def nothing_promised(cast, case, now):
    for promise in case.promises.owed():
        promises.keep(promise, said=f"All is well at {now}.", by=LOG)
    return case.pk


def promised_again(cast, case, now):
    promises.make(case, pledge(f"call you after {now}", hours=400), by=cast.nadia)


def asked(cast, case, now):
    return subtasks.ask(case, cast.hardware, f"Test the board, {now}", by=cast.nadia).pk


def seen(cast, case, now):
    for part in case.subtasks.open():
        subtasks.see(part, by=cast.olga)


def late(cast, case, now):
    part = subtasks.ask(case, cast.hardware, f"Test the board, {now}", by=cast.nadia)
    return subtasks.accept(part, committed_at=now + AN_HOUR, by=cast.olga).pk


def done(cast, case, now):
    for part in case.subtasks.open():
        subtasks.done(part, outcome="Fine.", by=cast.olga)


def offered(cast, case, now):
    return ownership.hand_over(case, cast.ben, brief=f"I am away after {now}.", by=cast.nadia).pk


def given_back(cast, case, now):
    ownership.give_back(case.handovers.get(state="offered"), reason="So am I.", by=cast.ben)


def absent(cast, case, now):
    facts = {"announced_at": now, "announced_by": cast.sam}
    Absence.objects.create(agent=cast.nadia, starts_at=now + AN_HOUR, cover=None, **facts)
    return case.pk


def there_again(cast, case, now):
    Absence.objects.filter(ends_at=None).update(ends_at=Greatest("starts_at", Value(now)))


def promised_for_long(cast, case, now):
    conversation.write_to_customer(
        case, f"I look into it, {now}.", keeps=list(case.promises.owed()), next_promise=pledge(hours=900), by=cast.nadia
    )
    return case.pk


def noted(cast, case, now):
    conversation.note(case, f"The board is from 2024, {now}.", by=cast.nadia)


def made_sure(cast, case, now):
    return assurances.take_call(case, f"Nobody called me, {now}.", by=cast.ben).pk


def spoken(cast, case, now):
    conversation.write_to_customer(case, f"Here I am, {now}.", by=cast.nadia)


def wrote(cast, case, now):
    spoken(cast, case, now)
    with clock.at(now + A_SECOND):
        conversation.customer_writes(case, f"Are you there? {now}", by=cast.carla)
    return case.pk


def complained(cast, case, now):
    complaint = complaints.complain(case, f"I was hung up on, {now}.", by=cast.carla)
    if complaint.owner != cast.sue:
        complaints.hand_on(complaint, cast.sue, reason="I am away.", by=cast.sam)
    return complaint.pk


def answered(cast, case, now):
    for complaint in case.complaints.open():
        complaints.answer(complaint, "We are sorry.", by=cast.sue)


def promised_soon(cast, case, now):
    promises.move(
        case.promises.owed().get(), pledge(f"call you, {now}", hours=7), reason="It takes longer.", by=cast.nadia
    )
    return case.promises.owed().get().pk


def kept(cast, case, now):
    promise = case.promises.owed().get()
    promises.keep(promise, said="I called.", next_promise=pledge("write again", hours=800), by=cast.nadia)


CONDITIONS = (
    # Three fifths of its seven hours would be more than the two hours and a quarter: from a quarter to three on.
    Condition(
        "promise_at_risk", promised_soon, TUESDAY + timedelta(hours=4, minutes=45), kept,
        {"hours": 1}, TUESDAY + 6 * AN_HOUR,
    ),
    Condition("no_next_promise", nothing_promised, TUESDAY, promised_again),
    Condition("unanswered", wrote, TUESDAY + 4 * AN_HOUR + A_SECOND, spoken, {"hours": 8}, WEDNESDAY + A_SECOND),
    Condition("complaint_late", complained, TUESDAY + A_WEEK, answered),
    Condition("subtask_late", late, TUESDAY + AN_HOUR, done),
    Condition("subtask_not_seen", asked, TUESDAY + 4 * AN_HOUR, seen, {"hours": 12}, WEDNESDAY + 4 * AN_HOUR),
    Condition("handover_not_accepted", offered, TUESDAY + 4 * AN_HOUR, given_back, {"hours": 8}, WEDNESDAY),
    Condition("owner_away", absent, TUESDAY + AN_HOUR, there_again),
    Condition("owner_idle", promised_for_long, FRIDAY, noted, {"hours": 32}, TUESDAY + 6 * A_DAY),
    Condition("not_made_sure", made_sure, TUESDAY + 4 * AN_HOUR, spoken, {"hours": 8}, WEDNESDAY),
)  # fmt: skip

every_condition = pytest.mark.parametrize("condition", CONDITIONS, ids=str)


@pytest.fixture
def so(condition, cast, case) -> int:
    """The condition is so since Tuesday at ten; the id of what it is about."""
    return condition.begins(cast, case, TUESDAY)


def wish(rule, by, **facts):
    facts = {"numbers": {}, "tells": [], **facts}
    RuleSetting.objects.create(rule=rule, changed_at=clock.now(), changed_by=by, **facts)


def test_every_condition_stands_in_the_table():
    assert {condition.rule for condition in CONDITIONS} == {rule.name for rule in RULES if rule.is_condition}


@every_condition
def test_it_is_raised_at_its_instant_and_not_a_second_before(condition, so):
    assert sweep(condition.due - A_SECOND).raised[condition.rule] == 0
    assert sweep(condition.due).raised[condition.rule] == 1
    flag = Flag.objects.get(rule=condition.rule)
    assert (flag.subject, flag.became_true_at, flag.raised_at) == (so, condition.due, condition.due)


@every_condition
def test_a_late_sweep_knows_the_instant_and_a_second_one_is_silent(condition, so):
    assert sweep(condition.due + AN_HOUR).raised[condition.rule] == 1
    assert Flag.objects.get(rule=condition.rule).became_true_at == condition.due
    before = everything()
    again = sweep(condition.due + AN_HOUR)
    assert (sum(again.raised.values()), sum(again.settled.values())) == (0, 0)
    assert everything() == before


@every_condition
def test_it_settles_itself_when_it_ends_and_is_new_when_it_begins_anew(condition, so, cast, case):
    sweep(condition.due)
    over = condition.due + AN_HOUR
    at(over, condition.ends, cast, case, over)
    assert sweep(over).settled[condition.rule] == 1
    flag = Flag.objects.get(rule=condition.rule)
    assert (flag.settled, flag.settled_at, flag.settled_by) == ("itself", over, None)
    assert sweep(over + A_SECOND).raised[condition.rule] == 0
    again = TUESDAY + 4 * A_WEEK
    at(again, condition.begins, cast, case, again)
    sweep(again + (condition.due - TUESDAY))
    newest = Flag.objects.filter(rule=condition.rule).latest("pk")
    assert newest.became_true_at - again == condition.due - TUESDAY


@every_condition
def test_what_ended_before_it_was_due_raises_nothing(condition, so, cast, case):
    if condition.due == TUESDAY:
        pytest.skip("It is due at once.")
    before = condition.due - A_SECOND
    at(before, condition.ends, cast, case, before)
    assert sweep(condition.due + A_SECOND).raised[condition.rule] == 0


@every_condition
def test_what_a_supervisor_settled_stays_settled_whatever_the_numbers_become(condition, so, cast):
    sweep(condition.due)
    flag = Flag.objects.get(rule=condition.rule)
    at(condition.due, flags.settle, flag, reason="I have called Carla.", by=cast.sam)
    assert sweep(condition.due + AN_HOUR).raised[condition.rule] == 0
    for hours in (3, 12, 1):
        RuleSetting.objects.all().delete()
        wish(condition.rule, cast.sam, numbers={"hours": hours})
        assert sweep(condition.due + AN_HOUR).raised[condition.rule] == 0
    assert fresh(flag).settled == "supervisor"


@every_condition
def test_the_numbers_are_kept_to(condition, so, cast):
    if condition.numbers is None:
        pytest.skip("It has none.")
    wish(condition.rule, cast.sam, numbers=condition.numbers)
    assert sweep(condition.later - A_SECOND).raised[condition.rule] == 0
    assert sweep(condition.later).raised[condition.rule] == 1
    assert Flag.objects.get(rule=condition.rule).became_true_at == condition.later


@every_condition
def test_a_flag_that_stands_goes_on_standing_when_the_numbers_change_or_it_is_switched_off(condition, so, cast, case):
    sweep(condition.due)
    wish(condition.rule, cast.sam, numbers=condition.numbers or {}, is_on=False)
    if condition.rule != "promise_at_risk":  # With less time before it is due, it is at risk no more, or not yet.
        swept = sweep(condition.due + A_SECOND)
        assert (swept.raised[condition.rule], swept.settled[condition.rule]) == (0, 0)
    over = condition.due + AN_HOUR
    at(over, condition.ends, cast, case, over)
    assert sweep(over).settled[condition.rule] == 1


@pytest.mark.parametrize("rule", [rule.name for rule in RULES if rule.name != "complaint_late"])
def test_what_was_put_aside_is_silent(rule, cast, case):
    scenes = {condition.rule: condition.begins for condition in CONDITIONS} | {
        name: begins for name, begins, _ in EVENTS if not name.startswith("closed")
    }
    if rule not in scenes:
        pytest.skip("It is about how a case was closed.")
    scenes[rule](cast, case, TUESDAY)
    with clock.at(TUESDAY + timedelta(seconds=2)):
        if case.subtasks.open().exists():
            pytest.skip("A department is at work: nobody can take it for no case.")
        if fresh(case).is_open:
            aside.put_aside(fresh(case), "spam", by=cast.sam)
    assert sweep(TUESDAY + 2 * A_WEEK).raised[rule] == 0


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_off_is_off(rule, cast, case):
    scenes = {condition.rule: condition.begins for condition in CONDITIONS}
    scenes |= {name: begins for name, begins, _ in EVENTS}
    wish(rule, cast.sam, is_on=False)
    scenes[rule](cast, case, TUESDAY)
    assert sweep(TUESDAY + 2 * A_WEEK).raised[rule] == 0


# -- what is particular to each ----------------------------------------------------------------------------------------


def standing(rule) -> Flag:
    return Flag.objects.standing().get(rule=rule)


def test_what_was_so_has_ended_and_is_so_again_without_another_beginning_is_new(cast, case):
    absent(cast, case, TUESDAY)
    sweep(TUESDAY + 2 * AN_HOUR)
    Absence.objects.update(cover=cast.ben)
    assert sweep(TUESDAY + 3 * AN_HOUR).settled["owner_away"] == 1
    Absence.objects.update(cover=None)
    assert sweep(TUESDAY + 5 * AN_HOUR).raised["owner_away"] == 1
    assert standing("owner_away").became_true_at == TUESDAY + 5 * AN_HOUR
    assert sweep(TUESDAY + 6 * AN_HOUR).raised["owner_away"] == 0


def test_a_cover_who_is_there_is_enough_one_who_is_away_or_cannot_sign_in_is_not(cast, case):
    absence = Absence.objects.create(
        agent=cast.nadia, starts_at=TUESDAY, cover=cast.ben, announced_at=TUESDAY, announced_by=cast.sam
    )
    assert sweep(TUESDAY + AN_HOUR).raised["owner_away"] == 0
    lunch = TUESDAY + 2 * AN_HOUR
    Absence.objects.create(
        agent=cast.ben, starts_at=lunch, ends_at=lunch + AN_HOUR, announced_at=TUESDAY, announced_by=cast.sam
    )
    assert sweep(lunch - A_SECOND).raised["owner_away"] == 0
    assert sweep(lunch).raised["owner_away"] == 1
    assert standing("owner_away").evidence == "Nadia Novak is away, and so is Ben Becker, who stands in"
    assert sweep(lunch + AN_HOUR).settled["owner_away"] == 1
    Agent.objects.filter(pk=cast.ben.pk).update(can_sign_in=False)
    assert sweep(lunch + 2 * AN_HOUR).raised["owner_away"] == 1
    assert standing("owner_away").evidence == "Nadia Novak is away, nobody stands in"
    assert absence.is_at(lunch)


@pytest.mark.parametrize("how", ["signed off", "taken away"])
def test_what_a_supervisor_said_of_an_absence_ends_with_the_cover_that_was_named_since(cast, case, how):
    absence = absences.announce(cast.nadia, TUESDAY, None, None, by=cast.sam)
    sweep(TUESDAY)
    at(TUESDAY, flags.settle, standing("owner_away"), reason="Seen.", by=cast.sam)
    absence = at(TUESDAY + AN_HOUR, absences.change, absence, cover=cast.ben, by=cast.sam)
    assert sweep(TUESDAY + 2 * AN_HOUR).raised["owner_away"] == 0
    if how == "signed off":
        at(TUESDAY + 3 * AN_HOUR, absences.sign_off, cast.ben, by=cast.sam)
    else:
        at(TUESDAY + 3 * AN_HOUR, absences.change, absence, cover=None, by=cast.sam)
    sweep(TUESDAY + 4 * AN_HOUR)
    flag = Flag.objects.get(rule="owner_away", case=case, settled_at=None)
    assert flag.became_true_at == TUESDAY + 3 * AN_HOUR


def test_an_owner_who_cannot_sign_in_is_away(cast, case):
    Agent.objects.filter(pk=cast.nadia.pk).update(can_sign_in=False, last_login=TUESDAY + AN_HOUR)
    sweep(TUESDAY + 2 * AN_HOUR)
    flag = standing("owner_away")
    assert (flag.became_true_at, flag.evidence) == (
        TUESDAY + AN_HOUR,
        "Nadia Novak cannot sign in, nobody stands in",
    )
    Agent.objects.filter(pk=cast.nadia.pk).update(can_sign_in=True)
    assert sweep(TUESDAY + 3 * AN_HOUR).settled["owner_away"] == 1


@pytest.mark.parametrize("origin", [Origin.REPLAY_UCI, Origin.LOAD, Origin.DEMO])
def test_nobody_is_missed_behind_the_names_of_a_log(cast, case, origin):
    Agent.objects.filter(pk=cast.nadia.pk).update(can_sign_in=False, origin=origin)
    assert sweep(WEDNESDAY).raised["owner_away"] == 0


def test_what_is_up_for_taking_is_nobodys_absence_nor_idleness(cast):
    with clock.at(TUESDAY - 2 * A_DAY):
        assert a_case(cast.mallory).owner == cast.nobody
    swept = sweep(TUESDAY + A_WEEK)
    assert (swept.raised["owner_away"], swept.raised["owner_idle"]) == (0, 0)


def test_an_owner_is_not_idle_while_a_department_is_at_work_or_the_customer_is_waited_for(cast, case):
    promised_for_long(cast, case, TUESDAY)
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    other = a_case(cast.mallory)
    proposed(other, other.owner)
    promises.keep(first_promise(other), said="It is on its way.", by=other.owner)
    assert sweep(TUESDAY + A_WEEK).raised["owner_idle"] == 0
    with clock.at(TUESDAY + A_WEEK):
        subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert sweep(TUESDAY + A_WEEK + 3 * A_DAY - A_SECOND).raised["owner_idle"] == 0
    assert sweep(TUESDAY + A_WEEK + 3 * A_DAY).raised["owner_idle"] == 1
    assert standing("owner_idle").evidence == "Nadia Novak owes: call you"


def test_a_part_behind_another_has_to_be_seen_only_when_that_one_has_ended(cast, case):
    first = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    subtasks.see(first, by=cast.olga)
    subtasks.ask(case, cast.warranty, "The receipt", after=first, by=cast.nadia)
    assert sweep(WEDNESDAY).raised["subtask_not_seen"] == 0
    with clock.at(WEDNESDAY):
        subtasks.done(first, outcome="Fine.", by=cast.olga)
    assert sweep(WEDNESDAY + 4 * AN_HOUR - A_SECOND).raised["subtask_not_seen"] == 0
    assert sweep(WEDNESDAY + 4 * AN_HOUR).raised["subtask_not_seen"] == 1
    assert standing("subtask_not_seen").evidence == "Warranty: The receipt"


def test_patience_is_counted_in_the_hours_of_the_department_that_owes(cast, case):
    mornings = {day: "09:00-11:00" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    cast.hardware.calendar = Calendar.objects.create(name="Mornings", zone="UTC", **mornings)
    cast.hardware.save(update_fields=["calendar"])
    asked(cast, case, TUESDAY)
    due = TUESDAY + 2 * A_DAY
    assert sweep(due - A_SECOND).raised["subtask_not_seen"] == 0
    assert sweep(due).raised["subtask_not_seen"] == 1
    assert standing("subtask_not_seen").became_true_at == due


def test_waiting_begins_with_the_first_of_the_messages_that_nobody_answers(cast, case):
    spoken(cast, case, TUESDAY)
    for minutes in (30, 90, 150, 210, 260):
        at(TUESDAY + timedelta(minutes=minutes), conversation.customer_writes, case, f"{minutes}", by=cast.carla)
    due = TUESDAY + timedelta(hours=4, minutes=30)
    assert sweep(due - A_SECOND).raised["unanswered"] == 0
    assert sweep(due).raised["unanswered"] == 1
    assert standing("unanswered").evidence == "30"


def test_what_hangs_on_a_part_is_at_risk_when_that_cannot_hold(cast, case):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    promises.keep(first_promise(case), said="So it is.", next_promise=pledge(hours=72), by=cast.nadia)
    promise = case.promises.owed().get()
    Promise.objects.filter(pk=promise.pk).update(backed_by=part)
    undated = FRIDAY - A_DAY
    assert sweep(undated - A_SECOND).raised["promise_at_risk"] == 0
    assert sweep(undated).raised["promise_at_risk"] == 1
    assert standing("promise_at_risk").evidence == "Hardware has given no date: call you"
    with clock.at(undated + AN_HOUR):
        subtasks.accept(part, committed_at=FRIDAY - AN_HOUR, by=cast.olga)
    assert sweep(undated + AN_HOUR).settled["promise_at_risk"] == 1
    with clock.at(undated + 2 * AN_HOUR):
        subtasks.ask_later(part, FRIDAY + AN_HOUR, "The board is late.", by=cast.olga)
    assert sweep(undated + 2 * AN_HOUR).raised["promise_at_risk"] == 1
    flag = standing("promise_at_risk")
    assert (flag.became_true_at, flag.evidence) == (
        undated + 2 * AN_HOUR,
        "Hardware asks for a later date: call you",
    )
    with clock.at(undated + 3 * AN_HOUR):
        subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert sweep(undated + 3 * AN_HOUR).settled["promise_at_risk"] == 1


def test_a_promise_that_is_due_is_broken_and_no_longer_at_risk(cast, case):
    sweep(TUESDAY + 2 * AN_HOUR)
    assert standing("promise_at_risk").evidence == "It is due soon, and nothing has kept it: be in touch with you"
    swept = sweep(TUESDAY + 4 * AN_HOUR)
    assert (swept.settled["promise_at_risk"], swept.raised["promise_broken"]) == (1, 1)


# -- events ------------------------------------------------------------------------------------------------------------


def wrote_again(cast, case, now):
    at(now + 4 * AN_HOUR, conversation.customer_writes, case, "And?", by=cast.carla)


def asked_for_someone_else(cast, case, now):
    promise = promises.make(case, pledge("have somebody else look", hours=30), by=cast.nadia)
    appeal = Appeal.objects.create(case=case, words="Somebody else, please.", asked_at=now, promise=promise)
    record(case, Kind.SOMEONE_ELSE_ASKED, by=cast.carla, appeal=appeal)
    return appeal


def was_not_helped(cast, case, now):
    appeal = asked_for_someone_else(cast, case, now)
    appeal.answered_at, appeal.answered_by_agent = now, cast.sue
    appeal.answer = conversation.write_to_customer(case, "I looked.", by=cast.sue)
    appeal.save()
    record(case, Kind.ANSWER_DID_NOT_HELP, by=cast.carla, appeal=appeal)


def said_not_yet(cast, case, now):
    for turn in range(2):
        proposed(case, cast.nadia, f"Your upgrade is there, {turn}.")
        answering.say_not_yet(case, words=f"It is not, {turn}.", by=cast.carla)


def went_around(cast, case, now):
    for number, (giver, taker) in enumerate(((cast.nadia, cast.ben), (cast.ben, cast.olga))):
        offer = ownership.hand_over(fresh(case), taker, brief=f"{number}", by=giver)
        ownership.accept(offer, by=taker)


def only_talked(cast, case, now):
    conversation.write_to_customer(case, "We are working on it.", by=cast.nadia)
    at(now + A_DAY, conversation.write_to_customer, case, "We are still working on it.", by=cast.nadia)


def bounced(cast, case, now):
    message = conversation.write_to_customer(case, "Here it is.", by=cast.nadia)
    conversation.did_not_arrive(message, "the mailbox is full", by=DESK)


def closed_over(cast, case, now):
    subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    closing.override(case, reason="A double.", by=cast.sue)


def disagreed(cast, case, now):
    not_accepted(cast, case)


# The rule, what happens, and whose act it is.
EVENTS = (
    ("closed_over_open_subtasks", closed_over, "sue"),
    ("closed_by_override", closed_over, "sue"),
    ("promise_broken", lambda cast, case, now: None, None),
    ("customer_chased", wrote_again, None),
    ("someone_else_asked", asked_for_someone_else, None),
    ("answer_did_not_help", was_not_helped, "sue"),
    ("not_yet_twice", said_not_yet, None),
    ("refusal_disputed", disagreed, "sue"),
    ("only_words", only_talked, "nadia"),
    ("message_did_not_arrive", bounced, None),
    ("passed_around", went_around, "olga"),
)

every_event = pytest.mark.parametrize(("rule", "happens", "whose"), EVENTS, ids=[name for name, _, _ in EVENTS])


def test_every_event_stands_in_the_table():
    assert {name for name, _, _ in EVENTS} == {rule.name for rule in RULES if not rule.is_condition}
    for rule in RULES:
        assert all(f"'{kind}'" in rule.query for kind in rule.kinds)
        assert bool(rule.kinds) is not rule.is_condition


@every_event
def test_it_is_raised_once_stays_and_what_was_settled_stays_settled(rule, happens, whose, cast, case):
    happens(cast, case, TUESDAY)
    assert sweep(WEDNESDAY + AN_HOUR).raised[rule] == 1
    flag = Flag.objects.get(rule=rule)
    assert flag.act_of == (getattr(cast, whose) if whose else None)
    assert TUESDAY <= flag.became_true_at <= WEDNESDAY
    again = sweep(WEDNESDAY + A_DAY)
    assert (again.raised[rule], again.settled[rule]) == (0, 0)
    if rule in SOMEONE_ELSE:
        Appeal.objects.filter(case=case).update(
            answered_at=WEDNESDAY, answered_by_agent=cast.sue, answer=case.messages.first()
        )
    flags.settle(flag, reason="I have called Carla.", by=cast.sam)
    assert sweep(WEDNESDAY + A_WEEK).raised[rule] == 0


def test_a_chase_is_one_after_patience_or_while_a_promise_is_late_and_tells_which(cast, case):
    at(TUESDAY + 4 * AN_HOUR - A_SECOND, conversation.customer_writes, case, "Hello?", by=cast.carla)
    assert sweep(TUESDAY + 4 * AN_HOUR - A_SECOND).raised["customer_chased"] == 0
    at(TUESDAY + 4 * AN_HOUR, conversation.customer_writes, case, "Anybody?", by=cast.carla)
    assert sweep(TUESDAY + 4 * AN_HOUR).raised["customer_chased"] == 1
    assert standing("customer_chased").evidence == "While late: be in touch with you"
    at(
        TUESDAY + 5 * AN_HOUR,
        promises.keep,
        first_promise(case),
        said="Sorry.",
        next_promise=pledge(hours=99),
        by=cast.nadia,
    )
    at(TUESDAY + 5 * AN_HOUR, conversation.customer_writes, case, "Thank you.", by=cast.carla)
    assert sweep(TUESDAY + 6 * AN_HOUR).raised["customer_chased"] == 0
    # She rings on Wednesday: four business hours after her thanks, which nobody has answered.
    at(WEDNESDAY + AN_HOUR, assurances.take_call, case, "Are you there?", by=cast.ben)
    assert sweep(WEDNESDAY + AN_HOUR).raised["customer_chased"] == 1
    newest = Flag.objects.filter(rule="customer_chased").latest("pk")
    assert (newest.became_true_at, newest.evidence) == (WEDNESDAY + AN_HOUR, "While waiting: Thank you.")


def test_one_not_yet_is_no_flag_and_a_third_is_another(cast, case):
    proposed(case, cast.nadia)
    answering.say_not_yet(case, words="It is not.", by=cast.carla)
    assert sweep(TUESDAY).raised["not_yet_twice"] == 0
    said_not_yet(cast, case, TUESDAY)
    assert sweep(TUESDAY).raised["not_yet_twice"] == 2


def test_a_fourth_department_is_one_too_many_the_same_again_is_not(cast, case):
    others = [Department.objects.create(name=name, calendar=cast.support.calendar) for name in ("Parts", "Returns")]
    for department in (cast.hardware, cast.warranty, cast.hardware, others[0]):
        subtasks.ask(case, department, "What is it?", by=cast.nadia)
    assert sweep(TUESDAY).raised["passed_around"] == 0
    subtasks.ask(case, others[1], "What is it?", by=cast.nadia)
    assert sweep(TUESDAY).raised["passed_around"] == 1
    assert standing("passed_around").evidence == "Departments: Hardware, Warranty, Parts, Returns"
    subtasks.ask(case, cast.hardware, "What is it now?", by=cast.nadia)
    assert sweep(TUESDAY).raised["passed_around"] == 0


def test_owners_are_counted_as_people_nobody_yet_is_none(cast):
    with clock.at(TUESDAY - 2 * A_DAY):
        night = a_case(cast.mallory)
    ownership.take(night, by=cast.nadia)
    ownership.accept(ownership.hand_over(fresh(night), cast.ben, brief="1", by=cast.nadia), by=cast.ben)
    ownership.accept(ownership.hand_over(fresh(night), cast.nadia, brief="2", by=cast.ben), by=cast.nadia)
    assert sweep(TUESDAY).raised["passed_around"] == 0
    ownership.take_over(fresh(night), reason="I look at it.", by=cast.sue)
    assert sweep(TUESDAY).raised["passed_around"] == 1
    assert standing("passed_around").evidence == "Owners: Nadia Novak, Ben Becker, Sue Singh"


def test_words_with_work_between_them_or_within_the_day_are_not_only_words(cast, case):
    conversation.write_to_customer(case, "We are working on it.", by=cast.nadia)
    at(TUESDAY + AN_HOUR, conversation.write_to_customer, case, "Nearly there.", by=cast.nadia)
    at(TUESDAY + 2 * AN_HOUR, subtasks.ask, case, cast.hardware, "Test the board", by=cast.nadia)
    at(WEDNESDAY + 2 * AN_HOUR, conversation.write_to_customer, case, "Hardware has it.", by=cast.nadia)
    assert sweep(WEDNESDAY + 2 * AN_HOUR).raised["only_words"] == 0


@pytest.mark.parametrize("rule", [rule.name for rule in RULES if rule.while_open])
def test_what_concerns_nobody_after_the_end_is_not_raised_on_a_closed_case(rule, cast, case):
    dict((name, happens) for name, happens, _ in EVENTS)[rule](cast, case, TUESDAY)
    with clock.at(WEDNESDAY + AN_HOUR):
        closing.override(fresh(case), reason="A double.", by=cast.sue)
    assert sweep(WEDNESDAY + AN_HOUR).raised[rule] == 0


def test_a_year_of_a_log_raises_what_stands_once(cast, case):
    Case.objects.filter(pk=case.pk).update(origin=Origin.REPLAY_UCI)
    sweep(TUESDAY + timedelta(days=365))
    counts = {rule: Flag.objects.filter(rule=rule).count() for rule in BY_NAME}
    assert {rule for rule, count in counts.items() if count} == {"promise_broken", "unanswered", "owner_idle"}
    assert set(counts.values()) == {0, 1}
    before = everything()
    # Years later, by the desk's own clock.
    swept = sweep(datetime(2035, 6, 1, 10, tzinfo=UTC))
    assert (sum(swept.raised.values()), sum(swept.settled.values())) == (0, 0)
    assert everything() == before
