"""The table of rules: why a supervisor should look at a case.

A *condition* is looked for among what is so at this moment, and settles itself when it ends. An *event* is looked for
among the timeline's new entries, and stays until a supervisor acts. Each rule is one query that yields
``case_id, subject, became_true_at, act_of_id, evidence`` and takes ``now`` and ``since``. Rules read tables of
``cases`` only, and departments' names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Nature(Enum):
    CONDITION = "condition"
    EVENT = "event"


@dataclass(frozen=True)
class Rule:
    """One reason to look.

    Attributes:
        name: stable, for machines and the table of flags.
        title: for people, a few words.
        sentence: for people, what it means.
        nature: whether it ends by itself.
        query: set-based, yields the five columns named above; ``c`` is the case.
    """

    name: str
    title: str
    sentence: str
    nature: Nature
    query: str


RULES = (
    Rule(
        "closed_over_open_subtasks",
        "Closed over open sub-tasks",
        "The case was closed while a department had not finished.",
        Nature.EVENT,
        """
        SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, e.agent_id AS act_of_id,
               (SELECT 'Not finished: ' || string_agg(d.name, ', ' ORDER BY d.name)
                  FROM cases_subtask s JOIN staff_department d ON d.id = s.department_id
                 WHERE s.case_id = c.id AND s.asked_at <= e.at
                   AND (s.ended_at IS NULL OR s.ended_at > e.at)) AS evidence
          FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
         WHERE e.kind = 'closed' AND e.at >= %(since)s
           AND EXISTS (SELECT 1 FROM cases_subtask s WHERE s.case_id = c.id AND s.asked_at <= e.at
                          AND (s.ended_at IS NULL OR s.ended_at > e.at))
        """,
    ),
    Rule(
        "closed_by_override",
        "Closed by override",
        "The case was closed without the customer’s yes.",
        Nature.EVENT,
        """
        SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, e.agent_id AS act_of_id,
               left(c.override_reason, 300) AS evidence
          FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
         WHERE e.kind = 'closed' AND e.at >= %(since)s AND e.data->>'outcome' = 'override'
        """,
    ),
    Rule(
        "promise_broken",
        "Promise broken",
        "What was promised to the customer did not come in time.",
        Nature.EVENT,
        """
        SELECT c.id AS case_id, p.id AS subject, p.ended_at AS became_true_at, p.made_by_agent_id AS act_of_id,
               left(p.words, 300) AS evidence
          FROM cases_entry e JOIN cases_case c ON c.id = e.case_id JOIN cases_promise p ON p.id = e.promise_id
         WHERE e.kind = 'promise_broken' AND e.at >= %(since)s AND p.state = 'broken'
        """,
    ),
    Rule(
        "refusal_disputed",
        "The customer does not accept it",
        "The customer does not accept our no, or asks another person to look at it.",
        Nature.EVENT,
        """
        SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at,
               coalesce(s.proposed_by_agent_id, r.said_by_agent_id) AS act_of_id,
               left(coalesce(r.asked, CASE s.kind WHEN 'another' THEN 'Another must do it: ' || s.another
                                                  ELSE 'We cannot' END), 300) AS evidence
          FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
          LEFT JOIN cases_resolution s ON s.id = e.resolution_id
          LEFT JOIN cases_refusal r ON r.id = e.refusal_id
         WHERE e.kind IN ('customer_did_not_accept', 'another_look_asked') AND e.at >= %(since)s
        """,
    ),
    Rule(
        "no_next_promise",
        "No next promise",
        "Nothing is promised to the customer any more.",
        Nature.CONDITION,
        """
        SELECT c.id AS case_id, c.id AS subject, c.next_due_at AS became_true_at, NULL::bigint AS act_of_id,
               '' AS evidence
          FROM cases_case c
         WHERE c.closed_at IS NULL AND c.next_step = 'nothing' AND c.next_due_at <= %(now)s
        """,
    ),
    Rule(
        "subtask_late",
        "Sub-task late",
        "A department has passed the date that it gave itself.",
        Nature.CONDITION,
        """
        SELECT c.id AS case_id, s.id AS subject, s.committed_at AS became_true_at, NULL::bigint AS act_of_id,
               left(d.name || ': ' || s.ask, 300) AS evidence
          FROM cases_subtask s JOIN cases_case c ON c.id = s.case_id JOIN staff_department d ON d.id = s.department_id
         WHERE s.ended_at IS NULL AND s.committed_at <= %(now)s
        """,
    ),
    Rule(
        "complaint_late",
        "Complaint not answered in time",
        "The customer was promised an answer to a complaint, and has none.",
        Nature.CONDITION,
        """
        SELECT c.id AS case_id, k.id AS subject, k.due_at AS became_true_at, k.owner_id AS act_of_id,
               left(k.words, 300) AS evidence
          FROM cases_complaint k JOIN cases_case c ON c.id = k.case_id
         WHERE k.answered_at IS NULL AND k.due_at <= %(now)s
        """,
    ),
)

BY_NAME = {rule.name: rule for rule in RULES}
