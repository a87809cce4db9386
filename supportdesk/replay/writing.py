"""The second pass: cases that are not there yet are written, each whole, by several processes at once."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from django.db import connection

from cases.models import Case
from staff import origins
from supportdesk import disk
from supportdesk.embedded.children import die_with_parent
from supportdesk.replay.people import People
from supportdesk.replay.rows import Format, Row, changes
from supportdesk.replay.sorting import SortedLog, opened

# Enough that asking which of them are there costs little, few enough that Ctrl-C waits for a moment only.
_AT_A_TIME = 20


@dataclass
class Written:
    """What some cases of the log have come to.

    Attributes:
        pks: ids of their rows, those that were there before too.
        rows, rows_applied: of the log; those of the cases that were written now.
        handoffs: changes between known teams. reopened: cases that were.
    """

    pks: list[int] = field(default_factory=list)
    rows: int = 0
    rows_applied: int = 0
    handoffs: int = 0
    reopened: int = 0

    def add(self, other: Written) -> None:
        self.pks += other.pks
        self.rows += other.rows
        self.rows_applied += other.rows_applied
        self.handoffs += other.handoffs
        self.reopened += other.reopened

    def count(self, rows: list[Row], log: Format) -> None:
        """What one case's rows say of themselves."""
        found = list(changes(rows, log))
        self.rows += len(rows)
        self.handoffs += sum(change.hands_off for change in found)
        self.reopened += any(change.reopens for change in found)


def write_all(log: SortedLog, form: Format, cases: int, processes: int) -> Iterator[Written]:
    """Write the first so many cases, and say after each few what came of them.

    Args:
        form: what kind of log it is.
        processes: how many write at once; with 1 it is this one.
    """
    portions = [(first, min(first + _AT_A_TIME, cases)) for first in range(0, cases, _AT_A_TIME)]
    if processes == 1:
        people = People(form.origin)
        for first, end in portions:
            yield _write(log, form, first, end, people)
    else:
        yield from _write_together(log.path, form, portions, processes)


def _write(log: SortedLog, form: Format, first: int, end: int, people: People) -> Written:
    written = Written()
    cases = list(log.in_order(first, end))
    there = _there([number for number, _ in cases], form)
    with origins.bringing_in(form.origin), _without_savepoints():
        for number, rows in cases:
            if number not in there:
                there[number] = form.drive(number, rows, people, form).pk
                written.rows_applied += len(rows)
            written.pks.append(there[number])
            written.count(rows, form)
    return written


def _there(numbers: list[str], form: Format) -> dict[str, int]:
    cases = Case.objects.filter(origin=form.origin, origin_ref__in=numbers)
    return dict(cases.values_list("origin_ref", "pk"))


@contextmanager
def _without_savepoints() -> Iterator[None]:
    """A case is written whole or not at all, so nobody goes back to the middle of it: a quarter of all statements."""
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        connection.features.uses_savepoints = True


# -- several processes -------------------------------------------------------------------------------------------------


def _write_together(log: Path, form: Format, portions: list[tuple[int, int]], processes: int) -> Iterator[Written]:
    # Forked: the settings and everything imported are there already, and most memory is shared.
    together = ProcessPoolExecutor(
        processes, get_context("fork"), initializer=_begin, initargs=(log, form, die_with_parent(signal.SIGTERM))
    )
    try:
        waiting: list[Future[Written]] = [together.submit(_write_portion, *portion) for portion in portions]
        for portion in waiting:
            yield portion.result()
    finally:
        # Those who are in the middle of a portion finish it, so only whole cases are left.
        together.shutdown(cancel_futures=True)


@dataclass
class _Mine:
    """What a writing process has for itself."""

    log: SortedLog
    form: Format
    people: People


_mine: _Mine | None = None


def _begin(log: Path, form: Format, die_with_parent) -> None:
    """The first thing in a writing process."""
    global _mine
    # Ctrl-C reaches every process of the terminal; the one that was started says when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if die_with_parent:
        die_with_parent()
    # The connection at hand is our parent's: forgotten, not closed.
    connection.connection = None
    disk.be_patient()
    # What is alive now stays alive: the collector need not walk through it after every few rows.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    _mine = _Mine(opened(log), form, People(form.origin))


def _write_portion(first: int, end: int) -> Written:
    return _write(_mine.log, _mine.form, first, end, _mine.people)
