"""Who stands in while an owner is away. The owner stays the owner; the cover speaks and keeps promises.

Whether somebody is away is a question about time: right before any sweep has run. A cover who is away too, or cannot
sign in any more, is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Case as SqlCase
from django.db.models import F, OuterRef, Q, Subquery, When
from django.db.models.functions import JSONObject

from staff.models import Absence, Agent
from staff.models.absences import cover_is_there
from supportdesk import clock
from supportdesk.statements import built_once

if TYPE_CHECKING:
    from cases.models import Case, Promise


@dataclass(frozen=True)
class Away:
    """That the owner of a case is away.

    Attributes:
        absence: its id.
        since: aware datetime.
        until: aware datetime; None: nobody knows yet.
        cover: the id of who stands in; None: nobody does.
        name: who stands in, empty: nobody does.
    """

    absence: int
    since: datetime
    until: datetime | None
    cover: int | None
    name: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""

    def lasts_at(self, instant: datetime) -> bool:
        """Whether they are still away then (aware datetime, not before now)."""
        return self.until is None or instant < self.until


def away(case: Case) -> Away | None:
    """That the owner is away at this moment, or None. Asked once for each case in hand, and not at all where the case
    was read with ``beside``."""
    asked = (case.owner_id, clock.now())
    known = case.__dict__.get("_away")
    if known is None or known[0] != asked:
        known = case._away = (asked, *_look(case, asked[1]))
    return known[1]


def cover_of(case: Case) -> Agent | None:
    """Who stands in for the owner at this moment; None: the owner is here, or nobody does."""
    found = away(case)
    if found is None or found.cover is None:
        return None
    asked, found, agent = case._away
    if agent is None:
        agent = Agent.objects.get(pk=found.cover)
        case._away = (asked, found, agent)
    return agent


def ask_for_all(cases: Iterable[Case]) -> None:
    """Answer ``away`` for many cases in one query, as a list needs it."""
    now, cases = clock.now(), list(cases)
    owners = {case.owner_id for case in cases}
    found = dict(_absences(now).filter(agent__in=owners).values_list("agent", "away")) if owners else {}
    for case in cases:
        case._away = ((case.owner_id, now), _read(found.get(case.owner_id)), None)


def who_keeps(case: Case, promise: Promise) -> str:
    """The name of who keeps a promise: the owner, or who stands in where it falls due while the owner is away."""
    found = away(case)
    return found.name if found and found.cover and found.lasts_at(promise.due_at) else case.owner.name


def covers(agent: Agent, case: Case) -> bool:
    """Whether this agent stands in for the owner at this moment."""
    found = away(case)
    return found is not None and found.cover == agent.pk


def beside(now: datetime) -> dict[str, Subquery]:
    """What cases are annotated with so that ``away`` need not ask."""
    theirs = _absences(now).filter(agent=OuterRef("owner"))
    return {"owner_away": Subquery(theirs.values("away")[:1])}


def stood_in_for(agent: Agent, now: datetime):
    """The ids of everybody for whom this agent stands in at ``now``, as a query."""
    return Absence.objects.covered(now).filter(cover=agent).values("agent")


def covers_at(owners: set[int], instant: datetime) -> set[int]:
    """Ids of those who were named to stand in for one of these owners (ids) at an instant."""
    named = Absence.objects.at(instant).filter(agent__in=owners, cover__isnull=False)
    return set(named.values_list("cover", flat=True))


def here_and_away(agent: Agent, now: datetime) -> tuple[Absence | None, dict[int, Absence]]:
    """The agent's own absence at ``now``, and by owner those in which they stand in, in one query.

    Each absence has ``there``: whether its cover is.
    """
    found = _concerning(agent.pk, now)
    own = next((absence for absence in found if absence.agent_id == agent.pk), None)
    return own, {absence.agent_id: absence for absence in found if absence.cover_id == agent.pk and absence.there}


@built_once
def _concerning(agent: int, now: datetime):
    concern = Absence.objects.at(now).filter(Q(agent=agent) | Q(cover=agent))
    return concern.annotate(there=cover_is_there(now)).select_related("agent", "cover").order_by("starts_at", "pk")


def _look(case: Case, now: datetime) -> tuple[Away | None, Agent | None]:
    if "owner_away" in case.__dict__:
        return _read(case.owner_away), None
    absence = _absences(now).filter(agent=case.owner_id).select_related("cover__department__calendar").first()
    if absence is None:
        return None, None
    found = _read(absence.away)
    return found, absence.cover if found.cover else None


def _absences(now: datetime):
    """Those at ``now``, each with ``away``: what ``Away`` is made of, as JSON."""
    cover = SqlCase(When(cover_is_there(now), then=F("cover")))
    return Absence.objects.at(now).annotate(
        away=JSONObject(absence="pk", since="starts_at", until="ends_at", cover=cover, name="cover__name")
    )


def _read(found: dict | None) -> Away | None:
    if found is None:
        return None
    until = datetime.fromisoformat(found["until"]) if found["until"] else None
    name = found["name"] if found["cover"] else ""
    return Away(found["absence"], datetime.fromisoformat(found["since"]), until, found["cover"], name)


# Every open case whose owner is not here and for whom nobody stands in: ``since`` when, and until when the owner is
# away. Takes ``now``. Whoever was brought in from elsewhere could never sign in: that is no reason. It begins with the
# people, who are few; `OFFSET 0` keeps it so.
WITHOUT_COVER = """
SELECT c.id AS case_id, gone.id AS owner_id, gone.name AS owner_name, gone.until AS until,
       greatest(c.owned_since, gone.since) AS since
  FROM (
    SELECT g.id, g.name, a.ends_at AS until,
           greatest(a.starts_at, a.cover_since, too.starts_at, g.left_at) AS since
      FROM staff_agent g
      LEFT JOIN staff_absence a
             ON a.agent_id = g.id AND a.starts_at <= %(now)s AND (a.ends_at IS NULL OR a.ends_at > %(now)s)
      LEFT JOIN staff_agent s ON s.id = a.cover_id
      LEFT JOIN staff_absence too
             ON too.agent_id = s.id AND too.starts_at <= %(now)s AND (too.ends_at IS NULL OR too.ends_at > %(now)s)
     WHERE NOT g.is_fallback
       AND (a.id IS NOT NULL OR NOT g.is_active
            OR NOT g.can_sign_in AND NOT (g.origin <> '' AND g.email LIKE '%%.invalid'))
       AND (s.id IS NULL OR too.id IS NOT NULL OR NOT s.is_active OR NOT s.can_sign_in)
    OFFSET 0
  ) gone JOIN cases_case c ON c.owner_id = gone.id
 WHERE c.closed_at IS NULL
"""
