"""How cases ended otherwise than by the customer's yes."""

from __future__ import annotations

from escalations.rules.rule import Nature, Rule

# Nothing else closes over open parts: the database refuses it (`no_closing_over_open_subtasks`).
_OVERRIDDEN = "e.data->>'outcome' = 'override'"

CLOSED_OVER_OPEN_SUBTASKS = Rule(
    "closed_over_open_subtasks",
    "Closed over open sub-tasks",
    "The case was closed while a department had not finished.",
    "a case is closed while a department has not finished",
    Nature.EVENT,
    """
    SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, e.agent_id AS act_of_id,
           (SELECT 'Not finished: ' || string_agg(d.name, ', ' ORDER BY d.name)
              FROM cases_subtask s JOIN staff_department d ON d.id = s.department_id
             WHERE s.case_id = c.id AND s.asked_at <= e.at
               AND (s.ended_at IS NULL OR s.ended_at > e.at)) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
     WHERE e.kind = 'closed' AND e.at >= %(since)s AND {rows}
       AND EXISTS (SELECT 1 FROM cases_subtask s WHERE s.case_id = c.id AND s.asked_at <= e.at
                      AND (s.ended_at IS NULL OR s.ended_at > e.at))
    """,
    weight=3,
    kinds=("closed",),
    fresh=_OVERRIDDEN,
)

CLOSED_BY_OVERRIDE = Rule(
    "closed_by_override",
    "Closed by override",
    "The case was closed without the customer’s yes.",
    "a case is closed without the customer’s yes",
    Nature.EVENT,
    f"""
    SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, e.agent_id AS act_of_id,
           left(c.override_reason, 300) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
     WHERE e.kind = 'closed' AND e.at >= %(since)s AND {_OVERRIDDEN} AND {{rows}}
    """,
    weight=2,
    kinds=("closed",),
    fresh=_OVERRIDDEN,
)

RULES = (CLOSED_OVER_OPEN_SUBTASKS, CLOSED_BY_OVERRIDE)
