"""The sweep: everything that the passing of time does to cases, in sets. Sweeping twice changes nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, connection
from django.db.models import F

from cases.verbs import afterwards, promises, silence
from escalations import flags
from escalations.models import LastSweep, SweepTrouble
from escalations.rules import RULES
from staff import origins
from supportdesk import clock
from supportdesk.errors import kind_of

log = logging.getLogger(__name__)

# An entry is committed a little after its time. Nothing holds a transaction open for this long.
OVERLAP = timedelta(hours=1)

# Held exclusively by a replay while it runs; see `replay_runs_elsewhere`.
REPLAY_LOCK = 7_301_001


@dataclass(frozen=True)
class Swept:
    """What one sweep did: flags raised and settled by rule, the seconds it took, and which steps failed with what kind
    of error."""

    raised: dict[str, int]
    settled: dict[str, int]
    seconds: float
    failed: dict[str, str]


def sweep_now() -> Swept:
    """The minute's sweep: everything that is due by the database's clock."""
    now = clock.now()
    last = LastSweep.objects.first()
    since = last.looked_until - OVERLAP if last and last.looked_until else flags.ALWAYS
    replaying = replay_runs_elsewhere()
    swept = sweep(now, since=since, leave_out=origins.REPLAYED if replaying else "")
    _remember(swept.failed, now)
    # What was left out or failed has to be looked at from the beginning, so the mark of the events stays where it was.
    if not replaying:
        mark = {} if swept.failed else {"looked_until": now}
        LastSweep.objects.update_or_create(pk=1, defaults={"finished_at": now, **mark})
    return swept


def sweep(
    now: datetime, *, since: datetime = flags.ALWAYS, cases: Sequence[int] | None = None, leave_out: str = ""
) -> Swept:
    """Break promises, remind, mark silence, reopen, settle and raise flags, all as of ``now``.

    A step that fails is said loudly and holds up no other.

    Args:
        now: aware datetime.
        since: events before this have been looked at. Aware datetime.
        cases: ids of the only cases to look at; none: all.
        leave_out: not the cases whose origin begins so.
    """
    started = time.perf_counter()
    scope = {"cases": list(cases) if cases is not None else None, "leave_out": leave_out}
    done: dict[str, int] = {}
    failed: dict[str, str] = {}
    with clock.at(now):
        for name, step in _steps(now, since, scope):
            try:
                done[name] = step()
            except Exception as failure:
                log.exception("The sweep's step “%s” failed; the others go on.", name)
                failed[name] = kind_of(failure)
                _must_be_usable(failure)
    raised = {rule.name: done.get(f"raise {rule.name}", 0) for rule in RULES}
    settled = {rule.name: done.get(f"settle {rule.name}", 0) for rule in RULES}
    return Swept(raised, settled, time.perf_counter() - started, failed)


def _steps(now: datetime, since: datetime, scope: dict) -> Iterator[tuple[str, Callable[[], int]]]:
    """Every step with its name, in order: what has ended settles before what is new is raised."""
    yield "break promises", partial(promises.break_due, now, **scope)
    yield "remind", partial(silence.remind_due, now, **scope)
    yield "mark silence", partial(silence.unconfirm_due, now, **scope)
    yield "reopen what nobody decided", partial(afterwards.reopen_undecided, now, **scope)
    for rule in RULES:
        yield f"settle {rule.name}", partial(flags.settle_ended, rule, now, **scope)
    for rule in RULES:
        yield f"raise {rule.name}", partial(flags.raise_all, rule, now, since=since, **scope)


def _must_be_usable(failure: Exception) -> None:
    """Without a database there is nothing to go on with, nor inside a transaction that the failure has broken."""
    if isinstance(failure, DatabaseError) and (not connection.is_usable() or connection.needs_rollback):
        raise failure


def _remember(failed: dict[str, str], now: datetime) -> None:
    """Keep what fails where ``/readyz`` looks; forget what works again."""
    SweepTrouble.objects.exclude(step__in=failed).delete()
    for step, error in failed.items():
        SweepTrouble.objects.update_or_create(
            step=step,
            defaults={"failed_at": now, "times": F("times") + 1, "error": error},
            create_defaults={"since": now, "failed_at": now, "error": error},
        )


def replay_runs_elsewhere() -> bool:
    """Whether another process is replaying a log at this moment.

    Asked of a lock that the replaying connection holds, so that a replay that died leaves nothing behind.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock_shared(%s)", [REPLAY_LOCK])
        free = cursor.fetchone()[0]
        if free:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [REPLAY_LOCK])
    return not free
