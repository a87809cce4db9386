"""Two people at the same moment: real threads, real connections. ``RACE_ROUNDS`` says how often (6)."""

# Each race is over before the next round begins, so its acts may speak of the round's own case.
# ruff: noqa: B023

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal

import pytest

from cases.actors import LOG
from cases.models import Case, Complaint, Handover, Joining, Message
from cases.models.timeline import Kind
from cases.verbs import (
    afterwards,
    agreeing,
    amends,
    answering,
    assurances,
    closing,
    complaints,
    concessions,
    conversation,
    estimates,
    joining,
    ownership,
    promises,
    proposing,
    refusals,
    silence,
    subtasks,
)
from customers import identity
from customers.models import Customer
from portal import answers
from staff.models import Mandate
from supportdesk import clock
from supportdesk.errors import Conflict, Refused
from tests.cast import SUNDAY, a_case, an_agent, at_once, first_promise, fresh, kinds, pledge, proposed

ROUNDS = int(os.environ.get("RACE_ROUNDS", 6))

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tuesday")]


def expected_only(results):
    """What a race may end in: rows, or a rule that said no. Anything else is a defect."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refused):
            raise result
    return results


def test_of_twenty_agents_who_take_one_case_one_wins_and_the_others_read_who(cast):
    agents = [an_agent(f"Agent{number} Twenty", cast.support) for number in range(20)]
    for _ in range(max(1, ROUNDS // 4)):
        with clock.at(SUNDAY):
            case = a_case(cast.carla)
        results = expected_only(at_once(*[lambda agent=agent: ownership.take(case, by=agent) for agent in agents]))
        lost = [result for result in results if isinstance(result, Conflict)]
        winner = fresh(case).owner
        assert winner in agents and len(lost) == 19
        assert {conflict.sentence for conflict in lost} == {f"{winner.name} owns this case already."}
        assert kinds(case).count(Kind.TAKEN) == 1


def test_a_yes_and_a_new_part_at_the_same_moment_leave_no_closed_case_over_it(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        expected_only(
            at_once(
                lambda: answering.say_yes(case, by=cast.carla),
                lambda: subtasks.ask(case, cast.hardware, "Test", by=case.owner),
            )
        )
        case = fresh(case)
        assert case.yes_at
        assert case.is_open == case.subtasks.open().exists()


def test_the_last_part_and_the_yes_at_the_same_moment_close_once(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        part = subtasks.ask(case, cast.hardware, "Test", by=case.owner)
        expected_only(
            at_once(
                lambda: answering.say_yes(case, by=cast.carla),
                lambda: subtasks.done(part, outcome="Fine.", by=cast.olga),
            )
        )
        assert fresh(case).outcome == Case.Outcome.CONFIRMED
        assert kinds(case).count(Kind.CLOSED) == 1


def test_of_two_who_accept_one_part_one_has_it(cast):
    otto = an_agent("Otto Olsen", cast.hardware)
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        part = subtasks.ask(case, cast.hardware, "Test", by=case.owner)
        results = expected_only(
            at_once(
                *[
                    lambda agent=agent, hours=hours: subtasks.accept(
                        part, committed_at=clock.now() + timedelta(hours=hours), by=agent
                    )
                    for agent, hours in ((cast.olga, 5), (otto, 6))
                ]
            )
        )
        part = fresh(part)
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert part.committed_at == clock.now() + timedelta(hours=5 if part.agent == cast.olga else 6)
        assert kinds(case).count(Kind.SUBTASK_ACCEPTED) == 1


def test_done_and_dropped_at_the_same_moment_it_ends_once(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        part = subtasks.ask(case, cast.hardware, "Test", by=case.owner)
        results = expected_only(
            at_once(
                lambda: subtasks.done(part, outcome="Fine.", by=cast.olga),
                lambda: subtasks.drop(part, reason="Not needed.", by=case.owner),
            )
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert sum(kind in (Kind.SUBTASK_DONE, Kind.SUBTASK_DROPPED) for kind in kinds(case)) == 1
        assert not fresh(part).is_open


def test_a_later_date_granted_and_refused_at_the_same_moment_is_answered_once(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        part = subtasks.ask(case, cast.hardware, "Test", by=case.owner)
        given, later = clock.now() + timedelta(hours=5), clock.now() + timedelta(hours=50)
        subtasks.accept(part, committed_at=given, by=cast.olga)
        subtasks.ask_later(part, later, "Late.", by=cast.olga)
        results = expected_only(
            at_once(
                lambda: subtasks.grant_later(part, later, by=case.owner),
                lambda: subtasks.refuse_later(part, later, by=cast.sam),
            )
        )
        told = kinds(case)
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert told.count(Kind.SUBTASK_DATE_MOVED) + told.count(Kind.SUBTASK_LATER_REFUSED) == 1
        assert fresh(part).committed_at == (later if Kind.SUBTASK_DATE_MOVED in told else given)


def test_two_who_pass_it_up_at_the_same_moment_ask_the_second_line_once(cast):
    cast.hardware.second_line = cast.warranty
    cast.hardware.save(update_fields=["second_line"])
    otto = an_agent("Otto Olsen", cast.hardware)
    for _ in range(ROUNDS // 2):
        case = a_case(cast.carla)
        part = subtasks.ask(case, cast.hardware, "Test", by=case.owner)
        expected_only(
            at_once(
                *[
                    lambda agent=agent: subtasks.could_not_reproduce(part, "All of it.", by=agent)
                    for agent in (cast.olga, otto)
                ]
            )
        )
        assert case.subtasks.open().get().follows == part


def test_a_call_taken_while_the_owner_speaks_is_either_made_sure_or_stands(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        taker = cast.olga
        expected_only(
            at_once(
                lambda: assurances.take_call(case, "Hello?", by=taker),
                lambda: conversation.write_to_customer(case, "Here I am.", by=case.owner),
            )
        )
        told = [kind for kind in kinds(case) if kind in (Kind.CALL_TAKEN, Kind.MESSAGE_TO_CUSTOMER)]
        assert case.assurances.standing().exists() == (told[-1] == Kind.CALL_TAKEN)


def test_a_withdrawal_and_a_new_part_at_the_same_moment_leave_no_closed_case_over_it(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        expected_only(
            at_once(
                lambda: answering.withdraw(case, by=cast.carla),
                lambda: subtasks.ask(case, cast.hardware, "Test", by=case.owner),
            )
        )
        case = fresh(case)
        assert case.withdrawn_at
        assert case.is_open == case.subtasks.open().exists()
        assert kinds(case).count(Kind.CUSTOMER_WITHDREW) == 1


def test_understanding_and_a_new_proposal_at_the_same_moment_never_mean_the_new_one(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        told = {"kind": "cannot", "words": "No.", "tried": "All.", "why_none": "None."}
        on_the_page = proposing.propose(case, **told, by=case.owner)
        understood, anew = expected_only(
            at_once(
                lambda: answers.understand(case, by=cast.carla, about=on_the_page.pk),
                lambda: proposed(case, cast.sam, words="It works after all."),
            )
        )
        assert isinstance(understood, Refused) != isinstance(anew, Refused)
        answer = {"understood"} if isinstance(anew, Refused) else {""}
        assert set(case.resolutions.values_list("answer", flat=True)) == answer
        assert fresh(case).outcome == ("understood" if isinstance(anew, Refused) else "")


def test_thanks_and_not_yet_at_the_same_moment_leave_it_open(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        answering.say_yes(case, by=cast.carla)
        heard = conversation.customer_writes(case, "Thanks.", by=cast.carla)
        thanks, _not_yet = expected_only(
            at_once(
                lambda: afterwards.only_thanks(case, read=heard, by=case.owner),
                lambda: answering.say_not_yet(case, by=cast.carla),
            )
        )
        case = fresh(case)
        assert (case.state, case.decide_by) == ("open", None)
        assert kinds(case).count(Kind.ONLY_THANKS) == (0 if isinstance(thanks, Refused) else 1)


def test_two_sweeps_and_the_owner_at_the_same_moment_open_it_once(cast):
    for _ in range(ROUNDS // 2):
        case = a_case(cast.carla)
        answering.say_yes(case, by=cast.carla)
        conversation.customer_writes(case, "Thanks.", by=cast.carla)
        due_at = fresh(case).decide_by
        with clock.at(due_at):
            expected_only(
                at_once(
                    lambda: afterwards.reopen_undecided(due_at),
                    lambda: afterwards.reopen_undecided(due_at),
                    lambda: closing.reopen(case, reason="More.", next_promise=pledge(), by=case.owner),
                )
            )
        assert (fresh(case).state, kinds(case).count(Kind.REOPENED)) == ("open", 1)


@pytest.mark.parametrize("verb", ["close_unanswered", "override"])
def test_closing_and_asking_at_the_same_moment(cast, verb):
    for _ in range(ROUNDS // 2):
        case = a_case(cast.carla)
        proposed(case, case.owner)
        silence.unconfirm(case, by=LOG)
        close = {
            "close_unanswered": lambda: silence.close_unanswered(case, by=cast.sam),
            "override": lambda: closing.override(case, reason="A double.", by=cast.sam),
        }[verb]
        results = expected_only(at_once(close, lambda: subtasks.ask(case, cast.hardware, "Test", by=case.owner)))
        case = fresh(case)
        if verb == "close_unanswered":
            assert case.is_open == case.subtasks.open().exists()
            assert sum(isinstance(result, Refused) for result in results) == 1
        else:
            assert case.outcome == Case.Outcome.OVERRIDE


def test_two_keeps_keep_it_once(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        promise = first_promise(case)
        expected_only(
            at_once(
                *[
                    lambda by=by: promises.keep(promise, said="Hello.", next_promise=pledge(), by=by)
                    for by in (case.owner, cast.sam)
                ]
            )
        )
        assert kinds(case).count(Kind.PROMISE_KEPT) == 1
        assert case.messages.filter(direction=Message.Direction.OUT).count() == 1
        assert case.promises.owed().count() == 1


def test_a_keep_and_the_sweep_agree_on_how_it_ended(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        promise = first_promise(case)
        with clock.at(promise.due_at):
            expected_only(
                at_once(
                    lambda: promises.break_due(promise.due_at),
                    lambda: promises.keep(promise, said="Sorry.", next_promise=pledge(), by=case.owner),
                )
            )
        told = kinds(case)
        assert (told.count(Kind.PROMISE_BROKEN), told.count(Kind.PROMISE_ANSWERED)) == (1, 1)
        assert fresh(promise).state == "broken"


def test_of_two_proposals_one_stands(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        expected_only(
            at_once(
                lambda: proposed(case, case.owner, words="Done."),
                lambda: proposed(case, cast.sam, words="It is done."),
            )
        )
        assert case.resolutions.filter(ended_at=None).count() == 1
        assert case.resolutions.count() == kinds(case).count(Kind.RESOLUTION_PROPOSED) == 2
        assert case.reminders.filter(waived_at=None).count() == 3


def test_an_acceptance_and_a_take_over_leave_one_owner_whom_the_timeline_names(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.mallory)
        offer = ownership.hand_over(case, cast.olga, brief="Yours.", by=case.owner)
        expected_only(
            at_once(
                lambda: ownership.accept(offer, by=cast.olga),
                lambda: ownership.take_over(case, reason="Mine.", by=cast.sam),
            )
        )
        # Whoever came first, the supervisor has it: a take-over goes over an offer and over its receiver.
        assert fresh(case).owner == cast.sam
        assert case.entries.exclude(owner=None).latest("pk").owner == cast.sam
        assert not Handover.objects.filter(case=case, state="offered").exists()
        ownership.hand_over(case, cast.nadia, brief="Yours.", by=cast.sam)
        ownership.accept(case.handovers.get(state="offered"), by=cast.nadia)


def test_of_two_who_take_a_complaint_one_wins_and_the_other_reads_who(cast):
    supervisors = [an_agent(f"Agent{number} Ten", cast.hardware, is_supervisor=True) for number in range(10)]
    for _ in range(max(1, ROUNDS // 4)):
        complaint = complaints.complain(a_case(cast.carla), "Hung up.", about=[cast.sam, cast.sue], by=cast.carla)
        Complaint.objects.filter(pk=complaint.pk).update(owner=cast.nobody)
        acts = [lambda agent=agent: complaints.take(complaint, by=agent) for agent in supervisors]
        lost = [result for result in expected_only(at_once(*acts)) if isinstance(result, Conflict)]
        winner = fresh(complaint).owner
        assert winner in supervisors and len(lost) == 9
        assert {conflict.sentence for conflict in lost} == {f"{winner.name} answers this complaint already."}


def test_an_answer_and_a_hand_on_at_the_same_moment_are_one_of_the_two(cast):
    for _ in range(ROUNDS):
        complaint = complaints.complain(a_case(cast.carla), "Hung up.", by=cast.carla)
        owner = complaint.owner
        other = cast.sue if owner == cast.sam else cast.sam
        results = expected_only(
            at_once(
                lambda: complaints.answer(complaint, "We are sorry.", by=owner),
                lambda: complaints.hand_on(complaint, other, reason="Away.", by=owner),
            )
        )
        complaint = fresh(complaint)
        assert sum(isinstance(result, Refused) for result in results) == 1
        assert (complaint.answered_by_agent, complaint.owner) in ((owner, owner), (None, other))


def test_a_second_look_and_a_yes_at_the_same_moment_leave_no_promise_that_nobody_ends(cast):
    for _ in range(ROUNDS // 2):
        case = a_case(cast.carla)
        refusal = refusals.refuse(
            case,
            asked="My money back",
            kind="not_entitled",
            ground="The offer ended on 3 March.",
            read_before="The offer",
            decider="Wanda",
            by=case.owner,
        )
        refusals.ask_for_another_look(refusal, by=cast.carla)
        second = cast.sue if case.owner == cast.sam else cast.sam
        expected_only(
            at_once(
                lambda: refusals.look_again(refusal, look="changed", words="You are right.", by=second),
                lambda: answering.say_yes(case, by=cast.carla),
            )
        )
        assert fresh(refusal).look == "changed"
        assert not fresh(case).is_open
        assert not case.promises.owed().exists()


def test_of_two_joinings_that_cross_one_wins_and_the_other_reads_why(cast):
    one, two = a_case(cast.carla), a_case(cast.carla)
    for _ in range(10 * ROUNDS):
        results = expected_only(
            at_once(
                lambda: joining.join(one, two, by=cast.sam),
                lambda: joining.join(two, one, by=cast.nadia),
            )
        )
        (conflict,) = [result for result in results if isinstance(result, Refused)]
        assert isinstance(conflict, Conflict) and "they are one already" in conflict.sentence
        joined = Case.objects.get(outcome=Case.Outcome.JOINED)
        assert results.count(joined.joined_into) == 1
        assert Joining.objects.filter(undone_at=None).count() == 1
        joining.undo(joined, by=cast.sam)


def test_three_joinings_in_a_ring_leave_one_case(cast):
    for _ in range(ROUNDS):
        ring = [a_case(cast.carla) for _ in range(3)]
        results = expected_only(
            at_once(
                *[
                    lambda one=one, other=other: joining.join(one, other, by=cast.sam)
                    for one, other in zip(ring, ring[1:] + ring[:1], strict=True)
                ]
            )
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        (survivor,) = Case.objects.open()
        assert {Case.objects.behind(case.pk).get() for case in ring} == {survivor}
        assert survivor.promises.owed().count() == 3
        closing.override(survivor, reason="The next round.", by=cast.sam)


def test_joining_undoing_and_acting_at_the_same_moment_wait_for_one_another_and_not_in_a_ring(cast):
    for number in range(ROUNDS):
        one, two = a_case(cast.carla), a_case(cast.carla)
        if number % 2:
            one, two = two, one
        promise, part = first_promise(one), subtasks.ask(one, cast.hardware, "Test", by=one.owner)
        expected_only(
            at_once(
                lambda: joining.join(one, two, by=cast.sam),
                lambda: joining.undo(one, by=cast.nadia),
                lambda: conversation.customer_writes(one, "Hello?", by=cast.carla),
                lambda: promises.keep(promise, said="Hello.", next_promise=pledge(), by=cast.sam),
                lambda: subtasks.done(part, outcome="Fine.", by=cast.olga),
                lambda: conversation.note(two, "Hm.", by=cast.ben),
            )
        )
        root = Case.objects.behind(one.pk).get()
        assert root.is_open and root.next_promise.case == root
        assert fresh(part).outcome == "Fine."
        # Said once, on the case to which the number led at that moment.
        assert Message.objects.filter(case__in=(one, two), body="Hello?").count() == 1


def test_two_first_contacts_from_one_address_are_one_customer(cast):
    for number in range(ROUNDS):
        mail = f"new{number}@home.example"
        one, two = expected_only(
            at_once(
                lambda mail=mail: identity.recognise("New One", mail=mail),
                lambda mail=mail: identity.recognise("New One", mail=mail.upper()),
            )
        )
        assert one == two
        assert Customer.objects.filter(addresses__value=mail).count() == 1
    assert Customer.objects.count() == 2 + ROUNDS


def test_a_form_sent_twice_at_the_same_moment_opens_one_case(cast):
    for number in range(ROUNDS):
        one, two = expected_only(at_once(*[lambda: a_case(cast.carla, once=f"k{number}")] * 2))
        assert one == two
    assert Case.objects.count() == ROUNDS


@pytest.mark.parametrize(
    "act",
    [
        lambda case, key, cast: conversation.write_to_customer(case, "Hello.", once=key, by=case.owner),
        lambda case, key, cast: conversation.customer_writes(case, "Hello.", once=key, by=cast.carla),
        lambda case, key, cast: conversation.note(case, "Hm.", once=key, by=cast.ben),
        lambda case, key, cast: subtasks.ask(case, cast.hardware, "Test", once=key, by=case.owner),
        lambda case, key, cast: conversation.attempt(case, "engaged", once=key, by=case.owner),
        lambda case, key, cast: assurances.take_call(case, "Hello.", once=key, by=cast.olga),
        lambda case, key, cast: estimates.estimate(case, over_by=pledge().due_at, once=key, by=case.owner),
        lambda case, key, cast: complaints.complain(case, "Hung up.", once=key, by=cast.carla),
    ],
    ids=["message", "customer", "note", "part", "attempt", "call", "estimate", "complaint"],
)
def test_a_form_sent_twice_at_the_same_moment_writes_one_row(cast, act):
    case = a_case(cast.carla)
    for number in range(ROUNDS // 2):
        one, two = expected_only(at_once(*[lambda: act(case, f"k{number}", cast)] * 2))
        assert one == two
    assert len(kinds(case)) == 2 + ROUNDS // 2


def test_a_yes_to_a_new_time_and_its_breaking_at_the_same_moment_leave_a_broken_promise_and_both_dates(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        moved = promises.move(first_promise(case), pledge(), reason="The part is late.", by=case.owner)
        expected_only(
            at_once(
                lambda: agreeing.agree(moved, by=cast.carla),
                lambda: promises.break_due(moved.due_at, cases=[case.pk]),
            )
        )
        # Whoever is second finds it locked and leaves it, or changed.
        promises.break_due(moved.due_at, cases=[case.pk])
        after, before = fresh(moved), first_promise(case)
        assert after.state == "broken"
        assert (before.state == "renegotiated") == (after.agreed_at is not None)
        assert kinds(case).count(Kind.PROMISE_BROKEN) == 1


def test_a_yes_and_a_no_to_a_new_time_at_the_same_moment_are_one_answer(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        moved = promises.move(first_promise(case), pledge(), reason="The part is late.", by=case.owner)
        expected_only(
            at_once(
                *[lambda answer=answer: answer(moved, by=cast.carla) for answer in (agreeing.agree, agreeing.disagree)]
            )
        )
        assert len({Kind.PROMISE_AGREED, Kind.PROMISE_NOT_AGREED} & set(kinds(case))) == 1


def test_a_yes_to_a_new_time_that_moves_again_answers_nothing_new(cast):
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        moved = promises.move(first_promise(case), pledge(), reason="The part is late.", by=case.owner)
        expected_only(
            at_once(
                lambda: agreeing.agree(moved, by=cast.carla),
                lambda: promises.move(moved, pledge(hours=48), reason="Later still.", by=case.owner),
            )
        )
        newest = fresh(case).next_promise
        assert newest.replaces == moved and newest.agreed_at is None
        assert (fresh(moved).agreed_at is not None) == (Kind.PROMISE_AGREED in kinds(case))


def test_of_two_decisions_at_the_same_moment_one_counts(cast):
    Mandate.objects.create(department=cast.support, refund_up_to=50, decider=cast.sam)
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        told = {"amount": Decimal(80), "words": "Both", "why": "Twice."}
        asked = concessions.give(case, "refund", **told, by=case.owner)
        results = expected_only(
            at_once(
                lambda: concessions.decide(asked, granted=True, by=cast.sam),
                lambda: concessions.decide(asked, granted=False, answer="No.", by=cast.sam),
            )
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        decided = {Kind.CONCESSION_GRANTED, Kind.CONCESSION_DECLINED} & set(kinds(case))
        assert decided == {Kind.CONCESSION_GRANTED if fresh(asked).granted else Kind.CONCESSION_DECLINED}


def test_two_pieces_at_the_same_moment_are_not_more_than_the_mandate(cast):
    Mandate.objects.create(department=cast.support, refund_up_to=50, decider=cast.sam)
    for _ in range(ROUNDS):
        case = a_case(cast.carla)
        told = {"amount": Decimal(30), "words": "One", "why": "Twice."}
        expected_only(at_once(*[lambda: concessions.give(case, "refund", **told, by=case.owner) for _ in range(2)]))
        assert case.concessions.filter(granted=True).count() == 1
        assert case.concessions.undecided().count() == 1


def test_of_two_who_make_one_promise_right_one_writes_to_the_customer(cast):
    for turn in range(ROUNDS):
        case = a_case(cast.carla)
        promises.break_due(clock.now() + timedelta(hours=4), cases=[case.pk])
        told = {"why": "I forgot.", "doing": "I ring now.", "next_promise": pledge()}
        results = expected_only(
            at_once(
                *[
                    lambda who=who, words=words: amends.make(
                        first_promise(case), apology=f"{words} {turn} you waited for me in vain.", **told, by=who
                    )
                    for who, words in ((case.owner, "At noon"), (cast.sam, "All day"))
                ]
            )
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert kinds(case).count(Kind.MADE_RIGHT) == 1
