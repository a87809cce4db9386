"""The sweep: everything that the passing of time does to cases, in sets. Sweeping twice changes nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from cases.verbs import afterwards, promises, silence
from escalations import flags
from escalations.models import LastSweep
from escalations.rules import RULES
from staff import origins
from supportdesk import clock

# An entry is committed a little after its time. Nothing holds a transaction open for this long.
OVERLAP = timedelta(hours=1)

# Held exclusively by a replay while it runs; see `replay_runs_elsewhere`.
REPLAY_LOCK = 7_301_001


@dataclass(frozen=True)
class Swept:
    """What one sweep did: flags raised and settled by rule, and the seconds it took."""

    raised: dict[str, int]
    settled: dict[str, int]
    seconds: float


def sweep_now() -> Swept:
    """The minute's sweep: everything that is due by the database's clock."""
    now = clock.now()
    last = LastSweep.objects.first()
    since = last.finished_at - OVERLAP if last else flags.ALWAYS
    replaying = replay_runs_elsewhere()
    swept = sweep(now, since=since, leave_out=origins.REPLAYED if replaying else "")
    # What was left out has to be looked at from the beginning, so the mark stays where it was.
    if not replaying:
        LastSweep.objects.update_or_create(pk=1, defaults={"finished_at": now})
    return swept


def sweep(
    now: datetime, *, since: datetime = flags.ALWAYS, cases: Sequence[int] | None = None, leave_out: str = ""
) -> Swept:
    """Break promises, remind, mark silence, reopen, settle and raise flags, all as of ``now``.

    Args:
        now: aware datetime.
        since: events before this have been looked at. Aware datetime.
        cases: ids of the only cases to look at; none: all.
        leave_out: not the cases whose origin begins so.
    """
    started = time.perf_counter()
    scope = {"cases": list(cases) if cases is not None else None, "leave_out": leave_out}
    with clock.at(now):
        promises.break_due(now, **scope)
        silence.remind_due(now, **scope)
        silence.unconfirm_due(now, **scope)
        afterwards.reopen_undecided(now, **scope)
        settled = {rule.name: flags.settle_ended(rule, now, **scope) for rule in RULES}
        raised = {rule.name: flags.raise_all(rule, now, since=since, **scope) for rule in RULES}
    return Swept(raised, settled, time.perf_counter() - started)


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
