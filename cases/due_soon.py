"""Due soon: the owner hears of a promise before a supervisor hears that it is broken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

BATCH = 500
REACTION = "due_soon"


def tell_due_soon(
    now: datetime, *, since: datetime | None = None, cases: Sequence[int] | None = None, leave_out: str = ""
) -> int:
    """Tell of every open promise that is due within ``settings.DUE_SOON_WITHIN`` of business time: the set form.

    Whoever has to keep it is told, once: the owner, or while the owner is away whoever stands in. Business time is the
    owner's: on Friday afternoon they hear of what is due on Monday morning. Not told of is what was promised less than
    that time ago, by the clock on the wall, nor anything that was brought in from elsewhere.

    Args:
        now: aware datetime.
        since: when this was last looked for, aware datetime: only what has become due soon since then is told of, as
            long as the same people keep it. None: it never was.
        cases: only these cases' promises.
        leave_out: not the cases whose origin begins so.

    Returns:
        how many notices were written.
    """
    within = settings.DUE_SOON_WITHIN
    values = {
        "now": now,
        "since": since,
        "within": within,
        "seconds": within.total_seconds(),
        "reaction": REACTION,
        "cases": cases,
        "leave_out": leave_out,
        "batch": BATCH,
    }
    told = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TELL_DUE_SOON, values)
            batch = cursor.rowcount
        told += batch
        if batch < BATCH:
            return told


# Per calendar the instant at which so much business time has passed: until then something is due soon. Where no
# opening is kept so far ahead, and never less than that, by the clock on the wall.
_TELL_DUE_SOON = """
WITH soon AS MATERIALIZED (
    SELECT k.id AS calendar_id,
           greatest(%(now)s + %(within)s, desk_business_due(k.id, %(now)s, %(seconds)s)) AS until,
           greatest(%(since)s::timestamptz + %(within)s,
                    desk_business_due(k.id, %(since)s::timestamptz, %(seconds)s)) AS looked_until
      FROM staff_calendar k
), near AS MATERIALIZED (
    SELECT p.id FROM cases_promise p
     WHERE p.state = 'open' AND p.due_at > %(now)s AND p.due_at <= (SELECT max(until) FROM soon)
       AND p.made_at <= %(now)s - %(within)s
       AND (%(since)s::timestamptz IS NULL OR p.made_at > %(since)s::timestamptz - %(within)s
            OR p.due_at > (SELECT min(looked_until) FROM soon))
), due AS (
    SELECT p.id, coalesce(cover.id, o.id) AS agent_id, CASE WHEN cover.id IS NULL THEN 'owner' ELSE 'cover' END AS why
      FROM near
      JOIN cases_promise p ON p.id = near.id
      JOIN cases_case c ON c.id = p.case_id
      JOIN staff_agent o ON o.id = c.owner_id
      JOIN staff_department d ON d.id = o.department_id
      JOIN soon ON soon.calendar_id = d.calendar_id
      LEFT JOIN LATERAL (
            SELECT a.id FROM staff_absence w JOIN staff_agent a ON a.id = w.cover_id
             WHERE w.agent_id = o.id AND w.starts_at <= %(now)s AND (w.ends_at IS NULL OR w.ends_at > %(now)s)
               AND a.is_active AND a.can_sign_in
             ORDER BY w.id DESC LIMIT 1) cover ON true
     WHERE p.state = 'open' AND p.due_at > %(now)s AND p.due_at <= soon.until
       AND p.made_at <= %(now)s - %(within)s
       AND (cover.id IS NOT NULL OR o.is_active AND o.can_sign_in)
       AND c.closed_at IS NULL AND c.origin IN ('', 'demo')
       AND (%(cases)s::bigint[] IS NULL OR c.id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(c.origin, %(leave_out)s))
       AND NOT EXISTS (SELECT 1 FROM cases_notice n WHERE n.promise_id = p.id AND n.reaction = %(reaction)s
                          AND n.agent_id = coalesce(cover.id, o.id))
     ORDER BY p.due_at LIMIT %(batch)s FOR NO KEY UPDATE OF p, c SKIP LOCKED
)
INSERT INTO cases_notice (promise_id, reaction, why, agent_id, made_at)
SELECT id, %(reaction)s, why, agent_id, %(now)s FROM due
    ON CONFLICT DO NOTHING
"""
