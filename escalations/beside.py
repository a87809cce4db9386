"""What stands beside the queue: four short groups in one statement, none of which counts what it does not show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from cases.lists import Section
from cases.models import Case
from staff.businesstime import business_time_between
from staff.models import Company

MOST = 10


@dataclass(frozen=True)
class Row:
    """One case beside the queue.

    Attributes:
        due_at: what its right edge shows; aware datetime.
        words: why it is there, or what it is about.
        until: of somebody who is away, until when; None: nobody knows.
    """

    name: str
    url: str
    due_at: datetime
    words: str
    away: str = ""
    until: datetime | None = None


class Group(Section):
    """A group as it is shown: at most ten rows, and whether there are more."""

    @property
    def words(self) -> str:
        """What the empty queue says of the next hours."""
        return f"{self.count} will be due within 4 hours." if self.rows else "Nothing will be due within 4 hours."


@dataclass(frozen=True)
class Beside:
    """The groups: what will be in the queue soon, what nobody has taken, whose owner is away without cover, silence."""

    soon: Group
    untaken: Group
    uncovered: Group
    unconfirmed: Group


def beside(agent, company: Company, now: datetime) -> Beside:
    """The four groups for who looks after the desk."""
    given = {
        "now": now,
        "soon": now + settings.SOON_ESCALATED_WITHIN,
        "most": MOST + 1,
        # Enough to have ten cases where one has several things due.
        "due": 5 * (MOST + 1),
        "all": agent.is_supervisor or getattr(agent, "named_above", False),
    }
    found: dict[str, list[tuple]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, given)
        for which, *row in cursor.fetchall():
            found[which].append(tuple(row))
    untaken = [row for row in found["untaken"] if _too_long(row[-1], company, now)]
    return Beside(*(_group(rows) for rows in (found["soon"], untaken, found["uncovered"], found["unconfirmed"])))


def _too_long(since: datetime, company: Company, now: datetime) -> bool:
    return business_time_between(since, now, company.hours_of_supervisors) >= settings.UP_FOR_TAKING_AT_MOST


def _group(found: list[tuple]) -> Group:
    rows = [
        Row(name, Case(pk=pk).get_absolute_url(), due_at, words, away, until)
        for pk, name, due_at, words, away, until, _since in found[:MOST]
    ]
    return Group(rows, len(found) > MOST)


_SEEN = "(%(all)s OR c.confidential_since IS NULL)"

_BESIDE = f"""
(SELECT 'soon', first.* FROM (
    SELECT DISTINCT ON (due.case_id) c.id, u.name, due.due_at, due.words, '' AS away, NULL::timestamptz AS until,
           NULL::timestamptz AS since
      FROM ((SELECT p.case_id, p.due_at, p.words FROM cases_promise p
              WHERE p.state = 'open' AND p.due_at > %(now)s AND p.due_at <= %(soon)s
              ORDER BY p.due_at LIMIT %(due)s)
            UNION ALL
            (SELECT s.case_id, s.committed_at, d.name || ': ' || left(s.ask, 80)
               FROM cases_subtask s JOIN staff_department d ON d.id = s.department_id
              WHERE s.ended_at IS NULL AND s.committed_at > %(now)s AND s.committed_at <= %(soon)s
              ORDER BY s.committed_at LIMIT %(due)s)
            UNION ALL
            (SELECT k.case_id, k.due_at, 'answer a complaint' FROM cases_complaint k
              WHERE k.answered_at IS NULL AND k.due_at > %(now)s AND k.due_at <= %(soon)s
              ORDER BY k.due_at LIMIT %(due)s)) due
      JOIN cases_case c ON c.id = due.case_id JOIN customers_customer u ON u.id = c.customer_id
     WHERE c.outcome <> 'not_a_case' AND {_SEEN}
       AND NOT EXISTS (SELECT 1 FROM escalations_escalation e WHERE e.case_id = c.id AND e.ended_at IS NULL)
     ORDER BY due.case_id, due.due_at) first
  ORDER BY first.due_at, first.id LIMIT %(most)s)
UNION ALL
(SELECT 'untaken', c.id, u.name, c.next_due_at, c.subject, '', NULL, c.owned_since
   FROM cases_case c JOIN staff_agent o ON o.id = c.owner_id JOIN customers_customer u ON u.id = c.customer_id
  WHERE o.is_fallback AND c.closed_at IS NULL AND {_SEEN}
  ORDER BY c.owned_since, c.id LIMIT %(most)s)
UNION ALL
(SELECT 'uncovered', c.id, u.name, c.next_due_at, '', o.name, s.ends_at, NULL
   FROM staff_absence s JOIN staff_agent o ON o.id = s.agent_id
   JOIN cases_case c ON c.owner_id = o.id JOIN customers_customer u ON u.id = c.customer_id
  WHERE s.starts_at <= %(now)s AND (s.ends_at IS NULL OR s.ends_at > %(now)s) AND c.closed_at IS NULL AND {_SEEN}
    AND (s.cover_id IS NULL OR EXISTS (
            SELECT 1 FROM staff_absence too WHERE too.agent_id = s.cover_id AND too.starts_at <= %(now)s
               AND (too.ends_at IS NULL OR too.ends_at > %(now)s)))
  ORDER BY c.next_due_at, c.id LIMIT %(most)s)
UNION ALL
(SELECT 'unconfirmed', c.id, u.name, c.next_due_at, c.subject, '', NULL, NULL
   FROM cases_case c JOIN customers_customer u ON u.id = c.customer_id
  WHERE c.state = 'unconfirmed' AND {_SEEN}
  ORDER BY c.next_due_at, c.id LIMIT %(most)s)
"""
