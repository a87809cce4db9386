"""Announcing: what follows from committed entries, done once, whatever dies in between."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from cases.models import Entry
from supportdesk import clock
from supportdesk.models import FailedReaction
from supportdesk.reactions import REACTIONS, Reaction

log = logging.getLogger(__name__)

BATCH = 100
MOST_BATCHES = 50
GIVE_UP_AFTER = 5
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

    Several workers may do this at once: each claims what nobody else holds.
    """
    announced = 0
    for _ in range(MOST_BATCHES):
        batch = _announce_batch()
        announced += batch
        if batch < BATCH:
            break
    _try_again()
    return announced


@transaction.atomic
def _announce_batch() -> int:
    entries = list(
        Entry.objects.unannounced()
        .select_related(*ABOUT)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")[:BATCH]
    )
    for entry in entries:
        for reaction in REACTIONS.get(entry.kind, ()):
            _react(entry, reaction)
    # In the same transaction as what followed: a crash leaves both undone, never one of them.
    Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(announced_at=clock.now())
    return len(entries)


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
        reaction = next((r for r in REACTIONS.get(failed.entry.kind, ()) if r.__name__ == failed.reaction), None)
        if reaction is None or _react(failed.entry, reaction):
            failed.delete()
