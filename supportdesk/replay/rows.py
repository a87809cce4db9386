"""What every log comes to: rows of a case, and what each of them changes. Values in, values out.

Each format says in a module of its own what its columns mean; ``driving`` does it with the verbs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from staff.businesstime import BusinessHours, add_business_days, add_business_time
from staff.origins import Origin
from supportdesk.replay.reading import Malformed

# What a state of the log means for the case.
AT_WORK, AWAITING, RESOLVED, CLOSED = "at work", "awaiting", "resolved", "closed"
OVER = (RESOLVED, CLOSED)

# What was said, and by whom.
TO_CUSTOMER, FROM_CUSTOMER, CALL_ASKED = "to customer", "from customer", "call asked"

HOURS = BusinessHours("UTC", (((time(9), time(17)),),) * 5 + ((), ()))
FIRST_ANSWER_WITHIN = timedelta(hours=4)  # of business time
AWAITED_WITHIN_BUSINESS_DAYS = 2

YEARS = range(1970, 2100)
LONGEST_NAME = 60


class Row(NamedTuple):
    """One row of a log. What it does not know is None; instants are seconds since 1970, UTC.

    Attributes:
        nth: what sorts the rows of a case; where it is the same, ``line`` does.
        state, phase: as the log calls it, and what it means.
        mild: the state is meant only while the case is not over.
        says, words: what was said, by or to the customer.
    """

    number: str
    nth: int
    line: int
    opened_at: int | None = None
    updated_at: int | None = None
    state: str | None = None
    phase: str | None = None
    mild: bool = False
    team: str | None = None
    person: str | None = None
    caller: str | None = None
    channel: str | None = None
    priority: str | None = None
    about: str = ""
    says: str | None = None
    words: str = ""


class Change(NamedTuple):
    """What one row changes, or None where it changes nothing.

    Attributes:
        at: aware datetime, UTC; never earlier than the change before.
        is_first: it is the case's first row.
        team_before, phase_before: what was known until now.
        reopens: the log counts the case as reopened by it.
    """

    at: datetime
    is_first: bool
    team_before: str | None
    team: str | None
    person: str | None
    phase_before: str | None
    state: str | None
    phase: str | None
    reopens: bool
    says: str | None

    @property
    def hands_off(self) -> bool:
        """From one known team to another."""
        return self.team is not None and self.team_before is not None

    @property
    def takes_back(self) -> bool:
        """Out of what seemed over."""
        return self.reopens or goes_on(self.phase_before, self.phase)


class Source(NamedTuple):
    """One file of a log: which columns it must have, and how a row's cells become rows."""

    path: Path
    needed: Sequence[str]
    rows_from: Callable[[int, dict[str, str]], Iterable[Row]]


@dataclass(frozen=True)
class Format:
    """One kind of log.

    Attributes:
        origin: what everything made of it carries.
        sources: the files that belong to the one that is named.
        reopens: whether a row that comes after this phase reopens the case.
        drive: writes one whole case.
        figures: what is told in the end, in this order.
        begins_with_opening: rows of a case of which no row says when it opened are left out.
    """

    name: str
    title: str
    origin: Origin
    sources: Callable[[Path], Sequence[Source]]
    reopens: Callable[[str | None, Row], bool]
    drive: Callable
    figures: Sequence[str]
    begins_with_opening: bool = False


def one_file(
    needed: Sequence[str], rows_from: Callable[[int, dict[str, str]], Iterable[Row]]
) -> Callable[[Path], Sequence[Source]]:
    """For a log that is one file."""
    return lambda path: (Source(path, needed, rows_from),)


def goes_on(before: str | None, phase: str | None) -> bool:
    """From a phase in which the case was over into one in which it is not."""
    return before in OVER and phase is not None and phase not in OVER


def opened_at(rows: Sequence[Row]) -> datetime:
    """When the case opened: aware datetime, UTC."""
    known = next((row.opened_at for row in rows if row.opened_at is not None), None)
    return instant(known if known is not None else rows[0].updated_at)


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


def changes(rows: Sequence[Row], log: Format) -> Iterator[Change]:
    """The case's first row, and each later one that changes state, team or person, or says something."""
    at = opened_at(rows)
    state = phase = team = person = None
    for position, row in enumerate(rows):
        if row.updated_at is not None:
            at = max(at, instant(row.updated_at))
        if row.mild and phase in OVER:
            row = row._replace(state=None, phase=None)
        reopens = row.state is not None and log.reopens(phase, row)
        differs = reopens or row.state != state
        change = Change(
            at=at,
            is_first=position == 0,
            team_before=team,
            team=_if_other(row.team, team),
            person=_if_other(row.person, person),
            phase_before=phase,
            state=row.state if differs else None,
            phase=row.phase if differs else None,
            reopens=reopens,
            says=row.says,
        )
        if row.state is not None:
            state, phase = row.state, row.phase
        team, person = row.team or team, row.person or person
        if change.is_first or change.state or change.team or change.person or change.says:
            yield change


def first_answer_due(opened: datetime) -> datetime:
    """By when the customer of a case opened then has to hear from us. Aware datetimes."""
    return add_business_time(opened, FIRST_ANSWER_WITHIN, HOURS)


def awaited_due(since: datetime) -> datetime:
    """By when the customer hears from us while somebody else is waited for. Aware datetimes."""
    return add_business_days(since, AWAITED_WITHIN_BUSINESS_DAYS, HOURS)


def instant(seconds: int) -> datetime:
    """Aware datetime, UTC."""
    return datetime.fromtimestamp(seconds, UTC)


# -- cells -------------------------------------------------------------------------------------------------------------


def number(cells: dict[str, str], column: str) -> str:
    """The case's number.

    Raises:
        Malformed: there is none.
    """
    found = cells[column].strip()
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise Malformed("it names no case")
    return found


def name(cell: str | None, column: str) -> str | None:
    """The name in a cell, if it holds one.

    Raises:
        Malformed: it is too long for a name, or not printable.
    """
    if cell is not None and (len(cell) > LONGEST_NAME or not cell.isprintable()):
        raise Malformed(f"its {column} is no name")
    return cell or None


def seconds(cells: dict[str, str], column: str) -> int:
    """The instant in a cell, written as ISO 8601 with its distance from UTC.

    Raises:
        Malformed: there is no such instant.
    """
    try:
        moment = _moment(cells[column].strip())
    except ValueError:
        raise Malformed(f"its {column} is no time such as 2011-01-31T11:12:22+01:00") from None
    if moment.year not in YEARS:
        raise Malformed(f"its {column} is out of reach")
    return int(moment.timestamp())


# Rows that stand together name the same instants again and again.
@lru_cache(maxsize=1024)
def _moment(cell: str) -> datetime:
    # As in "2023-07-22 20:20:34 -0700".
    moment = datetime.fromisoformat(cell.replace(" +", "+").replace(" -", "-"))
    if moment.tzinfo is None:
        raise ValueError(cell)
    return moment


def _if_other(value: str | None, before: str | None) -> str | None:
    return value if value != before else None
