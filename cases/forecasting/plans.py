"""A case's plan as it stands, and how it may go from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf

from cases.forecasting.opentime import AHEAD, OpenTime, Stretch, common
from cases.forecasting.playing import PLAYS, Forecast, Line, Step, play
from cases.forecasting.record import SHARE, Kind, Record, Suggestion, records
from cases.models import Case, Subtask
from cases.reading import in_order
from staff.models import Absence, Agent, Department

# A second line may have one of its own; further up nobody looks.
LINES_ABOVE = 2
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Outlook:
    """How a plan may go.

    Attributes:
        parts: how many are open.
        suggestions: what each department that is asked needs, in the order of the plan.
        thin: those with too few parts of their own, for which the whole desk's record stands in.
        forecast: None where nothing is open, or nothing has ever ended on this desk.
    """

    parts: int
    suggestions: list[Suggestion] = field(default_factory=list)
    thin: list[str] = field(default_factory=list)
    forecast: Forecast | None = None
    plays: int = PLAYS

    def likely(self, due: datetime) -> float:
        """The share of plays in which the plan is over by then (aware datetime)."""
        return self.forecast.likely(due.timestamp())

    @property
    def over_by(self) -> datetime | None:
        """By when it is over in eight of ten plays, at a full quarter of an hour, UTC; None: not within a year."""
        end = self.forecast.by(SHARE)
        return None if end is None else at_a_quarter(datetime.fromtimestamp(end, UTC))

    def at_risk_from(self, due: datetime | None) -> str:
        """On whose part it hangs in most of the plays that are not over by then; none: that are the slowest fifth."""
        due = due or self.over_by
        # Where not even eight of ten are over within a year, those that are not say on whom it hangs.
        return self.forecast.at_risk_from(due.timestamp() if due else max(_finite(self.forecast.ends), default=-inf))


def at_a_quarter(instant: datetime) -> datetime:
    """The instant, or the next full quarter of an hour: to say more would be to know more. Aware datetimes."""
    return instant + (datetime.min.replace(tzinfo=UTC) - instant) % QUARTER


def look_ahead(case: Case, now: datetime, *, hangs_on: int | None = None) -> Outlook:
    """Play what is open of a case's plan.

    Args:
        now: aware datetime.
        hangs_on: id of a part: only that one, and what comes before it; None, or one that is not open: all.
    """
    parts = _open_parts(case)
    parts = _on_the_way_to(hangs_on, parts) or parts
    if not parts:
        return Outlook(0)
    kinds = _kinds(parts)
    known = records(kinds, now)
    asked = list(dict.fromkeys(_kind(part) for part in parts))
    thin = dict.fromkeys(kinds[kind].name for kind in asked if known[kind].lasting.is_thin)
    outlook = {"parts": len(parts), "suggestions": [known[kind].suggestion for kind in asked], "thin": list(thin)}
    if any(record.lasting.is_empty for record in known.values()):
        return Outlook(**outlook)
    away = _Away(parts, {department.pk for department in kinds.values()}, now)
    steps = [_step(part, _line(part, known, away, now), parts, now) for part in parts]
    return Outlook(**outlook, forecast=play(steps, now.timestamp(), seed=case.pk))


# -- the plan ----------------------------------------------------------------------------------------------------------


def _open_parts(case: Case) -> list[Subtask]:
    above = "department__second_line"
    parts = case.subtasks.open().select_related("after", "department__calendar", f"{above}__calendar")
    return in_order(parts.select_related(f"{above}__second_line__calendar").order_by("pk"))


def _on_the_way_to(pk: int | None, parts: list[Subtask]) -> list[Subtask]:
    by_pk = {part.pk: part for part in parts}
    on_the_way = set()
    while pk in by_pk:
        on_the_way.add(pk)
        pk = by_pk[pk].after_id
    return [part for part in parts if part.pk in on_the_way]


def _kind(part: Subtask) -> Kind:
    return part.department_id, part.follows_id is not None


def _above(department: Department) -> Iterable[Department]:
    """Its second line, and the one above that."""
    for _ in range(LINES_ABOVE):
        department = department.second_line
        if department is None:
            return
        yield department


def _kinds(parts: Iterable[Subtask]) -> dict[Kind, Department]:
    kinds = {}
    for part in parts:
        kinds[_kind(part)] = part.department
        kinds |= {(department.pk, True): department for department in _above(part.department)}
    return kinds


def _line(part: Subtask, known: Mapping[Kind, Record], away: _Away, now: datetime) -> Line:
    above = None
    for department in reversed(list(_above(part.department))):
        above = _one_line(department, known[department.pk, True], away.of_department(department.pk), above, now)
    gone = away.of_department(part.department_id) + away.of_agent(part.agent_id)
    return _one_line(part.department, known[_kind(part)], gone, above, now)


def _one_line(department: Department, record: Record, gone: list[Stretch], above: Line | None, now: datetime) -> Line:
    usual = OpenTime.around(now, department.calendar.hours)
    return Line(department.name, record.lasting, usual.without(gone), usual, record.keeps, above)


def _step(part: Subtask, line: Line, parts: list[Subtask], now: datetime) -> Step:
    committed_at = part.committed_at.timestamp() if part.committed_at else None
    if part.is_held_up and any(other.pk == part.after_id for other in parts):
        return Step(part.pk, line, part.after_id, committed_at=committed_at)
    began = max(part.asked_at, part.after.ended_at) if part.after and part.after.ended_at else part.asked_at
    ran = line.time.between(began.timestamp(), now.timestamp()) if began < now else None
    waits = part.waiting_since
    ran_then = line.time.between(began.timestamp(), waits.timestamp()) if waits and began < waits else None
    return Step(part.pk, line, None, ran, committed_at, ran_then)


# -- who is away -------------------------------------------------------------------------------------------------------


class _Away:
    """When nobody works on a part: whoever has it is away, or the whole department is."""

    def __init__(self, parts: Iterable[Subtask], departments: set[int], now: datetime):
        agents = {part.agent_id for part in parts if part.agent_id}
        absences = Absence.objects.overlapping(now, now + AHEAD)
        absences = absences.filter(agent__department__in=departments) | absences.filter(agent__in=agents)
        self._of_agents: dict[int, list[Stretch]] = {}
        at_home = set()
        for agent, department, starts, ends in absences.values_list(
            "agent", "agent__department", "starts_at", "ends_at"
        ):
            begin = max(starts, now).timestamp()
            self._of_agents.setdefault(agent, []).append((begin, inf if ends is None else ends.timestamp()))
            at_home.add(department)
        self._of_departments = self._all_away(at_home & departments) if at_home else {}

    def of_agent(self, agent: int | None) -> list[Stretch]:
        return self._of_agents.get(agent, [])

    def of_department(self, department: int) -> list[Stretch]:
        return self._of_departments.get(department, [])

    def _all_away(self, departments: set[int]) -> dict[int, list[Stretch]]:
        there: dict[int, list[list[Stretch]]] = {}
        able = Agent.objects.able_to_work().filter(department__in=departments)
        for agent, department in able.order_by().values_list("pk", "department"):
            there.setdefault(department, []).append(self.of_agent(agent))
        return {department: common(groups) for department, groups in there.items()}


def _finite(ends: Iterable[float]) -> Iterable[float]:
    return (end for end in ends if end < inf)
