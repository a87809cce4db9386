"""Closing: what the customer has agreed to, and the only way round, which is visible (design rule 2)."""

from __future__ import annotations

from django.db import transaction

from cases import permissions, timeline
from cases.actors import Actor, agent_or_none, kind_of
from cases.models import Case, Note
from cases.models.timeline import Kind
from cases.rollup import standing_in_the_way
from cases.verbs import next_step, promises, waiting
from cases.verbs.locking import lock, write
from supportdesk import clock
from supportdesk.errors import Conflict, Refused


@transaction.atomic
def close(case: Case, *, by: Actor) -> Case:
    """Close what the customer has agreed to. Refused while anything stands in the way, whoever asks, by every door.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: lists each thing in the way.
    """
    case = lock(case)
    promises.require_voice(by, case)
    if case.is_open and not close_if_agreed(case):
        hindrances = standing_in_the_way(case)
        raise Refused("close_refused", "This cannot be closed yet.", hindrances=hindrances)
    return case


@transaction.atomic
def override(case: Case, *, reason: str, by: Actor) -> Case:
    """A supervisor closes over everything that stands in the way, with a reason. It raises a flag.

    Raises:
        NotAllowed: the actor is no supervisor.
        Conflict: it is closed already.
        Refused: no reason.
    """
    case = lock(case)
    permissions.require(
        permissions.may_close_unheard(by), "supervisors_only", "Only a supervisor can close without the customer’s yes."
    )
    if case.outcome == Case.Outcome.OVERRIDE:
        return case
    if not case.is_open:
        raise Conflict("closed_already", f"This problem is closed already: {case.get_outcome_display()}.")
    if not reason.strip():
        raise Refused("reason_needed", "Say why it is closed without the customer’s yes.", field="reason")
    end(case, Case.Outcome.OVERRIDE, by=by, override_reason=reason.strip())
    return case


@transaction.atomic
def reopen(case: Case, *, reason: str, by: Actor, next_promise: promises.Pledge | None = None) -> Case:
    """Take back a proposal or a closing. Same owner.

    Args:
        next_promise: what is promised now; needed unless one is still owed.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: no reason, or no promise would be left.
    """
    case = lock(case)
    promises.require_voice(by, case)
    if case.state == Case.State.OPEN:
        return case
    if not reason.strip():
        raise Refused("reason_needed", "Say why it is open again.", field="reason")
    waiting.end_resolution(case)
    waiting.open_again(case)
    why = Note.objects.create(case=case, body=reason.strip(), agent=agent_or_none(by), written_at=clock.now())
    timeline.record(case, Kind.REOPENED, by=by, note=why)
    promises.settle(case, next_promise, by=by)
    return case


def close_if_agreed(case: Case) -> bool:
    """Close a locked case if the customer has ended it and no part is open any more. Whether it closed.

    Their word was a yes, "I understand" to what we cannot do, or that they no longer need it.
    """
    ended_at = case.withdrawn_at or case.yes_at
    if not case.is_open or ended_at is None or case.subtasks.open().exists():
        return False
    # What was promised after their word still holds.
    promises.moot_all(case, made_until=ended_at)
    end(case, _outcome_agreed(case), by=case.customer)
    return True


def end(case: Case, outcome: str, *, by: Actor, kind: Kind = Kind.CLOSED, data: dict | None = None, **facts) -> None:
    """Close a locked case in one of its ways, and record it.

    Args:
        outcome: one of ``Case.Outcome``.
        kind, data: how the timeline tells it; left out, that it was closed with this outcome.
        **facts: what else this way of closing writes on the case.
    """
    waiting.end_resolution(case)
    case.handovers.filter(state="offered").update(state="overtaken", answered_at=clock.now())
    facts |= {"state": Case.State.CLOSED, "outcome": outcome, "closed_at": clock.now()}
    facts |= {"closed_by": kind_of(by), "closed_by_agent": agent_or_none(by)}
    for name, value in facts.items():
        setattr(case, name, value)
    write(case, *facts)
    timeline.record(case, kind, by=by, data=data or {"outcome": outcome})
    next_step.end_silence(case)


# -- steps -------------------------------------------------------------------------------------------------------------


def _outcome_agreed(case: Case) -> str:
    if case.withdrawn_at:
        return Case.Outcome.WITHDRAWN
    answered = case.resolutions.order_by("-pk").first()
    return Case.Outcome.UNDERSTOOD if answered and answered.has_ended(case) else Case.Outcome.CONFIRMED
