"""The one place for words about what happened: kind of entry → sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import dateformat, timezone
from django.utils.text import Truncator

from cases.models import Attempt, Case, Concession, Entry, Promise, Subtask
from cases.models.timeline import Kind


def sentence(entry: Entry) -> str:
    """What happened, for staff, in one sentence. Times stand in the reader's zone.

    Args:
        entry: with the rows that it is about at hand, see ``cases.reading.timeline_of``.
    """
    return _SENTENCES[entry.kind](entry)


def with_reason(entry: Entry) -> str:
    """What happened, with the reason that stands in its note: "Sam Sato took over: Two promises broke."."""
    return f"{sentence(entry)}: {entry.note.body}" if entry.note_id else sentence(entry)


def actor_name(entry: Entry) -> str:
    """Who did it, by name; the desk and a replayed log have theirs."""
    if entry.agent_id:
        return entry.agent.name
    if entry.customer_id:
        return entry.customer.name
    return "The log" if entry.actor == "log" else "The desk"


def due_soon(promise: Promise) -> str:
    """What is not late yet: "Due soon: call you with both codes, by Tue 25 Nov, 15:00"."""
    return f"Due soon: {promise.words}, by {_at(promise.due_at)}"


def at(value: datetime) -> str:
    """``Tue 25 Nov, 15:00`` in the reader's zone."""
    return _at(value)


def asks_later(part: Subtask) -> str:
    """What a department asks of the owner: "Hardware asks for Fri 13 Mar, 15:00 instead of Wed 11 Mar, 12:00: …"."""
    return (
        f"{part.department.name} asks for {_at(part.later_at)} instead of {_at(part.committed_at)}: {part.later_reason}"
    )


def hangs_on(part: Subtask, now: datetime) -> str:
    """What a promise hangs on at ``now``: "Hangs on Parts, accepted for Thu 12 Mar, 14:00"."""
    name = part.department.name
    if part.state == Subtask.State.DONE:
        return f"Hung on {name}, which is done"
    if not part.is_open:
        return f"Hung on {name}, which ended it: {part.get_state_display()}"
    if not part.has_a_date:
        return f"Hangs on {name}, which has given no date yet"
    return f"Hangs on {name}, accepted for {_at(part.committed_at)}{_passed(part.committed_at, now)}"


def hangs_on_decision(concession: Concession, now: datetime) -> str:
    """The same of a decision: "Hangs on Sam Sato, who decides by Thu 12 Mar, 14:00"."""
    if concession.decided_at is None:
        when = f"{_at(concession.due_at)}{_passed(concession.due_at, now)}"
        return f"Hangs on {concession.decider.name}, who decides by {when}"
    return f"Hung on {concession.decider.name}, who has said {'yes' if concession.granted else 'no'}"


def endangers(part: Subtask, promises: Sequence[Promise]) -> str:
    """A warning where a department's date, or the one that it asks for, is later than what the customer was told."""
    return " ".join(f"That is after what is promised for {_at(one.due_at)}: {one.words}." for one in promises)


def given(concession: Concession) -> str:
    """What is given: "A refund of 40.00 EUR"."""
    kind = concession.get_kind_display()
    amount = f" of {concession.amount:,.2f} {settings.CURRENCY}" if concession.amount is not None else ""
    return f"{kind[0].upper()}{kind[1:]}{amount}"


def tried(attempts: Sequence[Attempt]) -> str:
    """The calls that reached nobody: "Tried twice: voice mail Mon 9 Mar, 10:03, no answer Tue 10 Mar, 11:00".

    Args:
        attempts: newest first; the last three are named.
    """
    named = ", ".join(f"{attempt.get_how_display()} {_at(attempt.at)}" for attempt in reversed(attempts[:3]))
    often = {1: "once", 2: "twice"}.get(len(attempts), f"{len(attempts)} times")
    return f"Tried {often}{', at last' if len(attempts) > 3 else ''}: {named}"


def until(end: datetime | None, now: datetime) -> str:
    """Until when somebody is away, in the reader's zone: "until 15:00", "until Thursday", "until 12 March"."""
    if end is None:
        return "until further notice"
    at, today = timezone.localtime(end), timezone.localtime(now)
    days = (at.date() - today.date()).days
    if days == 0:
        return f"until {at:%H:%M}"
    return f"until {dateformat.format(at, 'l' if days < 7 else 'j F' if at.year == today.year else 'j F Y')}"


def _opened(entry: Entry) -> str:
    if entry.owner.is_fallback:
        return "Opened. Nobody is on duty: up for taking."
    return f"{entry.owner.name} owns this."


def _moved(entry: Entry) -> str:
    promise = entry.promise
    why = f". The reason: {promise.replaces.reason.rstrip('.')}" if promise.replaces and promise.replaces.reason else ""
    return f"Promise moved from {_at(_from(entry))} to {_at(promise.due_at)}: {promise.words}{why}"


def _renegotiated(entry: Entry) -> str:
    promise = entry.promise
    return (
        f"Agreed with {entry.case.customer.first_name} ({promise.replaces.agreement}): "
        f"{promise.words}, by {_at(promise.due_at)} instead of {_at(_from(entry))}"
    )


def _part_given(entry: Entry) -> str:
    had, has = entry.data["from"], entry.data["to"]
    if not had:
        return f"{actor_name(entry)} gave it to {has}: {_part(entry)}"
    if not has:
        return f"{actor_name(entry)} gave it back to {entry.subtask.department.name}, {had} had it: {_part(entry)}"
    if has == actor_name(entry):
        return f"{has} took it on from {had}: {_part(entry)}"
    return f"{actor_name(entry)} gave it from {had} to {has}: {_part(entry)}"


def _date_moved(entry: Entry) -> str:
    department = entry.subtask.department.name
    if entry.data.get("granted"):
        return f"{actor_name(entry)} gave {department} until {_at(_to(entry))} instead of {_at(_from(entry))}"
    return f"{department} moved its date from {_at(_from(entry))} to {_at(_to(entry))}"


def _closed(entry: Entry) -> str:
    outcome = Case.Outcome(entry.data["outcome"]).label
    return f"{outcome[0].upper()}{outcome[1:]}" + (f", {actor_name(entry)}" if entry.agent_id else "")


def _reopened(entry: Entry) -> str:
    if entry.data.get("undecided"):
        return "Open again: nobody said in time whether it was only thanks"
    reason = entry.data.get("reason")
    return f"Open again with the same owner{': ' + reason if reason else ''}"


def _estimated(entry: Entry) -> str:
    estimate = entry.estimate
    if estimate.over_by is None:
        return "We do not know yet when it will be over"
    like_it = f", from {estimate.like_it} like it" if estimate.like_it else ""
    return f"We expect it to be over by {_at(estimate.over_by)}{like_it}"


def _did_not_arrive(entry: Entry) -> str:
    why = f" ({entry.data['why']})" if entry.data.get("why") else ""
    owed = f". Owed again: {entry.promise.words}" if entry.promise_id else ""
    return f"Our message did not arrive{why}{owed}"


def _owner_away(entry: Entry) -> str:
    until = entry.data["until"]
    how_long = f"until {_at(datetime.fromisoformat(until))}" if until else "until further notice"
    return f"{entry.data['owner']} is away {how_long}: {entry.data['name'] or 'nobody'} stands in"


def _went_higher(entry: Entry) -> str:
    why = {
        "unanswered": "No supervisor has answered in time",
        "supervisors_own": "A supervisor owns this",
        "did_not_help": "An answer has not helped",
    }
    return f"{why[entry.data['why']]}: {entry.data['to']} looks at it now"


def _rule(entry: Entry) -> str:
    return entry.data["rule"].replace("_", " ").replace("subtask", "sub-task")


def _flag_settled(entry: Entry) -> str:
    how = f"settled by {entry.agent.name}" if entry.agent_id else "ended by itself"
    return f"Flag {how}: {_rule(entry)}"


_SENTENCES: dict[str, Callable[[Entry], str]] = {
    Kind.OPENED: _opened,
    Kind.TAKEN: lambda e: f"{e.owner.name} took this case",
    Kind.HANDOVER_OFFERED: lambda e: f"Offered to {e.handover.to_agent.name}: {e.handover.brief}",
    Kind.HANDOVER_ACCEPTED: lambda e: f"{e.owner.name} accepted and owns this now",
    Kind.HANDOVER_GIVEN_BACK: lambda e: f"{e.handover.to_agent.name} gave it back: {e.handover.reason}",
    Kind.TAKEN_OVER: lambda e: f"{e.owner.name} took over",
    Kind.MESSAGE_TO_CUSTOMER: lambda e: "Wrote to the customer",
    Kind.MESSAGE_FROM_CUSTOMER: lambda e: f"{_speaker(e)} wrote" if e.participant_id else "The customer wrote",
    Kind.NOTED: lambda e: "Noted inside",
    Kind.PROMISE_MADE: lambda e: f"Promised: {e.promise.words}, by {_at(e.promise.due_at)}",
    Kind.PROMISE_KEPT: lambda e: f"Promise kept: {e.promise.words}",
    Kind.PROMISE_BROKEN: lambda e: f"Promise broken: {e.promise.words}, due {_at(e.promise.due_at)}",
    Kind.PROMISE_ANSWERED: lambda e: f"Spoken about the broken promise: {e.promise.words}",
    Kind.PROMISE_RENEGOTIATED: _renegotiated,
    Kind.PROMISE_MOVED: _moved,
    Kind.PROMISE_MOOT: lambda e: f"No longer needed: {e.promise.words}",
    Kind.SUBTASK_ASKED: lambda e: f"{e.subtask.department.name} was asked: {_part(e)}",
    Kind.SUBTASK_SEEN: lambda e: f"{e.subtask.department.name} has seen it: {_part(e)}",
    Kind.SUBTASK_ACCEPTED: lambda e: f"{actor_name(e)} took it on, by {_at(_to(e))}: {_part(e)}",
    Kind.SUBTASK_GIVEN: _part_given,
    Kind.SUBTASK_DATE_MOVED: _date_moved,
    Kind.SUBTASK_DONE: lambda e: f"{e.subtask.department.name} is done: {_part(e)}",
    Kind.SUBTASK_NOT_OURS: lambda e: f"Not {e.subtask.department.name}’s, back to the owner: {_part(e)}",
    Kind.SUBTASK_DROPPED: lambda e: f"Dropped: {_part(e)}. {e.subtask.outcome}",
    Kind.SUBTASK_WAITS: lambda e: f"{e.subtask.department.name} waits: {_part(e)}",
    Kind.SUBTASK_GOES_ON: lambda e: f"{e.subtask.department.name} goes on: {_part(e)}",
    Kind.SUBTASK_LATER_ASKED: lambda e: (
        f"{e.subtask.department.name} asks for {_at(_to(e))} instead of {_at(_from(e))}: {_part(e)}"
    ),
    Kind.SUBTASK_LATER_REFUSED: lambda e: (
        f"{actor_name(e)} keeps {e.subtask.department.name} to {_at(_from(e))}: {_part(e)}"
    ),
    Kind.SUBTASK_NOT_REPRODUCED: lambda e: f"{e.subtask.department.name} could not reproduce it: {_part(e)}",
    Kind.RESOLUTION_PROPOSED: lambda e: f"Proposed: {e.resolution.get_kind_display()}",
    Kind.REMINDED: lambda e: f"Reminder {e.data['position']} on the status page",
    Kind.UNCONFIRMED: lambda e: "No answer after the reminders: the supervisors look at it",
    Kind.CUSTOMER_SAID_YES: lambda e: f"{_speaker(e)} said: yes, it is over",
    Kind.CUSTOMER_SAID_NOT_YET: lambda e: f"{_speaker(e)} said: not yet",
    Kind.CUSTOMER_UNDERSTOOD: lambda e: f"{_speaker(e)} said: I understand",
    Kind.CUSTOMER_DID_NOT_ACCEPT: lambda e: f"{_speaker(e)} said: I do not accept it",
    Kind.CUSTOMER_WITHDREW: lambda e: f"{e.case.customer.first_name} no longer needs this",
    Kind.CLOSED: _closed,
    Kind.REOPENED: _reopened,
    Kind.WROTE_AFTER_CLOSING: lambda e: "The customer wrote after it was closed",
    Kind.ONLY_THANKS: lambda e: f"{actor_name(e)} read it as only thanks: it stays closed",
    Kind.PUT_ASIDE: lambda e: f"{actor_name(e)} put it aside: {Case.NotACase(e.data['why']).label}",
    Kind.TAKEN_BACK_IN: lambda e: f"{actor_name(e)} took it back in: it is a case after all",
    Kind.JOINED: lambda e: f"{actor_name(e)} joined this into {e.other_case.number}",
    Kind.JOINED_HERE: lambda e: f"{actor_name(e)} joined {e.other_case.number} into this: it is the same problem",
    Kind.UNJOINED: lambda e: (
        f"{actor_name(e)} took it out of {e.other_case.number} again; what was said meanwhile stands there"
    ),
    Kind.UNJOINED_HERE: lambda e: f"{actor_name(e)} took {e.other_case.number} out again",
    Kind.SPLIT_OFF: lambda e: f"{actor_name(e)} split off a second problem: {e.other_case.number}",
    Kind.ATTEMPTED: lambda e: f"{actor_name(e)} tried to call: {e.attempt.get_how_display()}",
    Kind.ESTIMATED: _estimated,
    Kind.COMPLAINED: lambda e: f"A complaint about how we dealt with this: {e.data['answered_by']} answers it",
    Kind.COMPLAINT_HANDED_ON: lambda e: f"{e.data['answered_by']} answers the complaint now",
    Kind.COMPLAINT_ANSWERED: lambda e: f"{actor_name(e)} answered the complaint",
    Kind.REFUSED: lambda e: f"{actor_name(e)} said no ({e.refusal.get_kind_display()}): {e.refusal.asked}",
    Kind.ANOTHER_LOOK_ASKED: lambda e: f"{e.customer.first_name} asks another person to look at the no",
    Kind.LOOKED_AGAIN: lambda e: f"{actor_name(e)} looked again: {e.refusal.get_look_display()}",
    Kind.CALL_TAKEN: lambda e: f"{actor_name(e)} took a call and makes sure that the owner is in touch",
    Kind.MADE_SURE: lambda e: "The owner has spoken: made sure",
    Kind.MADE_CONFIDENTIAL: lambda e: f"{actor_name(e)} made this confidential",
    Kind.NO_LONGER_CONFIDENTIAL: lambda e: f"{actor_name(e)} made this open to all staff again",
    Kind.PARTICIPANT_ADDED: lambda e: f"{e.participant.person.name} takes part ({e.participant.relation})",
    Kind.PARTICIPANT_CHANGED: lambda e: f"Changed what {e.participant.person.name} may see",
    Kind.PARTICIPANT_ENDED: lambda e: f"{e.participant.person.name} no longer takes part",
    Kind.PROMISE_AGREED: lambda e: f"{_who_agreed(e)} agreed to {_at(e.promise.due_at)}: {e.promise.words}",
    Kind.PROMISE_NOT_AGREED: lambda e: (
        f"{_speaker(e)} said that {_at(e.promise.due_at)} does not work: {e.promise.words}"
    ),
    Kind.MADE_RIGHT: lambda e: f"{actor_name(e)} made it right: {e.promise.words}, due {_at(e.promise.due_at)}",
    Kind.CONCESSION_ASKED: lambda e: (
        f"{actor_name(e)} asked {e.data['decider']} for {_given(e)}, to be decided by {_at(_decided_by(e))}"
    ),
    Kind.CONCESSION_PASSED_ON: lambda e: (
        f"{actor_name(e)} let {e.data['decider']} decide instead of {e.data['from']}, by {_at(_decided_by(e))}:"
        f" {_given(e)}"
    ),
    Kind.CONCESSION_GRANTED: lambda e: (
        f"{actor_name(e)} {'gave' if e.agent_id == e.concession.asked_by_agent_id else 'granted'} {_given(e)}"
    ),
    Kind.CONCESSION_DECLINED: lambda e: f"{actor_name(e)} said no to {_given(e)}: {e.concession.answer}",
    Kind.MESSAGE_DID_NOT_ARRIVE: _did_not_arrive,
    Kind.PROMISE_LEFT_TO_COVER: lambda e: f"Left to {e.data['cover']}, who stands in: {e.promise.words}",
    Kind.OWNER_AWAY: _owner_away,
    Kind.OWNER_BACK: lambda e: f"{e.data['owner']} is back",
    Kind.NOTE_TO_OWNER: lambda e: f"{actor_name(e)} left the owner a note",
    Kind.SOMEONE_ELSE_ASKED: lambda e: f"{_speaker(e)} asks for someone else to look at this",
    Kind.SOMEONE_ELSE_TAKEN: lambda e: f"{actor_name(e)} is the someone else, and answers",
    Kind.SOMEONE_ELSE_ANSWERED: lambda e: f"{actor_name(e)} answered as someone else",
    Kind.ANSWER_HELPED: lambda e: f"{_speaker(e)} said: the answer helped",
    Kind.ANSWER_DID_NOT_HELP: lambda e: f"{_speaker(e)} said: the answer did not help",
    Kind.WENT_HIGHER: _went_higher,
    Kind.REDACTED: lambda e: f"{actor_name(e)} took {e.data['what']} out for good",
    Kind.ERASED: lambda e: f"{actor_name(e)} erased everything personal",
    Kind.FLAG_RAISED: lambda e: f"Flag raised: {_rule(e)}",
    Kind.FLAG_SETTLED: _flag_settled,
}


def _speaker(entry: Entry) -> str:
    """Who of the customer's side said it: the customer, or by name who takes part."""
    return entry.customer.name if entry.participant_id else entry.customer.first_name


def _who_agreed(entry: Entry) -> str:
    """The customer's side; or who of ours heard it, and how."""
    if not entry.agent_id:
        return _speaker(entry)
    return f"{actor_name(entry)} heard ({entry.data['how']}) that {entry.case.customer.first_name}"


def _given(entry: Entry) -> str:
    what = given(entry.concession)
    return f"{what[0].lower()}{what[1:]} ({entry.concession.words})"


def _part(entry: Entry) -> str:
    """What was asked, short enough for a line that stands beside the whole."""
    return Truncator(entry.subtask.ask).chars(80)


def _passed(date: datetime, now: datetime) -> str:
    return ", which has passed" if date <= now else ""


def _from(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.data["from"])


def _decided_by(entry: Entry) -> datetime:
    """By when a decision was due then; what was asked before the time was kept with it has had no other since."""
    return _to(entry) if "to" in entry.data else entry.concession.due_at


def _to(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.data["to"])


def _at(value: datetime) -> str:
    """``Tue 25 Nov, 15:00`` in the reader's zone."""
    return dateformat.format(timezone.localtime(value), "D j M, H:i")
