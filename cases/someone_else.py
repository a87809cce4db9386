"""Who can be the someone else whom a customer has asked for (design rule 14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField
from django.db.models.expressions import RawSQL

from cases.models import Appeal
from staff.models import Agent, Company

_IS_LAST = """EXISTS (SELECT 1 FROM cases_appeal x
                    WHERE x.case_id = cases_appeal.case_id AND x.id < cases_appeal.id AND x.helped IS FALSE)"""
_BARRED = """ARRAY(
    SELECT c.owner_id FROM cases_case c WHERE c.id = cases_appeal.case_id
     UNION SELECT (SELECT e.owner_id FROM cases_entry e
                    WHERE e.case_id = cases_appeal.case_id AND e.owner_id IS NOT NULL AND e.at < cases_appeal.asked_at
                    ORDER BY e.id DESC LIMIT 1)
     UNION SELECT (SELECT m.agent_id FROM cases_message m
                    WHERE m.case_id = cases_appeal.case_id AND m.direction = 'out' AND m.agent_id IS NOT NULL
                      AND m.written_at < cases_appeal.asked_at
                    ORDER BY m.id DESC LIMIT 1)
     UNION SELECT x.answered_by_agent_id FROM cases_appeal x
            WHERE x.case_id = cases_appeal.case_id AND x.id < cases_appeal.id
     UNION SELECT s.cover_id FROM cases_case c JOIN staff_absence s ON s.agent_id = c.owner_id
            WHERE c.id = cases_appeal.case_id AND s.starts_at <= %s AND (s.ends_at IS NULL OR s.ends_at > %s))"""


@dataclass(frozen=True)
class Someone:
    """Who answers one appeal.

    Attributes:
        barred: ids of those who cannot: who owns the case or did when it was asked, who stands in for the owner, who
            was the last to write to the customer before it, and who has answered before.
        is_last: an answer before has not helped: this is the last rung's.
        named: the one person who answers then, by name; none: any supervisor who is not barred.
    """

    barred: frozenset[int]
    is_last: bool = False
    named: Agent | None = None


def someone_for(appeal: Appeal, now: datetime) -> Someone:
    """Who answers one appeal, see ``someone_for_each``."""
    return someone_for_each([appeal], now)[appeal.pk]


def someone_for_each(
    appeals: Iterable[Appeal | int], now: datetime, company: Company | None = None
) -> dict[int, Someone]:
    """By appeal, who answers it: one query however many, and one more where an answer has not helped.

    Args:
        appeals: rows or ids.
        now: aware datetime.
        company: if it is at hand.
    """
    ids = [appeal if isinstance(appeal, int) else appeal.pk for appeal in appeals]
    found = list(Appeal.objects.filter(pk__in=ids).annotate(**beside(now))) if ids else []
    if company is None and any(appeal.is_last for appeal in found):
        company = Company.objects.the()
    return {appeal.pk: who_answers(appeal, company) for appeal in found}


def beside(now: datetime) -> dict[str, RawSQL]:
    """What appeals are annotated with so that ``who_answers`` need not ask."""
    barred = RawSQL(_BARRED, [now, now], output_field=ArrayField(BigIntegerField()))
    return {"is_last": RawSQL(_IS_LAST, [], output_field=BooleanField()), "barred": barred}


def who_answers(appeal: Appeal, company: Company | None) -> Someone:
    """Who answers an appeal that was read with ``beside``."""
    return _someone(frozenset(appeal.barred) - {None}, company if appeal.is_last else None)


def last_rung(company: Company) -> Agent | None:
    """The last person by name: the ombudsperson, without one the head."""
    return company.ombudsperson or company.head


def _someone(barred: frozenset[int], company: Company | None) -> Someone:
    """Who answers; with the company the last rung does: the highest who is named and not barred."""
    if company is None:
        return Someone(barred)
    people = (company.ombudsperson, company.head)
    able = (agent for agent in people if agent and agent.is_active and agent.can_sign_in and agent.pk not in barred)
    return Someone(barred, True, next(able, None))
