"""The whole replay: read everything, then write whole cases, then sweep, then count."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.db import connection
from django.db.models import Min

from cases.models import Case
from escalations.sweep import sweep, sweep_at
from staff import openings, origins
from staff.origins import Origin
from supportdesk import clock, disk, planner
from supportdesk.advisory import Alone
from supportdesk.replay import figures as counting
from supportdesk.replay import uci
from supportdesk.replay.people import People
from supportdesk.replay.reading import BadFile, Malformed, Skipped, read
from supportdesk.replay.rows import Format, Row, Source
from supportdesk.replay.sorting import SortedLog, sorted_on_disk
from supportdesk.replay.writing import Written, write_all

FIGURES = counting.OF_A_LOG
_SWEEP_AFTER = timedelta(hours=1)
# Lines of the second file are counted from here, so that they sort behind those of the first.
_LINES_APART = 1_000_000_000


class NotHere(Exception):
    """This desk cannot take a replay now; its text is a sentence for people."""


class Interrupted(Exception):
    """Somebody pressed Ctrl-C; its text says how to go on. What is written are whole cases."""


class Listener(Protocol):
    """Who is told how it goes."""

    def skipped(self, line: int, reason: str) -> None:
        """A row is left out."""

    def read(self, cases: int, rows: int) -> None:
        """The first pass is over; so much is to be replayed."""

    def replayed(self, rows: int) -> None:
        """A few more cases with so many rows together are there."""


def replay(
    path: Path,
    listener: Listener,
    *,
    form: Format = uci.LOG,
    limit: int | None = None,
    into_live: bool = False,
    processes: int = 1,
) -> dict:
    """Drive a log through the verbs; what is there already stays as it is.

    Args:
        form: what kind of log it is.
        limit: only so many cases, in the order in which the file first names them.
        into_live: even beside real cases.
        processes: how many write at once.

    Returns:
        the figures: see ``docs/replay.md``.

    Raises:
        BadFile: nothing in it can be replayed; nothing was written.
        NotHere: real cases, or another replay at this moment; nothing was written.
        Interrupted: by Ctrl-C.
    """
    started = time.perf_counter()
    with sorted_on_disk() as log:
        left_out = _read_all(form.sources(path), form, log, listener)
        cases = min(log.cases(), limit) if limit is not None else log.cases()
        listener.read(cases, log.rows(cases))
        with _alone(), _going_on_later():
            _require_no_real_cases(into_live)
            teams, people = log.team_names(cases), log.people_with_team(cases)
            with origins.bringing_in(form.origin):
                People(form.origin).hire(teams, people)
                written = _write(log, form, cases, processes, listener)
                _sweep(_when_to_sweep(log, cases), written.pks)
        figures = {
            "events": written.rows,
            "events_applied": written.rows_applied,
            "agents": len(people),
            "departments": len(teams),
            "handoffs": written.handoffs,
            "reopened": written.reopened,
            "skipped_lines": left_out,
            "skipped": left_out,
            **counting.count(written.pks),
        }
        seconds = time.perf_counter() - started
    figures["seconds"] = round(seconds, 2)
    figures["events_per_second"] = round(written.rows_applied / seconds, 1)
    figures["peak_rss_mb"] = counting.peak_rss_mb(children=processes if processes > 1 else 0)
    return {name: figures[name] for name in form.figures}


def _write(log: SortedLog, form: Format, cases: int, processes: int, listener: Listener) -> Written:
    written = Written()
    with closing(write_all(log, form, cases, processes)) as portions:
        for portion in portions:
            written.add(portion)
            listener.replayed(portion.rows)
    return written


@contextmanager
def _going_on_later() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            "Stopped. Every case that is there is whole; start the same command again and it goes on with the others."
        ) from None


def _read_all(sources: Sequence[Source], form: Format, log: SortedLog, listener: Listener) -> int:
    """The first pass: everything onto the disk, in order. How many rows are left out."""
    left_out = 0

    def skip(line: int, reason: str) -> None:
        nonlocal left_out
        left_out += 1
        listener.skipped(line, reason)

    log.add(row for nth, source in enumerate(sources) for row in _rows(source, nth, skip, len(sources) > 1))
    if form.begins_with_opening:
        for line in log.leave_out_without_opening():
            source = sources[line // _LINES_APART]
            skip(line % _LINES_APART, f"no row tells how it began{_in(source, len(sources) > 1)}")
        log.let_callers_speak_for_themselves()
    log.sort()
    if not log.cases():
        raise BadFile(f"{sources[0].path.name} holds no row that could be replayed.")
    return left_out


def _rows(source: Source, nth: int, skip: Callable[[int, str], None], is_one_of_many: bool) -> Iterator[Row]:
    for record in read(source.path, source.needed):
        try:
            if isinstance(record, Skipped):
                raise Malformed(record.reason)
            for row in source.rows_from(record.line, record.cells):
                yield row._replace(line=row.line + nth * _LINES_APART)
        except Malformed as reason:
            skip(record.line, f"{reason}{_in(source, is_one_of_many)}")


def _in(source: Source, is_one_of_many: bool) -> str:
    return f" ({source.path.name})" if is_one_of_many else ""


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock that keeps a second replay out, and the minute's sweep away from these cases."""
    if not _locked():
        raise NotHere("Another replay is running on this desk. Wait until it has ended.")
    disk.be_patient()
    try:
        yield
    finally:
        disk.be_strict()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [Alone.REPLAYING])


def _locked() -> bool:
    # The minute's sweep touches the lock for an instant when it asks whether a replay runs.
    for _ in range(20):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [Alone.REPLAYING])
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.05)
    return False


def _require_no_real_cases(into_live: bool) -> None:
    if not into_live and Case.objects.filter(origin=Origin.LIVE).exists():
        raise NotHere("There are real cases on this desk. Replay into another one, or say --into-live.")


def _sweep(now: datetime, cases: Sequence[int]) -> None:
    """Everything that time has done to these cases; their business hours are reckoned from their beginning on.

    Then the sweep by hand, which finds nothing here: it marks all this as looked at.
    """
    first = Case.objects.filter(pk__in=cases).aggregate(at=Min("opened_at"))["at"]
    openings.keep(first or now)
    planner.learn()
    sweep(now, cases=cases)
    sweep_at(min(now, clock.now()))


def _when_to_sweep(log: SortedLog, cases: int) -> datetime:
    return datetime.fromtimestamp(log.last_instant(cases), UTC) + _SWEEP_AFTER
