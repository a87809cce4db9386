"""What the API tells of a case and of what hangs on it: plain values, made in one pass."""

from __future__ import annotations

from collections import namedtuple
from datetime import datetime
from operator import attrgetter

from cases.models import (
    Case,
    Complaint,
    Entry,
    Estimate,
    Handover,
    Message,
    Note,
    Promise,
    Refusal,
    Resolution,
    Subtask,
)
from customers.models import Customer
from staff.models import Agent, Department


def name_of(row: Agent | Department | Customer | None) -> dict | None:
    return None if row is None else {"id": row.pk, "name": row.name}


# What a line of a list reads. Lists read these values and no rows: making rows took half of their time.
OF_A_LINE = (
    "pk", "subject", "state", "outcome", "priority", "channel", "opened_at", "closed_at", "next_step", "next_due_at",
    "confidential_since", "customer_wrote_at", "we_wrote_at", "department_id", "department__name", "owner_id",
    "owner__name", "owner__is_fallback", "customer_id", "customer__name",
)  # fmt: skip
Line = namedtuple("Line", OF_A_LINE)
_of_a_case = attrgetter(*(name.replace("__", ".") for name in OF_A_LINE))


def case(row: Case, now: datetime) -> dict:
    """What a line says, of a case that has been read; ``customer``, ``owner`` and ``department`` are at hand."""
    return line(Line(*_of_a_case(row)), now)


def line(row: Line, now: datetime) -> dict:
    """A line of a list."""
    is_open = row.state != Case.State.CLOSED
    return {
        "number": f"C-{row.pk}",
        "subject": row.subject,
        "state": row.state,
        "outcome": row.outcome,
        "priority": row.priority,
        "channel": row.channel,
        "department": {"id": row.department_id, "name": row.department__name},
        "owner": {"id": row.owner_id, "name": row.owner__name},
        "is_up_for_taking": is_open and row.owner__is_fallback,
        "customer": {"id": row.customer_id, "name": row.customer__name},
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "next_step": row.next_step if is_open else None,
        "next_due_at": row.next_due_at if is_open else None,
        # A reminder to the customer is nothing owed.
        "is_late": is_open and row.next_step != Case.NextStep.REMINDER and row.next_due_at <= now,
        "is_confidential": row.confidential_since is not None,
        "customer_wrote_at": row.customer_wrote_at,
        "we_wrote_at": row.we_wrote_at,
    }


def promise(row: Promise, now: datetime) -> dict:
    broken = row.is_broken(now)
    return {
        "id": row.pk,
        "kind": row.kind,
        "words": row.words,
        "due_at": row.due_at,
        "made_at": row.made_at,
        "made_by": row.made_by,
        # Whether it is broken is a question about time: right before any sweep has looked.
        "state": Promise.State.BROKEN if broken else row.state,
        "is_owed": row.is_owed,
        "ended_at": row.due_at if broken else row.ended_at,
        "answered_at": row.answered_at,
        "subtask": row.backed_by_id,
        "replaces": row.replaces_id,
        "reason": row.reason,
        "agreement": row.agreement,
    }


def subtask(row: Subtask) -> dict:
    return {
        "id": row.pk,
        "department": name_of(row.department),
        "what": row.ask,
        "plain_words": row.plain_words,
        "state": row.state,
        "agent": name_of(row.agent),
        "asked_at": row.asked_at,
        "seen_at": row.seen_at,
        "committed_at": row.committed_at,
        "waiting_for": row.waiting_for,
        "later_at": row.later_at,
        "later_reason": row.later_reason,
        "after": row.after_id,
        "ended_at": row.ended_at,
        "outcome": row.outcome,
    }


def message(row: Message) -> dict:
    return {
        "id": row.pk,
        "direction": row.direction,
        "channel": row.channel,
        "body": row.body,
        "agent": name_of(row.agent),
        "written_at": row.written_at,
        "send_at": row.send_at,
        "delivery": row.delivery,
    }


def note(row: Note) -> dict:
    return {"id": row.pk, "body": row.body, "agent": name_of(row.agent), "written_at": row.written_at}


def handover(row: Handover) -> dict:
    return {
        "id": row.pk,
        "case": row.case.number,
        "from": name_of(row.from_agent),
        "to": name_of(row.to_agent),
        "brief": row.brief,
        "state": row.state,
        "offered_at": row.offered_at,
        "answered_at": row.answered_at,
        "reason": row.reason,
    }


def complaint(row: Complaint) -> dict:
    return {
        "id": row.pk,
        "case": row.case.number,
        "words": row.words,
        "owner": name_of(row.owner),
        "made_at": row.made_at,
        "due_at": row.due_at,
        "answer": row.answer,
        "answered_at": row.answered_at,
    }


def refusal(row: Refusal) -> dict:
    return {
        "id": row.pk,
        "case": row.case.number,
        "asked": row.asked,
        "kind": row.kind,
        "ground": row.ground,
        "read_before": row.read_before,
        "decider": row.decider,
        "said_at": row.said_at,
        "another_look_at": row.another_look_at,
        "looked_at": row.looked_at,
        "look": row.look,
        "look_words": row.look_words,
    }


def resolution(row: Resolution) -> dict:
    return {
        "id": row.pk,
        "kind": row.kind,
        "words": row.words,
        "proposed_at": row.proposed_at,
        "ended_at": row.ended_at,
        "answer": row.answer,
    }


def estimate(row: Estimate) -> dict:
    facts = {"id": row.pk, "over_by": row.over_by, "like_it": row.like_it, "hangs_on": row.hangs_on}
    return facts | {"tell_by": row.tell_by_id, "made_at": row.made_at}


# What an entry can be about, as the API names it.
ABOUT = {
    "message": "message_id",
    "note": "note_id",
    "promise": "promise_id",
    "subtask": "subtask_id",
    "handover": "handover_id",
    "resolution": "resolution_id",
    "complaint": "complaint_id",
    "refusal": "refusal_id",
    "owner": "owner_id",
}


def entry(row: Entry) -> dict:
    """A line of the timeline. Its texts stand in what it is about."""
    about = {name: getattr(row, column) for name, column in ABOUT.items() if getattr(row, column) is not None}
    return {
        "id": row.pk,
        "kind": row.kind,
        "at": row.at,
        "actor": row.actor,
        "agent": name_of(row.agent),
        "about": about,
    }
