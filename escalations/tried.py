"""What has been tried on a case, in at most three short lines: one bounded query for a whole page of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from cases.models import Attempt
from cases.models.timeline import Kind

LINES = 3
# So many of a case's latest tries are looked at; what lies further back is not told as a number.
LOOKED_AT = 20

_TRIED = """
SELECT here.case_id, e.id, e.kind, e.at, (e.data->>'from')::timestamptz, (e.data->>'to')::timestamptz,
       a.name AS who, d.name AS department, t.how, r.name AS receiver, m.channel
  FROM unnest(%(cases)s::bigint[]) AS here (case_id)
 CROSS JOIN LATERAL (SELECT * FROM cases_entry e WHERE e.case_id = here.case_id AND e.kind = ANY(%(kinds)s)
                      ORDER BY e.id DESC LIMIT %(most)s) e
  LEFT JOIN staff_agent a ON a.id = e.agent_id
  LEFT JOIN cases_subtask s ON s.id = e.subtask_id
  LEFT JOIN staff_department d ON d.id = s.department_id
  LEFT JOIN cases_attempt t ON t.id = e.attempt_id
  LEFT JOIN cases_handover h ON h.id = e.handover_id
  LEFT JOIN staff_agent r ON r.id = h.to_agent_id
  LEFT JOIN cases_message m ON m.id = e.message_id
 ORDER BY here.case_id, e.id
"""


@dataclass(frozen=True)
class Try:
    """One line: "Mia tried to call twice, last Mon 10:03 (voice mail)".

    Attributes:
        words: up to the time; ``was`` and ``at`` are dates where one was moved, else ``at`` is when it happened last.
        after: what follows the time.
    """

    words: str
    at: datetime
    was: datetime | None = None
    after: str = ""


@dataclass(frozen=True)
class _Step:
    """One entry of the timeline that was a try."""

    number: int
    kind: str
    at: datetime
    moved_from: datetime | str
    moved_to: datetime | str
    who: str
    department: str
    how: str
    receiver: str
    channel: str

    @property
    def line(self) -> tuple[str, str]:
        """What is told in one line: the same act of the same person or department."""
        if self.kind == Kind.MESSAGE_TO_CUSTOMER:
            return (f"{self.kind} {self.channel}", self.who)
        return (self.kind, self.department or self.receiver or self.who)


def tried_on(customers: dict[int, str]) -> dict[int, tuple[Try, ...]]:
    """By case, what was tried, the latest three kinds of it in their order.

    Args:
        customers: by id of the case, the customer's first name.
    """
    steps: dict[int, list[_Step]] = defaultdict(list)
    if customers:
        with connection.cursor() as cursor:
            cursor.execute(_TRIED, {"cases": list(customers), "kinds": list(_WORDS), "most": LOOKED_AT})
            for case, *step in cursor.fetchall():
                steps[case].append(_Step(*(value if value is not None else "" for value in step)))
    return {case: tuple(_lines(steps[case], customer)) for case, customer in customers.items()}


def _lines(steps: list[_Step], customer: str) -> Iterable[Try]:
    together: dict[tuple[str, str], list[_Step]] = defaultdict(list)
    for step in steps:
        together[step.line].append(step)
    latest = sorted(together.values(), key=lambda same: same[-1].number)[-LINES:]
    return (_line(same, customer, whole=len(steps) < LOOKED_AT) for same in latest)


def _line(same: list[_Step], customer: str, *, whole: bool) -> Try:
    last = same[-1]
    words = _WORDS[last.kind](last, customer)
    if last.kind == Kind.SUBTASK_DATE_MOVED:
        return Try(words + _often(len(same), whole, ""), last.moved_to, same[0].moved_from)
    after = f" ({Attempt.How(last.how).label})" if last.how else ""
    return Try(words + _often(len(same), whole, ", last"), last.at, after=after)


def _often(times: int, whole: bool, last: str) -> str:
    if times == 1:
        return ""
    return f" {'several times' if not whole else 'twice' if times == 2 else f'{times} times'}{last}"


def _first(name: str) -> str:
    return name.split()[0] if name else "The desk"


def _said(step: _Step, customer: str) -> str:
    return f"{_first(step.who)} {'spoke with' if step.channel == 'phone' else 'wrote to'} {customer}"


_WORDS = {
    Kind.MESSAGE_TO_CUSTOMER.value: _said,
    Kind.ATTEMPTED.value: lambda step, customer: f"{_first(step.who)} tried to call {customer}",
    Kind.SUBTASK_ASKED.value: lambda step, customer: f"{step.department} was asked",
    Kind.SUBTASK_DATE_MOVED.value: lambda step, customer: f"{step.department}’s date was moved",
    Kind.HANDOVER_OFFERED.value: lambda step, customer: f"It was offered to {step.receiver}",
    Kind.HANDOVER_GIVEN_BACK.value: lambda step, customer: f"{step.receiver} gave it back",
    Kind.SOMEONE_ELSE_ANSWERED.value: lambda step, customer: f"{_first(step.who)} answered {customer} as someone else",
    Kind.NOTE_TO_OWNER.value: lambda step, customer: f"{_first(step.who)} left the owner a note",
}
