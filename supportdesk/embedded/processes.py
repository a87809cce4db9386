"""The desk's own three programs, as the rest of Python's arguments: web, worker and beat.

``up`` starts them as its children. On a machine of its own, or in a container, each is started alone with the same
arguments: ``python -m supportdesk.embedded.processes web``. A worker may be told its queues: ``worker sweep,default``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from supportdesk import queues
from supportdesk.embedded import addresses
from supportdesk.embedded.errors import CannotStart
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


def worker(of: Sequence[str] = queues.QUEUES) -> list[str]:
    """Celery's worker of these queues, without the talk between workers that nobody listens to."""
    return [
        *(*CELERY, "worker", "--concurrency", str(TASKS_AT_ONCE), "--loglevel", "INFO"),
        *("--queues", ",".join(of)),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def beat(schedule: Path) -> list[str]:
    """Celery's clock. The schedule file is this process's own; a second beat has another."""
    return [*CELERY, "beat", "--schedule", str(schedule), "--loglevel", "INFO"]


def alone(name: str, of: str = "") -> list[str]:
    """The arguments of a program that runs without ``up``, by the environment.

    Args:
        of: the worker's queues, with commas between them; none: those of ``QUEUES``, else all.

    Raises:
        KeyError: there is no such program.
        ValueError: there is no such queue, or an address in the environment cannot be read.
        CannotStart: ``PORT`` is none.
    """
    wishes = wishes_from(os.environ, demo_exists=False)
    return {
        "web": lambda: web(FrontDoor(wishes.host, wishes.port).bind()),
        "worker": lambda: worker(queues.chosen(of or os.environ.get("QUEUES", ""))),
        "beat": lambda: beat(wishes.data_dir / f"beat-{os.getpid()}"),
    }[name]()


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m supportdesk.embedded.processes", description="One program alone.")
    programs = parser.add_subparsers(dest="name", required=True)
    programs.add_parser("web", help="the pages, on HOST and PORT")
    of_worker = programs.add_parser("worker", help="does what the bells ask for")
    of_worker.add_argument(
        "of", nargs="?", default="", metavar="QUEUES", help=f"of {','.join(queues.QUEUES)}; else all"
    )
    programs.add_parser("beat", help="rings every minute; two of them do no harm")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> None:
    """Become the program that is asked for.

    Raises:
        SystemExit: code 2 after one sentence, if it cannot be.
    """
    asked = _asked(words)
    try:
        arguments = alone(asked.name, getattr(asked, "of", ""))
    except (CannotStart, addresses.AddressError, ValueError) as trouble:
        print(trouble, file=sys.stderr)
        raise SystemExit(2) from None
    os.execv(sys.executable, [sys.executable, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
