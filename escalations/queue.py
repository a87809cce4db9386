"""The supervisors' queue: which cases stand in it, on which rung, and its own clock.

A stay begins with the first standing flag of a case and ends when none stands. What nobody has answered in time goes
one rung higher, as far as people are named: the supervisors, the head, the last rung.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from cases import timeline
from escalations import answers
from escalations.models import Escalation, Unreckoned
from escalations.rules import RULES, SOMEONE_ELSE
from staff.businesstime import add_business_time
from staff.models import Agent, Company
from supportdesk.disk import patient_transaction

log = logging.getLogger(__name__)

BATCH = 1_000
SUPERVISORS, HEAD, LAST = Escalation.Rung
# What may change of a stay.
CHANGES = ("since", "points", "rung", "raised_at", "answer_by", "answered_at", "answered_by_id", "ended_at")


def keep(now: datetime, *, cases: Sequence[int] | None = None, leave_out: str = "") -> int:
    """Bring the queue up to date: the set form, in batches. Doing it twice changes nothing.

    Args:
        now: aware datetime.
        cases: only these cases; with what is joined into each.
        leave_out: not the cases whose origin begins so.

    Returns:
        how many cases it has newly reckoned with, and how many stays went higher.
    """
    company = Company.objects.the()
    scope = {"cases": cases, "leave_out": leave_out, "batch": BATCH}
    return _reckon(now, company, scope) + _let_go_higher(now, company, scope)


def reckon_anew(cases: Collection[int]) -> None:
    """What stands on these cases (ids), or where their numbers lead, has changed: ``keep`` looks at them again."""
    Unreckoned.objects.bulk_create([Unreckoned(case_id=case) for case in sorted(cases)], ignore_conflicts=True)


@dataclass(frozen=True)
class Rungs:
    """Who stands where, and how long each may take."""

    company: Company
    now: datetime

    @cached_property
    def people(self) -> dict[int, Agent]:
        """Who is named above the supervisors, by rung."""
        named = {HEAD: self.company.head, LAST: self.company.ombudsperson}
        return {rung: agent for rung, agent in named.items() if agent and agent.is_active and agent.can_sign_in}

    def above(self, rung: int, about: Collection[int]) -> int | None:
        """The next rung that somebody stands on whom it is not about (ids); None: there is none."""
        return next((up for up, agent in self.people.items() if up > rung and agent.pk not in about), None)

    def first(self, standing: Standing) -> int:
        """Where a stay begins: with the supervisors, one rung higher where one of them owns it, or with the last."""
        if standing.did_not_help:
            able = (rung for rung, agent in self.people.items() if agent.pk not in standing.about)
            return max(able, default=SUPERVISORS)
        owns_above = any(agent.pk == standing.owner_id for agent in self.people.values())
        if standing.supervises or owns_above:
            return self.above(SUPERVISORS, standing.about) or SUPERVISORS
        return SUPERVISORS

    def answer_by(self, rung: int) -> datetime | None:
        """By when somebody of this rung has to answer; the last one has no other above it."""
        if rung == LAST:
            return None
        within = settings.SUPERVISORS_ANSWER_WITHIN
        try:
            return add_business_time(self.now, within, self.company.hours_of_supervisors)
        except ValueError:
            log.exception("The supervisors' calendar gives no time: every hour counts.")
            return self.now + within


class Standing(NamedTuple):
    """What the flags of one case say, those of cases joined into it among them.

    Attributes:
        since: when the first of them became true, None: none stands.
        newest: when the last of them was raised.
        did_not_help: an answer by someone else has not helped.
        acts_of: ids of those whose acts are in question.
        stays: it stands in the queue already.
    """

    case_id: int
    owner_id: int
    supervises: bool = False
    origin: str = ""
    since: datetime | None = None
    points: int = 0
    newest: datetime | None = None
    did_not_help: bool = False
    acts_of: tuple[int, ...] = ()
    stays: bool = False

    @property
    def about(self) -> set[int]:
        """Whom it is about (ids): nobody judges their own, on whatever rung."""
        return {self.owner_id, *self.acts_of}


# -- stays begin, change and end ---------------------------------------------------------------------------------------


def _reckon(now: datetime, company: Company, scope: dict) -> int:
    rungs, total = Rungs(company, now), 0
    while True:
        with patient_transaction():
            claimed = _claim(scope)
            if claimed:
                _bring_up_to_date(claimed, rungs)
        total += len(claimed)
        if len(claimed) < BATCH:
            return total


def _claim(scope: dict) -> list[int]:
    """The cases whose flags have changed since the last look, claimed so that nobody else does the same."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, scope)
        return [case for (case,) in cursor.fetchall()]


def _bring_up_to_date(cases: Sequence[int], rungs: Rungs) -> None:
    found = {standing.case_id: standing for standing in _standing(cases)}
    in_queue = [pk for pk, standing in found.items() if standing.stays]
    stays = list(Escalation.objects.standing().filter(case__in=in_queue).select_for_update(of=("self",)).order_by("pk"))
    _write_answers(stays, found, rungs.company)
    went = []
    for stay in stays:
        standing, was = found.pop(stay.case_id), stay.rung
        _change(stay, standing, rungs)
        if stay.rung > was:
            went.append((standing, stay.rung))
    _in_one_statement(_CHANGE, rungs.now, [tuple(getattr(stay, name) for name in ("pk", *CHANGES)) for stay in stays])
    went += _begin([standing for standing in found.values() if standing.since], rungs)
    _tell(went, rungs)


def _write_answers(stays: Sequence[Escalation], found: dict[int, Standing], company: Company) -> None:
    """Was there an answer before what has been raised since? Only then is another one waited for."""
    asked = [stay for stay in stays if stay.answered_at is None and _is_newer(found[stay.case_id], stay.raised_at)]
    answered = answers.write_down([stay.pk for stay in asked], company)
    for stay in asked:
        if stay.pk in answered:
            stay.answered_at, stay.answered_by_id = answered[stay.pk]


def _change(stay: Escalation, standing: Standing, rungs: Rungs) -> None:
    """What the flags say now, on a locked stay; the caller saves it."""
    if standing.since is None:
        stay.ended_at = rungs.now
        return
    stay.points, stay.since = standing.points, min(stay.since, standing.since)
    first = rungs.first(standing)
    goes_up = standing.did_not_help and first > stay.rung
    if goes_up or (stay.answered_at is not None and _is_newer(standing, stay.answered_at)):
        stay.rung = max(stay.rung, first)
        stay.raised_at, stay.answer_by = rungs.now, rungs.answer_by(stay.rung)
        stay.answered_at = stay.answered_by_id = None


def _begin(found: Sequence[Standing], rungs: Rungs) -> list[tuple[Standing, int]]:
    """Begin a stay of each; which begin above the supervisors, and where."""
    new = {standing.case_id: standing for standing in sorted(found, key=lambda standing: standing.case_id)}
    first = {pk: rungs.first(each) for pk, each in new.items()}
    by = {rung: rungs.answer_by(rung) for rung in set(first.values())}
    rows = [(pk, each.since, each.points, first[pk], by[first[pk]]) for pk, each in new.items()]
    begun = _in_one_statement(_BEGIN, rungs.now, rows)
    return [(new[pk], first[pk]) for pk in begun if first[pk] > SUPERVISORS]


def _in_one_statement(statement: str, now: datetime, rows: Sequence[tuple]) -> list[int]:
    """Run it with the rows as columns; the ids that it returns."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [now, *(list(column) for column in zip(*rows, strict=True))])
        return [pk for (pk,) in cursor.fetchall()]


def _is_newer(standing: Standing, instant: datetime) -> bool:
    return standing.newest is not None and standing.newest > instant


def _standing(cases: Sequence[int]) -> Iterator[Standing]:
    """What stands on these cases, on the ones into which they were joined, and on all that were joined into those."""
    weights = {rule.name: rule.weight for rule in RULES}
    given = {"cases": list(cases), "weights": json.dumps(weights), "someone_else": list(SOMEONE_ELSE)}
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, given)
        for row in cursor.fetchall():
            yield Standing(*row)


# -- its clock ---------------------------------------------------------------------------------------------------------


def _let_go_higher(now: datetime, company: Company, scope: dict) -> int:
    rungs, total = Rungs(company, now), 0
    if not rungs.people:
        return 0
    while True:
        with transaction.atomic():
            due = _due(now, scope | {"highest": max(rungs.people)})
            answered = answers.write_down([pk for pk, *_ in due], company)
            total += _raise([row for row in due if row[0] not in answered], rungs)
        if len(due) < BATCH:
            return total


def _due(now: datetime, scope: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, **scope})
        return cursor.fetchall()


def _raise(due: Sequence[tuple], rungs: Rungs) -> int:
    """Each one rung higher; where nobody stands there who does not own it, its clock stops."""
    rows, went = [], []
    for pk, rung, case_id, owner_id, origin, acts_of in due:
        standing = Standing(case_id, owner_id, origin=origin, acts_of=acts_of)
        above = rungs.above(rung, standing.about)
        rows.append((pk, above or rung, rungs.answer_by(above) if above else None))
        if above:
            went.append((standing, above))
    _in_one_statement(_RAISE, rungs.now, rows)
    _tell(went, rungs, "unanswered")
    return len(went)


def _tell(went: Sequence[tuple[Standing, int]], rungs: Rungs, why: str = "") -> None:
    """Write into each timeline who looks at it now."""
    rows = []
    for standing, rung in went:
        agent = rungs.people[rung]
        because = why or ("did_not_help" if standing.did_not_help else "supervisors_own")
        rows.append((standing.case_id, agent.name, agent.pk, rung, because, standing.origin))
    if _in_one_statement(_WENT_HIGHER, rungs.now, rows):
        timeline.ring_on_commit()


# To stand beside whatever raises or settles flags; `{rows}` tells their cases.
RECKON_ANEW = """
INSERT INTO escalations_unreckoned (case_id) SELECT DISTINCT case_id FROM {rows} ON CONFLICT DO NOTHING
"""

# Whoever raises or settles a flag holds its case, so the case alone is locked; what another has reckoned with since
# this statement began is left out at the end.
_CLAIM = """
WITH anew AS (
    SELECT u.case_id FROM escalations_unreckoned u JOIN cases_case k ON k.id = u.case_id
     WHERE (%(cases)s::bigint[] IS NULL OR u.case_id = ANY(%(cases)s::bigint[]))
       AND (%(leave_out)s = '' OR NOT starts_with(k.origin, %(leave_out)s))
     ORDER BY u.case_id LIMIT %(batch)s FOR NO KEY UPDATE OF k SKIP LOCKED
)
DELETE FROM escalations_unreckoned WHERE case_id = ANY(ARRAY(SELECT case_id FROM anew))
RETURNING case_id
"""

# All numbers lead to one: the flags of a joined case stand in the stay of the one that goes on. The planner cannot know
# how few cases are joined, and would read whole tables for them: `OFFSET 0` and the arrays keep it to the indexes. What
# stands is asked for as not settled in any way, so that it takes the index of the case and not the one of all that
# stands.
_STANDING = """
WITH RECURSIVE up AS (
    SELECT id, joined_into_id FROM cases_case WHERE id = ANY(%(cases)s)
     UNION SELECT k.id, k.joined_into_id FROM up
             CROSS JOIN LATERAL (SELECT k.* FROM cases_case k WHERE k.id = up.joined_into_id OFFSET 0) k
), family AS (
    SELECT id AS root, id FROM up WHERE joined_into_id IS NULL
     UNION ALL SELECT family.root, k.id FROM family
                CROSS JOIN LATERAL (SELECT k.id FROM cases_case k WHERE k.joined_into_id = family.id OFFSET 0) k
), told AS (
    SELECT family.root, min(f.became_true_at) AS since,
           sum(coalesce((%(weights)s::jsonb->>f.rule)::int, 1)) AS points, max(f.raised_at) AS newest,
           bool_or(f.rule = ANY(%(someone_else)s) AND EXISTS (
               SELECT 1 FROM cases_appeal a
                WHERE a.case_id = f.case_id AND a.helped IS FALSE AND a.helped_at = f.became_true_at)) AS did_not_help,
           array_agg(DISTINCT f.act_of_id) FILTER (WHERE f.act_of_id IS NOT NULL) AS acts_of
      FROM family JOIN escalations_flag f ON f.case_id = family.id
     WHERE f.case_id = ANY(ARRAY(SELECT id FROM family)) AND f.settled = ''
     GROUP BY family.root
)
SELECT k.id, k.owner_id, o.is_supervisor, k.origin, told.since, coalesce(told.points, 0)::int, told.newest,
       coalesce(told.did_not_help, false), coalesce(told.acts_of, '{}'),
       EXISTS (SELECT 1 FROM escalations_escalation s WHERE s.case_id = k.id AND s.ended_at IS NULL)
  FROM cases_case k JOIN staff_agent o ON o.id = k.owner_id LEFT JOIN told ON told.root = k.id
 WHERE k.id = ANY(ARRAY(SELECT id FROM up UNION SELECT id FROM family))
"""

# A case that a verb holds waits for the next sweep: what the verb does may be the very answer.
_DUE = """
SELECT s.id, s.rung, s.case_id, k.owner_id, k.origin,
       ARRAY(SELECT f.act_of_id FROM escalations_flag f
              WHERE f.case_id = k.id AND f.settled_at IS NULL AND f.act_of_id IS NOT NULL)
  FROM escalations_escalation s JOIN cases_case k ON k.id = s.case_id
 WHERE s.ended_at IS NULL AND s.answered_at IS NULL AND s.answer_by <= %(now)s AND s.rung < %(highest)s
   AND (%(cases)s::bigint[] IS NULL OR s.case_id = ANY(%(cases)s::bigint[]))
   AND (%(leave_out)s = '' OR NOT starts_with(k.origin, %(leave_out)s))
 ORDER BY s.answer_by LIMIT %(batch)s FOR NO KEY UPDATE OF s, k SKIP LOCKED
"""

_BEGIN = """
WITH new AS (SELECT %s::timestamptz AS now)
INSERT INTO escalations_escalation (case_id, since, raised_at, points, rung, answer_by)
SELECT begun.case_id, begun.since, new.now, begun.points, begun.rung, begun.answer_by
  FROM new, unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::int[], %s::timestamptz[])
       AS begun (case_id, since, points, rung, answer_by)
 ORDER BY begun.case_id
    ON CONFLICT (case_id) WHERE ended_at IS NULL DO NOTHING
RETURNING case_id
"""

# Nothing is written where nothing has changed.
_CHANGE = """
WITH new AS (SELECT %s::timestamptz AS now)
UPDATE escalations_escalation s
   SET since = changed.since, points = changed.points, rung = changed.rung, raised_at = changed.raised_at,
       answer_by = changed.answer_by, answered_at = changed.answered_at, answered_by_id = changed.answered_by,
       ended_at = changed.ended_at
  FROM new, unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::int[], %s::timestamptz[], %s::timestamptz[],
                   %s::timestamptz[], %s::bigint[], %s::timestamptz[])
       AS changed (id, since, points, rung, raised_at, answer_by, answered_at, answered_by, ended_at)
 WHERE s.id = changed.id
   AND (s.since, s.points, s.rung, s.raised_at, s.answer_by, s.answered_at, s.answered_by_id, s.ended_at)
       IS DISTINCT FROM (changed.since, changed.points, changed.rung, changed.raised_at, changed.answer_by,
                         changed.answered_at, changed.answered_by, changed.ended_at)
RETURNING s.id
"""

_RAISE = """
WITH new AS (SELECT %s::timestamptz AS now)
UPDATE escalations_escalation s SET rung = higher.rung, answer_by = higher.answer_by
  FROM new, unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS higher (id, rung, answer_by)
 WHERE s.id = higher.id
RETURNING s.id
"""

_WENT_HIGHER = """
WITH new AS (SELECT %s::timestamptz AS now)
INSERT INTO cases_entry (case_id, kind, at, actor, data, announced_at)
SELECT went.case_id, 'went_higher', new.now, 'desk',
       jsonb_build_object('to', went.name, 'agent', went.agent, 'rung', went.rung, 'why', went.why),
       CASE WHEN went.origin NOT IN ('', 'demo') THEN new.now END
  FROM new, unnest(%s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::text[], %s::text[])
       AS went (case_id, name, agent, rung, why, origin)
RETURNING id
"""
