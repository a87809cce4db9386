"""Whoever answers for a case: away, idle, or not there yet."""

from __future__ import annotations

from escalations.rules.rule import Nature, Rule, business_hours

HANDOVER_NOT_ACCEPTED = Rule(
    "handover_not_accepted",
    "Handover not accepted",
    "A case was offered to somebody who has neither accepted it nor given it back.",
    "somebody has left an offered case unanswered for {hours} business hours",
    Nature.CONDITION,
    """
    SELECT c.id AS case_id, h.id AS subject, h.offered_at AS began_at, least(h.answered_at, c.closed_at) AS ended_at,
           d.calendar_id, h.to_agent_id AS act_of_id, left('Offered to ' || t.name || ': ' || h.brief, 300) AS evidence
      FROM cases_handover h JOIN cases_case c ON c.id = h.case_id JOIN staff_agent t ON t.id = h.to_agent_id
      JOIN staff_department d ON d.id = t.department_id
     WHERE {rows}
    """,
    tells=("owner", "supervisors"),
    numbers=(business_hours(4),),
    patience="hours",
    subject="cases_handover h",
    standing="h.state = 'offered'",
    fresh="h.offered_at > %(since)s AND h.offered_at <= %(until)s",
    recent="(h.answered_at IS NULL OR h.answered_at > %(since)s)",
)

# Nobody signs in by the names of a log, of made-up cases or of most of the demo: they count as there, unless announced.
_IS_THERE = "({agent}.is_active AND ({agent}.can_sign_in OR {agent}.origin <> ''))"

# Since when somebody who is not there is gone, as far as is known: signed off, they are away until further notice. It
# begins anew where somebody stood in meanwhile, whatever a supervisor has said of the time before.
_GONE_SINCE = (
    "{agent}.left_at,"
    " (SELECT max(g.starts_at) FROM staff_absence g WHERE g.agent_id = {agent}.id AND g.ends_at IS NULL)"
)

OWNER_AWAY = Rule(
    "owner_away",
    "Owner away without cover",
    "The owner is away or cannot sign in, and nobody who is there stands in.",
    "an owner is away or cannot sign in, and nobody who is there stands in",
    Nature.CONDITION,
    f"""
    SELECT c.id AS case_id, c.id AS subject, greatest(away.from_at, c.owned_since) AS began_at,
           least(away.until_at, c.closed_at) AS ended_at, NULL::bigint AS calendar_id, NULL::bigint AS act_of_id,
           left(away.words, 300) AS evidence
      FROM cases_case c JOIN staff_agent o ON o.id = c.owner_id
     CROSS JOIN LATERAL (
           SELECT greatest(a.starts_at, a.cover_since, {_GONE_SINCE.format(agent="v")}) AS from_at,
                  a.ends_at AS until_at, o.name || ' is away, nobody stands in' AS words
             FROM staff_absence a LEFT JOIN staff_agent v ON v.id = a.cover_id
            WHERE a.agent_id = o.id AND (v.id IS NULL OR NOT {_IS_THERE.format(agent="v")})
            UNION ALL
           SELECT greatest(a.starts_at, a.cover_since, b.starts_at), least(a.ends_at, b.ends_at),
                  o.name || ' is away, and so is ' || v.name || ', who stands in'
             FROM staff_absence a JOIN staff_agent v ON v.id = a.cover_id JOIN staff_absence b ON b.agent_id = v.id
            WHERE a.agent_id = o.id AND {_IS_THERE.format(agent="v")}
              AND b.starts_at < coalesce(a.ends_at, 'infinity') AND coalesce(b.ends_at, 'infinity') > a.starts_at
            UNION ALL
           SELECT greatest(o.left_at, o.last_login), NULL, o.name || ' cannot sign in, nobody stands in'
            WHERE NOT {_IS_THERE.format(agent="o")} AND NOT EXISTS (
                  SELECT 1 FROM staff_absence a
                   WHERE a.agent_id = o.id AND a.starts_at <= %(now)s AND coalesce(a.ends_at, 'infinity') > %(now)s)
            ) away
     WHERE NOT o.is_fallback AND {{rows}}
    """,
    weight=2,
    subject="cases_case c",
    standing="c.closed_at IS NULL",
    # Few people are away at a time; whose cases those are, an index says.
    fresh=f"""
        c.owner_id = ANY(ARRAY(
            SELECT a.agent_id FROM staff_absence a
             WHERE a.starts_at <= %(now)s AND coalesce(a.ends_at, 'infinity') > %(now)s
             UNION SELECT w.id FROM staff_agent w
             WHERE NOT {_IS_THERE.format(agent="w")} AND NOT w.is_fallback))
    """,
    recent="(c.closed_at IS NULL OR c.closed_at > %(since)s)",
    forgets="Who owned a case and who stood in at the time is not looked at: absences are laid over today’s owners and "
    "covers.",
)

# With these the ball is with the owner: an act of whoever speaks for the desk, or somebody else's part that has ended.
_BEGINS_ANEW = """
    e.kind IN ('opened', 'taken', 'handover_accepted', 'taken_over', 'handover_offered', 'handover_given_back',
               'message_to_customer', 'promise_made', 'promise_renegotiated', 'promise_moved', 'attempted', 'estimated',
               'subtask_asked', 'subtask_done', 'subtask_not_ours', 'subtask_dropped', 'subtask_not_reproduced',
               'resolution_proposed', 'customer_said_yes', 'customer_said_not_yet', 'customer_did_not_accept',
               'customer_withdrew', 'refused', 'looked_again', 'made_right', 'concession_asked', 'concession_granted',
               'concession_declined', 'concession_passed_on', 'joined_here', 'unjoined', 'unjoined_here', 'split_off',
               'closed', 'reopened', 'taken_back_in')
    OR e.agent_id = c.owner_id OR e.actor = 'log'
"""

OWNER_IDLE = Rule(
    "owner_idle",
    "Owner idle",
    "Something is owed to the customer, no department is at work and no customer is waited for, and the owner has done "
    "nothing.",
    "an owner has done nothing for {hours} business hours on a case on which a promise is owed and no department is at "
    "work",
    Nature.CONDITION,
    f"""
    SELECT c.id AS case_id, c.id AS subject, quiet.began_at, least(quiet.ended_at, c.closed_at) AS ended_at,
           c.calendar_id, NULL::bigint AS act_of_id, left(c.owner || ' owes: ' || owed.words, 300) AS evidence
      FROM (SELECT c.id, c.owner_id, c.closed_at, o.name AS owner, d.calendar_id
              FROM cases_case c JOIN staff_agent o ON o.id = c.owner_id
              JOIN staff_department d ON d.id = o.department_id
             WHERE NOT o.is_fallback AND {{rows}} OFFSET 0) c
     CROSS JOIN LATERAL (
           SELECT e.at AS began_at, lead(e.at) OVER (ORDER BY e.id) AS ended_at, e.kind, e.owner_id
             FROM cases_entry e WHERE e.case_id = c.id AND ({_BEGINS_ANEW})) quiet
     CROSS JOIN LATERAL (
           SELECT p.words FROM cases_promise p
            WHERE p.case_id = c.id AND p.made_at <= quiet.began_at
              AND (p.ended_at IS NULL OR p.ended_at > quiet.began_at
                   OR p.state = 'broken' AND (p.answered_at IS NULL OR p.answered_at > quiet.began_at))
            ORDER BY p.due_at, p.id LIMIT 1) owed
     WHERE quiet.kind <> 'closed'
       AND NOT (quiet.kind = 'opened' AND EXISTS (
                SELECT 1 FROM staff_agent n WHERE n.id = quiet.owner_id AND n.is_fallback))
       AND (SELECT count(*) FROM cases_subtask s
             WHERE s.case_id = c.id AND s.asked_at <= quiet.began_at
               AND (s.ended_at IS NULL OR s.ended_at > quiet.began_at)) = 0
    """,
    numbers=(business_hours(24, least=2, most=400),),
    patience="hours",
    subject="cases_case c",
    standing="c.closed_at IS NULL AND c.next_step = 'promise'",
    # The last act is nearly always a word to the customer, or taking the case.
    fresh="""
        (c.we_wrote_at > %(since)s AND c.we_wrote_at <= %(until)s
         OR c.we_wrote_at IS NULL AND c.owned_since > %(since)s AND c.owned_since <= %(until)s)
    """,
    recent="(c.closed_at IS NULL OR c.closed_at > %(since)s)",
)

NOT_MADE_SURE = Rule(
    "not_made_sure",
    "“I make sure” not done",
    "Whoever took a call made sure that the owner would be in touch, and nobody has been.",
    "somebody who took a call made sure that the owner is in touch, and nobody has been for {hours} business hours",
    Nature.CONDITION,
    """
    SELECT c.id AS case_id, m.id AS subject, m.made_at AS began_at, least(m.ended_at, c.closed_at) AS ended_at,
           d.calendar_id, m.agent_id AS act_of_id, left(w.name || ' makes sure: ' || call.body, 300) AS evidence
      FROM cases_assurance m JOIN cases_case c ON c.id = m.case_id JOIN staff_agent w ON w.id = m.agent_id
      JOIN cases_message call ON call.id = m.call_id
      JOIN staff_agent o ON o.id = c.owner_id JOIN staff_department d ON d.id = o.department_id
     WHERE {rows}
    """,
    tells=("owner", "cover", "supervisors"),
    numbers=(business_hours(4),),
    patience="hours",
    subject="cases_assurance m",
    standing="m.ended_at IS NULL",
    fresh="m.made_at > %(since)s AND m.made_at <= %(until)s",
    recent="(m.ended_at IS NULL OR m.ended_at > %(since)s)",
)

RULES = (HANDOVER_NOT_ACCEPTED, OWNER_AWAY, OWNER_IDLE, NOT_MADE_SURE)
