"""What was promised to the customer: broken, at risk, or nothing at all."""

from __future__ import annotations

from escalations.rules.rule import Nature, Rule, business_hours

PROMISE_BROKEN = Rule(
    "promise_broken",
    "Promise broken",
    "What was promised to the customer did not come in time.",
    "what was promised to a customer has not come in time",
    Nature.EVENT,
    """
    SELECT c.id AS case_id, p.id AS subject, p.ended_at AS became_true_at, p.made_by_agent_id AS act_of_id,
           left(p.words, 300) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id JOIN cases_promise p ON p.id = e.promise_id
     WHERE e.kind = 'promise_broken' AND e.at >= %(since)s AND p.state = 'broken' AND {rows}
    """,
    weight=3,
    tells=("owner", "cover", "supervisors"),
    kinds=("promise_broken",),
)

# Little is left: `hours` of business time before it is due, and never more than three fifths of the whole time that was
# given. Tried on real logs: it comes before every promise that breaks, and four in five of those it names do break.
_LITTLE_LEFT = """
    SELECT p.made_at AS began_at,
           desk_business_due(p.calendar_id, p.made_at,
                             p.given - least(%(hours)s * 3600, floor(p.given * 3 / 5))) AS at,
           'It is due soon, and nothing has kept it' AS words
"""

# What it hangs on cannot hold: from the instant at which that was so, as far as the rows tell.
_CANNOT_HOLD = """
    SELECT now_so.at, now_so.at, now_so.words
      FROM (SELECT greatest(p.made_at, b.committed_at) AS at, bd.name || ' is late with its part' AS words
             WHERE b.ended_at IS NULL AND b.committed_at <= %(now)s AND b.committed_at < p.due_at
             UNION ALL
            SELECT greatest(p.made_at, (
                       SELECT max(e.at) FROM cases_entry e
                        WHERE e.case_id IN (b.case_id, b.carried_from_id) AND e.subtask_id = b.id
                          AND e.kind IN ('subtask_accepted', 'subtask_date_moved'))), bd.name || '’s date is later'
             WHERE b.ended_at IS NULL AND b.committed_at > p.due_at
             UNION ALL
            SELECT greatest(p.made_at, (
                       SELECT max(e.at) FROM cases_entry e
                        WHERE e.case_id IN (b.case_id, b.carried_from_id) AND e.subtask_id = b.id
                          AND e.kind = 'subtask_later_asked')), bd.name || ' asks for a later date'
             WHERE b.ended_at IS NULL AND b.later_at > p.due_at
             UNION ALL
            SELECT greatest(p.made_at, b.ended_at), bd.name || '’s part has ended without being done'
             WHERE b.state IN ('dropped', 'not_ours', 'not_reproduced')
             UNION ALL
            SELECT greatest(p.made_at, g.due_at), 'Who decides about it is late'
             WHERE g.decided_at IS NULL AND g.due_at <= %(now)s AND g.due_at < p.due_at
             UNION ALL
            SELECT greatest(p.made_at, g.asked_at, (
                       SELECT max(e.at) FROM cases_entry e
                        WHERE e.case_id IN (p.case_id, g.case_id) AND e.concession_id = g.id
                          AND e.kind = 'concession_passed_on')), 'Who decides about it has until later'
             WHERE g.decided_at IS NULL AND g.due_at > p.due_at) now_so
     UNION ALL
    SELECT p.made_at, desk_business_due(p.calendar_id, p.made_at, greatest(0, p.given - %(undated)s * 3600)),
           bd.name || ' has given no date'
     WHERE b.state IN ('asked', 'seen')
"""

PROMISE_AT_RISK = Rule(
    "promise_at_risk",
    "Promise at risk",
    "A promise is due soon and not kept yet, or what it hangs on cannot hold.",
    "a promise is due within {hours} business hours and not kept, or what it hangs on is late, or has had no date with"
    " {undated} business hours left",
    Nature.CONDITION,
    f"""
    SELECT p.case_id, p.id AS subject, danger.began_at, danger.at AS became_true_at,
           least(p.ended_at, p.due_at, p.closed_at) AS ended_at, NULL::bigint AS act_of_id,
           left(danger.words || ': ' || p.words, 300) AS evidence
      FROM (SELECT p.id, p.case_id, p.words, p.made_at, p.due_at, p.ended_at, p.backed_by_id,
                   p.backed_by_concession_id, c.closed_at, d.calendar_id,
                   desk_business_between(d.calendar_id, p.made_at, p.due_at) AS given
              FROM cases_promise p JOIN cases_case c ON c.id = p.case_id
              JOIN staff_agent o ON o.id = c.owner_id JOIN staff_department d ON d.id = o.department_id
             WHERE {{rows}} OFFSET 0) p
      LEFT JOIN cases_subtask b ON b.id = p.backed_by_id LEFT JOIN staff_department bd ON bd.id = b.department_id
      LEFT JOIN cases_concession g ON g.id = p.backed_by_concession_id
     CROSS JOIN LATERAL ({_LITTLE_LEFT} UNION ALL {_CANNOT_HOLD} OFFSET 0) danger
     WHERE danger.at <= %(now)s
    """,
    tells=("owner", "cover"),
    # A quarter of an hour more than two hours: a warning that is a minute late still leaves two.
    numbers=(
        business_hours(2.25, least=0.25, step=0.25, label="Before it is due"),
        business_hours(8, name="undated", label="Without a date"),
    ),
    subject="cases_promise p",
    standing="p.state = 'open' AND p.due_at > %(now)s",
    # Due soon by any calendar, and was not yet; or hanging on what is late, has a later date, has ended undone or has
    # none.
    fresh="""
        p.id = ANY(ARRAY(
            SELECT n.id FROM staff_calendar k JOIN cases_promise n
                ON n.due_at > CASE WHEN %(since)s > k.openings_from
                                   THEN desk_business_due(k.id, %(since)s, %(hours)s * 3600) ELSE '-infinity' END
               AND n.due_at <= desk_business_due(k.id, %(now)s, %(hours)s * 3600)
             WHERE n.state = 'open' AND n.due_at > %(now)s
             UNION ALL
            SELECT n.id FROM cases_promise n JOIN cases_subtask b ON b.id = n.backed_by_id
             WHERE n.state = 'open' AND n.backed_by_id IS NOT NULL AND n.due_at > %(now)s
               AND (b.ended_at IS NULL AND (b.committed_at <= %(now)s OR b.committed_at > n.due_at)
                    OR b.later_at > n.due_at OR b.state IN ('dropped', 'not_ours', 'not_reproduced')
                    OR b.committed_at IS NULL AND n.due_at <= (
                       SELECT max(desk_business_due(k.id, %(now)s, %(undated)s * 3600)) FROM staff_calendar k))
             UNION ALL
            SELECT n.id FROM cases_promise n JOIN cases_concession g ON g.id = n.backed_by_concession_id
             WHERE n.state = 'open' AND n.backed_by_concession_id IS NOT NULL AND n.due_at > %(now)s
               AND g.decided_at IS NULL AND (g.due_at <= %(now)s OR g.due_at > n.due_at)))
    """,
    due="q.became_true_at",
    recent="p.due_at > %(since)s AND (p.ended_at IS NULL OR p.ended_at > %(since)s)",
    forgets="What parts that back a promise said of their dates before today’s is not looked at.",
)

NO_NEXT_PROMISE = Rule(
    "no_next_promise",
    "No next promise",
    "Nothing is promised to the customer any more.",
    "nothing is promised to a customer any more",
    Nature.CONDITION,
    """
    SELECT c.id AS case_id, c.id AS subject, c.next_due_at AS began_at, NULL::timestamptz AS ended_at,
           NULL::bigint AS calendar_id, NULL::bigint AS act_of_id, '' AS evidence
      FROM cases_case c
     WHERE c.closed_at IS NULL AND c.next_step = 'nothing' AND {rows}
    """,
    weight=2,
    tells=("owner", "cover", "supervisors"),
    subject="cases_case c",
    standing="c.closed_at IS NULL AND c.next_step = 'nothing'",
    fresh="c.next_due_at > %(since)s AND c.next_due_at <= %(until)s",
    forgets="The desk does not keep since when nothing was promised in the past: of what has ended, only what was "
    "raised is counted.",
)

RULES = (PROMISE_BROKEN, PROMISE_AT_RISK, NO_NEXT_PROMISE)
