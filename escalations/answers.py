"""Whether somebody has answered what stands in the queue: a question to the timeline, so that it holds for every door.

Whatever a supervisor does on the case counts, or who is named above them: a note, a word to the customer, a settled
flag, a new date. It counts only from the instant at which an answer was waited for, and never from who owned the case
then or stood in for the owner, nor from whose own act is in question (design rule 14). On the last rung only its own
person's act counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import CharField, DateTimeField, F
from django.db.models.expressions import RawSQL

from escalations.models import Escalation
from staff.models import Company

# Of so many that the clock has not asked yet, one at least is taken to wait.
LOOKED_AT = 4

# The first answer to the stay `s`; `last` and `head` are ids of people, or null.
_FIRST_ANSWER = """
SELECT e.at, e.agent_id, a.name
  FROM cases_entry e JOIN staff_agent a ON a.id = e.agent_id
 WHERE e.case_id = {stay}.case_id AND e.actor = 'agent' AND e.at >= {stay}.raised_at
   AND (a.id = %(last)s OR {stay}.rung < 3 AND (a.is_supervisor OR a.id = %(head)s))
   AND NOT EXISTS (SELECT 1 FROM escalations_flag f
                    WHERE f.case_id = e.case_id AND f.settled_at IS NULL AND f.act_of_id = a.id
                      AND f.raised_at <= e.at)
   AND NOT EXISTS (SELECT 1 FROM (SELECT o.owner_id FROM cases_entry o
                                   WHERE o.case_id = e.case_id AND o.owner_id IS NOT NULL AND o.id < e.id
                                   ORDER BY o.id DESC LIMIT 1) owned
                    WHERE owned.owner_id = a.id
                       OR EXISTS (SELECT 1 FROM staff_absence s
                                   WHERE s.agent_id = owned.owner_id AND s.cover_id = a.id AND s.starts_at <= e.at
                                     AND (s.ends_at IS NULL OR s.ends_at > e.at)))
 ORDER BY e.id LIMIT 1
"""

_WRITE = f"""
UPDATE escalations_escalation s SET answered_at = found.at, answered_by_id = found.agent_id
  FROM (SELECT stay.id, answer.* FROM escalations_escalation stay
          CROSS JOIN LATERAL ({_FIRST_ANSWER.format(stay="stay")}) answer
         WHERE stay.id = ANY(%(stays)s) AND stay.answered_at IS NULL AND stay.ended_at IS NULL) found
 WHERE s.id = found.id
RETURNING s.id, s.answered_at, s.answered_by_id
"""


def write_down(stays: Sequence[int], company: Company) -> dict[int, tuple[datetime, int]]:
    """Write the answers of these stays (ids, locked) beside them.

    Returns:
        of those that have one now and had none: when, and the id of the agent.
    """
    if not stays:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"stays": list(stays), **_people(company)})
        return {pk: (at, agent) for pk, at, agent in cursor.fetchall()}


def with_answers(stays, company: Company):
    """The stays, each with ``answered`` and ``answerer``: when and by whom (name) as of now; None: by nobody."""
    return stays.annotate(answered=_answered("at", company), answerer=_answered("name", company))


@dataclass(frozen=True)
class Waiting:
    """How many stays wait for an answer, counted up to a limit, and since when the longest has.

    ``since`` is None where nothing waits, or where there is more than was counted.
    """

    count: int
    since: datetime | None


def waiting(stays, company: Company, most: int) -> Waiting:
    """What of these stays waits for an answer, counted as far as ``most``.

    It begins with what goes higher first, by an index, and looks at so many that it can have counted enough.
    """
    looked_at = LOOKED_AT * (most + 1)
    open_ones = stays.filter(answered_at=None).order_by(F("answer_by").asc(nulls_last=True))
    found = list(open_ones.annotate(answered=_answered("at", company)).values_list("raised_at", "answered")[:looked_at])
    since = [raised_at for raised_at, answered in found if answered is None]
    if len(since) > most or len(found) == looked_at:
        return Waiting(most + 1, None)
    return Waiting(len(since), min(since, default=None))


# What was written of a stay's answer, by the column of what the timeline says.
_WRITTEN = {
    "at": "{stay}.answered_at",
    "name": "(SELECT written.name FROM staff_agent written WHERE written.id = {stay}.answered_by_id)",
}


def _answered(column: str, company: Company) -> RawSQL:
    """One column of the first answer: as it was written; else as the timeline says now."""
    stay, people = Escalation._meta.db_table, _people(company)
    asked = _FIRST_ANSWER.format(stay=stay) % dict.fromkeys(people, "%s")
    sql = f"coalesce({_WRITTEN[column].format(stay=stay)}, (SELECT answer.{column} FROM ({asked}) answer))"
    return RawSQL(
        sql, [people["last"], people["head"]], output_field=CharField() if column == "name" else DateTimeField()
    )


def _people(company: Company) -> dict[str, int | None]:
    return {"last": company.ombudsperson_id, "head": company.head_id}
