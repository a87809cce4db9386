"""Raising and settling flags: in sets by the sweep, one by one by a supervisor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from cases import permissions, timeline
from cases.actors import Actor
from cases.cover import covers_at
from cases.models import Appeal, Case, Note
from cases.models.timeline import Kind
from cases.verbs.locking import lock
from escalations import queue
from escalations.looking import ALWAYS, due, values
from escalations.models import Flag
from escalations.rules import SOMEONE_ELSE, Rule, Wish, as_wished
from supportdesk import clock
from supportdesk.disk import patient_transaction
from supportdesk.errors import Conflict, Refused

BATCH = 1_000

OWN = "Another supervisor has to look at this: nobody settles a flag about their own case or act."


@transaction.atomic
def settle(flag: Flag, *, reason: str, by: Actor) -> Flag:
    """A supervisor has looked and acted; the owner reads what was done.

    Raises:
        NotAllowed: no supervisor, or it is about the supervisor's own case or act (design rule 14).
        Conflict: somebody else has settled it, or it has ended by itself; says which.
        Refused: no reason, or a customer still waits for someone else's answer.
    """
    case = lock(flag.case_id)
    flag = Flag.objects.select_for_update(of=("self",)).select_related("settled_by").get(pk=flag.pk)
    permissions.require(may_settle(by, flag, case), "not_your_own", _why_not(by))
    if flag.settled_at is not None:
        _require_same_settling(flag, reason, by)
        return flag
    _require_reason(reason)
    if _awaits_someone_else(flag):
        raise Refused(
            "answer_first",
            f"{case.customer.first_name} waits for someone else’s answer: answer, and this is settled.",
            field="reason",
        )
    _settle(case, [flag], reason.strip(), by)
    return flag


@dataclass(frozen=True)
class Settled:
    """What came of settling everything on one case: the flags that are settled, and those left for another."""

    done: list[Flag]
    left: list[Flag]


@transaction.atomic
def settle_all(case: Case, *, reason: str, by: Actor, seen: int | None = None) -> Settled:
    """Nothing more is needed on this case: settle every standing flag that this supervisor may settle.

    Args:
        seen: id of the newest flag that was looked at; what was raised since is left.

    Raises:
        NotAllowed: there is none that the actor may settle.
        Conflict: somebody else has settled them, or they have ended by themselves.
        Refused: no reason.
    """
    case = lock(case)
    standing = list(flags_of(case).standing().select_for_update(of=("self",)).order_by("pk"))
    theirs = [flag for flag in standing if may_settle(by, flag, case)]
    if not theirs:
        _require_settled_so(case, standing, reason, by)
        return Settled([], standing)
    _require_reason(reason)
    done = [flag for flag in theirs if not _awaits_someone_else(flag) and (seen is None or flag.pk <= seen)]
    if done:
        _settle(case, done, reason.strip(), by)
    return Settled(done, [flag for flag in standing if flag not in done])


def flags_of(case: Case):
    """The flags of a case and of those that were joined into it."""
    return Flag.objects.filter(case__in=Case.objects.told_as(case).values("pk"))


def _settle(case: Case, flags: Sequence[Flag], reason: str, by: Actor) -> None:
    """One entry each; the first carries the reason, so that the owner reads it once."""
    note = Note.objects.create(case=case, body=reason, agent=by, written_at=clock.now())
    for flag in flags:
        flag.settled_at, flag.settled, flag.settled_by = clock.now(), Flag.Settled.BY_SUPERVISOR, by
        flag.reason = reason
        flag.save(update_fields=["settled_at", "settled", "settled_by", "reason"])
        about = {"note": note} if flag is flags[0] else {}
        timeline.record(case, Kind.FLAG_SETTLED, by=by, data={"rule": flag.rule, "flag": flag.pk}, **about)
    cases = {flag.case_id for flag in flags}
    queue.reckon_anew(cases)
    queue.keep(clock.now(), cases=sorted(cases))


def may_settle(by: Actor, flag: Flag, case: Case) -> bool:
    """Whether it is no act of theirs, nor a case that they own, owned then, or stand in for."""
    about = (flag.act_of_id, flag.case.owner_id, *_looked_after_it_then(flag))
    return permissions.may_settle_flag(by, case, *about)


def _why_not(by: Actor) -> str:
    if permissions.looks_after_the_desk(by):
        return OWN
    return "Only a supervisor settles a flag."


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("reason_needed", "Say what was done about it.", field="reason")


def _require_same_settling(flag: Flag, reason: str, by: Actor) -> None:
    """Sent twice it is settled once; what another supervisor writes would be lost silently."""
    if flag.settled_by_id is None:
        raise Conflict("ended_already", "This has ended by itself in the meantime: nothing is left to settle.")
    if flag.settled_by_id != by.pk or flag.reason != reason.strip():
        raise Conflict("settled_already", f"{flag.settled_by.name} has settled this already.")


def _require_settled_so(case: Case, standing: Sequence[Flag], reason: str, by: Actor) -> None:
    """There is nothing for this actor to settle: fine, if they have just done it."""
    last = flags_of(case).exclude(settled_at=None).select_related("settled_by").order_by("-settled_at", "-pk").first()
    if last is not None and last.settled_by_id == getattr(by, "pk", None) and last.reason == reason.strip():
        return
    permissions.require(permissions.looks_after_the_desk(by) and not standing, "not_your_own", _why_not(by))
    if last is None:
        raise Conflict("nothing_stands", "Nothing stands on this case.")
    _require_same_settling(last, reason, by)


def _awaits_someone_else(flag: Flag) -> bool:
    return flag.rule in SOMEONE_ELSE and Appeal.objects.open().filter(case=flag.case_id).exists()


def _looked_after_it_then(flag: Flag) -> set[int]:
    """Who owned the case when it became so, and who was named to stand in for them: handing it over, or the owner's
    return, does not make a supervisor a stranger to it."""
    owned = flag.case.entries.filter(owner__isnull=False, at__lte=flag.became_true_at)
    owner = set(owned.order_by("-pk").values_list("owner", flat=True)[:1])
    return owner | covers_at(owner, flag.became_true_at)


def raise_all(
    rule: Rule,
    now: datetime,
    *,
    since: datetime = ALWAYS,
    until: datetime | None = None,
    cases: Sequence[int] | None = None,
    leave_out: str = "",
    wish: Wish | None = None,
) -> int:
    """Raise every flag of one rule that is due and was never raised: the set form, in batches.

    Args:
        now: aware datetime.
        since: events before this, and what began to be so before this, have been looked at. Aware datetime.
        until: what began to be so after this is not due yet; none: that is found out one by one.
        cases: only these cases.
        leave_out: not the cases whose origin begins so.
        wish: how this desk wants the rule; none: it is asked for.

    Returns:
        how many were raised.
    """
    wish = wish or as_wished([rule])[rule.name]
    if not wish.is_on:
        return 0
    scope = {**values(wish, now), "batch": BATCH, "since": since, "cases": cases, "leave_out": leave_out}
    scope["until"] = until or scope["until"]
    statement, candidates = (_RAISE_CONDITION, _CANDIDATES) if rule.is_condition else (_RAISE_EVENT, _EVENTS)
    return sum(_change(statement, wish, scope, few) for few in _batches(candidates, wish, scope))


def raise_for(
    rule: Rule,
    entries: Sequence[int],
    now: datetime,
    *,
    cases: Sequence[int] | None = None,
    leave_out: str = "",
    wish: Wish | None = None,
) -> int:
    """Raise the flags of an event's rule that these entries (ids) give rise to, whenever what they tell of happened.

    Arguments and what is returned as ``raise_all``.
    """
    wish = wish or as_wished([rule])[rule.name]
    if not wish.is_on:
        return 0
    scope = {**values(wish, now), "batch": BATCH, "since": ALWAYS, "cases": cases, "leave_out": leave_out}
    return sum(_change(_RAISE_EVENT, wish, scope, few) for few in _in_batches(entries))


def settle_ended(
    rule: Rule,
    now: datetime,
    *,
    cases: Sequence[int] | None = None,
    leave_out: str = "",
    wish: Wish | None = None,
) -> int:
    """Settle the flags of a condition that no longer is so; arguments as ``raise_all``.

    A flag stands as long as what it tells of, however the rule is wished for since.
    """
    if not rule.is_condition:
        return 0
    wish = wish or as_wished([rule])[rule.name]
    scope = {**values(wish, now), "batch": BATCH, "cases": cases, "leave_out": leave_out}
    return sum(_change(_SETTLE, wish, scope, few) for few in _batches(_STANDING, wish, scope))


def _batches(statement: str, wish: Wish, scope: dict) -> Iterator[Sequence[int]]:
    """What has to be looked at, a batch at a time; only the ids are in memory."""
    rule = wish.rule
    case = f"{rule.alias}.id" if rule.alias == "c" else f"{rule.alias}.case_id"
    words = {"subject": rule.subject, "alias": rule.alias, "case": case, "is_open": _is_open(rule, "c")}
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(**words, standing=rule.standing, fresh=rule.fresh), {**scope, "kinds": list(rule.kinds)}
        )
        found = [pk for (pk,) in cursor.fetchall()]
    return _in_batches(found)


def _in_batches(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _change(statement: str, wish: Wish, scope: dict, few: Sequence[int]) -> int:
    """Raise or settle for a few rows, in a transaction of its own; how many. What is lost the next sweep finds."""
    rule = wish.rule
    query = rule.query.format(rows=f"{rule.alias}.id = ANY(%(few)s)")
    anew = queue.RECKON_ANEW.format(rows="settled" if statement is _SETTLE else "raised")
    words = {"query": query, "due": due(wish), "is_open": _is_open(rule, "k"), "anew": anew}
    with patient_transaction(), connection.cursor() as cursor:
        cursor.execute(statement.format(**words), {**scope, "few": few})
        changed = cursor.rowcount
        if changed:
            timeline.ring_on_commit()
    return changed


def _is_open(rule: Rule, case: str) -> str:
    """As SQL: whether a case still concerns the rule."""
    return f"{case}.closed_at IS NULL" if rule.while_open else "true"


# Where to look, without asking yet what is so: what stands already is left out. The planner may have counted the flags
# when there were none: so they are read once (`NOT IN`) here, and one by one by their index below (`OFFSET 0`).
_CANDIDATES = """
SELECT {alias}.id FROM {subject}
 WHERE {standing} AND {fresh} AND (%(cases)s::bigint[] IS NULL OR {case} = ANY(%(cases)s::bigint[]))
   AND {alias}.id NOT IN (SELECT f.subject FROM escalations_flag f WHERE f.rule = %(rule)s AND f.settled_at IS NULL)
"""

_EVENTS = """
SELECT e.id FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
 WHERE e.kind = ANY(%(kinds)s) AND e.at >= %(since)s AND e.at <= %(now)s AND {is_open} AND {fresh}
   AND (%(cases)s::bigint[] IS NULL OR e.case_id = ANY(%(cases)s::bigint[]))
 ORDER BY e.case_id, e.at
"""

_STANDING = """
SELECT f.subject FROM escalations_flag f
 WHERE f.rule = %(rule)s AND f.settled_at IS NULL AND f.became_true_at <= %(now)s
   AND (%(cases)s::bigint[] IS NULL OR f.case_id = ANY(%(cases)s::bigint[]))
"""

# What was put aside as no case raises nothing. A case that a verb holds is left for the next sweep, by the same lock
# that the verb takes: what the verb is about to change may be the very reason for the flag. What another sweep has
# raised meanwhile stands already.
_FRESH = """fresh AS (
    SELECT found.*, k.origin FROM found JOIN cases_case k ON k.id = found.case_id
     WHERE found.became_true_at <= %(now)s AND k.outcome <> 'not_a_case' AND {is_open}
       AND (%(leave_out)s = '' OR NOT starts_with(k.origin, %(leave_out)s))
     ORDER BY found.became_true_at LIMIT %(batch)s FOR NO KEY UPDATE OF k SKIP LOCKED
), raised AS (
    INSERT INTO escalations_flag
           (rule, case_id, subject, became_true_at, raised_at, act_of_id, evidence, settled, reason)
    SELECT %(rule)s, case_id, subject, became_true_at, %(now)s, act_of_id, coalesce(evidence, ''), '', '' FROM fresh
        ON CONFLICT (rule, subject) WHERE settled_at IS NULL DO NOTHING
    RETURNING id, case_id
), anew AS (
    {anew}
)
INSERT INTO cases_entry (case_id, kind, at, actor, data, announced_at)
SELECT case_id, 'flag_raised', %(now)s, 'desk', jsonb_build_object('rule', %(rule)s, 'flag', id),
       CASE WHEN case_id IN (SELECT case_id FROM fresh WHERE origin NOT IN ('', 'demo')) THEN %(now)s END
  FROM raised
"""

_RAISE_EVENT = (
    """
WITH found AS (
    SELECT q.* FROM ({query}) q
     WHERE (%(cases)s::bigint[] IS NULL OR q.case_id = ANY(%(cases)s::bigint[]))
       AND NOT EXISTS (SELECT 1 FROM escalations_flag f
                        WHERE f.rule = %(rule)s AND f.subject = q.subject
                          AND (f.became_true_at = q.became_true_at OR f.settled_at IS NULL) OFFSET 0)
), """
    + _FRESH
)

# A supervisor's word holds for the whole span, whatever numbers the rule has by now; what had ended by itself, and is
# so again without another beginning, is new.
_RAISE_CONDITION = (
    """
WITH spans AS MATERIALIZED (
    SELECT q.* FROM ({query}) q WHERE q.began_at <= %(until)s AND (q.ended_at IS NULL OR q.ended_at > %(now)s)
), found AS (
    SELECT DISTINCT ON (q.subject) q.case_id, q.subject, q.act_of_id, q.evidence,
           CASE WHEN EXISTS (SELECT 1 FROM escalations_flag f
                              WHERE f.rule = %(rule)s AND f.subject = q.subject AND f.became_true_at = q.due_at)
                THEN %(now)s ELSE q.due_at END AS became_true_at
      FROM (SELECT q.*, {due} AS due_at FROM spans q OFFSET 0) q
     WHERE q.due_at <= %(now)s
       AND NOT EXISTS (SELECT 1 FROM escalations_flag f
                        WHERE f.rule = %(rule)s AND f.subject = q.subject
                          AND (f.settled_at IS NULL OR f.settled = 'supervisor' AND f.became_true_at >= q.began_at)
                       OFFSET 0)
     ORDER BY q.subject, q.due_at
), """
    + _FRESH
)

# What still is so is found once for all of a batch: asked for each flag, it would be found as often as there are flags.
_SETTLE = """
WITH spans AS MATERIALIZED (
    SELECT q.subject, q.began_at FROM ({query}) q WHERE q.ended_at IS NULL OR q.ended_at > %(now)s
), ended AS (
    SELECT f.id, f.case_id, k.origin FROM escalations_flag f JOIN cases_case k ON k.id = f.case_id
     WHERE f.rule = %(rule)s AND f.settled_at IS NULL AND f.became_true_at <= %(now)s
       AND (%(cases)s::bigint[] IS NULL OR f.case_id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(k.origin, %(leave_out)s))
       AND f.subject = ANY(%(few)s)
       AND NOT EXISTS (SELECT 1 FROM spans q WHERE q.subject = f.subject AND q.began_at <= f.became_true_at)
     ORDER BY f.id LIMIT %(batch)s FOR NO KEY UPDATE OF f, k SKIP LOCKED
), settled AS (
    UPDATE escalations_flag SET settled_at = %(now)s, settled = 'itself'
     WHERE id = ANY(ARRAY(SELECT id FROM ended))
    RETURNING id, case_id
), anew AS (
    {anew}
)
INSERT INTO cases_entry (case_id, kind, at, actor, data, announced_at)
SELECT settled.case_id, 'flag_settled', %(now)s, 'desk', jsonb_build_object('rule', %(rule)s, 'flag', settled.id),
       CASE WHEN ended.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM settled JOIN ended USING (id)
"""
