"""What the rows of the ServiceNow incident log mean. Values in, values out: ``driving`` does it with the verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from staff.businesstime import BusinessHours, add_business_days, add_business_time
from supportdesk.replay.reading import Malformed

NEEDED = (
    "number",
    "incident_state",
    "sys_mod_count",
    "caller_id",
    "opened_at",
    "sys_updated_at",
    "assignment_group",
    "assigned_to",
)
UNKNOWN = ("?", "")
RESOLVED, CLOSED = "Resolved", "Closed"
OVER = (RESOLVED, CLOSED)

HOURS = BusinessHours("UTC", (((time(9), time(17)),),) * 5 + ((), ()))
FIRST_ANSWER_WITHIN = timedelta(hours=4)  # of business time
AWAITED_WITHIN_BUSINESS_DAYS = 2

_LONGEST_NAME = 60
_YEARS = range(1970, 2100)
_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


class Row(NamedTuple):
    """One row of the log. What it does not know is None; instants are seconds since 1970, UTC."""

    number: str
    mod_count: int
    line: int
    opened_at: int | None
    updated_at: int | None
    state: str | None
    team: str | None
    person: str | None
    caller: str | None
    channel: str | None
    priority: str | None
    about: str


class Change(NamedTuple):
    """What one row changes, or None where it changes nothing.

    Attributes:
        at: aware datetime, UTC; never earlier than the change before.
        is_first: it is the case's first row.
        team_before, state_before: what was known until now.
    """

    at: datetime
    is_first: bool
    team_before: str | None
    team: str | None
    person: str | None
    state_before: str | None
    state: str | None

    @property
    def hands_off(self) -> bool:
        """From one known team to another."""
        return self.team is not None and self.team_before is not None

    @property
    def reopens(self) -> bool:
        """Out of Resolved or Closed into a state other than these two."""
        return self.state_before in OVER and self.state is not None and self.state not in OVER


def row_from(line: int, cells: dict[str, str]) -> Row:
    """The row that stands in these cells.

    Raises:
        Malformed: no number, no order, no time, or a name that is no name.
    """
    number = _known(cells["number"])
    if number is None or len(number) > _LONGEST_NAME:
        raise Malformed("it names no case")
    opened_at, updated_at = _instant(cells, "opened_at"), _instant(cells, "sys_updated_at")
    if opened_at is None and updated_at is None:
        raise Malformed("it names no time")
    return Row(
        number=number,
        mod_count=_count(cells["sys_mod_count"]),
        line=line,
        opened_at=opened_at,
        updated_at=updated_at,
        state=_state(cells["incident_state"]),
        team=_name(cells, "assignment_group"),
        person=_name(cells, "assigned_to"),
        caller=_name(cells, "caller_id"),
        channel=_known(cells.get("contact_type", "")),
        priority=_known(cells.get("priority", "")),
        about=_about(cells),
    )


def opened_at(rows: Sequence[Row]) -> datetime:
    """When the case opened: aware datetime, UTC."""
    known = next((row.opened_at for row in rows if row.opened_at is not None), None)
    return _datetime(known if known is not None else rows[0].updated_at)


def caller(rows: Sequence[Row]) -> str | None:
    """Who reported it, if any row knows."""
    return next((row.caller for row in rows if row.caller), None)


def first_team(rows: Sequence[Row]) -> str | None:
    """The first team that any row knows."""
    return next((row.team for row in rows if row.team), None)


def owner(rows: Sequence[Row]) -> Row | None:
    """The row that names the owner: the first person of the case's first team, else the first person; None: nobody."""
    team = first_team(rows)
    named = [row for row in rows if row.person]
    return next((row for row in named if row.team == team), named[0] if named else None)


def changes(rows: Sequence[Row]) -> Iterator[Change]:
    """The case's first row, and each later one that changes state, team or person."""
    at = opened_at(rows)
    state = team = person = None
    for position, row in enumerate(rows):
        if row.updated_at is not None:
            at = max(at, _datetime(row.updated_at))
        change = Change(
            at=at,
            is_first=position == 0,
            team_before=team,
            team=_if_other(row.team, team),
            person=_if_other(row.person, person),
            state_before=state,
            state=_if_other(row.state, state),
        )
        state, team, person = row.state or state, row.team or team, row.person or person
        if change.is_first or change.state or change.team or change.person:
            yield change


def awaits(state: str) -> bool:
    """Whether in this state somebody is waited for."""
    return state.startswith("Awaiting ")


def first_answer_due(opened: datetime) -> datetime:
    """By when the customer of a case opened then has to hear from us. Aware datetimes."""
    return add_business_time(opened, FIRST_ANSWER_WITHIN, HOURS)


def awaited_due(since: datetime) -> datetime:
    """By when the customer hears from us while somebody else is waited for. Aware datetimes."""
    return add_business_days(since, AWAITED_WITHIN_BUSINESS_DAYS, HOURS)


def _known(cell: str) -> str | None:
    cell = cell.strip()
    return None if cell in UNKNOWN else cell


def _state(cell: str) -> str | None:
    state = _known(cell)
    understood = state in ("New", "Active", *OVER) or (state is not None and awaits(state))
    return state[:_LONGEST_NAME] if understood else None


def _name(cells: dict[str, str], column: str) -> str | None:
    name = _known(cells[column])
    if name is not None and (len(name) > _LONGEST_NAME or not name.isprintable()):
        raise Malformed(f"its {column} is no name")
    return name


def _count(cell: str) -> int:
    if not _COUNT.fullmatch(cell.strip()):
        raise Malformed("its sys_mod_count is no number")
    return int(cell)


def _instant(cells: dict[str, str], column: str) -> int | None:
    cell = _known(cells[column])
    if cell is None:
        return None
    try:
        moment = _moment(cell)
    except ValueError:
        raise Malformed(f"its {column} is no date such as 29/2/2016 01:16") from None
    if moment.year not in _YEARS:
        raise Malformed(f"its {column} is out of reach")
    return int(moment.timestamp())


# Rows that stand together name the same minutes again and again.
@lru_cache(maxsize=1024)
def _moment(cell: str) -> datetime:
    match = _MOMENT.fullmatch(cell)
    if match is None:
        raise ValueError(cell)
    day, month, year, hour, minute = (int(number) for number in match.groups())
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def _about(cells: dict[str, str]) -> str:
    """What the log says about the problem: it keeps no words of the customer."""
    known = (_known(cells.get(column, "")) for column in ("category", "subcategory", "u_symptom"))
    return ", ".join(cell[:_LONGEST_NAME] for cell in known if cell)


def _datetime(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _if_other(value: str | None, before: str | None) -> str | None:
    return value if value != before else None
