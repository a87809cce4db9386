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

from cases import absence_notices, due_soon, timeline
from cases.models import Entry
from cases.models.timeline import Kind
from cases.verbs import absences, afterwards, promises, silence
from escalations import flags, looking, queue
from escalations.models import LastSweep, RuleSetting, SweepTrouble
from escalations.rules import RULES, Rule, Wish, as_wished
from staff import openings, origins
from supportdesk import clock
from supportdesk.advisory import Alone
from supportdesk.errors import kind_of

log = logging.getLogger(__name__)

# An entry is committed a little after its time. Nothing holds a transaction open for this long.
OVERLAP = timedelta(minutes=15)

# In between, the minute's sweep looks only at what time or an act can have changed since the last one.
EVERYTHING_EVERY = timedelta(minutes=10)
# With more cases than this on which something was done since the last sweep, looking at everything costs no more.
MANY = 2_000
# So many new entries are looked at one by one.
MOST_ENTRIES = 20_000
# What the sweep itself writes about flags changes no flag.
OF_FLAGS = (Kind.FLAG_RAISED, Kind.FLAG_SETTLED, Kind.WENT_HIGHER)

# Held exclusively by a replay while it runs; see `replay_runs_elsewhere`.


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
    everything = _time_for_everything(last, now)
    swept, mark = _sweep_from_mark(last, now, everything)
    _remember(swept.failed, now)
    if mark is not None:
        if everything and mark:
            mark["all_looked_at"] = now
        _keep_mark(now, mark)
    return swept


def sweep_at(now: datetime) -> Swept:
    """By hand, as of another instant (aware datetime): everything that stands is looked at."""
    last = LastSweep.objects.first()
    swept, mark = _sweep_from_mark(last, now, everything=True)
    # An earlier instant than the last one leaves open what happened in between.
    if mark and not (last and last.looked_until and now < last.looked_until):
        until = min(now, clock.now())
        _keep_mark(clock.now(), mark | {"looked_until": until, "all_looked_at": until})
    return swept


def _sweep_from_mark(last: LastSweep | None, now: datetime, everything: bool) -> tuple[Swept, dict | None]:
    """Sweep what nobody has looked at yet.

    Returns:
        what was done; and the new mark: empty when a step failed, so that the old one stays where it was, and None
        when a replay runs, whose cases were left out.
    """
    # Events are looked for by their time when everything is looked at; in between, as they are written down.
    looked_until = last and (last.all_looked_at if everything else last.looked_until)
    since = looked_until - OVERLAP if looked_until else looking.ALWAYS
    entries_until = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    acts_since = last.entries_until if looked_until else None
    leave_out = origins.REPLAYED if replay_runs_elsewhere() else ""
    swept = sweep(now, since=since, acts_since=acts_since, everything=everything, leave_out=leave_out)
    mark = {} if swept.failed else {"looked_until": now, "entries_until": entries_until}
    return swept, None if leave_out else mark


def _keep_mark(finished_at: datetime, mark: dict) -> None:
    LastSweep.objects.update_or_create(pk=1, defaults={"finished_at": finished_at, **mark})


def sweep(
    now: datetime,
    *,
    since: datetime = looking.ALWAYS,
    acts_since: int | None = None,
    everything: bool = True,
    cases: Sequence[int] | None = None,
    leave_out: str = "",
) -> Swept:
    """Tell of absences and of what is due soon, break promises, remind, mark silence, reopen, settle and raise flags.

    A step that fails is said loudly and holds up no other.

    Args:
        now: aware datetime.
        since: events before this have been looked at. Aware datetime.
        acts_since: id of an entry: the later ones are looked at, whenever what they tell of happened. None: nothing
            has been looked at.
        everything: look at everything that stands. Otherwise, of the cases without a later entry, only what has become
            so since ``since`` is raised, and nothing settled.
        cases: ids of the only cases to look at; none: all.
        leave_out: not the cases whose origin begins so.
    """
    started = time.perf_counter()
    scope = {"cases": list(cases) if cases is not None else None, "leave_out": leave_out}
    done: dict[str, int] = {}
    failed: dict[str, str] = {}
    with clock.at(now), timeline.ringing_seldom():
        told_until = None if everything or acts_since is None else since
        for name, step in _steps(now, told_until, partial(_Look, now, since, acts_since, everything, scope), scope):
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
    now: datetime, told_until: datetime | None, look_now: Callable[[], _Look], scope: dict
) -> Iterator[tuple[str, Callable[[], int]]]:
    """Every step with its name, in order: what has ended settles before what is new is raised; then the queue.

    Args:
        told_until: what was due soon by then was told of; None: look at everything.
    """
    yield "keep opening hours", partial(openings.keep, now)
    if scope["cases"] is None:
        yield "tell of absences", partial(absence_notices.tell_due, now)
    yield "begin absences", partial(absences.begin_due, now, **scope)
    yield "end absences", partial(absences.end_due, now, **scope)
    yield "break promises", partial(promises.break_due, now, **scope)
    yield "tell what is due soon", partial(due_soon.tell_due_soon, now, since=told_until, **scope)
    yield "remind", partial(silence.remind_due, now, **scope)
    yield "mark silence", partial(silence.unconfirm_due, now, **scope)
    yield "reopen what nobody decided", partial(afterwards.reopen_undecided, now, **scope)
    look = look_now()
    for rule in RULES:
        if rule.is_condition:
            yield f"settle {rule.name}", partial(look.settle, rule)
    for rule in RULES:
        yield f"raise {rule.name}", partial(look.raise_flags, rule)
    yield "keep the queue", partial(queue.keep, now, **scope)


class _Look:
    """One look for flags: at everything, or at what can have changed since the last one; arguments as ``sweep``."""

    def __init__(self, now: datetime, since: datetime, acts_since: int | None, everything: bool, scope: dict):
        self.now, self.scope, self.wishes = now, scope, as_wished(RULES)
        self.new = _entries_since(acts_since) if acts_since is not None else None
        self.everything = everything or self.new is None or len(self._touched) > MANY
        self.since = since if self.new is not None else looking.ALWAYS

    @cached_property
    def _touched(self) -> list[int]:
        return sorted({entry.case_id for entry in self.new})

    @cached_property
    def _windows(self) -> dict[timedelta, looking.Window]:
        since = looking.ALWAYS if self.everything else self.since
        return looking.windows(since, self.now, {wish.patience for wish in self.wishes.values()})

    def settle(self, rule: Rule) -> int:
        if self.everything:
            return flags.settle_ended(rule, self.now, wish=self.wishes[rule.name], **self.scope)
        if not self._touched:
            return 0
        return flags.settle_ended(rule, self.now, wish=self.wishes[rule.name], **self._of_the_touched())

    def raise_flags(self, rule: Rule) -> int:
        wish = self.wishes[rule.name]
        return self._raise_condition(rule, wish) if rule.is_condition else self._raise_events(rule, wish)

    def _raise_condition(self, rule: Rule, wish: Wish) -> int:
        window = self._windows[wish.patience]._asdict()
        raised = flags.raise_all(rule, self.now, wish=wish, **window, **self.scope)
        if not self.everything and self._touched:
            raised += flags.raise_all(rule, self.now, wish=wish, **self._of_the_touched())
        return raised

    def _raise_events(self, rule: Rule, wish: Wish) -> int:
        """What has been written down since, whenever it happened; what was committed out of turn is found by its time
        when everything is looked at."""
        raised = 0
        if self.new and (entries := [entry.pk for entry in self.new if entry.kind in rule.kinds]):
            raised += flags.raise_for(rule, entries, self.now, wish=wish, **self.scope)
        if self.everything:
            raised += flags.raise_all(rule, self.now, since=self.since, wish=wish, **self.scope)
        return raised

    def _of_the_touched(self) -> dict:
        """The scope, narrowed to the cases on which something was done."""
        within = self.scope["cases"]
        return {**self.scope, "cases": self._touched if within is None else sorted({*self._touched} & {*within})}


def _entries_since(entry: int) -> list[Entry] | None:
    """What was written after this entry; None: so much that looking at all costs no more."""
    written = Entry.objects.filter(pk__gt=entry).exclude(kind__in=OF_FLAGS).order_by("pk")
    new = list(written.only("case_id", "kind")[: MOST_ENTRIES + 1])
    return new if len(new) <= MOST_ENTRIES else None


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

    Asked of a lock that the replaying connection holds, so that a replay that died leaves nothing behind. One statement
    takes it and lets it go with its transaction: a second one might reach another session, through a pool.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [Alone.REPLAYING])
        return not cursor.fetchone()[0]
