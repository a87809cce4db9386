"""Estimates: when it will be over, and on what that rests. Not promises: their passing breaks nothing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases import timeline
from cases.actors import Actor, agent_or_none
from cases.models import Case, Estimate
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import next_step, promises
from cases.verbs.locking import lock
from supportdesk import clock
from supportdesk.errors import Refused

LONGEST_HANGS_ON = 200


@transaction.atomic
def estimate(
    case: Case,
    *,
    by: Actor,
    over_by: datetime | None = None,
    like_it: int | None = None,
    hangs_on: str = "",
    tell_by: promises.Pledge | None = None,
    once: str = "",
) -> Estimate:
    """Say when it will be over, or that we do not know yet and by when we will. The latest one stands.

    Args:
        over_by: aware datetime; none: we do not know yet.
        like_it: from how many cases like it; none: from none.
        hangs_on: on whom or what it hangs, as the customer reads it.
        tell_by: when we will know; becomes a promise of the case. Needed without a date, and only then.
        once: key of the form; the same key estimates once.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: closed; neither a date nor when we will know, or both; or a time that is past or out of reach.
    """
    case = lock(case)
    promises.require_voice(by, case)
    same = {"case_id": case.pk, "over_by": over_by, "like_it": like_it, "hangs_on": hangs_on.strip()}
    twin, once = sent_before(Estimate, once, **same)
    if twin is not None and _tells_at_the_same_time(twin, tell_by):
        return twin
    _require_possible(case, over_by, hangs_on, tell_by)
    promise = promises.add(case, tell_by, by=by) if tell_by else None
    made = Estimate.objects.create(
        case=case,
        over_by=over_by,
        like_it=like_it if over_by else None,
        hangs_on=hangs_on.strip(),
        tell_by=promise,
        made_at=clock.now(),
        made_by_agent=agent_or_none(by),
        once=once,
    )
    timeline.record(case, Kind.ESTIMATED, by=by, estimate=made)
    if promise is not None:
        next_step.refresh(case)
    return made


def _tells_at_the_same_time(made: Estimate, tell_by: promises.Pledge | None) -> bool:
    return (made.tell_by and made.tell_by.due_at) == (tell_by and tell_by.due_at)


def _require_possible(case: Case, over_by: datetime | None, hangs_on: str, tell_by: promises.Pledge | None) -> None:
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed. Reopen it to estimate when it is over.")
    if (over_by is None) == (tell_by is None):
        raise Refused(
            "date_or_when_known",
            "Say when you expect it to be over, or else by when you will know: one of the two.",
            field="over_by",
        )
    if len(hangs_on) > LONGEST_HANGS_ON:
        raise Refused("words_too_long", f"Say it in at most {LONGEST_HANGS_ON} characters.", field="hangs_on")
    if over_by is not None and over_by <= clock.now():
        raise Refused("date_in_the_past", "Choose a time that is still ahead.", field="over_by")
    if over_by is not None and over_by > clock.now() + promises.FURTHEST:
        raise Refused("date_too_far", "Choose a time within a year, or say that you do not know yet.", field="over_by")
