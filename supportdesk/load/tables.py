"""Rows on their way into the database: kept per table for one batch, then written by COPY.

COPY passes through every constraint and trigger as INSERT does. Foreign keys and the owner's trigger are checked when
the batch is committed, so the order of the tables does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from itertools import chain

from django.db import connection
from django.db.models import NOT_PROVIDED, JSONField, Model

# Ids are drawn so many at a time; what a batch leaves over the next one takes.
_IDS = 5_000


@dataclass(frozen=True)
class Copy:
    """Rows of one table in COPY's text form."""

    table: str
    columns: list[str]
    lines: list[str]

    def write(self) -> None:
        if not self.lines:
            return
        columns = ", ".join(f'"{column}"' for column in self.columns)
        with connection.cursor() as cursor:
            cursor.copy_expert(f'COPY "{self.table}" ({columns}) FROM STDIN', StringIO("\n".join(self.lines) + "\n"))


class Table:
    """The rows of one model in this batch. What a row does not say is as the model has it."""

    def __init__(self, model: type[Model]):
        self.name = model._meta.db_table
        fields = model._meta.concrete_fields
        self._columns = [field.column for field in fields]
        self._usual = {field.column: _text(_usual(field)) for field in fields}
        self._lines: list[str] = []
        self._ids: Iterator[int] = iter(())
        self.taken_out = 0

    def add(self, **row) -> int:
        """Keep a row, by its columns; returns its id, which rises from row to row."""
        if "id" not in row:
            row["id"] = self.new_id()
        if not row.keys() <= self._usual.keys():
            raise TypeError(f"{self.name} has no {', '.join(row.keys() - self._usual.keys())}.")
        texts = {column: _text(value) for column, value in row.items()}
        self._lines.append("\t".join((self._usual | texts).values()))
        return row["id"]

    def new_id(self) -> int:
        """The next id of the table's own sequence: nobody else gets it, whoever writes beside us."""
        found = next(self._ids, None)
        if found is None:
            self._ids = iter(self._draw())
            found = next(self._ids)
        return found

    def taken(self) -> Copy:
        """What was kept, taken out, ready to be written."""
        lines, self._lines = self._lines, []
        self.taken_out += len(lines)
        return Copy(self.name, self._columns, lines)

    def _draw(self) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [self.name, _IDS]
            )
            return sorted(chain.from_iterable(cursor.fetchall()))


def _usual(field):
    """What a column holds where a row says nothing."""
    if isinstance(field, JSONField):
        return "{}"
    if field.default is not NOT_PROVIDED:
        return field.get_default()
    return None if field.null else ""


def _text(value) -> str:
    """A value in COPY's text form."""
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is datetime:
        return value.isoformat()
    if value is None:
        return "\\N"
    if kind is bool:
        return "t" if value else "f"
    if kind is dict:
        return _escaped(json.dumps(value, default=datetime.isoformat))
    return _escaped(str(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
