"""Announcing: what follows from committed entries, done once, whatever dies in between."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from cases.models import Entry
from supportdesk import clock, crash
from supportdesk.models import Begun, FailedReaction
from supportdesk.reactions import OF_EVERY_KIND, REACTIONS, Reaction, reactions_now

log = logging.getLogger(__name__)

BATCH = 100
MOST_BATCHES = 50
GIVE_UP_AFTER = 5
DEADLY_AFTER = 3  # processes killed
SURELY_DEAD = timedelta(seconds=10)  # whoever began an entry longer ago than this, and does not hold it, is dead
TRY_AGAIN_IN = timedelta(minutes=1)
# What reactions look at, read with the entries.
ABOUT = (
    "case__owner",
    "handover__from_agent",
    "handover__to_agent",
    "complaint__owner",
    "refusal__said_by_agent",
)


def announce() -> int:
    """Announce what waits, oldest first, in bounded batches; how many entries were announced.

    Several workers may do this at once: each claims what nobody else holds. What killed its process comes last and
    alone, so that it takes nothing with it.
    """
    announced = 0
    for _ in range(MOST_BATCHES):
        begun = _begin()
        announced += _announce(begun)
        if len(begun) < BATCH:
            break
    announced += sum(_announce_alone(pk) for pk in _left_over())
    _try_again()
    return announced


@transaction.atomic
def _begin() -> list[int]:
    """Write down, before anything can go wrong, what is begun: the oldest entries that nobody has begun."""
    fresh = list(
        Entry.objects.unannounced()
        .filter(~Exists(Begun.objects.filter(entry=OuterRef("pk"))))
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    Begun.objects.bulk_create([Begun(entry_id=pk, at=clock.now()) for pk in fresh], ignore_conflicts=True)
    return fresh


@transaction.atomic
def _announce(begun: Sequence[int]) -> int:
    entries = list(
        Entry.objects.unannounced()
        .filter(pk__in=begun)
        .select_related(*ABOUT)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")
    )
    reactions = reactions_now()
    for entry in entries:
        crash.here("entry.claimed")
        crash.here(f"entry.{entry.pk}")
        for reaction in reactions(entry.kind):
            _react(entry, reaction)
    # In the same transaction as what followed: a crash leaves both undone, never one of them.
    _done([entry.pk for entry in entries])
    crash.here("entry.announced")
    return len(entries)


def _done(entries: Sequence[int]) -> None:
    Entry.objects.filter(pk__in=entries).update(announced_at=clock.now())
    Begun.objects.filter(entry__in=entries).delete()


def _left_over() -> list[int]:
    return list(Begun.objects.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _announce_alone(pk: int) -> int:
    """Try once more what was left over, counted first; after the third dead process give it up, loudly."""
    with transaction.atomic():
        # Who works on it holds the entry; then there is nothing to do here.
        entry = Entry.objects.unannounced().filter(pk=pk).select_for_update(of=("self",), skip_locked=True).first()
        begun = Begun.objects.filter(pk=pk).first()
        if entry is None or begun is None:
            return 0
        if begun.attempts >= DEADLY_AFTER:
            return _give_up(entry, begun) if begun.at <= clock.now() - SURELY_DEAD else 0
        Begun.objects.filter(pk=pk).update(attempts=F("attempts") + 1, at=clock.now())
    return _announce([pk])


def _give_up(entry: Entry, begun: Begun) -> int:
    log.error("Entry %s killed %s processes: what follows from it is given up.", entry.pk, begun.attempts)
    for reaction in reactions_now()(entry.kind):
        FailedReaction.objects.get_or_create(
            entry=entry,
            reaction=reaction.__name__,
            defaults={"attempts": begun.attempts, "error": "It killed its process.", "try_again_at": None},
        )
    _done([entry.pk])
    return 1


def _react(entry: Entry, reaction: Reaction) -> bool:
    try:
        with transaction.atomic():
            reaction(entry)
    except Exception as failure:
        log.exception("The reaction %s failed on entry %s.", reaction.__name__, entry.pk)
        _keep_failure(entry, reaction, failure)
        return False
    return True


def _keep_failure(entry: Entry, reaction: Reaction, failure: Exception) -> None:
    again = clock.now() + TRY_AGAIN_IN
    error = f"{type(failure).__name__}: {failure}"[:300]
    row, new = FailedReaction.objects.get_or_create(
        entry=entry, reaction=reaction.__name__, defaults={"error": error, "try_again_at": again}
    )
    if not new:
        attempts = row.attempts + 1
        if attempts >= GIVE_UP_AFTER:
            log.error("The reaction %s on entry %s is given up after %s attempts.", row.reaction, entry.pk, attempts)
        FailedReaction.objects.filter(pk=row.pk).update(
            attempts=F("attempts") + 1,
            error=error,
            try_again_at=None if attempts >= GIVE_UP_AFTER else clock.now() + attempts * TRY_AGAIN_IN,
        )


@transaction.atomic
def _try_again() -> None:
    due = (
        FailedReaction.objects.filter(try_again_at__lte=clock.now())
        .select_related(*(f"entry__{row}" for row in ABOUT))
        .select_for_update(of=("self",), skip_locked=True)[:BATCH]
    )
    for failed in due:
        possible = REACTIONS.get(failed.entry.kind, ()) + OF_EVERY_KIND
        reaction = next((r for r in possible if r.__name__ == failed.reaction), None)
        if reaction is None or _react(failed.entry, reaction):
            failed.delete()
