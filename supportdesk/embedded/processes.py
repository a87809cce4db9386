"""The desk's own three programs, as the rest of Python's arguments: web, worker and beat.

``up`` starts them as its children. On a machine of its own, or in a container, each is started alone with the same
arguments: ``python -m supportdesk.embedded.processes web``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from supportdesk.embedded.front_door import FrontDoor
from supportdesk.embedded.wishes import wishes_from

WEB_WORKERS, WEB_THREADS, TASKS_AT_ONCE = 2, 4, 2
CELERY = ("-m", "celery", "-A", "supportdesk")


def web(bind: str) -> list[str]:
    """Gunicorn; ``bind`` is host and port."""
    return [
        *("-m", "gunicorn", "supportdesk.wsgi:application", "--bind", bind),
        *("--worker-class", "gthread", "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)),
        # No access log: its request lines would hold customers' keys. What goes wrong is logged by Django, masked.
        *("--graceful-timeout", "10", "--no-control-socket"),
    ]


def worker() -> list[str]:
    """Celery's worker, without the talk between workers that nobody listens to."""
    return [
        *(*CELERY, "worker", "--concurrency", str(TASKS_AT_ONCE), "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def beat(schedule: Path) -> list[str]:
    """Celery's clock. The schedule file is this process's own; a second beat has another."""
    return [*CELERY, "beat", "--schedule", str(schedule), "--loglevel", "INFO"]


def alone(name: str) -> list[str]:
    """The arguments of a program that runs without ``up``, by the environment.

    Raises:
        KeyError: there is no such program.
    """
    wishes = wishes_from(os.environ, demo_exists=False)
    return {
        "web": lambda: web(FrontDoor(wishes.host, wishes.port).bind()),
        "worker": worker,
        "beat": lambda: beat(wishes.data_dir / f"beat-{os.getpid()}"),
    }[name]()


if __name__ == "__main__":
    os.execv(sys.executable, [sys.executable, *alone(sys.argv[1])])
