"""Aside: what is no case at all, and taking it back in (design section 3)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from cases import permissions, timeline
from cases.actors import Actor
from cases.models import Case
from cases.models.timeline import Kind
from cases.rollup import parts_in_the_way
from cases.verbs import closing, next_step, promises, waiting
from cases.verbs.locking import lock
from supportdesk import clock
from supportdesk.errors import Conflict, Refused


@transaction.atomic
def put_aside(case: Case, why: str, *, by: Actor) -> Case:
    """Say that this is no case: spam, a mistake, a test. No flag rises and no promise breaks while it lies aside.

    Args:
        why: one of ``Case.NotACase``.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it is closed already, or was put aside for another reason.
        Refused: no such reason, or a sub-task is open.
    """
    case = lock(case)
    _require_may(by, case)
    if case.is_put_aside and case.not_a_case == why:
        return case
    if not case.is_open:
        raise Conflict("closed_already", f"This problem is closed already: {case.get_outcome_display()}.")
    if why not in Case.NotACase.values:
        raise Refused("why_needed", "Say why this is no case.", field="why")
    if case.subtasks.open().exists():
        parts = parts_in_the_way(case)
        raise Refused("close_refused", "Drop what departments have not finished first.", hindrances=parts)
    closing.end(case, Case.Outcome.NOT_A_CASE, by=by, kind=Kind.PUT_ASIDE, data={"why": why}, not_a_case=why)
    return case


@transaction.atomic
def take_back_in(case: Case, *, by: Actor) -> Case:
    """It is a case after all: open again with the same owner, who will be in touch.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it is closed, and in another way.
        Refused: it was put aside too long ago.
    """
    case = lock(case)
    _require_may(by, case)
    if case.is_open:
        return case
    if not case.is_put_aside:
        raise Conflict("not_aside", f"This was not put aside. It is closed: {case.get_outcome_display()}.")
    if clock.now() >= may_come_back_until(case):
        raise Refused("too_late", f"This was put aside more than {settings.TAKE_BACK_IN_WITHIN.days} days ago.")
    waiting.open_again(case)
    timeline.record(case, Kind.TAKEN_BACK_IN, by=by)
    promises.promise_to_be_in_touch(case, beside_late=True)
    next_step.refresh(case)
    return case


def may_come_back_until(case: Case) -> datetime:
    """Until when what was put aside can be taken back in. Aware datetime."""
    return case.closed_at + settings.TAKE_BACK_IN_WITHIN


def _require_may(by: Actor, case: Case) -> None:
    permissions.require(
        permissions.may_put_aside(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor can do this.",
    )
