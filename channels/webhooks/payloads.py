"""What is sent: that something happened, to which case, and the ids of what it is about. No words of anybody."""

from __future__ import annotations

import json
from datetime import UTC

from cases.models import Entry
from channels.models import Delivery

# What an entry can be about, by the names of its columns; the API has each under its id.
ABOUT = (
    "message",
    "note",
    "promise",
    "subtask",
    "handover",
    "resolution",
    "attempt",
    "estimate",
    "complaint",
    "refusal",
    "participant",
    "amends",
    "concession",
    "appeal",
)


def payload(delivery: Delivery) -> dict:
    """What one delivery says, as things stand now.

    Args:
        delivery: with its webhook, entry, the entry's case and other case.
    """
    entry = delivery.entry
    return {
        "id": delivery.event_id,
        "type": entry.kind,
        "timestamp": entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {
            "case": entry.case.number,
            "state_version": _newest(entry),
            "actor": entry.actor,
            "about": _about(entry, confidential=delivery.webhook.sends_confidential),
        },
    }


def body(delivery: Delivery) -> bytes:
    return json.dumps(payload(delivery), separators=(",", ":")).encode()


def _newest(entry: Entry) -> int:
    """The id of the case's newest entry: by it a receiver knows which of two tellings is the later one."""
    newest = Entry.objects.filter(case=entry.case_id).order_by("-pk").values_list("pk", flat=True)
    return newest[:1].get()


def _about(entry: Entry, *, confidential: bool) -> dict[str, int | str]:
    found = {name: pk for name in ABOUT if (pk := getattr(entry, f"{name}_id")) is not None}
    other = entry.other_case
    # That a confidential case is joined to this one is part of what nobody is to know.
    if other is not None and (confidential or not other.is_confidential):
        found["other_case"] = other.number
    return found
