"""Pages by key: the next page begins behind the last row shown, so that it costs the same however far down it is."""

from __future__ import annotations

from datetime import datetime


def write_key(key: tuple[datetime | None, int] | None) -> str:
    """The key of a page for its address; empty: there is no such page.

    Args:
        key: the last row's instant (aware datetime, or None for rows without) and id.
    """
    if key is None:
        return ""
    instant, pk = key
    return f"{instant.isoformat() if instant else ''}~{pk}"


def read_key(text: str) -> tuple[datetime | None, int] | None:
    """The key from an address; None for the first page, and for anything that is no key."""
    instant, mark, pk = text.partition("~")
    if not mark or not pk.isascii() or not pk.isdigit() or len(pk) > 18:
        return None
    try:
        at = datetime.fromisoformat(instant) if instant else None
    except ValueError:
        return None
    return None if at is not None and at.tzinfo is None else (at, int(pk))
