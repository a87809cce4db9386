"""Every verb has the same beats: it works, is recorded once in its own transaction, is silent the second time, and
refuses strangers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from cases.actors import LOG
from cases.models import Case, Complaint
from cases.models.timeline import Kind
from cases.verbs import (
    absences,
    afterwards,
    agreeing,
    amends,
    answering,
    appeals,
    aside,
    assurances,
    closing,
    complaints,
    concessions,
    confidentiality,
    conversation,
    estimates,
    joining,
    opening,
    ownership,
    participants,
    promises,
    proposing,
    refusals,
    silence,
    splitting,
    subtasks,
)
from cases.verbs.promises import Pledge
from escalations import flags, queue
from escalations.models import Flag
from escalations.rules import BY_NAME
from staff.absences import announce
from staff.models import Absence, Agent, Company, Department, Mandate
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed
from tests.cast import (
    REMINDERS,
    SILENCE,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    Cast,
    a_case,
    an_agent,
    as_at_commit,
    as_the_desk,
    as_the_owner,
    everything,
    first_promise,
    fresh,
    kinds,
    latest_entry,
    proposed,
    takes_part,
)

BROKEN, UNPROMISED = BY_NAME["promise_broken"], BY_NAME["no_next_promise"]
CALL = Pledge("call you", WEDNESDAY)
THURSDAY = WEDNESDAY + timedelta(days=1)
NOT_THEIR_CASE = ("ben", "olga", "carla", "mallory")
NOT_THEIR_PART = ("nadia", "wanda", "sam", "carla", "mallory")
STAFF_AND_STRANGERS = ("nadia", "sam", "ben", "mallory")


@dataclass
class Scene:
    """Who is there, the case, and what the act is about."""

    cast: Cast
    case: Case
    thing: object = None


@dataclass(frozen=True)
class Beat:
    """One verb: what is there before, how it is called, by whom, what it writes, and who may not."""

    verb: Callable
    act: Callable[[Scene, object], object]
    by: str
    records: tuple[str, ...]
    given: Callable[[Scene], object] = field(default=lambda scene: None)
    strangers: tuple[str, ...] = ()

    def __str__(self):
        return f"{self.verb.__module__.rpartition('.')[2]}.{self.verb.__name__}"


# -- what is there before ----------------------------------------------------------------------------------------------


def up_for_taking(scene):
    with clock.at(SUNDAY):
        return a_case(scene.cast.mallory)


def offered(scene):
    return ownership.hand_over(scene.case, scene.cast.ben, brief="Carla wants her upgrade.", by=scene.cast.nadia)


def away(scene):
    return announce(scene.cast.nadia, TUESDAY, THURSDAY, scene.cast.wanda, by=scene.cast.nadia)


def away_and_told(scene):
    away(scene)
    return absences.begin_due(TUESDAY)


def promised_for_an_absence(scene):
    # She is still here, and owns what comes in now.
    announce(scene.cast.nadia, TUESDAY + timedelta(hours=1), THURSDAY, scene.cast.wanda, by=scene.cast.nadia)
    return first_promise(scene.case)


def asked(scene):
    return subtasks.ask(scene.case, scene.cast.hardware, "Test the board", by=scene.cast.nadia)


def in_work(scene):
    return subtasks.accept(asked(scene), committed_at=WEDNESDAY, by=scene.cast.olga)


def waiting(scene):
    return subtasks.wait(in_work(scene), "a new board", by=scene.cast.olga)


def later_asked(scene):
    return subtasks.ask_later(in_work(scene), THURSDAY, "The board is late.", by=scene.cast.olga)


def asked_of_a_first_line(scene):
    scene.cast.hardware.second_line = scene.cast.warranty
    scene.cast.hardware.save(update_fields=["second_line"])
    return asked(scene)


def a_proposal(scene):
    return proposed(scene.case, scene.cast.nadia)


def a_no(scene):
    told = {"kind": "cannot", "words": "It cannot be.", "why_none": "None can.", "tried": "Two boards."}
    return proposing.propose(scene.case, **told, by=scene.cast.nadia)


def put_aside(scene):
    return aside.put_aside(scene.case, "spam", by=scene.cast.nadia)


def written_after_closing(scene):
    answering.say_yes(scene.case, by=scene.cast.carla)
    return conversation.customer_writes(scene.case, "Thank you!", by=scene.cast.carla)


def unconfirmed(scene):
    a_proposal(scene)
    return silence.unconfirm(scene.case, by=LOG)


def after_the_silence(verb, case, by):
    with clock.at(SILENCE):
        return verb(case, by=by)


def agreed_elsewhere(scene):
    # What a repaired or imported case looks like: the yes is there and nothing in its way.
    Case.objects.filter(pk=scene.case.pk).update(yes_at=TUESDAY)


def reminded_three_times(scene):
    a_proposal(scene)
    promises.keep(first_promise(scene.case), said="It is on its way.", by=scene.cast.nadia)
    return silence.remind_due(REMINDERS[-1])


def complained(scene):
    # Sue has had one, so Sam is next; Nadia owns the case.
    complaints.complain(a_case(scene.cast.mallory), "Nobody rang me.", by=scene.cast.mallory)
    Complaint.objects.update(owner=scene.cast.sue)
    complaint = complaints.complain(scene.case, "I was hung up on.", by=scene.cast.carla)
    assert complaint.owner == scene.cast.sam
    return complaint


def complained_at_night(scene):
    Agent.objects.filter(is_supervisor=True).update(can_sign_in=False)
    complaint = complaints.complain(scene.case, "I was hung up on.", about=[scene.cast.sue], by=scene.cast.carla)
    assert complaint.owner == scene.cast.nobody
    Agent.objects.filter(is_supervisor=True).update(can_sign_in=True)
    for agent in (scene.cast.sam, scene.cast.sue):
        agent.refresh_from_db()
    return complaint


NO = {
    "asked": "My money back",
    "kind": "not_entitled",
    "ground": "The offer ended on 3 March, and the order is of 5 March.",
    "read_before": "The offer of February and the order",
    "decider": "Wanda Weiss, Warranty",
}


def refused(scene):
    return refusals.refuse(scene.case, **NO, by=scene.cast.nadia)


def disputed(scene):
    refusal = refused(scene)
    return refusals.ask_for_another_look(refusal, words="I ordered in February.", by=scene.cast.carla)


def told_again(scene):
    return a_case(scene.cast.carla, "Still no upgrade.")


def joined(scene):
    again = told_again(scene)
    joining.join(again, scene.case, by=scene.cast.nadia)
    return again


def broken(scene):
    return promises.break_due(WEDNESDAY)


def flagged(scene):
    broken(scene)
    flags.raise_all(BROKEN, WEDNESDAY)
    return Flag.objects.get()


def unanswered_in_the_queue(scene):
    Company.objects.update(head=scene.cast.sue)
    flagged(scene)
    return queue.keep(WEDNESDAY)


def someone_else_asked(scene):
    return appeals.ask(scene.case, "Nobody listens to me.", by=scene.cast.carla)


def someone_else_answered(scene):
    return appeals.answer(someone_else_asked(scene), "I have read all of it.", by=scene.cast.sam)


def confidential(scene):
    return confidentiality.make_confidential(scene.case, reason="It is about her health.", by=scene.cast.nadia)


def mallory_takes_part(scene):
    return takes_part(scene.case, scene.cast.mallory, by=scene.cast.nadia)


def moved(scene):
    return promises.move(first_promise(scene.case), CALL, reason="The part is late.", by=scene.cast.nadia)


def broken_promise(scene):
    broken(scene)
    return first_promise(scene.case)


def a_mandate(scene):
    Mandate.objects.create(department=scene.cast.support, refund_up_to=50, decider=scene.cast.sam)


def asked_for(scene):
    a_mandate(scene)
    told = {"amount": Decimal(80), "words": "Both licences", "why": "Charged twice."}
    return concessions.give(scene.case, "refund", **told, by=scene.cast.nadia)


def asked_for_with_a_head(scene):
    Company.objects.update(head=scene.cast.sue)
    return asked_for(scene)


def promised_too_late(scene):
    promises.keep(first_promise(scene.case), said="All is well.", by=LOG)
    flags.raise_all(UNPROMISED, WEDNESDAY)
    promises.make(scene.case, CALL, by=scene.cast.nadia)


# -- the table ---------------------------------------------------------------------------------------------------------

BEATS = (
    Beat(
        opening.open_case,
        lambda scene, by: opening.open_case(scene.cast.mallory, "It does not start.", once="k", by=by),
        by="mallory",
        records=(Kind.OPENED, Kind.PROMISE_MADE),
    ),
    Beat(
        ownership.take,
        lambda scene, by: ownership.take(scene.thing, by=by),
        given=up_for_taking,
        by="nadia",
        records=(Kind.TAKEN,),
        strangers=("carla", "mallory", "nobody"),
    ),
    Beat(
        ownership.hand_over,
        lambda scene, by: ownership.hand_over(scene.case, scene.cast.olga, brief="It is the board.", by=by),
        by="nadia",
        records=(Kind.HANDOVER_OFFERED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        ownership.accept,
        lambda scene, by: ownership.accept(scene.thing, by=by),
        given=offered,
        by="ben",
        records=(Kind.HANDOVER_ACCEPTED,),
        strangers=("nadia", "olga", "sam", "carla", "mallory"),
    ),
    Beat(
        ownership.give_back,
        lambda scene, by: ownership.give_back(scene.thing, reason="I am away.", by=by),
        given=offered,
        by="ben",
        records=(Kind.HANDOVER_GIVEN_BACK,),
        strangers=("nadia", "olga", "sam", "carla", "mallory"),
    ),
    Beat(
        ownership.take_over,
        lambda scene, by: ownership.take_over(scene.case, reason="Carla asked for me.", by=by),
        by="sam",
        records=(Kind.TAKEN_OVER,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        absences.leave_to_cover,
        lambda scene, by: absences.leave_to_cover(scene.thing, Absence.objects.get(), by=by),
        given=promised_for_an_absence,
        by="nadia",
        records=(Kind.PROMISE_LEFT_TO_COVER,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        absences.leave_all_to_cover,
        lambda scene, by: absences.leave_all_to_cover(scene.thing, by=by),
        given=away,
        by="nadia",
        records=(Kind.PROMISE_LEFT_TO_COVER,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        absences.begin_due,
        lambda scene, by: absences.begin_due(TUESDAY),
        given=away,
        by="nobody",
        records=(Kind.OWNER_AWAY,),
    ),
    Beat(
        absences.end_due,
        lambda scene, by: absences.end_due(THURSDAY),
        given=away_and_told,
        by="nobody",
        records=(Kind.OWNER_BACK,),
    ),
    Beat(
        conversation.write_to_customer,
        lambda scene, by: conversation.write_to_customer(scene.case, "We found it.", once="k", by=by),
        by="nadia",
        records=(Kind.MESSAGE_TO_CUSTOMER,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        conversation.note,
        lambda scene, by: conversation.note(scene.case, "The board is from 2024.", once="k", by=by),
        by="olga",
        records=(Kind.NOTED,),
        strangers=("carla", "mallory"),
    ),
    Beat(
        conversation.note_to_owner,
        lambda scene, by: conversation.note_to_owner(scene.case, "Ring her before noon.", once="k", by=by),
        by="sam",
        records=(Kind.NOTE_TO_OWNER,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        conversation.customer_writes,
        lambda scene, by: conversation.customer_writes(scene.case, "One more thing.", once="k", by=by),
        by="carla",
        records=(Kind.MESSAGE_FROM_CUSTOMER,),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        conversation.attempt,
        lambda scene, by: conversation.attempt(scene.case, "voice_mail", promise=scene.thing, once="k", by=by),
        given=lambda scene: first_promise(scene.case),
        by="nadia",
        records=(Kind.ATTEMPTED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        conversation.did_not_arrive,
        lambda scene, by: conversation.did_not_arrive(scene.thing, "the mailbox is full", by=by),
        given=lambda scene: conversation.write_to_customer(scene.case, "We found it.", by=scene.cast.nadia),
        by="nadia",
        records=(Kind.MESSAGE_DID_NOT_ARRIVE,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        assurances.take_call,
        lambda scene, by: assurances.take_call(scene.case, "Nobody called me.", once="k", by=by),
        by="ben",
        records=(Kind.CALL_TAKEN,),
        strangers=("carla", "mallory", "nobody"),
    ),
    Beat(
        confidentiality.make_confidential,
        lambda scene, by: confidentiality.make_confidential(scene.case, reason="It is about her health.", by=by),
        by="nadia",
        records=(Kind.MADE_CONFIDENTIAL,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        confidentiality.open_to_staff,
        lambda scene, by: confidentiality.open_to_staff(scene.case, reason="Carla has told everybody.", by=by),
        given=confidential,
        by="nadia",
        records=(Kind.NO_LONGER_CONFIDENTIAL,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        participants.add,
        lambda scene, by: takes_part(scene.case, scene.cast.mallory, by=by),
        by="nadia",
        records=(Kind.PARTICIPANT_ADDED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        participants.change,
        lambda scene, by: participants.change(
            scene.thing, relation="her lawyer", sees="messages", speaks_for=True, by=by
        ),
        given=mallory_takes_part,
        by="nadia",
        records=(Kind.PARTICIPANT_CHANGED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        participants.end,
        lambda scene, by: participants.end(scene.thing, by=by),
        given=mallory_takes_part,
        by="nadia",
        records=(Kind.PARTICIPANT_ENDED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        promises.make,
        lambda scene, by: promises.make(scene.case, Pledge("send you the key", WEDNESDAY), by=by),
        by="nadia",
        records=(Kind.PROMISE_MADE,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        promises.keep,
        lambda scene, by: promises.keep(scene.thing, said="I have it here.", next_promise=CALL, by=by),
        given=lambda scene: first_promise(scene.case),
        by="nadia",
        records=(Kind.MESSAGE_TO_CUSTOMER, Kind.PROMISE_KEPT, Kind.PROMISE_MADE),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        promises.renegotiate,
        lambda scene, by: promises.renegotiate(scene.thing, CALL, agreement="On the telephone.", by=by),
        given=lambda scene: first_promise(scene.case),
        by="nadia",
        records=(Kind.PROMISE_RENEGOTIATED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        promises.move,
        lambda scene, by: promises.move(scene.thing, CALL, reason="The part is late.", by=by),
        given=lambda scene: first_promise(scene.case),
        by="nadia",
        records=(Kind.PROMISE_MOVED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        promises.break_due,
        lambda scene, by: promises.break_due(WEDNESDAY),
        by="nobody",
        records=(Kind.PROMISE_BROKEN,),
    ),
    Beat(
        agreeing.agree,
        lambda scene, by: agreeing.agree(scene.thing, words="Fine.", once="k", by=by),
        given=moved,
        by="carla",
        records=(Kind.PROMISE_AGREED,),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        agreeing.hear,
        lambda scene, by: agreeing.hear(scene.thing, words="Fine.", how="On the telephone.", once="k", by=by),
        given=moved,
        by="nadia",
        records=(Kind.PROMISE_AGREED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        agreeing.disagree,
        lambda scene, by: agreeing.disagree(scene.thing, words="I am away.", once="k", by=by),
        given=moved,
        by="carla",
        records=(Kind.PROMISE_NOT_AGREED,),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        amends.make,
        lambda scene, by: amends.make(
            scene.thing,
            apology="You waited all afternoon, Carla, and I did not ring.",
            why="I had written down Thursday.",
            doing="I ring today at three.",
            next_promise=CALL,
            by=by,
        ),
        given=broken_promise,
        by="nadia",
        records=(Kind.MADE_RIGHT, Kind.PROMISE_ANSWERED, Kind.PROMISE_MADE),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        concessions.give,
        lambda scene, by: concessions.give(
            scene.case, "refund", amount=Decimal(40), words="The licence", why="Charged twice.", once="k", by=by
        ),
        given=a_mandate,
        by="nadia",
        records=(Kind.CONCESSION_GRANTED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        concessions.decide,
        lambda scene, by: concessions.decide(scene.thing, granted=False, answer="Too much.", by=by),
        given=asked_for,
        by="sam",
        records=(Kind.CONCESSION_DECLINED,),
        strangers=("nadia", "sue", *NOT_THEIR_CASE),
    ),
    Beat(
        concessions.pass_on,
        lambda scene, by: concessions.pass_on(scene.thing, scene.cast.sue, reason="Sam is away.", by=by),
        given=asked_for_with_a_head,
        by="nadia",
        records=(Kind.CONCESSION_PASSED_ON,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        subtasks.ask,
        lambda scene, by: subtasks.ask(scene.case, scene.cast.hardware, "Test the board", once="k", by=by),
        by="nadia",
        records=(Kind.SUBTASK_ASKED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        subtasks.see,
        lambda scene, by: subtasks.see(scene.thing, by=by),
        given=asked,
        by="olga",
        records=(Kind.SUBTASK_SEEN,),
        strangers=("nadia", "wanda", "sam", "carla", "mallory"),
    ),
    Beat(
        subtasks.accept,
        lambda scene, by: subtasks.accept(scene.thing, committed_at=WEDNESDAY, by=by),
        given=asked,
        by="olga",
        records=(Kind.SUBTASK_ACCEPTED,),
        strangers=("nadia", "wanda", "sam", "carla", "mallory"),
    ),
    Beat(
        subtasks.done,
        lambda scene, by: subtasks.done(scene.thing, outcome="The board is dead.", by=by),
        given=asked,
        by="olga",
        records=(Kind.SUBTASK_DONE,),
        strangers=("nadia", "wanda", "sam", "carla", "mallory"),
    ),
    Beat(
        subtasks.not_ours,
        lambda scene, by: subtasks.not_ours(scene.thing, reason="It is the licence.", by=by),
        given=asked,
        by="olga",
        records=(Kind.SUBTASK_NOT_OURS,),
        strangers=("nadia", "wanda", "sam", "carla", "mallory"),
    ),
    Beat(
        subtasks.wait,
        lambda scene, by: subtasks.wait(scene.thing, "a new board", by=by),
        given=in_work,
        by="olga",
        records=(Kind.SUBTASK_WAITS,),
        strangers=NOT_THEIR_PART,
    ),
    Beat(
        subtasks.go_on,
        lambda scene, by: subtasks.go_on(scene.thing, by=by),
        given=waiting,
        by="olga",
        records=(Kind.SUBTASK_GOES_ON,),
        strangers=NOT_THEIR_PART,
    ),
    Beat(
        subtasks.give,
        lambda scene, by: subtasks.give(scene.thing, None, reason="Olga leaves.", by=by),
        given=in_work,
        by="olga",
        records=(Kind.SUBTASK_GIVEN,),
        strangers=("nadia", "wanda", "carla", "mallory"),
    ),
    Beat(
        subtasks.ask_later,
        lambda scene, by: subtasks.ask_later(scene.thing, THURSDAY, "The board is late.", by=by),
        given=in_work,
        by="olga",
        records=(Kind.SUBTASK_LATER_ASKED,),
        strangers=NOT_THEIR_PART,
    ),
    Beat(
        subtasks.grant_later,
        lambda scene, by: subtasks.grant_later(scene.thing, THURSDAY, by=by),
        given=later_asked,
        by="nadia",
        records=(Kind.SUBTASK_DATE_MOVED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        subtasks.refuse_later,
        lambda scene, by: subtasks.refuse_later(scene.thing, THURSDAY, reason="Carla leaves on Thursday.", by=by),
        given=later_asked,
        by="nadia",
        records=(Kind.SUBTASK_LATER_REFUSED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        subtasks.could_not_reproduce,
        lambda scene, by: subtasks.could_not_reproduce(scene.thing, "Two hours at 40 degrees.", by=by),
        given=asked_of_a_first_line,
        by="olga",
        records=(Kind.SUBTASK_NOT_REPRODUCED, Kind.SUBTASK_ASKED),
        strangers=NOT_THEIR_PART,
    ),
    Beat(
        subtasks.drop,
        lambda scene, by: subtasks.drop(scene.thing, reason="It starts again.", by=by),
        given=asked,
        by="nadia",
        records=(Kind.SUBTASK_DROPPED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        proposing.propose,
        lambda scene, by: proposing.propose(scene.case, kind="solved", words="Done.", why_none="It is a gift.", by=by),
        by="nadia",
        records=(Kind.RESOLUTION_PROPOSED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        answering.say_yes,
        lambda scene, by: answering.say_yes(scene.case, words="Thank you.", by=by),
        given=a_proposal,
        by="carla",
        records=(Kind.CUSTOMER_SAID_YES, Kind.PROMISE_MOOT, Kind.CLOSED),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        answering.say_not_yet,
        lambda scene, by: answering.say_not_yet(scene.case, words="It fails again.", once="k", by=by),
        given=a_proposal,
        by="carla",
        records=(Kind.CUSTOMER_SAID_NOT_YET,),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        answering.understand,
        lambda scene, by: answering.understand(scene.case, words="I see.", by=by),
        given=a_no,
        by="carla",
        records=(Kind.CUSTOMER_UNDERSTOOD, Kind.PROMISE_MOOT, Kind.CLOSED),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        answering.do_not_accept,
        lambda scene, by: answering.do_not_accept(scene.case, words="It can.", once="k", by=by),
        given=a_no,
        by="carla",
        records=(Kind.CUSTOMER_DID_NOT_ACCEPT,),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        answering.withdraw,
        lambda scene, by: answering.withdraw(scene.case, words="I have another.", by=by),
        by="carla",
        records=(Kind.CUSTOMER_WITHDREW, Kind.PROMISE_MOOT, Kind.CLOSED),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        afterwards.only_thanks,
        lambda scene, by: afterwards.only_thanks(scene.case, read=scene.thing, by=by),
        given=written_after_closing,
        by="nadia",
        records=(Kind.ONLY_THANKS,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        afterwards.reopen_undecided,
        lambda scene, by: afterwards.reopen_undecided(WEDNESDAY),
        given=written_after_closing,
        by="nobody",
        records=(Kind.REOPENED, Kind.PROMISE_MADE),
    ),
    Beat(
        aside.put_aside,
        lambda scene, by: aside.put_aside(scene.case, "spam", by=by),
        by="nadia",
        records=(Kind.PUT_ASIDE,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        aside.take_back_in,
        lambda scene, by: aside.take_back_in(scene.case, by=by),
        given=put_aside,
        by="nadia",
        records=(Kind.TAKEN_BACK_IN,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        silence.remind_due,
        lambda scene, by: silence.remind_due(REMINDERS[0]),
        given=a_proposal,
        by="nobody",
        records=(Kind.REMINDED,),
    ),
    Beat(
        silence.unconfirm_due,
        lambda scene, by: silence.unconfirm_due(SILENCE),
        given=reminded_three_times,
        by="nobody",
        records=(Kind.UNCONFIRMED,),
    ),
    Beat(
        silence.unconfirm,
        lambda scene, by: after_the_silence(silence.unconfirm, scene.case, by),
        given=a_proposal,
        by="sam",
        records=(Kind.UNCONFIRMED,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        closing.close,
        lambda scene, by: closing.close(scene.case, by=by),
        given=agreed_elsewhere,
        by="nadia",
        records=(Kind.PROMISE_MOOT, Kind.CLOSED),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        silence.close_unanswered,
        lambda scene, by: silence.close_unanswered(scene.case, by=by),
        given=unconfirmed,
        by="sam",
        records=(Kind.CLOSED,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        closing.override,
        lambda scene, by: closing.override(scene.case, reason="A double of C-1.", by=by),
        by="sam",
        records=(Kind.CLOSED,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        closing.reopen,
        lambda scene, by: closing.reopen(scene.case, reason="It was not all.", by=by),
        given=a_proposal,
        by="nadia",
        records=(Kind.REOPENED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        estimates.estimate,
        lambda scene, by: estimates.estimate(scene.case, over_by=WEDNESDAY, like_it=12, once="k", by=by),
        by="nadia",
        records=(Kind.ESTIMATED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        complaints.complain,
        lambda scene, by: complaints.complain(scene.case, "I was hung up on.", once="k", by=by),
        by="carla",
        records=(Kind.COMPLAINED,),
        strangers=("mallory",),
    ),
    Beat(
        complaints.take,
        lambda scene, by: complaints.take(scene.thing, by=by),
        given=complained_at_night,
        by="sam",
        records=(Kind.COMPLAINT_HANDED_ON,),
        # Sue is named in it.
        strangers=("sue", "nadia", *NOT_THEIR_CASE, "nobody"),
    ),
    Beat(
        complaints.hand_on,
        lambda scene, by: complaints.hand_on(scene.thing, scene.cast.sue, reason="I am away.", by=by),
        given=complained,
        by="sam",
        records=(Kind.COMPLAINT_HANDED_ON,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        complaints.answer,
        lambda scene, by: complaints.answer(scene.thing, "That was wrong of us.", by=by),
        given=complained,
        by="sam",
        records=(Kind.COMPLAINT_ANSWERED,),
        strangers=("sue", "nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        refusals.refuse,
        lambda scene, by: refusals.refuse(scene.case, **NO, once="k", by=by),
        by="nadia",
        records=(Kind.REFUSED,),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        refusals.ask_for_another_look,
        lambda scene, by: refusals.ask_for_another_look(scene.thing, words="I ordered in February.", by=by),
        given=refused,
        by="carla",
        records=(Kind.PROMISE_MADE, Kind.ANOTHER_LOOK_ASKED),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        refusals.look_again,
        lambda scene, by: refusals.look_again(scene.thing, look="changed", words="You are right.", by=by),
        given=disputed,
        by="sam",
        records=(Kind.LOOKED_AGAIN, Kind.PROMISE_KEPT),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        appeals.ask,
        lambda scene, by: appeals.ask(scene.case, "Nobody listens to me.", once="k", by=by),
        by="carla",
        records=(Kind.PROMISE_MADE, Kind.SOMEONE_ELSE_ASKED),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        appeals.take,
        lambda scene, by: appeals.take(scene.thing, by=by),
        given=someone_else_asked,
        by="sam",
        records=(Kind.SOMEONE_ELSE_TAKEN,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        appeals.answer,
        lambda scene, by: appeals.answer(scene.thing, "I have read all of it.", by=by),
        given=someone_else_asked,
        by="sam",
        records=(Kind.SOMEONE_ELSE_ANSWERED, Kind.PROMISE_KEPT),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        appeals.helped,
        lambda scene, by: appeals.helped(scene.thing, by=by),
        given=someone_else_answered,
        by="carla",
        records=(Kind.ANSWER_HELPED,),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        appeals.did_not_help,
        lambda scene, by: appeals.did_not_help(scene.thing, "You said the same.", by=by),
        given=someone_else_answered,
        by="carla",
        records=(Kind.PROMISE_MADE, Kind.ANSWER_DID_NOT_HELP),
        strangers=STAFF_AND_STRANGERS,
    ),
    Beat(
        joining.join,
        lambda scene, by: joining.join(scene.thing, scene.case, by=by),
        given=told_again,
        by="nadia",
        records=(Kind.JOINED, Kind.JOINED_HERE),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        joining.undo,
        lambda scene, by: joining.undo(scene.thing, by=by),
        given=joined,
        by="nadia",
        records=(Kind.UNJOINED, Kind.UNJOINED_HERE),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        splitting.split_off,
        lambda scene, by: splitting.split_off(scene.case, "The upgrade", once="k", by=by),
        by="nadia",
        records=(Kind.OPENED, Kind.PROMISE_MADE, Kind.SPLIT_OFF),
        strangers=NOT_THEIR_CASE,
    ),
    Beat(
        flags.raise_all,
        lambda scene, by: flags.raise_all(BROKEN, WEDNESDAY),
        given=broken,
        by="nobody",
        records=(Kind.FLAG_RAISED,),
    ),
    Beat(
        flags.settle_ended,
        lambda scene, by: flags.settle_ended(UNPROMISED, WEDNESDAY),
        given=promised_too_late,
        by="nobody",
        records=(Kind.FLAG_SETTLED,),
    ),
    Beat(
        flags.settle,
        lambda scene, by: flags.settle(scene.thing, reason="I have called Carla.", by=by),
        given=flagged,
        by="sam",
        records=(Kind.FLAG_SETTLED,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        flags.settle_all,
        lambda scene, by: flags.settle_all(scene.case, reason="I have called Carla.", by=by),
        given=flagged,
        by="sam",
        records=(Kind.FLAG_SETTLED,),
        strangers=("nadia", *NOT_THEIR_CASE),
    ),
    Beat(
        queue.keep,
        lambda scene, by: queue.keep(WEDNESDAY + timedelta(hours=3)),
        given=unanswered_in_the_queue,
        by="nobody",
        records=(Kind.WENT_HIGHER,),
    ),
)


@pytest.fixture
def scene(beat, cast, case) -> Scene:
    scene = Scene(cast, case)
    scene.thing = beat.given(scene)
    return scene


every_beat = pytest.mark.parametrize("beat", BEATS, ids=str)


@every_beat
def test_it_works_and_records_exactly_this(beat, scene):
    before = latest_entry()
    beat.act(scene, getattr(scene.cast, beat.by))
    as_at_commit()
    written = everything()["Entry"]
    assert [entry["kind"] for entry in written if entry["id"] > before] == list(beat.records)


@every_beat
def test_the_second_time_changes_nothing(beat, scene):
    beat.act(scene, getattr(scene.cast, beat.by))
    once = everything()
    with clock.at(TUESDAY + timedelta(minutes=1)):
        beat.act(scene, getattr(scene.cast, beat.by))
    assert everything() == once


@every_beat
def test_what_cannot_be_recorded_does_not_happen(beat, scene):
    no_more_entries()
    before = everything()
    with pytest.raises(DatabaseError, match="no more entries"), transaction.atomic():
        beat.act(scene, getattr(scene.cast, beat.by))
    assert everything() == before


# What begins a case, works on many, or is the customer's own.
def _is_about_one_case(beat) -> bool:
    return beat.verb is not opening.open_case and beat.by not in ("nobody", "carla")


@pytest.mark.parametrize("beat", list(filter(_is_about_one_case, BEATS)), ids=str)
def test_who_may_not_see_a_confidential_case_is_refused_and_leaves_nothing(beat, scene):
    """Paula is of a department that nobody has asked; whatever may be done, she may not even see it."""
    elsewhere = Department.objects.create(name="Billing", calendar=scene.cast.support.calendar)
    paula = an_agent("Paula Petit", elsewhere)
    for case in {scene.case, getattr(scene.thing, "case", scene.case)} | {scene.thing} & set(Case.objects.all()):
        if not fresh(case).is_confidential:
            confidentiality.make_confidential(case, reason="It is about her health.", by=LOG)
    before = everything()
    with pytest.raises(NotAllowed) as refused, transaction.atomic():
        beat.act(scene, paula)
    assert refused.value.sentence
    assert everything() == before


@pytest.mark.parametrize(
    ("beat", "stranger"),
    [pytest.param(beat, stranger, id=f"{beat}-{stranger}") for beat in BEATS for stranger in beat.strangers],
)
def test_a_stranger_is_refused_and_leaves_nothing(beat, scene, stranger):
    before = everything()
    with pytest.raises(NotAllowed) as refused:
        beat.act(scene, getattr(scene.cast, stranger))
    assert refused.value.sentence
    assert everything() == before


# -- all numbers lead to one -------------------------------------------------------------------------------------------


# Only open cases are joined, and these act on one that is over.
ON_WHAT_IS_OVER = (afterwards.only_thanks, aside.take_back_in)


def takes_a_case(beat) -> bool:
    return (
        beat.verb.__module__ != joining.__name__
        and beat.verb not in ON_WHAT_IS_OVER
        and "case" in inspect.signature(beat.verb).parameters
    )


def takes_what_hangs_on_a_case(beat) -> bool:
    return hasattr(beat.verb, "__wrapped__") and next(iter(inspect.signature(beat.verb).parameters)) in (
        "promise",
        "subtask",
        "handover",
        "participant",
        "complaint",
        "refusal",
        "concession",
        "message",
        "appeal",
    )


@pytest.mark.parametrize("beat", list(filter(takes_a_case, BEATS)), ids=str)
def test_called_with_a_joined_case_it_acts_on_the_one_that_survived(beat, scene):
    survivor = scene.thing if isinstance(scene.thing, Case) else scene.case
    again = a_case(survivor.customer, "Told again.")
    # Nothing is left to be carried, so that the act is the only thing that the survivor sees.
    promises.keep(first_promise(again), said="We have it.", by=LOG)
    if fresh(survivor).is_confidential:
        confidentiality.make_confidential(again, reason="It is about her health.", by=LOG)
    joining.join(again, survivor, by=scene.cast.sam)
    for_the_case = "thing" if survivor is scene.thing else "case"
    setattr(scene, for_the_case, again)
    before = latest_entry()
    beat.act(scene, getattr(scene.cast, beat.by))
    as_at_commit()
    assert kinds(again, before) == []
    # A new case tells its own story; the one it was split off from tells its.
    expected = [kind for kind in beat.records if beat.verb is not splitting.split_off or kind == Kind.SPLIT_OFF]
    assert kinds(survivor, before) == expected


@pytest.mark.parametrize("beat", list(filter(takes_what_hangs_on_a_case, BEATS)), ids=str)
def test_what_hung_on_a_joined_case_hangs_on_the_one_that_survived(beat, scene):
    survivor = a_case(scene.case.customer, "Told before.")
    joining.join(scene.case, survivor, by=scene.cast.sam)
    before = latest_entry()
    # The row in hand is from before the joining: it still names the joined case.
    assert scene.thing.case_id == scene.case.pk
    if beat.verb in (ownership.accept, ownership.give_back):
        with pytest.raises(Conflict, match="no longer stands"):
            beat.act(scene, getattr(scene.cast, beat.by))
    else:
        beat.act(scene, getattr(scene.cast, beat.by))
        as_at_commit()
        assert kinds(survivor, before) == list(beat.records)
    assert kinds(scene.case, before) == []


def test_every_verb_on_an_open_case_is_asked_with_a_joined_one():
    asked = {beat.verb for beat in BEATS if takes_a_case(beat) or takes_what_hangs_on_a_case(beat)}
    apart = {opening.open_case, joining.join, joining.undo, flags.settle, *ON_WHAT_IS_OVER}
    apart |= {absences.leave_all_to_cover}
    assert asked | apart == {beat.verb for beat in BEATS if takes_an_actor(beat.verb)}


def test_every_verb_stands_in_the_table():
    verbs = (opening, ownership, conversation, promises, subtasks, assurances, estimates, complaints, refusals)
    endings = (proposing, answering, silence, closing, afterwards, aside, joining, splitting)
    modules = (*verbs, *endings, absences, confidentiality, participants, agreeing, amends, concessions, appeals)
    modules = (*modules, flags, queue)
    verbs = {function for module in modules for function in verbs_of(module)}
    # The same as `raise_all`, of entries that are known already.
    assert verbs - {flags.raise_for} == {beat.verb for beat in BEATS}


def verbs_of(module):
    """A verb has a transaction of its own; a set form takes ``now`` and no case."""
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ != module.__name__ or name.startswith("_"):
            continue
        parameters = inspect.signature(function).parameters
        has_its_own = hasattr(function, "__wrapped__") or function is opening.open_case
        if has_its_own or ("now" in parameters and "case" not in parameters):
            yield function


def takes_an_actor(verb) -> bool:
    return "by" in inspect.signature(verb).parameters


def no_more_entries() -> None:
    """From here on, until the test is over, the database takes no entry."""
    as_the_owner()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "CREATE FUNCTION no_more_entries() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no more entries'; END $$"
        )
        cursor.execute("CREATE TRIGGER no_more_entries BEFORE INSERT ON cases_entry EXECUTE FUNCTION no_more_entries()")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    as_the_desk()
