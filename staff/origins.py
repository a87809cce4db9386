"""Where a row came from. Rows that were not made by life on this desk say so, and nothing follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models


class Origin(models.TextChoices):
    LIVE = "", "made here"
    DEMO = "demo", "demo"
    LOAD = "load", "made up in bulk"
    REPLAY_UCI = "replay:uci", "replayed ServiceNow log"
    REPLAY_BPI2013 = "replay:bpi2013", "replayed Volvo IT log"
    REPLAY_BPI2014 = "replay:bpi2014", "replayed Rabobank log"
    REPLAY_HELPDESK = "replay:helpdesk", "replayed Italian help desk log"
    REPLAY_CFPB = "replay:cfpb", "replayed complaints to the CFPB"
    REPLAY_SUMO = "replay:sumo", "replayed questions about Thunderbird"


# How the origin of everything replayed begins.
REPLAYED = "replay:"

_bringing_in: ContextVar[Origin] = ContextVar("bringing_in", default=Origin.LIVE)


def current() -> Origin:
    """The origin that rows written now carry."""
    return _bringing_in.get()


@contextmanager
def bringing_in(origin: Origin) -> Iterator[None]:
    """What is written inside was brought in from elsewhere: it carries ``origin``, its entries are born announced."""
    token = _bringing_in.set(origin)
    try:
        yield
    finally:
        _bringing_in.reset(token)


class OriginField(models.CharField):
    """The origin of a row, filled from ``current()``."""

    def __init__(self, **options):
        options.update(max_length=20, choices=Origin, default=current, blank=True, editable=False)
        super().__init__(**options)

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        for fixed in ("max_length", "choices", "default", "blank", "editable"):
            options.pop(fixed, None)
        return name, path, args, options
