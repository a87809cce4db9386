"""Questions that pages ask every time, put into SQL once: from agent to agent only the values change.

Building a statement from querysets takes longer than PostgreSQL takes to answer it. So it is built for an agent who
does not exist, kept, and asked with the ids of the one who looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, wraps

from django.db import connection
from django.db.models import QuerySet

from staff.models import Agent
from supportdesk import clock
from supportdesk.statements import built_once

# In the place of which the agent's own values are put; no row has them.
_AGENT, _DEPARTMENT = -7_301_001, -7_301_002
_INSTANT, _NOW = datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)

# For an agent and an instant: each question by name.
Questions = Callable[[Agent, datetime], dict[str, QuerySet]]


def built_once_for_agents(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """``supportdesk.statements.built_once`` for what depends on who is asking: the first argument is the agent.

    Args:
        build: of the agent it gets the id and the department's, and whether they supervise and are active; that, and
            the present instant, it may put into the queryset.
    """

    @built_once
    def read(pk: int, department: int, is_supervisor: bool, is_active: bool, now: datetime, *values):
        agent = Agent(pk=pk, department_id=department, is_supervisor=is_supervisor, is_active=is_active)
        with clock.at(now):
            return build(agent, *values)

    @wraps(build)
    def read_by(agent: Agent, *values) -> list:
        return read(agent.pk, agent.department_id, agent.is_supervisor, agent.is_active, clock.now(), *values)

    return read_by


def ask(form: str, questions: Questions, agent: Agent, instant: datetime) -> dict[str, int | bool]:
    """Ask all of them in one statement.

    Args:
        form: what is asked of each, such as ``EXISTS ({})``.
        questions: a function of a module; what it gives may depend on who the agent is, and on nothing else.
        agent: who is asking.
        instant: aware datetime that the questions speak of.

    Returns:
        the answer to each, by name.
    """
    names, statement, given = _prepared(form, questions, agent.is_supervisor)
    own = {_AGENT: agent.pk, _DEPARTMENT: agent.department_id, _INSTANT: instant, _NOW: clock.now()}
    return _answers(names, statement, [own.get(value, value) for value in given])


def ask_anew(form: str, found: dict[str, QuerySet]) -> dict[str, int | bool]:
    """The same for questions that few agents ever ask."""
    return _answers(*_put(form, found))


@lru_cache(maxsize=64)
def _prepared(form: str, questions: Questions, is_supervisor: bool) -> tuple[Sequence[str], str, Sequence]:
    nobody = Agent(pk=_AGENT, department_id=_DEPARTMENT, is_supervisor=is_supervisor, is_active=True)
    with clock.at(_NOW):  # what is asked about now is asked about whatever is now then
        return _put(form, questions(nobody, _INSTANT))


def _put(form: str, found: dict[str, QuerySet]) -> tuple[Sequence[str], str, Sequence]:
    asked, given = [], []
    for rows in found.values():
        statement, values = rows.query.sql_with_params()
        asked.append(form.format(statement))
        given += values
    return tuple(found), f"SELECT {', '.join(asked)}", tuple(given)


def _answers(names: Sequence[str], statement: str, values: Sequence) -> dict[str, int | bool]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(zip(names, cursor.fetchone(), strict=True))
