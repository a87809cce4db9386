"""Starts a worker anew that lives and no longer hears the bell.

After its broker was away a worker can stay up and consume nothing for good (Celery's issues 8030, 9054 and 10205). From
outside it looks alive, so it watches itself: bells wait in the queue, it has nothing in hand, and none has reached it.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time

import psutil
from celery import Celery
from celery.signals import task_received
from celery.worker import state
from django.conf import settings
from redis import Redis, RedisError

from supportdesk.queues import QUEUES

log = logging.getLogger(__name__)

PATIENCE = float(os.environ.get("DEAF_SECONDS", 20))  # in which bells wait and nothing is heard
LOOK_EVERY = PATIENCE / 4  # seconds


class Watch:
    """What one worker has heard.

    Args:
        queues: the names of the lists in which its bells wait.
    """

    def __init__(self, *queues: str):
        self._queues = queues
        self._deaf_since: float | None = None

    def hear(self, **_) -> None:
        """A bell has arrived."""
        self._deaf_since = None

    def is_deaf(self, now: float) -> bool:
        """Whether bells have waited for longer than anybody should let them.

        Args:
            now: seconds of a clock that never goes back.
        """
        if state.active_requests or not self._somebody_rings():
            self._deaf_since = None
            return False
        if self._deaf_since is None:
            self._deaf_since = now
        return now - self._deaf_since >= PATIENCE

    def _somebody_rings(self) -> bool:
        try:
            with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as redis:
                return any(redis.llen(queue) for queue in self._queues)
        except RedisError:
            return False  # nobody can ring


def watch(sender, **_) -> None:
    """Begin to watch the worker that has just become ready.

    Args:
        sender: its consumer.
    """
    own = Watch(*_its_queues(sender.app))
    task_received.connect(own.hear, weak=False)
    threading.Thread(target=_look_on, args=(own,), name="watchdog", daemon=True).start()


def _its_queues(app: Celery) -> list[str]:
    """Those of the desk that this worker was told to take; one that takes none of them still knows of the default."""
    return [name for name in app.amqp.queues.consume_from if name in QUEUES] or [app.conf.task_default_queue]


def _look_on(own: Watch) -> None:
    while True:
        time.sleep(LOOK_EVERY)
        if own.is_deaf(time.monotonic()):
            log.error("Bells wait and this worker hears none: it starts anew.")
            _start_anew()


def _start_anew() -> None:
    """The same command in the same process; what its children have in hand is delivered again."""
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
