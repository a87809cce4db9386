"""The log of ServiceNow incidents, as UCI publishes it ("Incident management process enriched event log")."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from staff.origins import Origin
from supportdesk.replay import rows
from supportdesk.replay.driving import drive
from supportdesk.replay.figures import OF_A_LOG
from supportdesk.replay.reading import Malformed
from supportdesk.replay.rows import AT_WORK, AWAITING, CLOSED, RESOLVED, YEARS, Format, Row

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

_PHASES = {"New": AT_WORK, "Active": AT_WORK, "Resolved": RESOLVED, "Closed": CLOSED}
_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


def rows_from(line: int, cells: dict[str, str]) -> tuple[Row]:
    """The row that stands in these cells.

    Raises:
        Malformed: no number, no order, no time, or a name that is no name.
    """
    number = _known(cells["number"])
    if number is None or len(number) > rows.LONGEST_NAME:
        raise Malformed("it names no case")
    opened_at, updated_at = _instant(cells, "opened_at"), _instant(cells, "sys_updated_at")
    if opened_at is None and updated_at is None:
        raise Malformed("it names no time")
    state, phase = _state(cells["incident_state"])
    row = Row(
        number=number,
        nth=_count(cells["sys_mod_count"]),
        line=line,
        opened_at=opened_at,
        updated_at=updated_at,
        state=state,
        phase=phase,
        team=_name(cells, "assignment_group"),
        person=_name(cells, "assigned_to"),
        caller=_name(cells, "caller_id"),
        channel=_known(cells.get("contact_type", "")),
        priority=_known(cells.get("priority", "")),
        about=_about(cells),
    )
    return (row,)


LOG = Format(
    name="uci",
    title="ServiceNow incidents",
    origin=Origin.REPLAY_UCI,
    sources=rows.one_file(NEEDED, rows_from),
    reopens=lambda before, row: rows.goes_on(before, row.phase),
    drive=drive,
    figures=OF_A_LOG,
)


def _known(cell: str) -> str | None:
    cell = cell.strip()
    return None if cell in UNKNOWN else cell


def _state(cell: str) -> tuple[str | None, str | None]:
    state = _known(cell) or ""
    phase = AWAITING if state.startswith("Awaiting ") else _PHASES.get(state)
    return (state[: rows.LONGEST_NAME], phase) if phase else (None, None)


def _name(cells: dict[str, str], column: str) -> str | None:
    return rows.name(_known(cells[column]), column)


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
    if moment.year not in YEARS:
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
    return ", ".join(cell[: rows.LONGEST_NAME] for cell in known if cell)
