"""Whether made-up cases keep the rules that verbs keep: asked of the database afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from staff.origins import Origin

# Each yields the cases that break the sentence.
_RULES = {
    "Its owner is the last one whom its timeline names.": """
        SELECT c.id FROM cases_case c
         WHERE c.origin = %(origin)s AND c.owner_id IS DISTINCT FROM (
               SELECT e.owner_id FROM cases_entry e WHERE e.case_id = c.id AND e.owner_id IS NOT NULL
                ORDER BY e.id DESC LIMIT 1)
    """,
    "What is due next on it is what its promises, reminders and proposals say.": """
        SELECT c.id FROM cases_case c
          LEFT JOIN LATERAL (
               SELECT id, due_at FROM cases_promise
                WHERE case_id = c.id AND (state = 'open' OR (state = 'broken' AND answered_at IS NULL))
                ORDER BY due_at, id LIMIT 1) p ON true
          LEFT JOIN LATERAL (
               SELECT due_at FROM cases_reminder WHERE case_id = c.id AND sent_at IS NULL AND waived_at IS NULL
                ORDER BY due_at LIMIT 1) r ON true
          LEFT JOIN LATERAL (
               SELECT COALESCE(supervisors_by, unconfirmed_due_at) AS due_at FROM cases_resolution
                WHERE case_id = c.id AND ended_at IS NULL) s ON true
         WHERE c.origin = %(origin)s AND (
               c.next_promise_id IS DISTINCT FROM p.id
            OR c.next_step <> CASE WHEN p.id IS NOT NULL THEN 'promise' WHEN r.due_at IS NOT NULL THEN 'reminder'
                                   WHEN s.due_at IS NOT NULL THEN 'supervisors' ELSE 'nothing' END
            OR c.next_due_at <> COALESCE(p.due_at, r.due_at, s.due_at, c.next_due_at))
    """,
    "It is closed exactly when it says when, by whom and how, and nothing is proposed on it any more.": """
        SELECT c.id FROM cases_case c
         WHERE c.origin = %(origin)s AND (
               (c.state = 'closed') <> (c.closed_at IS NOT NULL AND c.closed_by <> '' AND c.outcome <> '')
            OR (c.state = 'closed') <> EXISTS (SELECT 1 FROM cases_entry e WHERE e.case_id = c.id AND e.kind = 'closed')
            OR (c.state IN ('proposed', 'unconfirmed')) <> EXISTS (
               SELECT 1 FROM cases_resolution s WHERE s.case_id = c.id AND s.ended_at IS NULL))
    """,
    "Closed, it has no open sub-task, unless a supervisor passed over it, and no open promise.": """
        SELECT c.id FROM cases_case c
         WHERE c.origin = %(origin)s AND c.state = 'closed' AND (
               c.outcome <> 'override' AND EXISTS (
                   SELECT 1 FROM cases_subtask s WHERE s.case_id = c.id AND s.ended_at IS NULL)
            OR EXISTS (SELECT 1 FROM cases_promise p WHERE p.case_id = c.id AND p.state = 'open'))
    """,
    "It was opened once, by its customer, in the words that stand on it.": """
        SELECT c.id FROM cases_case c
         WHERE c.origin = %(origin)s AND (
               (SELECT count(*) FROM cases_entry e WHERE e.case_id = c.id AND e.kind = 'opened'
                   AND e.customer_id = c.customer_id AND e.at = c.opened_at) <> 1
            OR c.problem IS DISTINCT FROM (
               SELECT m.body FROM cases_message m WHERE m.case_id = c.id ORDER BY m.id LIMIT 1))
    """,
    "Its timeline runs forward, and nothing waits to be announced.": """
        SELECT DISTINCT case_id FROM (
            SELECT e.case_id, e.announced_at, e.at, lag(e.at) OVER (PARTITION BY e.case_id ORDER BY e.id) AS above
              FROM cases_entry e JOIN cases_case c ON c.id = e.case_id WHERE c.origin = %(origin)s
               AND e.kind NOT IN ('flag_raised', 'flag_settled')) lines
         WHERE announced_at IS NULL OR at < above
    """,
}


class Breach(Exception):
    """Some cases break a rule. The text is for people."""


def check() -> None:
    """Read all made-up cases.

    Raises:
        Breach: names each rule that is broken, and some of the cases.
    """
    broken = list(_broken())
    if broken:
        raise Breach("\n".join(broken))


def _broken() -> Iterator[str]:
    with connection.cursor() as cursor:
        for sentence, query in _RULES.items():
            cursor.execute(f"{query} LIMIT 5", {"origin": Origin.LOAD})
            cases = ", ".join(f"C-{pk}" for (pk,) in cursor.fetchall())
            if cases:
                yield f"{sentence} Not so: {cases}."
