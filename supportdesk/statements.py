"""Statements that are put into SQL once: from one time to the next only the values in them change.

Building a statement takes longer than PostgreSQL takes to answer it. So a question that every page asks is built with
values that no row has, kept, and asked with the real ones in their place; what most acts write is written likewise. And
where a page shows a little of many tables, they are read together, in one statement.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, wraps

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    QuerySet,
    TextField,
)
from django.db.models.sql.compiler import SQLCompiler

# What JSON tells as the driver does: words, whole numbers, yes and no, and links by them.
AS_IN_JSON = (CharField, TextField, IntegerField, BooleanField, ForeignKey)
_NO_NUMBER, _NO_WORD, _NO_INSTANT = -7_301_001, "\0", datetime(1, 1, 1, tzinfo=UTC)


def built_once(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """Turn a function that builds a queryset into one that reads its rows, in one statement.

    Args:
        build: puts numbers, words, instants and tuples of them into the queryset as it gets them and never looks at
            one, for what it gets are stand-ins. At anything else it may look (yes or no, ``None``, how long a tuple
            is): for each a statement of its own is kept.
    """

    @lru_cache(maxsize=64)
    def kept(*stand_ins) -> _Kept:
        return _Kept(build(*stand_ins))

    @wraps(build)
    def read(*values) -> list:
        own: dict = {}
        return kept(*_stand_ins(values, own)).rows(own)

    return read


def insert(*rows: Model) -> None:
    """Write down new rows of one model in one statement, in their order; each then knows its id.

    As ``bulk_create`` writes them: no signal is sent.
    """
    fields, written = _insertion(type(rows[0]), len(rows))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(written, values)
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@lru_cache(maxsize=64)
def _insertion(model: type[Model], how_many: int) -> tuple[Sequence[Field], str]:
    meta = model._meta
    fields = [field for field in meta.concrete_fields if field is not meta.pk]
    columns, marks = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    rows = ", ".join([f"({marks})"] * how_many)
    return fields, f'INSERT INTO "{meta.db_table}" ({columns}) VALUES {rows} RETURNING "{meta.pk.column}"'


def update(row: Model, *fields: str) -> None:
    """Write down these fields of a row that is there, as ``save`` does; no signal is sent.

    Raises:
        DatabaseError: it is there no longer.
    """
    changed, written = _change(type(row), fields)
    values = [field.get_db_prep_save(field.pre_save(row, add=False), connection) for field in changed]
    with connection.cursor() as cursor:
        cursor.execute(written, [*values, row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"There is no such {row._meta.verbose_name} to be changed: {row.pk}.")


@lru_cache(maxsize=256)
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[Sequence[Field], str]:
    meta = model._meta
    fields = [meta.get_field(name) for name in names]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    return fields, f'UPDATE "{meta.db_table}" SET {columns} WHERE "{meta.pk.column}" = %s'


def _stand_ins(values: Sequence, own: dict) -> tuple:
    """What stands in the place of each value while the statement is built; ``own`` takes the value behind each."""
    return tuple(_stand_in(value, own) for value in values)


def _stand_in(value, own: dict):
    kind, position = type(value), len(own)
    if kind is tuple:
        return _stand_ins(value, own)
    if kind is int:
        stand_in = _NO_NUMBER - position
    elif kind is str:
        stand_in = f"{_NO_WORD}{position}"
    elif kind is datetime:
        stand_in = _NO_INSTANT + timedelta(minutes=position)
    else:
        return value
    own[stand_in] = value
    return stand_in


class _Kept:
    """A queryset with its statement."""

    def __init__(self, rows: QuerySet):
        self._rows = rows
        self._compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self._statement, self._given = self._compiler.as_sql()
        _keep_converters(self._compiler)

    def rows(self, own: dict) -> list:
        compiler = copy(self._compiler)
        # Each thread has a connection of its own.
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        statement = self._statement, tuple(own.get(value, value) for value in self._given)
        compiler.as_sql = lambda: statement
        rows = self._rows.all()
        rows.query.get_compiler = lambda using: compiler
        return list(rows)


def _keep_converters(compiler: SQLCompiler) -> None:
    """What makes values of columns depends on the statement alone; for a wide table looking for it anew each time costs
    as much as reading it."""
    kept = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
    compiler.get_converters = lambda expressions: kept


def read_together(questions: Mapping[str, QuerySet]) -> dict[str, list]:
    """Read the rows of several querysets in one statement: a page that shows a little of much asks once.

    Args:
        questions: by name; each with what it joins, in its order.

    Returns:
        the rows of each, as reading it alone would give them.
    """
    return _Together(questions).rows({})


def built_together(build: Callable[..., Mapping[str, QuerySet]]) -> Callable[..., dict[str, list]]:
    """``read_together`` for querysets that are put into SQL once, see ``built_once``."""

    @lru_cache(maxsize=256)
    def kept(*stand_ins) -> _Together:
        return _Together(build(*stand_ins))

    @wraps(build)
    def read(*values) -> dict[str, list]:
        own: dict = {}
        return kept(*_stand_ins(values, own)).rows(own)

    return read


# Where in a row something has to be made of what JSON says, and what.
Takes = Sequence[tuple[int, Callable]]


class _Together:
    """Several querysets with the one statement that reads them: a column of JSON for each."""

    def __init__(self, questions: Mapping[str, QuerySet]):
        self._asked: dict[str, tuple[QuerySet, SQLCompiler, Takes] | None] = {}
        columns, self._given = [], []
        for name, rows in questions.items():
            compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
            try:
                statement, given = compiler.as_sql(with_col_aliases=True)
            except EmptyResultSet:  # it can have no rows
                self._asked[name] = None
                continue
            _keep_converters(compiler)
            takes = [(place, _from_json(column[0].output_field)) for place, column in enumerate(compiler.select)]
            self._asked[name] = rows, compiler, [(place, take) for place, take in takes if take]
            columns.append(f"(SELECT json_agg(rows) FROM ({statement}) rows)::text")
            self._given += given
        self._statement = f"SELECT {', '.join(columns)}" if columns else ""

    def rows(self, own: dict) -> dict[str, list]:
        answers = iter(self._answers(own))
        return {name: self._read(*asked, next(answers)) if asked else [] for name, asked in self._asked.items()}

    def _answers(self, own: dict) -> Sequence[str | None]:
        if not self._statement:
            return ()
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._statement, [own.get(value, value) for value in self._given])
            return cursor.fetchone()

    def _read(self, asked: QuerySet, compiler: SQLCompiler, takes: Takes, answer: str | None) -> list:
        if answer is None:
            return []
        compiler = copy(compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        found = [list(row.values()) for row in json.loads(answer, parse_float=Decimal)]
        for row in found:
            for place, take in takes:
                if row[place] is not None:
                    row[place] = take(row[place])
        compiler.execute_sql = lambda *how, **options: [found]
        rows = asked.all()
        rows.query.get_compiler = lambda using: compiler
        return list(rows)


def _from_json(field: Field) -> Callable | None:
    """What makes of a column's value in JSON the one that the driver would have given; None: it is that."""
    if isinstance(field, JSONField):
        return json.dumps
    if isinstance(field, AS_IN_JSON):
        return None
    return datetime.fromisoformat if isinstance(field, DateTimeField) else field.to_python
