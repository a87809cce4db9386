"""The logs of Volvo IT (BPI Challenge 2013): incidents, open problems and closed problems, which share their columns.

A row's team is the department; of the problems it is the organisation line. ``Siebel``, the tool that they used, acts
like a person there.
"""

from __future__ import annotations

from staff.origins import Origin
from supportdesk.replay import rows
from supportdesk.replay.driving import drive
from supportdesk.replay.figures import OF_A_LOG
from supportdesk.replay.rows import AT_WORK, AWAITING, CLOSED, RESOLVED, Format, Row

NEEDED = ("case", "timestamp", "status", "substatus", "agent", "team")

_PRIORITIES = {"Major": "1", "High": "2", "Medium": "3", "Low": "4"}


def rows_from(line: int, cells: dict[str, str]) -> tuple[Row]:
    """The row that stands in these cells.

    Raises:
        Malformed: no number, no time, or a name that is no name.
    """
    at = rows.seconds(cells, "timestamp")
    status, substatus = cells["status"].strip(), cells["substatus"].strip()
    row = Row(
        number=rows.number(cells, "case"),
        nth=at,
        line=line,
        updated_at=at,
        state=rows.name(substatus or status, "substatus"),
        phase=_phase(status, substatus) if status else None,
        team=rows.name(cells["team"].strip(), "team"),
        person=rows.name(cells["agent"].strip(), "agent"),
        priority=_PRIORITIES.get(cells.get("impact", "").strip()),
        about=cells.get("product", "").strip()[: rows.LONGEST_NAME],
    )
    return (row if row.phase else row._replace(state=None),)


def _phase(status: str, substatus: str) -> str:
    """The status says whether it is over; *Accepted* with *Wait* is waiting, *Completed* with *Closed* closes."""
    if status == "Completed":
        return CLOSED if substatus == "Closed" else RESOLVED
    return AWAITING if substatus.startswith("Wait") else AT_WORK


LOG = Format(
    name="bpi2013",
    title="Volvo IT, incidents or problems",
    origin=Origin.REPLAY_BPI2013,
    sources=rows.one_file(NEEDED, rows_from),
    reopens=lambda before, row: rows.goes_on(before, row.phase),
    drive=drive,
    figures=OF_A_LOG,
)
