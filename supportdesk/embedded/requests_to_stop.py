"""Ctrl-C, SIGTERM and a closed terminal, counted: the first asks for an end in order, a second one hastens it."""

from __future__ import annotations

import signal


class Stopping(Exception):
    """Somebody asked us to end."""


class RequestsToStop:
    """Counts the requests from the moment ``listen`` is called."""

    def __init__(self):
        self.count = 0

    def listen(self) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._noted)

    def heed(self) -> None:
        """Raise ``Stopping`` if somebody has asked. Called in every loop that waits for something."""
        if self.count:
            raise Stopping

    def _noted(self, *_) -> None:
        self.count += 1
