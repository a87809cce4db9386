"""From the first batch to the last, and what has come of it."""

from __future__ import annotations

import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection, transaction

from cases.models import Case, Message, Promise, Subtask
from staff import origins
from staff.origins import Origin
from supportdesk import clock, planner
from supportdesk.load.checking import check
from supportdesk.load.people import CASES_A_CUSTOMER, customers, hire
from supportdesk.load.tables import Copy
from supportdesk.load.telling import Teller, ref

# Whole cases, written in one transaction: what a crash leaves is whole, and the next run goes on behind it.
BATCH = 1_000
# So many batches are written at once: the database spends most of the time on looking up foreign keys.
PENS = 2


class NotHere(Exception):
    """Made-up cases cannot be brought in here. The text is for people."""


def load(count: int, *, seed: int = 1, into_live: bool = False, told: Callable[[int], None] = lambda _: None) -> dict:
    """Bring in made-up cases; those of this seed that are there already stay as they are.

    Args:
        count: how many there shall be of this seed.
        into_live: even beside real cases.
        told: hears after each batch how many are there.

    Returns:
        ``cases``, ``messages``, ``subtasks``, ``promises`` (written now), ``seconds``, ``peak_rss_mb``.

    Raises:
        NotHere: there are real cases; nothing was written.
        Breach: what was written breaks a rule of the desk.
    """
    started = time.perf_counter()
    if not into_live and Case.objects.filter(origin=Origin.LIVE).exists():
        raise NotHere("There are real cases on this desk. Load into another one, or say --into-live.")
    now = clock.now()
    with clock.at(now), origins.bringing_in(Origin.LOAD):
        with transaction.atomic():
            people = hire()
            callers = customers(seed, (count - 1) // CASES_A_CUSTOMER + 1, now)
        teller = Teller(seed, people, callers, now)
        for there in _written(teller, count):
            told(there)
    planner.learn()
    check()
    seconds = time.perf_counter() - started
    written = {
        name: teller.tables[model].taken_out
        for name, model in (("cases", Case), ("messages", Message), ("subtasks", Subtask), ("promises", Promise))
    }
    return written | {"seconds": round(seconds, 2), "peak_rss_mb": _peak_rss_mb()}


def _written(teller: Teller, count: int) -> Iterator[int]:
    """Tell and write batch by batch: while the database takes some in, the next is told. Yields how many are there."""
    with ThreadPoolExecutor(max_workers=PENS, thread_name_prefix="load") as pens:
        writing: deque[tuple[int, Future]] = deque()
        for first in range(0, count, BATCH):
            until = min(first + BATCH, count)
            _tell(teller, range(first, until))
            while len(writing) >= PENS:
                yield _wait_for(writing.popleft())
            writing.append((until, pens.submit(_write, teller.taken())))
        while writing:
            yield _wait_for(writing.popleft())


def _wait_for(batch: tuple[int, Future]) -> int:
    until, written = batch
    written.result()
    return until


def _tell(teller: Teller, numbers: range) -> None:
    refs = {ref(teller.seed, number): number for number in numbers}
    there = set(Case.objects.filter(origin=Origin.LOAD, origin_ref__in=refs).values_list("origin_ref", flat=True))
    for name, number in refs.items():
        if name not in there:
            teller.tell(number)


def _write(batch: list[Copy]) -> None:
    try:
        with transaction.atomic():
            for copy in batch:
                copy.write()
    finally:
        connection.close()  # each thread has its own, which nobody else would close


def _peak_rss_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
