"""What departments do with their parts."""

from __future__ import annotations

from escalations.rules.rule import Nature, Number, Rule, business_hours

SUBTASK_LATE = Rule(
    "subtask_late",
    "Sub-task late",
    "A department has passed the date that it gave itself.",
    "a department has passed the date that it gave itself",
    Nature.CONDITION,
    """
    SELECT c.id AS case_id, s.id AS subject, s.committed_at AS began_at, s.ended_at, NULL::bigint AS calendar_id,
           NULL::bigint AS act_of_id, left(d.name || ': ' || s.ask, 300) AS evidence
      FROM cases_subtask s JOIN cases_case c ON c.id = s.case_id JOIN staff_department d ON d.id = s.department_id
     WHERE s.committed_at IS NOT NULL AND {rows}
    """,
    tells=("owner", "lead"),
    subject="cases_subtask s",
    standing="s.ended_at IS NULL",
    fresh="s.committed_at > %(since)s AND s.committed_at <= %(until)s",
    recent="(s.ended_at IS NULL OR s.ended_at > %(since)s)",
    # The dates that stood before: each until it was moved.
    past="""
    SELECT c.id, s.id, (e.data->>'from')::timestamptz, e.at, NULL::bigint, NULL::bigint,
           left(d.name || ': ' || s.ask, 300)
      FROM cases_subtask s JOIN cases_case c ON c.id = s.case_id JOIN staff_department d ON d.id = s.department_id
      JOIN cases_entry e ON e.case_id IN (s.case_id, s.carried_from_id) AND e.subtask_id = s.id
     WHERE e.kind = 'subtask_date_moved' AND e.at > %(since)s AND {rows}
    """,
)

SUBTASK_NOT_SEEN = Rule(
    "subtask_not_seen",
    "Sub-task not seen",
    "A department has not looked at its part.",
    "a department has not looked at its part for {hours} business hours",
    Nature.CONDITION,
    # What comes after another part is looked at when that one has ended.
    """
    SELECT c.id AS case_id, s.id AS subject, greatest(s.asked_at, a.ended_at) AS began_at,
           least(s.seen_at, s.ended_at, c.closed_at) AS ended_at, d.calendar_id, NULL::bigint AS act_of_id,
           left(d.name || ': ' || s.ask, 300) AS evidence
      FROM cases_subtask s JOIN cases_case c ON c.id = s.case_id JOIN staff_department d ON d.id = s.department_id
      LEFT JOIN cases_subtask a ON a.id = s.after_id
     WHERE (s.after_id IS NULL OR a.ended_at IS NOT NULL) AND {rows}
    """,
    tells=("owner", "lead"),
    numbers=(business_hours(4),),
    patience="hours",
    subject="cases_subtask s",
    standing="s.seen_at IS NULL AND s.ended_at IS NULL",
    fresh="(s.asked_at > %(since)s AND s.asked_at <= %(until)s OR s.after_id IS NOT NULL)",
    recent="(s.ended_at IS NULL OR s.ended_at > %(since)s)",
)

PASSED_AROUND = Rule(
    "passed_around",
    "Passed around",
    "The case has gone from hand to hand: one more owner, or one more department.",
    "a case has had {owners} owners or more, or {departments} departments or more have been asked",
    Nature.EVENT,
    # Nobody yet, who owns what is up for taking, is no hand.
    """
    SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, e.agent_id AS act_of_id,
           left(through.words, 300) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
     CROSS JOIN LATERAL (
           SELECT 'Owners: ' || string_agg(hand.name, ', ' ORDER BY hand.since) AS words, count(*) AS hands,
                  max(hand.since) AS newest
             FROM (SELECT a.name, min(o.id) AS since FROM cases_entry o JOIN staff_agent a ON a.id = o.owner_id
                    WHERE o.case_id = c.id AND o.owner_id IS NOT NULL AND o.id <= e.id AND NOT a.is_fallback
                    GROUP BY a.id, a.name) hand
           HAVING e.owner_id IS NOT NULL
            UNION ALL
           SELECT 'Departments: ' || string_agg(hand.name, ', ' ORDER BY hand.since), count(*), max(hand.since)
             FROM (SELECT d.name, min(s.id) AS since
                     FROM cases_subtask s JOIN staff_department d ON d.id = s.department_id
                    WHERE s.case_id = c.id AND s.id <= e.subtask_id GROUP BY d.id, d.name) hand
           HAVING e.subtask_id IS NOT NULL) through
     WHERE e.kind IN ('taken', 'handover_accepted', 'taken_over', 'subtask_asked') AND e.at >= %(since)s AND {rows}
       AND through.newest = coalesce(e.subtask_id, e.id)
       AND through.hands >= CASE WHEN e.subtask_id IS NULL THEN %(owners)s ELSE %(departments)s END
    """,
    weight=2,
    numbers=(
        Number("owners", 3, 2, 20, "owners", "Which owner"),
        Number("departments", 4, 2, 20, "departments", "Which department"),
    ),
    kinds=("taken", "handover_accepted", "taken_over", "subtask_asked"),
    # Few cases have been through so many hands, as their rows say at a glance.
    fresh="""
        CASE WHEN e.subtask_id IS NULL
             THEN (SELECT count(*) FROM cases_entry o WHERE o.case_id = c.id AND o.owner_id IS NOT NULL) >= %(owners)s
             ELSE (SELECT count(*) FROM cases_subtask s WHERE s.case_id = c.id) >= %(departments)s END
    """,
    while_open=True,
)

RULES = (SUBTASK_LATE, SUBTASK_NOT_SEEN, PASSED_AROUND)
