"""The log of Rabobank (BPI Challenge 2014): activities on incidents, each with its team and no person.

What is written beside a closed incident (*Caused By CI*, quality marks, late updates) changes nothing: *Reopen* alone
opens it again.
"""

from __future__ import annotations

from staff.origins import Origin
from supportdesk.replay import rows
from supportdesk.replay.driving import drive
from supportdesk.replay.figures import OF_A_LOG
from supportdesk.replay.rows import AT_WORK, AWAITING, CLOSED, RESOLVED, Format, Row

NEEDED = ("incident", "timestamp", "activity", "team")

REOPENED = "Reopened"
_AT_WORK = (
    "Assignment",
    "Reassignment",
    "Status Change",
    "Operator Update",
    "Update",
    "Analysis/Research",
    "Incident reproduction",
    "Problem Workaround",
)
_WITH_A_VENDOR = ("Pending vendor", "External Vendor Assignment", "External Vendor Reassignment")
# What an activity says of the incident: the state's name, what it means, and whether only while it is not over.
_STATES = {
    "Open": ("Open", AT_WORK, True),
    "Reopen": (REOPENED, AT_WORK, False),
    "Resolved": ("Resolved", RESOLVED, False),
    "Closed": ("Closed", CLOSED, False),
    **dict.fromkeys(_AT_WORK, ("At work", AT_WORK, True)),
    **dict.fromkeys(_WITH_A_VENDOR, ("Pending vendor", AWAITING, True)),
}
_SAYS = {
    "Communication with customer": rows.TO_CUSTOMER,
    "Mail to Customer": rows.TO_CUSTOMER,
    "Update from customer": rows.FROM_CUSTOMER,
    "Callback Request": rows.CALL_ASKED,
}


def rows_from(line: int, cells: dict[str, str]) -> tuple[Row]:
    """The row that stands in these cells.

    Raises:
        Malformed: no number, no time, or a team that is no name.
    """
    at = rows.seconds(cells, "timestamp")
    activity, team = cells["activity"].strip(), rows.name(cells["team"].strip(), "team")
    state, phase, mild = _STATES.get(activity, (None, None, False))
    row = Row(
        number=rows.number(cells, "incident"),
        nth=at,
        line=line,
        updated_at=at,
        state=state,
        phase=phase,
        mild=mild,
        team=team,
        # Nobody is named, so each team in which an incident begins is given one person who owns what begins there.
        person=f"Owner in {team}"[: rows.LONGEST_NAME] if team and activity == "Open" else None,
        channel="Phone",
        about=cells.get("km", "").strip()[: rows.LONGEST_NAME],
        says=_SAYS.get(activity),
    )
    return (row,)


LOG = Format(
    name="bpi2014",
    title="Rabobank, activities on incidents",
    origin=Origin.REPLAY_BPI2014,
    sources=rows.one_file(NEEDED, rows_from),
    reopens=lambda before, row: row.state == REOPENED,
    drive=drive,
    figures=OF_A_LOG,
)
