"""The supervisors' queue: when a case stands in it, who has answered, and its own clock with the rungs above."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.models import Case, Notice
from cases.models.timeline import Kind
from cases.verbs import appeals, closing, conversation, joining, ownership, promises, subtasks
from escalations import answers, flags, queue
from escalations.models import Escalation, Flag
from escalations.sweep import sweep
from staff.models import Absence, Calendar, Company
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, WEDNESDAY, a_case, an_agent, at_once, everything, first_promise, fresh, kinds, pledge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday", "one_point_each")]

DUE = TUESDAY + timedelta(hours=4)  # of the desk's first word: two in the afternoon
SEEN = DUE + timedelta(minutes=1)
HEAD_AT = SEEN + timedelta(hours=2)  # 16:01
LAST_AT = WEDNESDAY + timedelta(hours=0, minutes=1)  # 59 minutes on Tuesday, the rest from nine on Wednesday


@pytest.fixture
def above(cast) -> Company:
    """Hedda is the head, Vera the last rung; neither is a supervisor."""
    hedda, vera = an_agent("Hedda Holm", cast.support), an_agent("Vera Vogt", cast.warranty)
    Company.objects.update(head=hedda, ombudsperson=vera, ombudsperson_contact="020 7946 0119")
    return Company.objects.the()


@pytest.fixture
def stay(above, case) -> Escalation:
    """Carla's promise was broken at two, and lands in the queue a minute later."""
    sweep(SEEN)
    return Escalation.objects.get()


def late_part(cast, case, hours=1):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    return subtasks.accept(part, committed_at=clock.now() + timedelta(hours=hours), by=cast.olga)


def answered(stay: Escalation) -> tuple:
    """When and by whom, as the timeline says."""
    found = answers.with_answers(Escalation.objects.filter(pk=stay.pk), Company.objects.the()).get()
    return found.answered, found.answerer


# -- stays -------------------------------------------------------------------------------------------------------------


def test_a_stay_begins_with_the_first_standing_flag(case, stay):
    assert (stay.case, stay.since, stay.raised_at, stay.points, stay.rung) == (case, DUE, SEEN, 1, 1)
    assert (stay.answer_by, stay.answered_at, stay.ended_at) == (HEAD_AT, None, None)


def test_its_points_follow_the_standing_flags_and_it_ends_with_the_last(cast, case, above):
    part = late_part(cast, case)
    sweep(SEEN)
    stay = Escalation.objects.get()
    assert (stay.points, stay.since) == (2, TUESDAY + timedelta(hours=1)), "The first of them counts."
    with clock.at(SEEN):
        subtasks.done(part, outcome="Fine.", by=cast.olga)
    sweep(SEEN + timedelta(minutes=1))
    assert (fresh(stay).points, fresh(stay).ended_at) == (1, None)
    with clock.at(SEEN + timedelta(minutes=2)):
        flags.settle(Flag.objects.standing().get(), reason="I called her.", by=cast.sam)
    assert fresh(stay).ended_at == SEEN + timedelta(minutes=2), "It need not wait for a sweep."


def test_what_comes_after_it_has_ended_is_a_stay_of_its_own(cast, case, stay):
    with clock.at(SEEN):
        flags.settle(Flag.objects.get(), reason="I called her.", by=cast.sam)
        promises.keep(first_promise(case), said="Sorry.", next_promise=pledge(hours=1), by=cast.nadia)
    sweep(SEEN + timedelta(hours=2))
    assert list(Escalation.objects.order_by("pk").values_list("since", "ended_at")) == [
        (DUE, SEEN),
        (SEEN + timedelta(hours=1), None),
    ]


def test_a_rule_weighs_what_it_says(case, above, monkeypatch):
    monkeypatch.setattr(queue, "RULES", tuple(replace(rule, weight=3) for rule in queue.RULES))
    sweep(SEEN)
    assert Escalation.objects.get().points == 3


def test_sweeping_twice_changes_nothing_however_high_it_went(cast, case, stay):
    for at in (SEEN, HEAD_AT, LAST_AT, LAST_AT + timedelta(days=3)):
        sweep(at)
        once = everything()
        sweep(at)
        assert everything() == once


def test_the_flags_of_a_joined_case_stand_in_the_stay_of_the_one_that_goes_on(cast, case, above):
    again = a_case(cast.carla, "Told again.")
    sweep(SEEN)
    assert set(Escalation.objects.standing().values_list("case", flat=True)) == {case.pk, again.pk}
    with clock.at(SEEN):
        joining.join(again, case, by=cast.nadia)
        announce()
    sweep(SEEN + timedelta(minutes=1))
    stay = Escalation.objects.standing().get()
    assert (stay.case, stay.points) == (case, 2)
    with clock.at(SEEN + timedelta(minutes=1)):
        assert len(flags.settle_all(case, reason="One and the same.", by=cast.sam).done) == 2
    assert not Escalation.objects.standing().exists()


# -- its clock ---------------------------------------------------------------------------------------------------------


def test_unanswered_too_long_it_goes_to_the_head_then_to_the_last_rung_and_no_further(case, stay, above):
    sweep(HEAD_AT - timedelta(minutes=1))
    assert fresh(stay).rung == 1
    sweep(HEAD_AT)
    assert (fresh(stay).rung, fresh(stay).answer_by) == (2, LAST_AT)
    sweep(LAST_AT)
    assert (fresh(stay).rung, fresh(stay).answer_by) == (3, None)
    sweep(LAST_AT + timedelta(days=30))
    went = case.entries.filter(kind=Kind.WENT_HIGHER).order_by("pk")
    assert [entry.data["to"] for entry in went] == ["Hedda Holm", "Vera Vogt"]
    announce()
    assert above.head.notices.get().entry == went[0] and above.ombudsperson.notices.get().entry == went[1]


def test_the_time_is_the_supervisors_business_time(case, above):
    nights = Calendar.objects.create(name="Nights", zone="UTC", tuesday="20:00-24:00", wednesday="20:00-24:00")
    Company.objects.update(supervisors_calendar=nights)
    sweep(SEEN)
    assert Escalation.objects.get().answer_by == TUESDAY.replace(hour=22, minute=0)


def test_without_anybody_named_the_clock_stops_and_goes_on_when_somebody_is(cast, case):
    sweep(SEEN)
    sweep(LAST_AT)
    stay = Escalation.objects.get()
    assert stay.rung == 1 and Kind.WENT_HIGHER not in kinds(case)
    Company.objects.update(ombudsperson=cast.wanda)
    sweep(LAST_AT)
    assert fresh(stay).rung == 3, "Without a head it is the last rung's at once."


def test_who_cannot_sign_in_stands_nowhere(case, stay, above):
    above.head.can_sign_in = False
    above.head.save(update_fields=["can_sign_in"])
    sweep(HEAD_AT)
    assert fresh(stay).rung == 3


def test_a_supervisors_own_case_begins_one_rung_higher(cast, case, above):
    ownership.take_over(case, reason="Carla asked for me.", by=cast.sam)
    sweep(SEEN)
    assert Escalation.objects.get().rung == 2
    assert case.entries.get(kind=Kind.WENT_HIGHER).data["why"] == "supervisors_own"


def test_it_never_goes_to_whose_case_or_act_it_is(cast, case):
    vera = an_agent("Vera Vogt", cast.warranty)
    Company.objects.update(head=cast.sue, ombudsperson=vera)
    closing.override(case, reason="A double.", by=cast.sue)
    sweep(TUESDAY)
    sweep(TUESDAY + timedelta(hours=3))
    assert Escalation.objects.get().rung == 3


def test_an_answer_that_did_not_help_goes_to_the_last_rung_at_once(cast, case, above):
    appeal = appeals.ask(case, by=cast.carla)
    sweep(TUESDAY)
    assert Escalation.objects.get().rung == 1
    appeals.answer(appeal, "I have read it.", by=cast.sam)
    appeals.did_not_help(appeal, by=cast.carla)
    sweep(TUESDAY + timedelta(minutes=1))
    stay = Escalation.objects.get()
    assert (stay.rung, stay.answered_at, stay.ended_at) == (3, None, None)
    assert case.entries.get(kind=Kind.WENT_HIGHER).data["why"] == "did_not_help"


def test_a_case_that_a_sweep_leaves_out_keeps_its_place(case, stay):
    Case.objects.filter(pk=case.pk).update(origin="replay:bpi")
    assert queue.keep(HEAD_AT, leave_out="replay") == 0
    assert queue.keep(HEAD_AT, cases=[]) == 0
    assert fresh(stay).rung == 1


# -- who has answered --------------------------------------------------------------------------------------------------

DOORS = {
    "a note to the owner": lambda c, case: conversation.note_to_owner(case, "Ring her.", by=c.sam),
    "an inside note": lambda c, case: conversation.note(case, "I have looked.", by=c.sam),
    "a word to the customer": lambda c, case: conversation.write_to_customer(case, "Sorry.", by=c.sam),
    "a promise": lambda c, case: promises.make(case, pledge(), by=c.sam),
    "a take-over": lambda c, case: ownership.take_over(case, reason="I do it.", by=c.sam),
    "an offer to another": lambda c, case: ownership.hand_over(case, c.ben, brief="Yours.", by=c.sam),
    "a part asked": lambda c, case: subtasks.ask(case, c.hardware, "Test the board", by=c.sam),
}


@pytest.mark.parametrize("door", DOORS)
def test_whatever_a_supervisor_does_on_the_case_is_an_answer(cast, case, stay, door):
    at = SEEN + timedelta(minutes=20)
    with clock.at(at):
        assert answered(stay) == (None, None)
        DOORS[door](cast, case)
        assert answered(stay) == (at, "Sam Sato"), "Before any sweep has come by."
    sweep(HEAD_AT)
    stay = fresh(stay)
    assert (stay.rung, stay.answered_at, stay.answered_by) == (1, at, cast.sam)


def test_settling_one_of_two_is_an_answer(cast, case, above):
    late_part(cast, case)
    sweep(SEEN)
    with clock.at(SEEN):
        flags.settle(Flag.objects.get(rule="promise_broken"), reason="I called her.", by=cast.sam)
    sweep(HEAD_AT)
    assert fresh(Escalation.objects.get()).answered_by == cast.sam


def test_the_head_answers_too_and_on_the_last_rung_only_its_own_person_does(cast, case, stay, above):
    sweep(HEAD_AT)
    sweep(LAST_AT)
    with clock.at(LAST_AT):
        conversation.note_to_owner(case, "Ring her.", by=cast.sam)
        conversation.note_to_owner(case, "Do ring her.", by=above.head)
        assert answered(stay) == (None, None)
        conversation.note_to_owner(case, "I shall ring her myself.", by=above.ombudsperson)
        assert answered(stay) == (LAST_AT, "Vera Vogt")


def test_the_head_is_answered_for_by_the_head(case, stay, above):
    with clock.at(SEEN):
        conversation.note_to_owner(case, "Ring her.", by=above.head)
        assert answered(stay) == (SEEN, "Hedda Holm")


def test_neither_the_owner_nor_who_stands_in_answers_their_own(cast, case, above):
    ownership.take_over(case, reason="Carla asked for me.", by=cast.sam)
    Absence.objects.create(
        agent=cast.sam, cover=cast.sue, starts_at=TUESDAY, announced_at=TUESDAY, announced_by=cast.sam
    )
    sweep(SEEN)
    stay = Escalation.objects.get()
    with clock.at(SEEN):
        conversation.note(case, "I am at it.", by=cast.sam)
        conversation.note(case, "I look after it for Sam.", by=cast.sue)
        assert answered(stay) == (None, None)


def test_nor_does_who_did_what_is_in_question(cast, case, above):
    closing.override(case, reason="A double.", by=cast.sue)
    sweep(TUESDAY)
    conversation.note(case, "It was right.", by=cast.sue)
    assert answered(Escalation.objects.get()) == (None, None)


def test_what_was_done_before_it_stood_here_is_no_answer(cast, case, above):
    with clock.at(DUE - timedelta(minutes=5)):
        conversation.note_to_owner(case, "You have five minutes.", by=cast.sam)
    sweep(SEEN)
    assert answered(Escalation.objects.get()) == (None, None)


def test_a_new_reason_after_an_answer_waits_for_another_one(cast, case, stay):
    late_part(cast, case, hours=5)  # three o'clock
    with clock.at(SEEN + timedelta(minutes=9)):
        conversation.note_to_owner(case, "Ring her.", by=cast.sam)
    at = TUESDAY + timedelta(hours=5, minutes=1)
    sweep(at)
    stay = fresh(stay)
    assert (stay.raised_at, stay.answered_at, stay.points, stay.rung) == (at, None, 2, 1)
    assert stay.since == DUE


def test_a_new_reason_before_an_answer_wins_no_time(cast, case, stay):
    late_part(cast, case, hours=5)
    sweep(TUESDAY + timedelta(hours=5, minutes=1))
    assert (fresh(stay).raised_at, fresh(stay).answer_by) == (SEEN, HEAD_AT)


def test_who_took_over_is_looked_at_one_rung_higher_when_it_slips_again(cast, case, stay):
    with clock.at(SEEN + timedelta(minutes=9)):
        taken = ownership.take_over(case, reason="I do it.", by=cast.sam)
        promises.make(taken, pledge(hours=0.5), by=cast.sam)
    sweep(SEEN + timedelta(hours=1))
    assert (fresh(stay).rung, fresh(stay).points) == (2, 2)


def test_how_many_wait_is_counted_no_further_than_asked(cast, case, above):
    for number in range(4):
        a_case(cast.mallory, f"It fails, {number}.")
    sweep(SEEN)
    standing = Escalation.objects.standing()
    assert answers.waiting(standing, above, 10) == answers.Waiting(5, SEEN)
    assert answers.waiting(standing, above, 3) == answers.Waiting(4, None)


# -- settling everything -----------------------------------------------------------------------------------------------


def test_not_needed_settles_what_one_may_and_says_what_is_left(cast, case, above):
    late_part(cast, case)
    closing.override(case, reason="A double.", by=cast.sam)
    sweep(WEDNESDAY)
    settled = flags.settle_all(case, reason="The part is done by hand.", by=cast.sam)
    assert {flag.rule for flag in settled.done} == {"promise_broken", "subtask_late"}
    assert {flag.rule for flag in settled.left} == {"closed_over_open_subtasks", "closed_by_override"}
    assert {flag.reason for flag in settled.done} == {"The part is done by hand."}
    notes = case.notes.filter(body="The part is done by hand.")
    assert notes.count() == 1, "The owner reads it once."


def test_what_a_supervisor_settles_the_owner_is_told_and_of_what_ends_by_itself_nobody(cast, case, stay):
    late_part(cast, case)
    sweep(SEEN + timedelta(hours=1))
    for flag in Flag.objects.standing().filter(rule="promise_broken"):
        flags.settle(flag, reason="I rang her.", by=cast.sam)
    announce()
    told = Notice.objects.filter(entry__kind=Kind.FLAG_SETTLED)
    assert [(notice.agent, notice.entry.agent) for notice in told] == [(cast.nadia, cast.sam)]


def test_what_was_raised_since_one_looked_is_left(cast, case, stay):
    newest = Flag.objects.get().pk
    late_part(cast, case, hours=5)
    sweep(TUESDAY + timedelta(hours=5, minutes=1))
    settled = flags.settle_all(case, reason="I called her.", seen=newest, by=cast.sam)
    assert [flag.rule for flag in settled.left] == ["subtask_late"]


def test_who_waits_for_someone_elses_answer_is_answered_not_settled(cast, case, above):
    appeal = appeals.ask(case, by=cast.carla)
    sweep(TUESDAY)
    flag = Flag.objects.get()
    with pytest.raises(Refused) as refused:
        flags.settle(flag, reason="Fine.", by=cast.sam)
    assert refused.value.code == "answer_first"
    assert flags.settle_all(case, reason="Fine.", by=cast.sam).left == [flag]
    appeals.answer(appeal, "I have read it.", by=cast.sam)
    assert flags.settle(flag, reason="Answered.", by=cast.sam).settled_by == cast.sam


def test_who_stands_in_for_the_owner_settles_nothing_of_theirs(cast, case, stay):
    Absence.objects.create(
        agent=cast.nadia, cover=cast.sam, starts_at=TUESDAY, announced_at=TUESDAY, announced_by=cast.nadia
    )
    with pytest.raises(NotAllowed, match="Another supervisor"):
        flags.settle_all(case, reason="Fine.", by=cast.sam)
    assert len(flags.settle_all(case, reason="Fine.", by=cast.sue).done) == 1


def test_what_another_has_settled_says_who(cast, case, stay):
    flag = Flag.objects.get()
    flags.settle(flag, reason="I called her.", by=cast.sue)
    for again in (
        lambda: flags.settle(flag, reason="I wrote to her.", by=cast.sam),
        lambda: flags.settle_all(case, reason="I wrote to her.", by=cast.sam),
    ):
        with pytest.raises(Conflict, match="Sue Singh has settled this already"):
            again()


def test_what_has_ended_by_itself_is_said_so(cast, case):
    promises.keep(first_promise(case), said="So it was.", by=LOG)
    sweep(SEEN)
    flag = Flag.objects.get(rule="no_next_promise")
    with clock.at(SEEN):
        promises.make(case, pledge(), by=cast.nadia)
    sweep(SEEN + timedelta(minutes=1))
    with pytest.raises(Conflict, match="ended by itself"):
        flags.settle(flag, reason="Fine.", by=cast.sam)


# -- at the same moment ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_settle_at_once_one_wins_and_the_other_is_told(cast, case):
    sweep(SEEN)
    flag = Flag.objects.get()
    results = at_once(
        lambda: flags.settle(flag, reason="I called her.", by=cast.sam),
        lambda: flags.settle_all(case, reason="I wrote to her.", by=cast.sue),
    )
    lost = [result for result in results if isinstance(result, Conflict)]
    assert len(lost) == 1 and fresh(flag).settled_by.name in lost[0].sentence
    assert kinds(case).count(Kind.FLAG_SETTLED) == 1
    assert not Escalation.objects.standing().exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_wins_and_the_other_is_told(cast, case):
    appeal = appeals.ask(case, by=cast.carla)
    results = at_once(
        lambda: appeals.answer(appeal, "I have read it.", by=cast.sam),
        lambda: appeals.answer(appeal, "So have I.", by=cast.sue),
    )
    lost = [result for result in results if isinstance(result, Conflict)]
    assert len(lost) == 1 and fresh(appeal).answered_by_agent.name in lost[0].sentence
    assert kinds(case).count(Kind.SOMEONE_ELSE_ANSWERED) == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_keep_one_queue(cast, case, above):
    for number in range(6):
        a_case(cast.mallory, f"It fails, {number}.")
    for at in (SEEN, HEAD_AT):
        for result in at_once(lambda at=at: sweep(at), lambda at=at: sweep(at), lambda at=at: sweep(at)):
            assert not isinstance(result, Exception) and not result.failed
        # What one of them held, the next look finds.
        sweep(at)
    assert Escalation.objects.standing().filter(rung=2, points=1).count() == Escalation.objects.count() == 7
    assert kinds(case).count(Kind.WENT_HIGHER) == 1


@pytest.mark.django_db(transaction=True)
def test_an_act_at_the_moment_at_which_it_would_go_higher_is_an_answer_or_came_too_late(cast, case, above):
    sweep(SEEN)
    with clock.at(HEAD_AT):
        at_once(lambda: queue.keep(HEAD_AT), lambda: conversation.note_to_owner(case, "Ring her.", by=cast.sam))
    queue.keep(HEAD_AT)
    stay = Escalation.objects.get()
    assert (stay.rung == 1) == (stay.answered_at is not None)
    assert kinds(case).count(Kind.WENT_HIGHER) == stay.rung - 1
