"""Confidentiality: who of the staff sees a case (design rule 8)."""

from __future__ import annotations

from django.db import transaction

from cases import permissions, timeline
from cases.actors import Actor, agent_or_none
from cases.models import Case, Note
from cases.models.timeline import Kind
from cases.verbs.locking import lock
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

LONGEST_REASON = 2000


@transaction.atomic
def make_confidential(case: Case, *, reason: str, by: Actor) -> Case:
    """Keep a case to its owner and who stands in for them, the departments asked on it, whoever it is offered to, and
    the supervisors.

    Args:
        reason: read by who may see it; it stays in the timeline as an inside note.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it is confidential already, for another reason.
        Refused: no reason, or a longer one than anybody reads.
    """
    case = lock(case)
    _require_keeper(by, case)
    if case.is_confidential:
        if case.confidential_reason != reason.strip():
            raise Conflict("confidential_already", "This is confidential already. Read why, in the timeline.")
        return case
    why = _reason(reason, "Say why not everybody on the staff may see this.")
    case.confidential_since, case.confidential_reason = clock.now(), why
    case.save(update_fields=["confidential_since", "confidential_reason"])
    timeline.record(case, Kind.MADE_CONFIDENTIAL, by=by, note=_noted(case, why, by))
    return case


@transaction.atomic
def open_to_staff(case: Case, *, reason: str, by: Actor) -> Case:
    """Let everybody on the staff see the whole again.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: no reason, or a longer one than anybody reads.
    """
    case = lock(case)
    _require_keeper(by, case)
    if not case.is_confidential:
        return case
    why = _reason(reason, "Say why everybody on the staff may see this again.")
    case.confidential_since, case.confidential_reason = None, ""
    case.save(update_fields=["confidential_since", "confidential_reason"])
    timeline.record(case, Kind.NO_LONGER_CONFIDENTIAL, by=by, note=_noted(case, why, by))
    return case


def _require_keeper(by: Actor, case: Case) -> None:
    permissions.require(
        permissions.may_keep_confidential(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor says who may see it.",
    )


def _reason(reason: str, ask: str) -> str:
    if not reason.strip():
        raise Refused("reason_needed", ask, field="reason")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused("words_too_long", f"Please stay below {LONGEST_REASON:,} characters.", field="reason")
    return reason.strip()


def _noted(case: Case, reason: str, by: Actor) -> Note:
    # The timeline itself keeps no texts that people wrote.
    return Note.objects.create(case=case, body=reason, agent=agent_or_none(by), written_at=clock.now())
