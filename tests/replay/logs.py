"""Small logs, written by hand for one sentence each."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from cases.models import Case
from supportdesk.replay.running import replay

COLUMNS = (
    "number",
    "incident_state",
    "sys_mod_count",
    "caller_id",
    "opened_at",
    "sys_updated_at",
    "contact_type",
    "priority",
    "category",
    "assignment_group",
    "assigned_to",
)


class Silent:
    """Listens to a replay and keeps what it hears."""

    def __init__(self):
        self.left_out: list[tuple[int, str]] = []

    def skipped(self, line: int, reason: str) -> None:
        self.left_out.append((line, reason))

    def read(self, cases: int, rows: int) -> None:
        pass

    def replayed(self, rows: int) -> None:
        pass


def row(at: str, state: str = "Active", **cells) -> dict[str, str]:
    """One row of INC1, of group 1; opened on Tuesday 1 March 2016 at ten."""
    return {
        "number": "INC1",
        "incident_state": state,
        "sys_mod_count": "0",
        "caller_id": "Caller 7",
        "opened_at": "1/3/2016 10:00",
        "sys_updated_at": at,
        "contact_type": "Phone",
        "priority": "2 - High",
        "category": "Category 5",
        "assignment_group": "Group 1",
        "assigned_to": "?",
        **cells,
    }


def course(*rows: dict[str, str]) -> list[dict[str, str]]:
    """Rows of one case, counted up in this order."""
    return [{**each, "sys_mod_count": str(count)} for count, each in enumerate(rows)]


def written(folder: Path, rows: list[dict[str, str]], name: str = "log.csv") -> Path:
    """The rows as a file."""
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def replayed(folder: Path, *rows: dict[str, str]) -> tuple[Case, dict]:
    """Replay one case: the case and the figures."""
    figures = replay(written(folder, course(*rows)), Silent())
    return Case.objects.get(origin_ref="INC1"), figures


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2016, UTC."""
    return datetime(2016, 3, day, hour, minute, tzinfo=UTC)
