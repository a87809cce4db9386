"""The keeper: the parent of the embedded PostgreSQL, there as long as anybody uses it.

A command may be killed without a chance to stop the server, and ``up`` may end while a command beside it still works.
So the server is nobody's child but the keeper's, who looks every second whether ``users.lock`` is still held.
``python -m supportdesk.embedded.keeper DATA_DIR``; started by ``sharing`` only.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from pathlib import Path

from supportdesk.embedded.locks import Lock
from supportdesk.embedded.place import cluster_of

LOOK_SECONDS = 1


def keep(data_dir: Path) -> int:
    """Run the server until nobody uses it. Returns PostgreSQL's exit code."""
    cluster = cluster_of(data_dir, say=print)
    child_ended = _wakes_on_a_childs_end()
    server = cluster.launch()
    # The machine is shutting down: PostgreSQL ends in order, whoever still uses it.
    signal.signal(signal.SIGTERM, lambda *_: server.send_signal(signal.SIGINT))
    starting, users = Lock(data_dir / "start.lock"), Lock(data_dir / "users.lock")
    while server.poll() is None:
        if select.select([child_ended], [], [], LOOK_SECONDS)[0]:
            os.read(child_ended, 64)
        # While somebody starts or stops there is nothing to decide; and while we stop, nobody starts.
        if starting.alone_at_once() and users.alone_at_once():
            server.send_signal(signal.SIGINT)
            server.wait()
        users.release()
        starting.release()
    return server.returncode


def _wakes_on_a_childs_end() -> int:
    """A file that can be read as soon as a signal has come, so that the keeper goes at once with its server."""
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(mouth)
    return ear


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1])))
