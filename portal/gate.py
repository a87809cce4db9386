"""Keeping programs out of the intake form without asking people to prove anything.

A field that no person sees, a form that no person fills in a moment, and counts in the cache. The counts are doors, not
records: without the cache everybody is let in.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.core.cache import cache
from django.utils.translation import gettext as _

from supportdesk import clock

TRAP = "website"
STAMP = "seen"
FASTEST = timedelta(seconds=3)
LONGEST_OPEN = timedelta(hours=24)
_SALT = "portal.gate"


@dataclass(frozen=True)
class Limit:
    """How many may be sent within a stretch of time, counted for one thing."""

    of: str
    most: int
    within: timedelta


LIMITS = (
    Limit("network", 20, timedelta(hours=1)),
    Limit("address", 10, timedelta(days=1)),
    Limit("everybody", 600, timedelta(hours=1)),
)


def stamp() -> str:
    """When a form was first shown, signed."""
    return signing.dumps(clock.now().timestamp(), salt=_SALT)


def objection(posted: Mapping[str, str]) -> str:
    """Why this form looks as if no person had filled it, as a sentence for the person who did; empty if all is well."""
    if posted.get(TRAP):
        return _("Something filled in a field that people do not see. Please press the button once more.")
    seen = _seen_at(posted.get(STAMP, ""))
    if seen is None or clock.now() - seen > LONGEST_OPEN:
        return _("This page has been open for a long time. Please press the button once more.")
    if clock.now() - seen < FASTEST:
        return _("That was very quick. Please look it over and press the button once more.")
    return ""


def kept_stamp(posted: Mapping[str, str]) -> str:
    """The stamp to show again: the same one while it holds, so that the time already taken counts."""
    seen = _seen_at(posted.get(STAMP, ""))
    return posted[STAMP] if seen and clock.now() - seen <= LONGEST_OPEN else stamp()


def shut_until(ip: str, addresses: list[str]) -> datetime | None:
    """Count one sending; until when the door is shut if that was one too many.

    Args:
        ip: the sender's address; anything else is not counted as a network.
        addresses: what the sender says they can be reached at, normalised.

    Returns:
        Aware datetime, UTC; none: come in.
    """
    values = {"network": [_network(ip)], "address": addresses, "everybody": ["all"]}
    asked = [(limit, _window(limit), value) for limit in LIMITS for value in values[limit.of] if value]
    counts = cache.count({_key(*each): int(each[0].within.total_seconds()) for each in asked})
    # Where nobody counts there are no counts, and everybody is let in.
    too_many = [(limit, window) for (limit, window, _), count in zip(asked, counts, strict=False) if count > limit.most]
    return max((_end(*each) for each in too_many), default=None)


def _window(limit: Limit) -> int:
    """The stretch of time in which we are now, counted from 1970."""
    return int(clock.now().timestamp()) // int(limit.within.total_seconds())


def _end(limit: Limit, window: int) -> datetime:
    return datetime.fromtimestamp((window + 1) * limit.within.total_seconds(), UTC)


def _key(limit: Limit, window: int, value: str) -> str:
    # Nobody's address stands in the cache.
    return f"intake:{limit.of}:{hashlib.sha256(value.encode()).hexdigest()[:32]}:{window}"


def _network(ip: str) -> str:
    """The network that one household or office has: a single IPv4 address, or 64 bits of IPv6."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False))


def _seen_at(signed: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(signing.loads(signed, salt=_SALT), UTC)
    except signing.BadSignature:
        return None
