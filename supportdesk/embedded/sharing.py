"""Who starts the embedded database and who stops it: the first one in and the last one out.

Whoever needs the database holds ``users.lock`` shared; ``start.lock`` is held alone only while starting or stopping.
The keeper (``keeper.py``) sees to those who died without saying goodbye.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from supportdesk.embedded.addresses import ROOT
from supportdesk.embedded.children import rotate
from supportdesk.embedded.errors import CannotStart
from supportdesk.embedded.locks import Lock
from supportdesk.embedded.place import cluster_of
from supportdesk.embedded.postgres import Cluster

LOG_BYTES = 10_000_000  # a longer log of the server is put aside at its next start


class SharedDatabase:
    """One process's use of the embedded database of a DATA_DIR.

    Args:
        data_dir: absolute; made if it is missing.
        say: takes sentences for the person who typed the command.
    """

    def __init__(self, data_dir: Path, say: Callable[[str], None] = lambda sentence: None):
        self.data_dir = data_dir
        self._say = say
        self._starting = Lock(data_dir / "start.lock")
        self._users = Lock(data_dir / "users.lock")
        self._cluster: Cluster | None = None
        self._keeper: subprocess.Popen | None = None

    def enter(self) -> bool:
        """Use the server, starting it if nobody has. True if this call started it.

        Raises:
            CannotStart: it does not start; the text says why.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotStart(f"The data folder {self.data_dir} cannot be made: {error.strerror}.") from error
        with self._starting:
            self._users.shared()
            try:
                return self._start_unless_running()
            except BaseException:
                self._users.release()
                raise

    def revive(self) -> bool:
        """Start the server again if it has died under us. True if it had."""
        with self._starting:
            return self._start_unless_running()

    def runs(self) -> bool:
        return self._cluster is not None and self._cluster.pid() is not None

    def lent_account(self) -> str:
        """The account to which root stepped down for the server; empty if it runs as ourselves."""
        return self._cluster.account.name if self._cluster and self._cluster.account.lent else ""

    def leave(self) -> bool:
        """Stop using it; the last one out stops the server. True if that was us."""
        with self._starting:
            last = self._users.alone_at_once()
            if last and self._cluster:
                self._cluster.stop()
                self._see_keeper_off()
                with suppress(OSError):  # unless something of ours is still in it
                    self._cluster.sockets.rmdir()
            self._users.release()
            return last

    def _start_unless_running(self) -> bool:
        try:
            cluster = self._cluster = self._cluster or cluster_of(self.data_dir, self._say)
            if cluster.pid() is not None:
                _reachable(cluster)
                cluster.ensure_database()  # it may have been started by an older version of the desk
                return False
            if not cluster.made():
                if cluster.account.lent:
                    self._say(f"PostgreSQL refuses to run as root: it runs as '{cluster.account.name}'.")
                cluster.make()
            cluster.clear_stale_pid()
            self._keeper = self._start_keeper()
            cluster.wait_until_ready(lambda: self._keeper.poll() is None)
            cluster.ensure_database()
            return True
        except PermissionError as error:
            raise CannotStart(f"The database cannot use {error.filename}: {error.strerror}.") from error

    def _see_keeper_off(self) -> None:
        if self._keeper:
            with suppress(subprocess.TimeoutExpired):
                self._keeper.wait(timeout=5)

    def _start_keeper(self) -> subprocess.Popen:
        path = self.data_dir / "log" / "postgres.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            rotate(path)
        with path.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "supportdesk.embedded.keeper", str(self.data_dir)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _reachable(cluster: Cluster) -> None:
    """Raise unless the running server's socket is where we look for it.

    A shell and a cron job may disagree about ``XDG_RUNTIME_DIR`` or ``TMPDIR``, and with them about the socket.
    """
    lines = (cluster.data / "postmaster.pid").read_text().split("\n")
    sockets = lines[4] if len(lines) > 4 else ""
    if sockets and Path(sockets) != cluster.sockets:
        raise CannotStart(
            f"The database runs with its socket in {sockets}, but here {cluster.sockets} is computed: "
            "XDG_RUNTIME_DIR and TMPDIR must be the same as where it was started."
        )
    cluster.wait_until_ready(lambda: cluster.pid() is not None)
