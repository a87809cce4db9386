"""Where something is found: a page leads to forty places, and asking ``reverse`` for each takes a tenth of it."""

from __future__ import annotations

from functools import cache

from django.urls import reverse

# Ids that stand in the place of the real ones while an address is put together; no other part of one is such a number.
_STAND_IN = 7_301_001


def address_of(name: str, *ids: int) -> str:
    """``reverse`` for the address of this name, put together once: from one thing to the next only its ids change."""
    return _put_together(name, len(ids)).format(*ids)


@cache
def _put_together(name: str, how_many: int) -> str:
    stand_ins = range(_STAND_IN, _STAND_IN + how_many)
    address = reverse(name, args=stand_ins)
    for stand_in in stand_ins:
        address = address.replace(str(stand_in), "{:d}")
    return address
