"""The roll-up of a case in one query: its parts by department and state, its next promise, what stands in the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from cases.models import Case, Subtask
from supportdesk.errors import Hindrance

_STATES = dict(Subtask.State.choices)


@dataclass(frozen=True)
class OpenPart:
    """One open sub-task as the roll-up sees it."""

    pk: int
    department: str
    state: str
    ask: str


@dataclass(frozen=True)
class RollUp:
    """What a case hangs on at this moment.

    Attributes:
        parts: ``{department: {state: how many}}`` of all sub-tasks, ended ones too.
        open_parts: the open ones, oldest first.
        next_words, next_due_at: the next promise owed, or None (ISO 8601 with zone).
        hindrances: what stands in the way of closing; empty: nothing.
    """

    parts: dict[str, dict[str, int]]
    open_parts: tuple[OpenPart, ...]
    next_words: str | None
    next_due_at: str | None
    hindrances: tuple[Hindrance, ...]


_ROLL_UP = """
SELECT (SELECT coalesce(jsonb_object_agg(department, states), '{}') FROM (
            SELECT d.name AS department, jsonb_object_agg(n.state, n.parts) AS states
              FROM (SELECT department_id, state, count(*) AS parts FROM cases_subtask
                     WHERE case_id = c.id GROUP BY department_id, state) n
              JOIN staff_department d ON d.id = n.department_id GROUP BY d.name) by_department),
       (SELECT coalesce(jsonb_agg(jsonb_build_object('pk', s.id, 'department', d.name, 'state', s.state, 'ask', s.ask)
                                  ORDER BY s.id), '[]')
          FROM cases_subtask s JOIN staff_department d ON d.id = s.department_id
         WHERE s.case_id = c.id AND s.ended_at IS NULL),
       p.words, p.due_at, c.yes_at IS NOT NULL OR c.withdrawn_at IS NOT NULL, c.closed_at IS NOT NULL
  FROM cases_case c LEFT JOIN cases_promise p ON p.id = c.next_promise_id
 WHERE c.id = %s
"""


def roll_up(case: Case) -> RollUp:
    """The roll-up of one case, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, [case.pk])
        parts, open_parts, words, due_at, said_so, closed = cursor.fetchone()
    open_parts = tuple(OpenPart(**part) for part in _decoded(open_parts))
    return RollUp(
        parts=_decoded(parts),
        open_parts=open_parts,
        next_words=words,
        next_due_at=due_at.isoformat() if due_at else None,
        hindrances=() if closed else hindrances_of(case, open_parts, said_so),
    )


def standing_in_the_way(case: Case) -> tuple[Hindrance, ...]:
    """What stands in the way of closing."""
    return roll_up(case).hindrances


def parts_in_the_way(case: Case) -> tuple[Hindrance, ...]:
    """The open sub-tasks alone: what stands in the way of a closing that needs no yes."""
    return tuple(found for found in standing_in_the_way(case) if found.code == "open_subtask")


def hindrances_of(case: Case, open_parts: Sequence[OpenPart], said_so: bool) -> tuple[Hindrance, ...]:
    """What stands in the way of closing, from what has been read already.

    Args:
        said_so: the customer has said that it is over, or that they no longer need it.
    """
    found = [
        Hindrance(
            "open_subtask",
            f"{part.department} has not finished ({_STATES[part.state]}): {part.ask}",
            f"subtask-{part.pk}",
        )
        for part in open_parts
    ]
    if not said_so:
        name = case.customer.first_name
        sentence = f"{name} has not answered yet." if case.awaits_answer else f"{name} has not said that it is over."
        found.append(Hindrance("no_yes", sentence, "propose"))
    return tuple(found)


def _decoded(value):
    """Raw cursors hand jsonb over as text."""
    return json.loads(value) if isinstance(value, str) else value
