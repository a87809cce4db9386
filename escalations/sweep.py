"""The sweep: everything that the passing of time does to cases, in sets. Sweeping twice changes nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial

from django.db import DatabaseError, connection
from django.db.models import F, Max

from cases import absence_notices, due_soon
from cases.models import Entry
from cases.verbs import absences, afterwards, promises, silence
from escalations import flags, looking, queue
from escalations.models import LastSweep, RuleSetting, SweepTrouble
from escalations.rules import RULES, Rule, Wish, as_wished
from staff import openings, origins
from supportdesk import clock
from supportdesk.errors import kind_of

log = logging.getLogger(__name__)

# An entry is committed a little after its time. Nothing holds a transaction open for this long.
OVERLAP = timedelta(hours=1)

# In between, the minute's sweep looks only at what time or an act can have changed since the last one.
EVERYTHING_EVERY = timedelta(minutes=10)
# With more acts than this since the last sweep, looking at everything costs no more.
MANY = 2_000

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
    """The minute's sweep: everything that is due by the database's clock.

    What has stood for long is looked at every ten minutes; in between only what has become due since the last sweep,
    and the cases on which something has been done.
    """
    now = clock.now()
    last = LastSweep.objects.first()
    since = last.looked_until - OVERLAP if last and last.looked_until else looking.ALWAYS
    entries_until = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    acts_since = None if _time_for_everything(last, now) else last.entries_until
    replaying = replay_runs_elsewhere()
    swept = sweep(now, since=since, acts_since=acts_since, leave_out=origins.REPLAYED if replaying else "")
    _remember(swept.failed, now)
    # What was left out or failed has to be looked at from the beginning, so the mark of the events stays where it was.
    if not replaying:
        mark = {} if swept.failed else {"looked_until": now, "entries_until": entries_until}
        if acts_since is None and not swept.failed:
            mark["all_looked_at"] = now
        LastSweep.objects.update_or_create(pk=1, defaults={"finished_at": now, **mark})
    return swept


def sweep(
    now: datetime,
    *,
    since: datetime = looking.ALWAYS,
    acts_since: int | None = None,
    cases: Sequence[int] | None = None,
    leave_out: str = "",
) -> Swept:
    """Tell of absences and of what is due soon, break promises, remind, mark silence, reopen, settle and raise flags.

    A step that fails is said loudly and holds up no other.

    Args:
        now: aware datetime.
        since: events before this have been looked at. Aware datetime.
        acts_since: id of an entry. Of the cases without a later one only what has become so since ``since`` is raised,
            and nothing settled. None: everything that stands is looked at.
        cases: ids of the only cases to look at; none: all.
        leave_out: not the cases whose origin begins so.
    """
    started = time.perf_counter()
    scope = {"cases": list(cases) if cases is not None else None, "leave_out": leave_out}
    done: dict[str, int] = {}
    failed: dict[str, str] = {}
    with clock.at(now):
        for name, step in _steps(now, since, acts_since, scope):
            try:
                done[name] = step()
            except Exception as failure:
                log.exception("The sweep's step “%s” failed; the others go on.", name)
                failed[name] = kind_of(failure)
                _must_be_usable(failure)
    raised = {rule.name: done.get(f"raise {rule.name}", 0) for rule in RULES}
    settled = {rule.name: done.get(f"settle {rule.name}", 0) for rule in RULES}
    return Swept(raised, settled, time.perf_counter() - started, failed)


def _steps(
    now: datetime, since: datetime, acts_since: int | None, scope: dict
) -> Iterator[tuple[str, Callable[[], int]]]:
    """Every step with its name, in order: what has ended settles before what is new is raised; then the queue."""
    yield "keep opening hours", partial(openings.keep, now)
    if scope["cases"] is None:
        yield "tell of absences", partial(absence_notices.tell_due, now)
    yield "begin absences", partial(absences.begin_due, now, **scope)
    yield "end absences", partial(absences.end_due, now, **scope)
    yield "break promises", partial(promises.break_due, now, **scope)
    yield "tell what is due soon", partial(due_soon.tell_due_soon, now, **scope)
    yield "remind", partial(silence.remind_due, now, **scope)
    yield "mark silence", partial(silence.unconfirm_due, now, **scope)
    yield "reopen what nobody decided", partial(afterwards.reopen_undecided, now, **scope)
    look = _Look(now, since, _touched_since(acts_since), scope, as_wished(RULES))
    for rule in RULES:
        if rule.is_condition:
            yield f"settle {rule.name}", partial(look.settle, rule)
    for rule in RULES:
        yield f"raise {rule.name}", partial(look.raise_flags, rule)
    yield "keep the queue", partial(queue.keep, now, **scope)


class _Look:
    """One look for flags: at everything, or at what can have changed since the last one.

    Args:
        touched: the cases on which something was done since; None: look at everything.
        scope: what every set form is told.
    """

    def __init__(self, now: datetime, since: datetime, touched: list[int] | None, scope: dict, wishes: dict[str, Wish]):
        self.now, self.since, self.touched, self.scope, self.wishes = now, since, touched, scope, wishes

    @cached_property
    def _windows(self) -> dict[timedelta, looking.Window]:
        since = self.since if self.touched is not None else looking.ALWAYS
        return looking.windows(since, self.now, {wish.patience for wish in self.wishes.values()})

    @cached_property
    def _kinds(self) -> set[str] | None:
        return looking.kinds_since(self.since) if self.since > looking.ALWAYS else None

    def settle(self, rule: Rule) -> int:
        if self.touched == []:
            return 0
        return flags.settle_ended(rule, self.now, wish=self.wishes[rule.name], **self._of_the_touched())

    def raise_flags(self, rule: Rule) -> int:
        wish = self.wishes[rule.name]
        if not rule.is_condition:
            if self._kinds is not None and self._kinds.isdisjoint(rule.kinds):
                return 0
            return flags.raise_all(rule, self.now, since=self.since, wish=wish, **self.scope)
        window = self._windows[wish.patience]._asdict()
        raised = flags.raise_all(rule, self.now, wish=wish, **window, **self.scope)
        if self.touched:
            raised += flags.raise_all(rule, self.now, wish=wish, **self._of_the_touched())
        return raised

    def _of_the_touched(self) -> dict:
        return self.scope if self.touched is None else {**self.scope, "cases": self.touched}


def _touched_since(entry: int | None) -> list[int] | None:
    """The cases on which something was done after this entry; None: so many, or nobody knows, that all are looked at.

    An entry that was committed out of turn is missed here, and found when everything is looked at.
    """
    if entry is None:
        return None
    touched = Entry.objects.filter(pk__gt=entry).order_by().values_list("case", flat=True).distinct()[: MANY + 1]
    return list(touched) if len(touched) <= MANY else None


def _time_for_everything(last: LastSweep | None, now: datetime) -> bool:
    if last is None or last.all_looked_at is None or last.entries_until is None:
        return True
    if not timedelta() <= now - last.all_looked_at < EVERYTHING_EVERY:
        return True
    return RuleSetting.objects.filter(changed_at__gte=last.all_looked_at).exists()


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
