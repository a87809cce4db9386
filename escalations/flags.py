"""Raising and settling flags: in sets by the sweep, one by one by a supervisor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connection, transaction

from cases import permissions, timeline
from cases.actors import Actor
from cases.models.timeline import Kind
from cases.verbs.locking import lock
from escalations.models import Flag
from escalations.rules import Nature, Rule
from supportdesk import clock
from supportdesk.errors import Refused

BATCH = 500
ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


@transaction.atomic
def settle(flag: Flag, *, reason: str, by: Actor) -> Flag:
    """A supervisor has looked and acted.

    Raises:
        NotAllowed: no supervisor, or it is about the supervisor's own case or act (design rule 14).
        Refused: no reason.
    """
    case = lock(flag.case_id)
    flag = Flag.objects.select_for_update().get(pk=flag.pk)
    permissions.require(
        permissions.may_settle_flag(by, case, flag.act_of_id, flag.case.owner_id, _owner_then(flag)),
        "not_your_own",
        "Another supervisor has to look at this: nobody settles a flag about their own case or act."
        if permissions.is_supervisor(by)
        else "Only a supervisor settles a flag.",
    )
    if flag.settled_at is not None:
        return flag
    if not reason.strip():
        raise Refused("reason_needed", "Say what was done about it.", field="reason")
    flag.settled_at, flag.settled, flag.settled_by = clock.now(), Flag.Settled.BY_SUPERVISOR, by
    flag.reason = reason.strip()
    flag.save(update_fields=["settled_at", "settled", "settled_by", "reason"])
    timeline.record(case, Kind.FLAG_SETTLED, by=by, data={"rule": flag.rule, "flag": flag.pk})
    return flag


def _owner_then(flag: Flag) -> int | None:
    """Who owned the case when it became so: handing it over does not make a supervisor a stranger to it."""
    owned = flag.case.entries.filter(owner__isnull=False, at__lte=flag.became_true_at)
    return owned.order_by("-pk").values_list("owner", flat=True).first()


def raise_all(
    rule: Rule, now: datetime, *, since: datetime = ALWAYS, cases: Sequence[int] | None = None, leave_out: str = ""
) -> int:
    """Raise every flag of one rule that is due and was never raised: the set form, in batches.

    Args:
        now: aware datetime.
        since: events older than this have been looked at before. Aware datetime.
        cases: only these cases.
        leave_out: not the cases whose origin begins so.

    Returns:
        how many were raised.
    """
    return _in_batches(_RAISE.format(query=rule.query), rule, now, since=since, cases=cases, leave_out=leave_out)


def settle_ended(rule: Rule, now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Settle the flags of a condition that no longer is so; arguments as ``raise_all``."""
    if rule.nature is Nature.EVENT:
        return 0
    return _in_batches(_SETTLE.format(query=rule.query), rule, now, cases=cases, leave_out=leave_out)


def _in_batches(statement: str, rule: Rule, now: datetime, **scope) -> int:
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"rule": rule.name, "now": now, "batch": BATCH, **scope})
            batch = cursor.rowcount
            if batch:
                timeline.ring_on_commit()
        total += batch
        if batch < BATCH:
            return total


# What was put aside as no case raises nothing. A case that a verb holds is left for the next sweep, by the same lock
# that the verb takes: what the verb is about to change may be the very reason for the flag.
_RAISE = """
WITH found AS ({query}
       AND (%(cases)s::bigint[] IS NULL OR c.id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(c.origin, %(leave_out)s))
), fresh AS (
    SELECT found.*, k.origin FROM found JOIN cases_case k ON k.id = found.case_id
     WHERE k.outcome <> 'not_a_case'
       AND NOT EXISTS (SELECT 1 FROM escalations_flag f
                        WHERE f.rule = %(rule)s AND f.subject = found.subject
                          AND (f.became_true_at = found.became_true_at OR f.settled_at IS NULL))
     ORDER BY found.became_true_at LIMIT %(batch)s FOR NO KEY UPDATE OF k SKIP LOCKED
), raised AS (
    INSERT INTO escalations_flag
           (rule, case_id, subject, became_true_at, raised_at, act_of_id, evidence, settled, reason)
    SELECT %(rule)s, case_id, subject, became_true_at, %(now)s, act_of_id, coalesce(evidence, ''), '', '' FROM fresh
        ON CONFLICT DO NOTHING
    RETURNING id, case_id
)
INSERT INTO cases_entry (case_id, kind, at, actor, data, announced_at)
SELECT raised.case_id, 'flag_raised', %(now)s, 'desk', jsonb_build_object('rule', %(rule)s, 'flag', raised.id),
       CASE WHEN k.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM raised JOIN cases_case k ON k.id = raised.case_id
"""

_SETTLE = """
WITH so AS ({query}
), ended AS (
    SELECT f.id, f.case_id, k.origin FROM escalations_flag f JOIN cases_case k ON k.id = f.case_id
     WHERE f.rule = %(rule)s AND f.settled_at IS NULL AND f.became_true_at <= %(now)s
       AND (%(cases)s::bigint[] IS NULL OR f.case_id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(k.origin, %(leave_out)s))
       AND NOT EXISTS (SELECT 1 FROM so WHERE so.subject = f.subject AND so.became_true_at = f.became_true_at)
     ORDER BY f.id LIMIT %(batch)s FOR NO KEY UPDATE OF f, k SKIP LOCKED
), settled AS (
    UPDATE escalations_flag f SET settled_at = %(now)s, settled = 'itself' FROM ended WHERE f.id = ended.id
    RETURNING f.id, f.case_id
)
INSERT INTO cases_entry (case_id, kind, at, actor, data, announced_at)
SELECT settled.case_id, 'flag_settled', %(now)s, 'desk', jsonb_build_object('rule', %(rule)s, 'flag', settled.id),
       CASE WHEN ended.origin NOT IN ('', 'demo') THEN %(now)s END
  FROM settled JOIN ended USING (id)
"""
