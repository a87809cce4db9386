"""The cases of a log, put together on disk: rows of one case need not stand together in the file, nor in order."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from supportdesk.replay.uci import Row

_COLUMNS = ", ".join(Row._fields)
_MARKS = ", ".join("?" for _ in Row._fields)


class SortedLog:
    """The rows of a log on disk, by case. Cases are counted from 0 in the order in which the file first names them."""

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self._connection = connection

    def add(self, rows: Iterable[Row]) -> None:
        """Take all rows in, then sort."""
        run = self._connection
        run.execute(f"CREATE TABLE log_row ({_COLUMNS})")
        run.executemany(f"INSERT INTO log_row VALUES ({_MARKS})", rows)
        run.execute("CREATE INDEX in_order ON log_row (number, mod_count, line)")
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
            "SELECT person, team FROM (SELECT person, team, place, mod_count, line, row_number() OVER"
            " (PARTITION BY person ORDER BY team IS NULL, place, mod_count, line) AS nth"
            " FROM log_case JOIN log_row USING (number) WHERE place < ? AND person IS NOT NULL)"
            " WHERE nth = 1 ORDER BY place, mod_count, line",
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
        """The cases counted ``first`` up to but not ``end``: each one's number and its rows by ``sys_mod_count``."""
        columns = ", ".join(f"r.{column}" for column in Row._fields)
        found = self._connection.execute(
            f"SELECT {columns} FROM log_case k JOIN log_row r USING (number) WHERE k.place >= ? AND k.place < ?"
            " ORDER BY k.place, r.mod_count, r.line",
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
