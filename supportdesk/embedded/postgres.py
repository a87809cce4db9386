"""One PostgreSQL server on a folder of data: make it, start it, ask whether it runs, stop it.

Only the wheel's binaries are used. Its own ``get_server()`` stops whatever process a stale pid file names, and as root
opens parent folders to everyone.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from supportdesk import rights
from supportdesk.embedded.account import Account
from supportdesk.embedded.addresses import DATABASE_NAME, DATABASE_OWNER, DATABASE_USER, POSTGRES_PORT
from supportdesk.embedded.children import die_with_parent, last_lines
from supportdesk.embedded.errors import CannotStart

MAJOR = 18
SUPERUSER = "postgres"
START_SECONDS = 60  # recovery after a power cut may take its time
STOP_SECONDS = 60
MB = 2**20


@dataclass(frozen=True)
class Cluster:
    """A cluster and how to run it.

    Attributes:
        data: the folder of the data; its parent exists.
        sockets: the folder of the socket, short and closed to everybody else.
        log: the file that takes what the server says.
        account: as whom it runs.
        programs: the folder of ``postgres`` and ``initdb``.
        options: further settings as ``name=value``.
    """

    data: Path
    sockets: Path
    log: Path
    account: Account
    programs: Path
    options: tuple[str, ...] = ()

    def made(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def make(self) -> None:
        """Make the cluster. It appears under its name only when whole, so a cut-off first start leaves no half one.

        Raises:
            CannotStart: ``initdb`` failed; the text carries its last words.
        """
        draft = self.data.with_name(f"{self.data.name}.new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        self.account.own(draft)
        done = self._run(
            "initdb",
            *("-D", str(draft), "-U", SUPERUSER, "--encoding=UTF8", "--no-locale"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--auth-local=trust", "--auth-host=reject"),
            *(("--no-sync",) if "fsync=off" in self.options else ()),
        )
        if done.returncode != 0:
            raise CannotStart(f"PostgreSQL could not make its data folder {self.data}: {done.stderr.strip()[-500:]}")
        draft.rename(self.data)

    def launch(self) -> subprocess.Popen:
        """Start the server as our child and do not wait for it. It ends with us, in order, if we are killed."""
        options = (
            "listen_addresses=",
            f"port={POSTGRES_PORT}",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "timezone=UTC",
            "log_timezone=UTC",
            f"shared_buffers={_memory_for_pages()}MB",
            "jit=off",  # every statement is short: compiling one costs more than running it
            # Neither the row that was refused nor the statement: both are full of what people wrote.
            "log_error_verbosity=terse",
            "log_min_error_statement=panic",
            *self.options,
        )
        command = [str(self.programs / "postgres"), "-D", str(self.data)]
        for option in options:
            command += ["-c", option]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                **self.account.popen(),
                env=self._environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
            )

    def pid(self) -> int | None:
        """The running server's process id, read from the data folder and held against the process itself."""
        recorded = self._recorded_pid()
        return recorded if recorded and self._is_ours(recorded) else None

    def clear_stale_pid(self) -> None:
        """Take away a ``postmaster.pid`` that names a process which is not our PostgreSQL. Only under the start lock.

        If that number belongs to nobody the file stays: PostgreSQL then looks itself whether anything still holds the
        cluster's shared memory, which a missing file would keep it from doing.
        """
        recorded = self._recorded_pid()
        if recorded and psutil.pid_exists(recorded) and not self._is_ours(recorded):
            (self.data / "postmaster.pid").unlink()

    def wait_until_ready(self, alive: Callable[[], bool]) -> None:
        """Return as soon as the server takes connections.

        Args:
            alive: asked again and again; a no ends the waiting.

        Raises:
            CannotStart: it ended or took longer than a minute; the text carries its last words.
        """
        deadline = time.monotonic() + START_SECONDS
        while alive() and time.monotonic() < deadline:
            try:
                self._connect().close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.03)
        raise CannotStart(f"PostgreSQL did not start. Its last words in {self.log}:\n{last_lines(self.log)}")

    def ensure_database(self, powers: str = "LOGIN") -> None:
        """Make the desk's two roles and its database where they are missing.

        A cluster from the time of one role gets the second here, with its rights on the tables that are there.

        Args:
            powers: what the owner may do, in PostgreSQL's words; tests add ``CREATEDB``.
        """
        with self.administered() as cursor:
            if not _found(cursor, "pg_roles", "rolname", DATABASE_OWNER):
                cursor.execute(f"CREATE ROLE {DATABASE_OWNER} {powers}")
            if not _found(cursor, "pg_database", "datname", DATABASE_NAME):
                cursor.execute(f"CREATE DATABASE {DATABASE_NAME} OWNER {DATABASE_OWNER}")
        # In one transaction: the serving role is there with its rights or not at all.
        with closing(self._connect(DATABASE_NAME)) as connection, connection, connection.cursor() as cursor:
            if not _found(cursor, "pg_roles", "rolname", DATABASE_USER):
                cursor.execute(f"CREATE ROLE {DATABASE_USER} LOGIN")
                rights.give(cursor, DATABASE_USER, DATABASE_OWNER)

    @contextmanager
    def administered(self):
        """A superuser's cursor that commits each statement by itself: CREATE DATABASE refuses a transaction."""
        with closing(self._connect()) as connection:
            connection.autocommit = True
            yield connection.cursor()

    def stop(self) -> None:
        """End the server now, sessions and all, and return when it is gone. Silent if it does not run."""
        pid = self.pid()
        for request in (signal.SIGINT, signal.SIGQUIT):
            if pid is None:
                return
            try:
                os.kill(pid, request)
            except ProcessLookupError:
                return
            if _gone(pid, within=STOP_SECONDS):
                return

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(self.programs / program), *arguments],
            **self.account.popen(),
            env=self._environment(),
            cwd="/",
            capture_output=True,
            text=True,
            start_new_session=True,  # a Ctrl-C while it works is ours to answer
        )

    @staticmethod
    def _environment() -> dict[str, str]:
        # Nothing of the caller's: PGHOST, PGDATA or a locale of its own would change what is started.
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}

    def _connect(self, database: str = "postgres"):
        return psycopg2.connect(
            host=str(self.sockets), port=POSTGRES_PORT, user=SUPERUSER, dbname=database, connect_timeout=5
        )

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        """Is that process a PostgreSQL on this very folder? Read from its command line, which any user may read."""
        try:
            process = psutil.Process(pid)
            command = process.cmdline()
            return (
                process.status() != psutil.STATUS_ZOMBIE
                and Path(command[0] if command else "").name == "postgres"
                and str(self.data) in command
            )
        except psutil.Error:
            return False


def _memory_for_pages() -> int:
    """How many MB PostgreSQL keeps of its tables: an eighth of this machine's memory, within reason."""
    return max(128, min(psutil.virtual_memory().total // 8 // MB, 1024))


def _found(cursor, catalogue: str, column: str, name: str) -> bool:
    cursor.execute(f"SELECT FROM {catalogue} WHERE {column} = %s", [name])
    return cursor.rowcount == 1


def _gone(pid: int, within: float) -> bool:
    """Has the process ended, waiting up to ``within`` seconds? A zombie that its parent has not yet read counts."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False
