"""What customers wait for, and what they say to it."""

from __future__ import annotations

from escalations.rules.rule import Nature, Number, Rule, business_hours

UNANSWERED = Rule(
    "unanswered",
    "Customer not answered",
    "The customer has written, and nobody has answered: whatever the next promise says.",
    "a customer’s message has stood unanswered for {hours} business hours",
    Nature.CONDITION,
    # From the first of the messages that nobody has answered, wherever the same problem was told; what did not arrive
    # answers nothing.
    """
    SELECT c.id AS case_id, c.id AS subject, m.written_at AS began_at,
           least(answer.at, closing.at, c.closed_at) AS ended_at, c.calendar_id,
           NULL::bigint AS act_of_id, left(m.body, 300) AS evidence
      FROM (SELECT c.id, c.closed_at, d.calendar_id
              FROM cases_case c JOIN staff_agent o ON o.id = c.owner_id
              JOIN staff_department d ON d.id = o.department_id
             WHERE {rows} OFFSET 0) c
     CROSS JOIN LATERAL (
           SELECT ARRAY(SELECT c.id UNION ALL SELECT j.id FROM cases_case j WHERE j.joined_into_id = c.id) AS told_as
           ) one
      JOIN cases_message m ON m.case_id = ANY(one.told_as)
      LEFT JOIN LATERAL (SELECT min(a.written_at) AS at FROM cases_message a
                          WHERE a.case_id = ANY(one.told_as) AND a.id > m.id AND a.direction = 'out'
                            AND a.delivery <> 'not_arrived') answer ON true
      LEFT JOIN LATERAL (SELECT min(e.at) AS at FROM cases_entry e
                          WHERE e.case_id = c.id AND e.kind = 'closed' AND e.at >= m.written_at) closing ON true
     WHERE m.direction = 'in'
       AND NOT EXISTS (SELECT 1 FROM cases_message b
                        WHERE b.case_id = ANY(one.told_as) AND b.id < m.id AND b.direction = 'in'
                          AND NOT EXISTS (SELECT 1 FROM cases_message a
                                           WHERE a.case_id = ANY(one.told_as) AND a.id > b.id AND a.id < m.id
                                             AND a.direction = 'out' AND a.delivery <> 'not_arrived'))
    """,
    weight=2,
    tells=("owner", "cover", "supervisors"),
    numbers=(business_hours(4),),
    patience="hours",
    subject="cases_case c",
    standing="c.closed_at IS NULL AND (c.we_wrote_at IS NULL OR c.customer_wrote_at > c.we_wrote_at)",
    fresh="c.customer_wrote_at > %(since)s",
    recent="(c.closed_at IS NULL OR c.closed_at > %(since)s)",
)

CUSTOMER_CHASED = Rule(
    "customer_chased",
    "Customer chased",
    "The customer wrote or rang again while waiting for an answer, or while a promise was late.",
    "a customer writes or rings again after {hours} business hours without an answer, or while a promise is late",
    Nature.EVENT,
    """
    SELECT e.case_id, e.id AS subject, e.at AS became_true_at, NULL::bigint AS act_of_id,
           left(coalesce('While late: ' || late.words, 'While waiting: ' || waited.words), 300) AS evidence
      FROM (SELECT e.id, e.case_id, e.at, e.message_id, d.calendar_id
              FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
              JOIN staff_agent o ON o.id = c.owner_id JOIN staff_department d ON d.id = o.department_id
             WHERE e.kind IN ('message_from_customer', 'call_taken') AND e.at >= %(since)s AND {rows} OFFSET 0) e
      LEFT JOIN LATERAL (
           SELECT p.words FROM cases_promise p
            WHERE p.case_id = e.case_id AND p.made_at < e.at AND p.due_at <= e.at
              AND (p.state = 'open' OR p.state = 'broken' AND (p.answered_at IS NULL OR p.answered_at > e.at))
            ORDER BY p.due_at, p.id LIMIT 1) late ON true
      LEFT JOIN LATERAL (
           SELECT m.written_at AS since, m.body AS words FROM cases_message m
            WHERE m.case_id = e.case_id AND m.direction = 'in' AND m.id < e.message_id
              AND NOT EXISTS (SELECT 1 FROM cases_message a
                               WHERE a.case_id = e.case_id AND a.id > m.id AND a.id < e.message_id
                                 AND a.direction = 'out' AND a.delivery <> 'not_arrived')
            ORDER BY m.id LIMIT 1) waited ON true
     WHERE late.words IS NOT NULL OR waited.since IS NOT NULL
       AND desk_business_between(e.calendar_id, waited.since, e.at) >= %(hours)s * 3600
    """,
    weight=2,
    tells=("owner", "cover", "supervisors"),
    numbers=(business_hours(4),),
    kinds=("message_from_customer", "call_taken"),
    # With its first message a case begins.
    fresh="e.at > c.opened_at",
    while_open=True,
)

SOMEONE_ELSE_ASKED = Rule(
    "someone_else_asked",
    "Customer asked for someone else",
    "The customer needs somebody else to look at it.",
    "a customer asks for somebody else to look at it",
    Nature.EVENT,
    """
    SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, NULL::bigint AS act_of_id,
           left(coalesce(a.words, ''), 300) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id LEFT JOIN cases_appeal a ON a.id = e.appeal_id
     WHERE e.kind = 'someone_else_asked' AND e.at >= %(since)s AND {rows}
    """,
    weight=3,
    tells=("owner", "supervisors"),
    kinds=("someone_else_asked",),
)

ANSWER_DID_NOT_HELP = Rule(
    "answer_did_not_help",
    "Answer did not help",
    "The customer asked for somebody else, and says that the answer did not help.",
    "a customer says that the answer of somebody else did not help",
    Nature.EVENT,
    """
    SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, a.answered_by_agent_id AS act_of_id,
           left(coalesce(m.body, a.words, ''), 300) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id LEFT JOIN cases_appeal a ON a.id = e.appeal_id
      LEFT JOIN cases_message m ON m.id = e.message_id
     WHERE e.kind = 'answer_did_not_help' AND e.at >= %(since)s AND {rows}
    """,
    weight=3,
    kinds=("answer_did_not_help",),
)

NOT_YET_TWICE = Rule(
    "not_yet_twice",
    "Not yet, again",
    "The customer was asked whether it is over, and has said “not yet” more than once.",
    "a customer has said “not yet” {times} times or more",
    Nature.EVENT,
    """
    SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, NULL::bigint AS act_of_id,
           left(coalesce(m.body, 'Said ' || said.times || ' times'), 300) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id LEFT JOIN cases_message m ON m.id = e.message_id
     CROSS JOIN LATERAL (
           SELECT count(*) AS times FROM cases_entry b
            WHERE b.case_id = c.id AND b.kind = 'customer_said_not_yet' AND b.id <= e.id) said
     WHERE e.kind = 'customer_said_not_yet' AND e.at >= %(since)s AND said.times >= %(times)s AND {rows}
    """,
    weight=2,
    tells=("owner", "supervisors"),
    numbers=(Number("times", 2, 2, 10, "times", "How often"),),
    kinds=("customer_said_not_yet",),
    while_open=True,
)

REFUSAL_DISPUTED = Rule(
    "refusal_disputed",
    "The customer does not accept it",
    "The customer does not accept our no, or asks another person to look at it.",
    "a customer does not accept our no, or asks another person to look at it",
    Nature.EVENT,
    """
    SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at,
           coalesce(s.proposed_by_agent_id, r.said_by_agent_id) AS act_of_id,
           left(coalesce(r.asked, CASE s.kind WHEN 'another' THEN 'Another must do it: ' || s.another
                                              ELSE 'We cannot' END), 300) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
      LEFT JOIN cases_resolution s ON s.id = e.resolution_id
      LEFT JOIN cases_refusal r ON r.id = e.refusal_id
     WHERE e.kind IN ('customer_did_not_accept', 'another_look_asked') AND e.at >= %(since)s AND {rows}
    """,
    weight=2,
    kinds=("customer_did_not_accept", "another_look_asked"),
)

COMPLAINT_LATE = Rule(
    "complaint_late",
    "Complaint not answered in time",
    "The customer was promised an answer to a complaint, and has none.",
    "a complaint has not been answered by the time that was promised",
    Nature.CONDITION,
    """
    SELECT c.id AS case_id, k.id AS subject, k.due_at AS began_at, k.answered_at AS ended_at,
           NULL::bigint AS calendar_id, k.owner_id AS act_of_id, left(k.words, 300) AS evidence
      FROM cases_complaint k JOIN cases_case c ON c.id = k.case_id
     WHERE {rows}
    """,
    weight=2,
    subject="cases_complaint k",
    standing="k.answered_at IS NULL",
    fresh="k.due_at > %(since)s AND k.due_at <= %(until)s",
    recent="(k.answered_at IS NULL OR k.answered_at > %(since)s)",
)

# Between two updates something was done if one of these stands there: work, not words.
_WORK = """
    'noted', 'attempted', 'resolution_proposed', 'refused', 'looked_again', 'complaint_answered', 'made_right',
    'concession_asked', 'concession_granted', 'concession_declined', 'joined_here', 'split_off',
    'someone_else_answered', 'subtask_asked', 'subtask_seen', 'subtask_accepted', 'subtask_date_moved',
    'subtask_done', 'subtask_not_ours', 'subtask_dropped', 'subtask_waits', 'subtask_goes_on',
    'subtask_later_asked', 'subtask_later_refused',
    'subtask_not_reproduced'
"""

ONLY_WORDS = Rule(
    "only_words",
    "Only words",
    "The customer was told something twice, and nothing was done in between.",
    "a customer is told something twice, {hours} business hours apart or more, and nothing was done in between",
    Nature.EVENT,
    f"""
    SELECT e.case_id, e.id AS subject, e.at AS became_true_at, e.agent_id AS act_of_id, left(m.body, 300) AS evidence
      FROM (SELECT e.id, e.case_id, e.at, e.agent_id, e.message_id, d.calendar_id
              FROM cases_entry e JOIN cases_case c ON c.id = e.case_id
              JOIN staff_agent o ON o.id = c.owner_id JOIN staff_department d ON d.id = o.department_id
             WHERE e.kind = 'message_to_customer' AND e.at >= %(since)s AND {{rows}} OFFSET 0) e
     CROSS JOIN LATERAL (
           SELECT b.id, b.at FROM cases_entry b
            WHERE b.case_id = e.case_id AND b.kind = 'message_to_customer' AND b.id < e.id
            ORDER BY b.id DESC LIMIT 1) before
      JOIN cases_message m ON m.id = e.message_id
     WHERE e.at >= before.at + %(hours)s * interval '1 hour'
       AND desk_business_between(e.calendar_id, before.at, e.at) >= %(hours)s * 3600
       AND NOT EXISTS (SELECT 1 FROM cases_entry w
                        WHERE w.case_id = e.case_id AND w.id > before.id AND w.id < e.id AND w.kind IN ({_WORK}))
    """,
    numbers=(business_hours(8),),
    kinds=("message_to_customer",),
    # Twice, and so long apart.
    fresh="e.at >= c.opened_at + %(hours)s * interval '1 hour'",
    while_open=True,
)

MESSAGE_DID_NOT_ARRIVE = Rule(
    "message_did_not_arrive",
    "Our message did not arrive",
    "Something we wrote did not reach the customer, who waits for it.",
    "a message of ours does not arrive",
    Nature.EVENT,
    """
    SELECT c.id AS case_id, e.id AS subject, e.at AS became_true_at, NULL::bigint AS act_of_id,
           left(concat_ws(': ', nullif(e.data->>'why', ''), m.body), 300) AS evidence
      FROM cases_entry e JOIN cases_case c ON c.id = e.case_id LEFT JOIN cases_message m ON m.id = e.message_id
     WHERE e.kind = 'message_did_not_arrive' AND e.at >= %(since)s AND {rows}
    """,
    weight=2,
    tells=("owner", "cover", "supervisors"),
    kinds=("message_did_not_arrive",),
)

RULES = (
    UNANSWERED,
    CUSTOMER_CHASED,
    SOMEONE_ELSE_ASKED,
    ANSWER_DID_NOT_HELP,
    NOT_YET_TWICE,
    REFUSAL_DISPUTED,
    COMPLAINT_LATE,
    ONLY_WORDS,
    MESSAGE_DID_NOT_ARRIVE,
)
