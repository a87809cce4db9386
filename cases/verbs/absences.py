"""What an absence is to cases: a promise is left to who stands in, and each case says that its owner is away and back.

Whether an owner is away is a question about time (``cases.cover``); what is written here only tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from cases import permissions, timeline
from cases.actors import Actor
from cases.falling_into import promises_in
from cases.models import Promise
from cases.models.timeline import Kind
from cases.verbs.locking import lock_with
from staff.models import Absence
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused

BATCH = 500


@transaction.atomic
def leave_to_cover(promise: Promise, absence: Absence, *, by: Actor) -> Promise:
    """Leave a promise that falls into the owner's absence to who stands in.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: the promise has ended, or the absence is over.
        Refused: it does not fall into the owner's absence, or nobody stands in.
    """
    case, promise = lock_with(promise)
    permissions.require(
        permissions.may_leave_to_cover(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor leaves a promise to who stands in.",
    )
    if promise.covered_in_id == absence.pk:
        return promise
    absence = _as_it_is(absence)
    if not promise.is_owed:
        raise Conflict("promise_ended", f"This promise has ended: {promise.get_state_display()}.")
    if absence.agent_id != case.owner_id or not promises_in(absence).filter(pk=promise.pk).exists():
        raise Refused("not_then", f"This does not fall into an absence of {case.owner.name}.")
    promise.covered_in = absence
    promise.save(update_fields=["covered_in"])
    data = {"absence": absence.pk, "cover": absence.cover.name}
    timeline.record(case, Kind.PROMISE_LEFT_TO_COVER, by=by, promise=promise, data=data)
    return promise


@transaction.atomic
def leave_all_to_cover(absence: Absence, *, by: Actor) -> int:
    """Leave every promise that falls into an absence to who stands in: the set form.

    Returns:
        how many were left.

    Raises:
        NotAllowed: the actor is neither the one who is away nor a supervisor.
        Conflict: the absence is over.
        Refused: nobody stands in.
    """
    if not permissions.may_leave_all_to_cover(by, absence):
        raise NotAllowed("not_yours", f"Only {absence.agent.name} or a supervisor leaves this to who stands in.")
    falling = promises_in(absence).order_by().values_list("pk", flat=True)
    if not falling.exists():
        return 0
    absence = _as_it_is(absence)
    data = {"absence": absence.pk, "by": by.pk, "now": clock.now(), "cover": absence.cover.name}
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, {**data, "owner": absence.agent_id, "promises": list(falling)})
        left = cursor.rowcount
    if left:
        timeline.ring_on_commit()
    return left


def begin_due(now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Write into each open case that its owner is away, until when and who stands in; once more when that changes.

    Args:
        now: aware datetime.
        cases: only these cases.
        leave_out: not the cases whose origin begins so.

    Returns:
        into how many it was written.
    """
    scope = {"now": now, "cases": cases, "leave_out": leave_out}
    return _in_batches(_BEGINNING, _BEGIN, _BEGUN, scope)


def end_due(now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Write into each open case that was told of an absence that its owner is back, and welcome them; arguments and
    result as ``begin_due``."""
    scope = {"now": now, "cases": cases, "leave_out": leave_out}
    return _in_batches(_ENDING, _END, _ENDED, scope)


# -- steps -------------------------------------------------------------------------------------------------------------


def _as_it_is(absence: Absence) -> Absence:
    """The absence as it is now; it lasts or is ahead, and somebody stands in."""
    absence = Absence.objects.select_related("agent", "cover").get(pk=absence.pk)
    if absence.is_over(clock.now()):
        raise Conflict("over", "This absence is over.")
    if absence.cover is None:
        raise Refused("no_cover", f"Nobody stands in for {absence.agent.name}. Choose a cover first.")
    return absence


def _in_batches(claim: str, tell: str, finish: str, scope: dict) -> int:
    """Claim absences, tell their cases, and finish those that have no case left to tell.

    Each statement sees what was committed before it began, so nobody tells a case twice: the claim is waited out by
    passing over, and what its holder wrote is seen by whoever claims next. A case that a verb holds is left for the
    next sweep, and its absence with it.
    """
    told = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(claim, scope)
            about = {**scope, "absences": [pk for (pk,) in cursor.fetchall()], "batch": BATCH}
            if not about["absences"]:
                return told
            cursor.execute(tell, about)
            batch = cursor.rowcount
            if batch < BATCH:
                cursor.execute(finish, about)
            if batch:
                timeline.ring_on_commit()
        told += batch
        if batch < BATCH:
            return told


# A promise that has ended, or a case that has changed hands, since they were looked for stays as it is.
_LEAVE = """
WITH falling AS (
    SELECT p.id, p.case_id, c.origin FROM cases_promise p JOIN cases_case c ON c.id = p.case_id
     WHERE p.id = ANY(%(promises)s) AND c.owner_id = %(owner)s AND p.covered_in_id IS DISTINCT FROM %(absence)s
       AND (p.state = 'open' OR p.state = 'broken' AND p.answered_at IS NULL)
     ORDER BY p.case_id, p.id FOR NO KEY UPDATE OF c, p
), left_to_them AS (
    UPDATE cases_promise p SET covered_in_id = %(absence)s FROM falling WHERE p.id = falling.id RETURNING p.id
)
INSERT INTO cases_entry (case_id, kind, at, actor, agent_id, promise_id, data, announced_at)
SELECT falling.case_id, 'promise_left_to_cover', %(now)s, 'agent', %(by)s, falling.id,
       jsonb_build_object('absence', %(absence)s, 'cover', %(cover)s::text),
       CASE WHEN falling.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM falling JOIN left_to_them USING (id)
"""

_OF_SCOPE = """
       AND (%(cases)s::bigint[] IS NULL OR c.id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(c.origin, %(leave_out)s))
"""

_BEGINNING = """
SELECT id FROM staff_absence
 WHERE ended_at IS NULL AND began_at IS NULL AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)
 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""

_NOT_TOLD = """
       NOT EXISTS (SELECT 1 FROM cases_entry e
                    WHERE e.case_id = c.id AND e.kind = 'owner_away'
                      AND e.data @> jsonb_build_object('absence', a.id, 'cover', a.cover_id, 'until', a.ends_at))
"""

_BEGIN = f"""
WITH untold AS (
    SELECT c.id AS case_id, c.origin, a.id, a.ends_at, a.cover_id, s.name, g.name AS owner
      FROM staff_absence a JOIN staff_agent g ON g.id = a.agent_id LEFT JOIN staff_agent s ON s.id = a.cover_id
      JOIN cases_case c ON c.owner_id = a.agent_id AND c.closed_at IS NULL
     WHERE a.id = ANY(%(absences)s) AND {_NOT_TOLD} {_OF_SCOPE}
     ORDER BY c.id LIMIT %(batch)s FOR NO KEY UPDATE OF c SKIP LOCKED
)
INSERT INTO cases_entry (case_id, kind, at, actor, data, announced_at)
SELECT case_id, 'owner_away', %(now)s, 'desk',
       jsonb_build_object('absence', id, 'cover', cover_id, 'name', name, 'until', ends_at, 'owner', owner),
       CASE WHEN origin NOT IN ('', 'demo') THEN %(now)s END
  FROM untold
"""

# Whoever stands in was told when it was announced, and is told again now that it begins, unless that was just now.
_BEGUN = f"""
WITH begun AS (
    UPDATE staff_absence a SET began_at = %(now)s
     WHERE a.id = ANY(%(absences)s)
       AND NOT EXISTS (SELECT 1 FROM cases_case c
                        WHERE c.owner_id = a.agent_id AND c.closed_at IS NULL AND {_NOT_TOLD})
    RETURNING a.id, a.cover_id, a.starts_at
)
INSERT INTO cases_notice (absence_id, reaction, why, agent_id, made_at)
SELECT begun.id, 'absence_begins', 'cover', s.id, %(now)s FROM begun JOIN staff_agent s ON s.id = begun.cover_id
 WHERE s.can_sign_in AND EXISTS (SELECT 1 FROM cases_notice n
                                  WHERE n.absence_id = begun.id AND n.reaction = 'stands_in' AND n.agent_id = s.id
                                    AND n.made_at < begun.starts_at)
    ON CONFLICT DO NOTHING
"""

_ENDING = """
SELECT id FROM staff_absence WHERE ended_at IS NULL AND ends_at <= %(now)s ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""

_NOT_BACK = """
       EXISTS (SELECT 1 FROM cases_entry e WHERE e.case_id = c.id AND e.kind = 'owner_away'
                  AND e.data @> jsonb_build_object('absence', a.id))
   AND NOT EXISTS (SELECT 1 FROM cases_entry e WHERE e.case_id = c.id AND e.kind = 'owner_back'
                      AND e.data @> jsonb_build_object('absence', a.id))
"""

_END = f"""
WITH untold AS (
    SELECT c.id AS case_id, c.origin, a.id, g.name AS owner
      FROM staff_absence a JOIN staff_agent g ON g.id = a.agent_id
      JOIN cases_case c ON c.owner_id = a.agent_id AND c.closed_at IS NULL
     WHERE a.id = ANY(%(absences)s) AND {_NOT_BACK} {_OF_SCOPE}
     ORDER BY c.id LIMIT %(batch)s FOR NO KEY UPDATE OF c SKIP LOCKED
)
INSERT INTO cases_entry (case_id, kind, at, actor, data, announced_at)
SELECT case_id, 'owner_back', %(now)s, 'desk', jsonb_build_object('absence', id, 'owner', owner),
       CASE WHEN origin NOT IN ('', 'demo') THEN %(now)s END
  FROM untold
"""

# What was called off had no length: there is nothing to come back from.
_ENDED = f"""
WITH ended AS (
    UPDATE staff_absence a SET ended_at = %(now)s, began_at = coalesce(a.began_at, %(now)s)
     WHERE a.id = ANY(%(absences)s)
       AND NOT EXISTS (SELECT 1 FROM cases_case c
                        WHERE c.owner_id = a.agent_id AND c.closed_at IS NULL AND {_NOT_BACK})
    RETURNING a.id, a.agent_id, a.starts_at, a.ends_at
)
INSERT INTO cases_notice (absence_id, reaction, why, agent_id, made_at)
SELECT ended.id, 'welcome_back', 'own', g.id, %(now)s FROM ended JOIN staff_agent g ON g.id = ended.agent_id
 WHERE g.can_sign_in AND ended.ends_at > ended.starts_at
    ON CONFLICT DO NOTHING
"""
