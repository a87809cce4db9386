"""The servers of the tests: one PostgreSQL and one Valkey in a temporary folder, for this run only.

They are started by the process that starts the tests, before any xdist worker, and die with it, however it dies. Never
the servers of DATA_DIR: nothing here reads its address.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from supportdesk.embedded import account, place, valkey
from supportdesk.embedded.children import die_with_parent
from supportdesk.embedded.postgres import Cluster

pytest_plugins = ["tests.cast"]

NUMBERED_DATABASES = 64
# A test's data need not survive a power cut.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB")


class Servers:
    """The two servers of one run.

    Args:
        folder: short, for the sockets are in it; made here and taken away at the end.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._running: list[tuple[subprocess.Popen, signal.Signals]] = []

    def start(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)  # of a killed run that had our number
        lent = account.for_postgres(self.folder / "pg")
        place.own_folder(self.folder, lent)
        (self.folder / "data" / "static").mkdir(parents=True)
        cluster = Cluster(
            data=self.folder / "pg",
            sockets=self.folder,
            log=self.folder / "postgres.log",
            account=lent,
            programs=place.programs_for(lent, self.folder, say=print),
            options=CARELESS,
        )
        cluster.make()
        postgres = cluster.launch()
        self._running.append((postgres, signal.SIGINT))
        self._start_valkey()
        cluster.wait_until_ready(lambda: postgres.poll() is None)
        cluster.ensure_database(powers="LOGIN CREATEDB")

    def stop(self) -> None:
        for process, request in reversed(self._running):
            process.send_signal(request)
            process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_valkey(self) -> None:
        socket = self.folder / "valkey.sock"
        with (self.folder / "valkey.log").open("wb") as log:
            process = subprocess.Popen(
                valkey.command(self.folder / "valkey", socket, NUMBERED_DATABASES),
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self._running.append((process, signal.SIGTERM))
        deadline = time.monotonic() + 10
        while not valkey.answers(socket):
            assert process.poll() is None and time.monotonic() < deadline, "Valkey did not start for the tests."
            time.sleep(0.02)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return  # an xdist worker uses the servers of the process that started it
    config.desk_servers = Servers(Path(os.environ["DESK_TEST_SERVERS"]))
    config.desk_servers.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    servers = getattr(config, "desk_servers", None)
    if servers:
        servers.stop()


@pytest.fixture
def desk_environment(db, settings) -> dict[str, str]:
    """The environment for a real worker, beat or command that is to work on this test's database and queue.

    Together with ``transactional_db``: another process sees only what is committed.
    """
    database = settings.DATABASES["default"]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "supportdesk.settings",
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "REDIS_URL": settings.REDIS_URL,
        "DATA_DIR": str(settings.DATA_DIR),
    }
