"""Every verb of a case as an address: one line each, which says what is read and which verb is called.

What only a customer can say (yes, not yet, understood, withdrawn, agreed) has no address here (design rule 2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cases.api import reads, shapes, told
from cases.likeness import like_it
from cases.models import Case, Complaint, Concession, Handover, Promise, Refusal, Subtask
from cases.verbs import (
    afterwards,
    amends,
    aside,
    assurances,
    closing,
    complaints,
    concessions,
    confidentiality,
    conversation,
    estimates,
    joining,
    ownership,
    promises,
    proposing,
    refusals,
    splitting,
    subtasks,
)
from staff.models import Agent
from supportdesk import clock


@dataclass(frozen=True)
class Act:
    """One verb.

    Attributes:
        name: the last part of its address.
        summary: for the description.
        call: with what it is about, what was read, and who acts.
        reads: serializer of what is sent.
        shape: of what is answered; None: the whole case.
        told: makes that of what the verb returned.
        makes: it makes a new thing, and is answered with 201.
        itself: its address means this very case, even one that was joined: not the one to which its number leads.
    """

    name: str
    summary: str
    call: Callable[[Any, dict, Agent], Any]
    reads: type | None = None
    shape: type | None = None
    told: Callable[[Any], dict] | None = None
    makes: bool = False
    itself: bool = False


def _told_case(row: Case) -> dict:
    row = Case.objects.select_related("department", "owner", "customer").get(pk=row.pk)
    return told.case(row, clock.now())


def _told_promise(row: Promise) -> dict:
    return told.promise(row, clock.now())


def _told_about(row):
    """What lists need beside the row: read anew, for the verb has changed it."""
    return {
        Handover: lambda: told.handover(
            Handover.objects.select_related("case", "from_agent", "to_agent").get(pk=row.pk)
        ),
        Complaint: lambda: told.complaint(Complaint.objects.select_related("case", "owner").get(pk=row.pk)),
        Refusal: lambda: told.refusal(Refusal.objects.select_related("case").get(pk=row.pk)),
        Subtask: lambda: told.subtask(Subtask.objects.select_related("department", "agent").get(pk=row.pk)),
    }[type(row)]()


def _estimate(case: Case, given: dict, by: Agent):
    from_how_many = like_it(case).count if given["over_by"] else 0
    return estimates.estimate(case, like_it=from_how_many or None, by=by, **given)


def _move(promise: Promise, given: dict, by: Agent) -> Promise:
    return promises.move(promise, given["pledge"], reason=given["reason"], by=by)


def _renegotiate(promise: Promise, given: dict, by: Agent) -> Promise:
    return promises.renegotiate(promise, given["pledge"], agreement=given["agreement"], reason=given["reason"], by=by)


ABOUT_CASES = (
    Act("take", "Take what nobody owns yet", lambda c, g, by: ownership.take(c, by=by)),
    Act(
        "hand-over",
        "Offer ownership with a brief; until it is accepted nothing changes",
        lambda c, g, by: ownership.hand_over(c, g["to"], brief=g["brief"], by=by),
        reads.HandOver,
        shapes.HandoverShape,
        _told_about,
        makes=True,
    ),
    Act(
        "take-over",
        "Take it over as a supervisor; the customer is told",
        lambda c, g, by: ownership.take_over(c, reason=g["reason"], by=by),
        reads.Reason,
    ),
    Act(
        "messages",
        "Write to the customer",
        lambda c, g, by: conversation.write_to_customer(c, g.pop("body"), by=by, **g),
        reads.Write,
        shapes.MessageShape,
        told.message,
        makes=True,
    ),
    Act(
        "notes",
        "Write an inside note; the customer never sees it",
        lambda c, g, by: conversation.note(c, g["body"], by=by),
        reads.Body,
        shapes.NoteShape,
        told.note,
        makes=True,
    ),
    Act(
        "note-to-owner",
        "Write to whoever owns it, as a supervisor",
        lambda c, g, by: conversation.note_to_owner(c, g["body"], by=by),
        reads.Body,
        shapes.NoteShape,
        told.note,
        makes=True,
    ),
    Act(
        "call",
        "Write down a call that somebody else than the owner took, and make sure that the owner is in touch",
        lambda c, g, by: assurances.take_call(c, g["said"], by=by),
        reads.Said,
    ),
    Act(
        "attempts",
        "Write down a call that reached nobody; it keeps nothing",
        lambda c, g, by: conversation.attempt(c, g["how"], promise=g["promise"], by=by),
        reads.Tried,
    ),
    Act(
        "subtasks",
        "Ask a department for its part",
        lambda c, g, by: subtasks.ask(c, g.pop("department"), g.pop("what"), by=by, **g),
        reads.Ask,
        shapes.SubtaskShape,
        _told_about,
        makes=True,
    ),
    Act(
        "promises",
        "Promise the customer something",
        lambda c, g, by: promises.make(c, g["pledge"], by=by),
        reads.NewTime,
        shapes.PromiseShape,
        _told_promise,
        makes=True,
    ),
    Act(
        "propose",
        "Ask the customer whether it is over; only they end it",
        lambda c, g, by: proposing.propose(c, by=by, **g),
        reads.Propose,
    ),
    Act(
        "close",
        "Close what the customer has said is over and no department has open",
        lambda c, g, by: closing.close(c, by=by),
    ),
    Act(
        "override",
        "Close without the customer’s yes, as a supervisor and with a reason; it is flagged",
        lambda c, g, by: closing.override(c, reason=g["reason"], by=by),
        reads.Reason,
    ),
    Act(
        "reopen",
        "Open it again, with the same owner",
        lambda c, g, by: closing.reopen(c, by=by, **g),
        reads.Reopen,
    ),
    Act(
        "only-thanks",
        "What the customer wrote to the closed case is only thanks",
        lambda c, g, by: afterwards.only_thanks(c, read=g["read"], by=by),
        reads.OnlyThanks,
    ),
    Act(
        "put-aside",
        "It is no case: spam, a mistake, a test",
        lambda c, g, by: aside.put_aside(c, g["why"], by=by),
        reads.Why,
    ),
    Act("take-back-in", "It is a case after all", lambda c, g, by: aside.take_back_in(c, by=by)),
    Act("estimate", "Say when it will be over; not a promise", _estimate, reads.EstimateRead),
    Act(
        "join",
        "The same problem as another case: all numbers lead there",
        lambda c, g, by: joining.join(c, g["into"], by=by),
        reads.Into,
    ),
    Act("undo-joining", "Two problems after all", lambda c, g, by: joining.undo(c, by=by), itself=True),
    Act(
        "split-off",
        "A second problem gets a case of its own",
        lambda c, g, by: splitting.split_off(c, g.pop("problem"), by=by, **g),
        reads.SplitOff,
        shapes.CaseRow,
        _told_case,
        makes=True,
    ),
    Act(
        "confidential",
        "Only owner, cover, involved departments and supervisors see it",
        lambda c, g, by: confidentiality.make_confidential(c, reason=g["reason"], by=by),
        reads.Reason,
    ),
    Act(
        "open-to-staff",
        "All staff see it again",
        lambda c, g, by: confidentiality.open_to_staff(c, reason=g["reason"], by=by),
        reads.Reason,
    ),
    Act(
        "complaints",
        "Write down a complaint in the customer’s words",
        lambda c, g, by: complaints.complain(c, g["words"], about=g["about"], by=by),
        reads.Complain,
        shapes.ComplaintShape,
        _told_about,
        makes=True,
    ),
    Act(
        "refusals",
        "Say no, with its ground",
        lambda c, g, by: refusals.refuse(c, by=by, **g),
        reads.Refuse,
        shapes.RefusalShape,
        _told_about,
        makes=True,
    ),
    Act(
        "give",
        "Give the customer something; beyond the mandate one is asked who decides",
        lambda c, g, by: concessions.give(c, g.pop("kind"), by=by, **g),
        reads.Give,
    ),
)

ABOUT_SUBTASKS = (
    Act("see", "The department has seen it", lambda s, g, by: subtasks.see(s, by=by)),
    Act(
        "accept",
        "Take it on, with the date by which it will be done",
        lambda s, g, by: subtasks.accept(s, committed_at=g["committed_at"], by=by),
        reads.Accept,
    ),
    Act(
        "give",
        "Into other hands of its department; the date stays",
        lambda s, g, by: subtasks.give(s, g["to"], reason=g["reason"], by=by),
        reads.GivePart,
    ),
    Act("wait", "It waits, and what for", lambda s, g, by: subtasks.wait(s, g["what_for"], by=by), reads.WaitFor),
    Act("go-on", "What it waited for has come", lambda s, g, by: subtasks.go_on(s, by=by)),
    Act(
        "ask-later",
        "Ask the owner for a later date",
        lambda s, g, by: subtasks.ask_later(s, g["later_at"], g["reason"], by=by),
        reads.Later,
    ),
    Act(
        "grant-later",
        "The owner accepts the later date",
        lambda s, g, by: subtasks.grant_later(s, g["later_at"], by=by),
        reads.Granted,
    ),
    Act(
        "refuse-later",
        "The owner keeps the date that was given",
        lambda s, g, by: subtasks.refuse_later(s, g["later_at"], reason=g["reason"], by=by),
        reads.NotGranted,
    ),
    Act("done", "Done, and what came of it", lambda s, g, by: subtasks.done(s, by=by, **g), reads.Outcome),
    Act(
        "not-ours",
        "Back to the owner, with the reason",
        lambda s, g, by: subtasks.not_ours(s, by=by, **g),
        reads.Reason,
    ),
    Act(
        "could-not-reproduce",
        "Up to the second line, with what was tried",
        lambda s, g, by: subtasks.could_not_reproduce(s, g["tried"], by=by),
        reads.TriedSo,
    ),
    Act("drop", "The owner no longer needs it", lambda s, g, by: subtasks.drop(s, by=by, **g), reads.Reason),
)

ABOUT_PROMISES = (
    Act("keep", "Spoken with the customer: that keeps it", lambda p, g, by: promises.keep(p, by=by, **g), reads.Keep),
    Act("renegotiate", "Another date, agreed with the customer", _renegotiate, reads.Agreed),
    Act("move", "Another date, told before the old one is due", _move, reads.Moved),
    Act(
        "make-right",
        "Answer for a broken promise in a person’s own words",
        lambda p, g, by: amends.make(p, by=by, **g),
        reads.MakeRight,
    ),
)

ABOUT_HANDOVERS = (
    Act("accept", "Own it from here", lambda h, g, by: ownership.accept(h, by=by)),
    Act(
        "give-back",
        "It stays with whoever offered it",
        lambda h, g, by: ownership.give_back(h, reason=g["reason"], by=by),
        reads.Reason,
    ),
)

ABOUT_COMPLAINTS = (
    Act("take", "Answer for it", lambda k, g, by: complaints.take(k, by=by)),
    Act(
        "hand-on",
        "Another one answers for it",
        lambda k, g, by: complaints.hand_on(k, g["to"], reason=g["reason"], by=by),
        reads.HandOn,
    ),
    Act("answer", "What the customer reads", lambda k, g, by: complaints.answer(k, g["words"], by=by), reads.Answer),
)

ABOUT_REFUSALS = (
    Act(
        "look",
        "Another person has looked at the no",
        lambda r, g, by: refusals.look_again(r, by=by, **g),
        reads.LookAgain,
    ),
)

ABOUT_CONCESSIONS = (
    Act("decide", "Yes or no beyond the mandate", lambda o, g, by: concessions.decide(o, by=by, **g), reads.Decide),
    Act(
        "pass-on",
        "Another named person decides",
        lambda o, g, by: concessions.pass_on(o, g["to"], reason=g["reason"], by=by),
        reads.HandOn,
    ),
)

MODELS = {
    "subtasks": (Subtask, ABOUT_SUBTASKS),
    "promises": (Promise, ABOUT_PROMISES),
    "handovers": (Handover, ABOUT_HANDOVERS),
    "complaints": (Complaint, ABOUT_COMPLAINTS),
    "refusals": (Refusal, ABOUT_REFUSALS),
    "concessions": (Concession, ABOUT_CONCESSIONS),
}
