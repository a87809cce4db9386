"""A complaint stands beside its case: its own owner, whom it is not about, its own date, its own answer."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from cases.involvement import involved_in
from cases.models import Complaint, Notice
from cases.models.timeline import Kind
from cases.verbs import answering, closing, complaints, conversation, ownership
from escalations.models import Flag
from escalations.sweep import sweep
from staff.models import Agent
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import (
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    a_case,
    an_agent,
    everything,
    fresh,
    kinds,
    latest_entry,
    proposed,
)

pytestmark = pytest.mark.usefixtures("tuesday")
# Five business days after Tuesday the tenth, ten o'clock.
DUE = TUESDAY + timedelta(days=7)
WORDS = "I was hung up on."


def complained(case, **facts) -> Complaint:
    return complaints.complain(case, WORDS, by=case.customer, **facts)


def owned_by(agent, case) -> Complaint:
    complaint = complained(case)
    Complaint.objects.filter(pk=complaint.pk).update(owner=agent)
    return fresh(complaint)


# -- who answers -------------------------------------------------------------------------------------------------------


def test_a_supervisor_answers_within_five_business_days(case, cast):
    complaint = complained(case)
    assert complaint.owner in (cast.sam, cast.sue)
    assert complaint.due_at == DUE


def test_the_days_are_those_of_whoever_answers(case, cast):
    hours = cast.support.calendar
    hours.pk, hours.name, hours.monday, hours.tuesday = None, "Late in the week", "", ""
    hours.save(force_insert=True)
    cast.hardware.calendar = hours
    cast.hardware.save(update_fields=["calendar"])
    Agent.objects.filter(is_supervisor=True).update(is_supervisor=False)
    Agent.objects.filter(pk=cast.olga.pk).update(is_supervisor=True)
    # It begins on Wednesday; then Thursday, Friday, Wednesday, Thursday, Friday.
    assert complained(case).due_at.date() == (TUESDAY + timedelta(days=10)).date()


def test_of_several_the_one_with_the_fewest_open_complaints(case, cast):
    first, second, third = (complained(a_case(cast.mallory)) for _ in range(3))
    assert {first.owner, second.owner} == {cast.sam, cast.sue}
    assert third.owner == first.owner
    complaints.answer(first, "We are sorry.", by=first.owner)
    complaints.answer(third, "We are sorry.", by=third.owner)
    assert complained(case).owner == first.owner


def test_then_the_one_who_has_been_without_one_the_longest(case, cast):
    for agent, ago in ((cast.sam, 2), (cast.sue, 3)):
        with clock.at(TUESDAY - timedelta(hours=ago)):
            complaint = owned_by(agent, a_case(cast.mallory))
            complaints.answer(complaint, "We are sorry.", by=agent)
    assert complained(case).owner == cast.sue


def test_outside_all_hours_any_supervisor_whom_it_is_not_about(case, cast):
    with clock.at(SUNDAY + timedelta(days=7)):
        assert complained(case).owner in (cast.sam, cast.sue)


def test_one_on_duty_comes_before_one_with_less_to_do(case, cast):
    hours = cast.support.calendar
    hours.pk, hours.name, hours.tuesday = None, "Not on Tuesdays", ""
    hours.save(force_insert=True)
    cast.warranty.calendar = hours
    cast.warranty.save(update_fields=["calendar"])
    Agent.objects.filter(pk=cast.sue.pk).update(department=cast.warranty)
    owned_by(cast.sam, a_case(cast.mallory))
    assert complained(case).owner == cast.sam


def test_with_nobody_left_it_is_up_for_taking_by_somebody_uninvolved(case, cast):
    complaint = complained(case, about=[cast.sam, cast.sue])
    assert complaint.owner == cast.nobody
    with pytest.raises(NotAllowed, match="about themselves"):
        complaints.take(complaint, by=cast.sam)
    tina = an_agent("Tina Thal", cast.hardware, is_supervisor=True)
    assert complaints.take(complaint, by=tina).owner == tina
    assert fresh(complaint).due_at == DUE
    with pytest.raises(Conflict, match="Tina Thal answers this complaint already"):
        complaints.take(complaint, by=an_agent("Uwe Uhl", cast.hardware, is_supervisor=True))


@pytest.mark.parametrize("seed", range(25))
def test_it_never_falls_to_somebody_whom_it_is_about(case, cast, seed):
    """Whatever has happened on the case before: told here step by step, without asking the desk whom it is about."""
    chance = random.Random(seed)
    more = [an_agent(f"{name} Extra", cast.hardware, is_supervisor=True) for name in ("Uma", "Vito", "Xenia")]
    supervisors = [cast.sam, cast.sue, *more]
    about_these = {cast.nadia}
    for _ in range(chance.randint(0, 4)):
        agent = chance.choice(supervisors)
        if chance.random() < 0.5:
            ownership.take_over(fresh(case), reason="Mine.", by=agent)
        else:
            conversation.write_to_customer(case, "Hello.", by=agent)
        about_these.add(agent)
    named = chance.sample(supervisors, chance.randint(0, 2))
    heard = chance.choice((None, *supervisors))
    about_these |= {*named, *([heard] if heard else [])}
    complaint = complaints.complain(case, WORDS, about=named, by=heard or cast.carla)
    assert complaint.owner not in about_these
    free = set(supervisors) - about_these
    assert complaint.owner in free if free else complaint.owner == cast.nobody
    assert involved_in(complaint) == {agent.pk for agent in about_these}
    for agent in about_these:
        Complaint.objects.filter(pk=complaint.pk).update(owner=agent)
        with pytest.raises(NotAllowed):
            complaints.answer(complaint, "It was right.", by=agent)


def test_a_colleagues_case_and_words_do_not_involve_anybody_here(case, cast):
    other = a_case(cast.mallory)
    conversation.write_to_customer(other, "Hello.", by=cast.sam)
    ownership.take_over(other, reason="Mine.", by=cast.sue)
    assert involved_in(complained(case)) == {cast.nadia.pk}


def test_who_speaks_with_the_customer_to_answer_it_is_not_drawn_in(case, cast):
    complaint = complained(case)
    with clock.at(WEDNESDAY):
        conversation.write_to_customer(case, "What happened?", by=complaint.owner)
        assert complaints.answer(complaint, "We are sorry.", by=complaint.owner).answer


def test_who_takes_the_case_over_can_no_longer_answer_and_hands_it_on(case, cast):
    complaint = owned_by(cast.sam, case)
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    with pytest.raises(NotAllowed, match="hand it on"):
        complaints.answer(complaint, "It was right.", by=cast.sam)
    assert complaints.hand_on(complaint, cast.sue, reason="I own the case now.", by=cast.sam).owner == cast.sue


# -- what it is --------------------------------------------------------------------------------------------------------


def test_it_changes_nothing_about_the_case(case, cast):
    proposed(case, cast.nadia)
    before = everything()["Case"]
    complaint = owned_by(cast.sam, case)
    complaints.hand_on(complaint, cast.sue, reason="Away.", by=cast.sam)
    complaints.answer(complaint, "We are sorry.", by=cast.sue)
    assert everything()["Case"] == before


def test_it_outlives_the_fault(case, cast):
    complaint = complained(case)
    answering.say_yes(case, by=cast.carla)
    assert not fresh(case).is_open
    assert fresh(complaint).is_open
    with clock.at(WEDNESDAY):
        complaints.answer(complaint, "We are sorry.", by=complaint.owner)
    assert not fresh(case).is_open


def test_it_can_be_made_when_the_problem_is_over(case, cast):
    closing.override(case, reason="A double.", by=cast.sam)
    complaint = complained(case)
    assert complaint.is_open and not fresh(case).is_open


def test_who_heard_it_is_written_down_and_does_not_answer_it(case, cast):
    complaint = complaints.complain(case, WORDS, by=cast.sam)
    assert (complaint.heard_by_agent, complaint.owner) == (cast.sam, cast.sue)


def test_its_words_stay_as_they_were_given(case):
    complaint = complained(case)
    with pytest.raises(DatabaseError), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(words="All was well.")


@pytest.mark.parametrize("words, code", [("  ", "words_needed"), ("x" * 20_001, "words_too_long")])
def test_it_says_something(case, cast, words, code):
    before = everything()
    with pytest.raises(Refused) as refused:
        complaints.complain(case, words, by=cast.carla)
    assert refused.value.code == code
    assert everything() == before


def test_it_is_answered_once(case, cast):
    complaint = owned_by(cast.sam, case)
    complaints.answer(complaint, "We are sorry.", by=cast.sam)
    with pytest.raises(Conflict):
        complaints.answer(complaint, "We are not.", by=cast.sam)
    with pytest.raises(Conflict):
        complaints.hand_on(complaint, cast.sue, reason="Away.", by=cast.sam)


def test_it_is_handed_on_only_to_a_supervisor_whom_it_is_not_about(case, cast):
    complaint = owned_by(cast.sam, case)
    for agent in (cast.nadia, cast.ben, cast.nobody):
        with pytest.raises(Refused) as refused:
            complaints.hand_on(complaint, agent, reason="Away.", by=cast.sam)
        assert refused.value.field == "to"
    with pytest.raises(Refused, match="Say why"):
        complaints.hand_on(complaint, cast.sue, reason=" ", by=cast.sam)


def test_why_it_was_handed_on_is_an_inside_note_and_nothing_in_the_timeline_itself(case, cast):
    complaint = owned_by(cast.sam, case)
    complaints.hand_on(complaint, cast.sue, reason="My brother knows her.", by=cast.sam)
    entry = case.entries.get(kind=Kind.COMPLAINT_HANDED_ON)
    assert entry.note.body == "My brother knows her."
    assert "brother" not in str(entry.data)


# -- what follows ------------------------------------------------------------------------------------------------------


def told(agent) -> list[str]:
    return list(Notice.objects.filter(agent=agent).order_by("pk").values_list("entry__kind", flat=True))


def test_whoever_answers_it_and_the_owner_are_told(case, cast):
    complaint = owned_by(cast.sam, case)
    announce()
    assert told(cast.sam) == [Kind.COMPLAINED] and told(cast.nadia) == [Kind.COMPLAINED]
    complaints.hand_on(complaint, cast.sue, reason="Away.", by=cast.sam)
    complaints.answer(complaint, "We are sorry.", by=cast.sue)
    announce()
    assert told(cast.sue) == [Kind.COMPLAINT_HANDED_ON]
    assert told(cast.nadia) == [Kind.COMPLAINED, Kind.COMPLAINT_ANSWERED]


def test_one_that_is_up_for_taking_is_told_to_all_who_could_take_it(case, cast):
    Agent.objects.filter(pk=cast.sue.pk).update(can_sign_in=False)
    complained(case, about=[cast.sam])
    Agent.objects.filter(pk=cast.sue.pk).update(can_sign_in=True)
    announce()
    assert told(cast.sue) == [Kind.COMPLAINED]
    assert told(cast.sam) == []


def test_one_not_answered_in_time_is_flagged_once_and_settles_itself_on_the_answer(case, cast):
    complaint = complained(case)
    answering.say_yes(case, by=cast.carla)
    sweep(DUE - timedelta(minutes=1))
    assert not Flag.objects.filter(rule="complaint_late").exists()
    assert sweep(DUE).raised["complaint_late"] == 1
    assert sweep(DUE + timedelta(hours=1)).raised["complaint_late"] == 0
    flag = Flag.objects.get(rule="complaint_late")
    assert (flag.case, flag.subject, flag.became_true_at, flag.act_of) == (case, complaint.pk, DUE, complaint.owner)
    with clock.at(DUE + timedelta(hours=2)):
        complaints.answer(complaint, "We are sorry, and late.", by=complaint.owner)
    start = latest_entry()
    assert sweep(DUE + timedelta(hours=3)).settled["complaint_late"] == 1
    assert fresh(flag).settled == Flag.Settled.BY_ITSELF
    assert kinds(case, start) == [Kind.FLAG_SETTLED]
    assert sum(sweep(DUE + timedelta(hours=4)).raised.values()) == 0
