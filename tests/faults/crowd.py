"""Many people who act at one moment, again and again: threads that keep their connections from round to round."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable

from django.db import connection


class Crowd:
    """So many threads, each with a connection of its own, for the length of the block."""

    def __init__(self, people: int):
        self._start = threading.Barrier(people)
        self._wishes = [queue.SimpleQueue() for _ in range(people)]
        self._results: queue.SimpleQueue = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._live, args=(place,), daemon=True) for place in range(people)]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        for wishes in self._wishes:
            wishes.put(None)
        for thread in self._threads:
            thread.join(timeout=30)

    def at_once(self, *acts: Callable) -> list:
        """Do all of them at the same moment, at our own time: for each what it returned or the exception it raised."""
        assert len(acts) == len(self._threads)
        for wishes, act in zip(self._wishes, acts, strict=True):
            wishes.put((act, contextvars.copy_context()))
        results = dict(self._results.get(timeout=120) for _ in acts)
        return [results[place] for place in range(len(acts))]

    def _live(self, place: int) -> None:
        try:
            connection.ensure_connection()
            while wish := self._wishes[place].get():
                act, context = wish
                self._start.wait(timeout=60)
                try:
                    result = context.run(act)
                except Exception as failure:
                    result = failure
                self._results.put((place, result))
        finally:
            connection.close()
