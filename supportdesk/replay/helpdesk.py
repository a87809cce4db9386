"""The log of an Italian software company's help desk: activities and who did them; it knows no departments."""

from __future__ import annotations

from staff.origins import Origin
from supportdesk.replay import rows
from supportdesk.replay.driving import drive
from supportdesk.replay.figures import OF_A_LOG
from supportdesk.replay.rows import AT_WORK, AWAITING, CLOSED, RESOLVED, Format, Row

NEEDED = ("case", "activity", "resource", "timestamp")

_PHASES = {"Wait": AWAITING, "Resolve ticket": RESOLVED, "Closed": CLOSED}


def rows_from(line: int, cells: dict[str, str]) -> tuple[Row]:
    """The row that stands in these cells.

    Raises:
        Malformed: no number, no time, or a name that is no name.
    """
    at = rows.seconds(cells, "timestamp")
    activity = rows.name(cells["activity"].strip(), "activity")
    row = Row(
        number=rows.number(cells, "case"),
        nth=at,
        line=line,
        updated_at=at,
        state=activity,
        phase=_PHASES.get(activity, AT_WORK) if activity else None,
        person=rows.name(cells["resource"].strip(), "resource"),
    )
    return (row,)


LOG = Format(
    name="helpdesk",
    title="an Italian help desk",
    origin=Origin.REPLAY_HELPDESK,
    sources=rows.one_file(NEEDED, rows_from),
    # Whatever is done after it was closed, even closing it again.
    reopens=lambda before, row: before == CLOSED,
    drive=drive,
    figures=OF_A_LOG,
)
