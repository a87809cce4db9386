"""The cases of a log, put together on disk: rows of one case need not stand together in the file, nor in order."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from supportdesk.replay.rows import Row

_COLUMNS = ", ".join(Row._fields)
_MARKS = ", ".join("?" for _ in Row._fields)


class SortedLog:
    """The rows of a log on disk, by case. Cases are counted from 0 in the order in which the file first names them."""

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self._connection = connection

    def add(self, rows: Iterable[Row]) -> None:
        """Take all rows in."""
        self._connection.execute(f"CREATE TABLE log_row ({_COLUMNS})")
        self._connection.executemany(f"INSERT INTO log_row VALUES ({_MARKS})", rows)
        self._connection.execute("CREATE INDEX in_order ON log_row (number, nth, line)")

    def leave_out_without_opening(self) -> Iterator[int]:
        """Take out the rows of cases that no row opens, and name their lines."""
        without = "number NOT IN (SELECT number FROM log_row WHERE opened_at IS NOT NULL)"
        for (line,) in self._connection.execute(f"SELECT line FROM log_row WHERE {without} ORDER BY line"):
            yield line
        self._connection.execute(f"DELETE FROM log_row WHERE {without}")

    def let_callers_speak_for_themselves(self) -> None:
        """Whoever answers in their own case is its caller, not a person of ours."""
        self._connection.execute(
            "UPDATE log_row SET caller = person, person = NULL WHERE person = (SELECT opening.caller"
            " FROM log_row opening WHERE opening.number = log_row.number AND opening.opened_at IS NOT NULL LIMIT 1)"
        )

    def sort(self) -> None:
        """Count the cases in their order; all rows are in."""
        run = self._connection
        run.execute(
            "CREATE TABLE log_case AS SELECT number, row_number() OVER (ORDER BY min(line)) - 1 AS place"
            " FROM log_row GROUP BY number"
        )
        run.execute("CREATE UNIQUE INDEX by_place ON log_case (place)")
        run.commit()

    def cases(self) -> int:
        """How many cases the log holds."""
        return self._one("SELECT count(*) FROM log_case")

    def rows(self, cases: int) -> int:
        """How many rows the first so many cases have."""
        return self._of_the_first(cases, "count(*)")

    def people_with_team(self, cases: int) -> list[tuple[str, str | None]]:
        """The people whom the first so many cases name, each with the first team beside the name, in order."""
        return self._connection.execute(
            "SELECT person, team FROM (SELECT person, team, place, nth, line, row_number() OVER"
            " (PARTITION BY person ORDER BY team IS NULL, place, nth, line) AS turn"
            " FROM log_case JOIN log_row USING (number) WHERE place < ? AND person IS NOT NULL)"
            " WHERE turn = 1 ORDER BY place, nth, line",
            (cases,),
        ).fetchall()

    def team_names(self, cases: int) -> list[str]:
        """The teams that the first so many cases name, in order."""
        found = self._connection.execute(
            "SELECT team FROM log_case JOIN log_row USING (number) WHERE place < ? AND team IS NOT NULL"
            " GROUP BY team ORDER BY min(line)",
            (cases,),
        )
        return [team for (team,) in found]

    def last_instant(self, cases: int) -> int:
        """The latest time in the first so many cases: seconds since 1970, UTC."""
        return self._of_the_first(cases, "max(max(coalesce(opened_at, 0), coalesce(updated_at, 0)))")

    def in_order(self, first: int, end: int) -> Iterator[tuple[str, list[Row]]]:
        """The cases counted ``first`` up to but not ``end``: each one's number and its rows in order."""
        columns = ", ".join(f"r.{column}" for column in Row._fields)
        found = self._connection.execute(
            f"SELECT {columns} FROM log_case k JOIN log_row r USING (number) WHERE k.place >= ? AND k.place < ?"
            " ORDER BY k.place, r.nth, r.line",
            (first, end),
        )
        for number, rows in groupby(map(Row._make, found), key=lambda row: row.number):
            yield number, list(rows)

    def close(self) -> None:
        self._connection.close()

    def _of_the_first(self, cases: int, what: str):
        return self._one(f"SELECT {what} FROM log_case JOIN log_row USING (number) WHERE place < ?", (cases,))

    def _one(self, statement: str, values: tuple = ()):
        return self._connection.execute(statement, values).fetchone()[0]


@contextmanager
def sorted_on_disk() -> Iterator[SortedLog]:
    """An empty log in a file of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        path = Path(folder) / "log.sqlite"
        log = opened(path)
        try:
            yield log
        finally:
            log.close()


def opened(path: Path) -> SortedLog:
    """The log in this file, for one process."""
    connection = sqlite3.connect(path)
    # Nothing here outlives the run: no journal, no waiting for the disk, and little of it in memory.
    connection.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -8000"
    )
    return SortedLog(path, connection)
