"""A table of comma-separated values, plain or gzip, read line by line: whatever the file is, memory stays bounded."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

MEGABYTE = 1024 * 1024
LONGEST_LINE = MEGABYTE
_GZIP = b"\x1f\x8b"


class BadFile(Exception):
    """The file cannot be replayed at all; its text is a sentence for people."""


class Malformed(Exception):
    """One row cannot be read; its text says what is wrong with it, continuing "row 7 is skipped: "."""


class Record(NamedTuple):
    """One well-shaped row: the number of the line on which it begins (the header is line 1) and its cells by column."""

    line: int
    cells: dict[str, str]


class Skipped(NamedTuple):
    """One row that is left out, and why."""

    line: int
    reason: str


def read(path: Path, needed: Sequence[str]) -> Iterator[Record | Skipped]:
    """Every row below the header, in the file's order; empty lines are passed over.

    Args:
        needed: columns without which this is not the log it should be.

    Raises:
        BadFile: not a readable file, empty, cut short, not text, other columns, or a line of more than 1 MB.
    """
    # The default of 128 kB would refuse a cell of a line that we allow.
    csv.field_size_limit(LONGEST_LINE)
    with _opened(path) as stream:
        lines = _Lines(_lines_of(stream, path), path)
        columns = _columns(lines, needed, path)
        while (numbered := lines.next()) is not None:
            number, line = numbered
            if line.strip():
                yield _record(number, line, columns, lines)


class _Lines:
    """Lines with their numbers, some of which may be looked at ahead of their turn."""

    def __init__(self, lines: Iterator[bytes], path: Path):
        self._lines = enumerate(lines, start=1)
        self._ahead: deque[tuple[int, bytes]] = deque()
        self.path = path

    def next(self) -> tuple[int, bytes] | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def peek(self) -> Iterator[bytes]:
        """The lines to come, kept for their turn; whoever looks stops in time, for all that is seen is held."""
        yield from [line for _, line in self._ahead]
        for numbered in self._lines:
            self._ahead.append(numbered)
            yield numbered[1]

    def drop(self, how_many: int) -> None:
        for _ in range(how_many):
            self._ahead.popleft()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        if not path.is_file():
            raise BadFile(f"There is no file {path}.")
        with path.open("rb") as file:
            if file.peek(2)[:2] == _GZIP:
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield unpacked
            else:
                yield file
    except OSError as error:
        raise BadFile(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _lines_of(stream: BinaryIO, path: Path) -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        try:
            line = stream.readline(LONGEST_LINE + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadFile(f"{path.name} is cut off or damaged: its gzip data does not end as it should.") from error
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise BadFile(f"{path.name} is not such a log: line {number} is longer than 1 MB.")
        yield line


def _columns(lines: _Lines, needed: Sequence[str], path: Path) -> list[str]:
    header = lines.next()
    if header is None:
        raise BadFile(f"{path.name} is empty.")
    try:
        columns = _cells(header[1].decode("utf-8-sig"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path.name} is not a text of comma-separated values.") from error
    missing = [column for column in needed if columns.count(column) != 1]
    if missing:
        raise BadFile(f"{path.name} has other columns: its first line does not name {', '.join(missing)} once.")
    return columns


def _record(number: int, line: bytes, columns: list[str], lines: _Lines) -> Record | Skipped:
    try:
        cells = _cells_of_row(line, len(columns), lines)
    except Malformed as reason:
        return Skipped(number, str(reason))
    return Record(number, dict(zip(columns, cells, strict=True)))


def _cells_of_row(line: bytes, width: int, lines: _Lines) -> list[str]:
    """The cells of one row, which goes on over the next lines where a quoted cell does.

    A row that is still wrong with them gives them back: one stray quote costs its own line only.
    """
    more = 0
    if line.count(b'"') % 2 and not _fits(line, width):
        line, more = _with_the_lines_to_come(line, lines)
    cells = _decoded_cells(line)
    if len(cells) != width:
        raise Malformed(f"it has {len(cells)} columns, the header {width}")
    lines.drop(more)
    return cells


def _with_the_lines_to_come(line: bytes, lines: _Lines) -> tuple[bytes, int]:
    parts, size = [line], len(line)
    for part in lines.peek():
        parts.append(part)
        size += len(part)
        if size > LONGEST_LINE:
            break
        if part.count(b'"') % 2:
            return b"".join(parts), len(parts) - 1
    raise Malformed("a quotation mark is opened and not closed")


def _fits(line: bytes, width: int) -> bool:
    try:
        return len(_decoded_cells(line)) == width
    except Malformed:
        return False


def _decoded_cells(line: bytes) -> list[str]:
    if b"\0" in line:
        raise Malformed("it contains a NUL")
    try:
        return _cells(line.decode())
    except UnicodeDecodeError:
        raise Malformed("it is not UTF-8") from None
    except csv.Error as error:
        raise Malformed(f"it is no row of comma-separated values ({error})") from None


def _cells(text: str) -> list[str]:
    rows = list(csv.reader([text], strict=True))
    if len(rows) != 1:
        raise csv.Error("more than one row")
    return rows[0]
