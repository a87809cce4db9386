"""The scene, once for each test, on Wednesday morning."""

from __future__ import annotations

import logging

import pytest

from supportdesk import clock
from tests.cast import WEDNESDAY
from tests.matrix.scene import Scene, build


@pytest.fixture
def scene(cast, settings) -> Scene:
    # A webhook on this machine, and more questions a minute than anybody asks: here it is about who, not how many.
    settings.WEBHOOKS_TO_PRIVATE = True
    settings.API_A_MINUTE = settings.API_A_MINUTE_UNKNOWN = 1_000_000
    built = build(cast)
    # Thousands of refusals, each of which would be told with where it came from.
    logging.disable(logging.WARNING)
    with clock.at(WEDNESDAY):
        yield built
    logging.disable(logging.NOTSET)
