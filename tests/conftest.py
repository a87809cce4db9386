"""The servers of the tests: one PostgreSQL and one Valkey in a temporary folder, for this run only.

They are started by the process that starts the tests, before any xdist worker, and die with it, however it dies. Never
the servers of DATA_DIR: nothing here reads its address.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.plugin import blocking_manager_key

from supportdesk.embedded import account, place, valkey
from supportdesk.embedded.addresses import DATABASE_OWNER, DATABASE_USER, ROOT
from supportdesk.embedded.children import die_with_parent
from supportdesk.embedded.postgres import Cluster

pytest_plugins = ["tests.cast"]

NUMBERED_DATABASES = 64
# A test's data need not survive a power cut.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB")


AS_SERVING = f" -c role={DATABASE_USER}"


def transactional(item: pytest.Item) -> bool:
    """Does this test commit, and so end with emptied tables?"""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in getattr(item, "fixturenames", ())


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
        # So that a test's connection, which logs in as the owner, can work as the serving role.
        with cluster.administered() as cursor:
            cursor.execute(f"GRANT {DATABASE_USER} TO {DATABASE_OWNER}")
        make_tables = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(make_tables, check=True, cwd=ROOT, env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"})

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


# What takes long comes first, so that no process is left alone with it at the end: folders, and files by name.
LONG_FIRST = ("stack", "faults", "embedded", "replay", "test_races", "test_telling", "test_beats", "browser", "load")
LONG_FIRST += ("test_backup", "test_rules", "test_away_pages", "test_demo", "test_calibration", "test_looking_back")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        named = [name for name in (item.path.parent.name, item.path.stem) if name in LONG_FIRST]
        return LONG_FIRST.index(named[0]) if named else len(LONG_FIRST)

    items.sort(key=rank)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return  # an xdist worker uses the servers of the process that started it
    config.desk_servers = Servers(Path(os.environ["DESK_TEST_SERVERS"]))
    config.desk_servers.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    servers = getattr(config, "desk_servers", None)
    if servers:
        servers.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The owner has made the tables; what the tests do, they do as the serving role, as every real desk does."""
    with django_db_blocker.unblock(), serving(True):
        yield


@contextmanager
def serving(serves: bool) -> Iterator[None]:
    """Connections opened inside work as the serving role, or not: as the tables' owner."""
    options = connection.settings_dict["OPTIONS"]
    before = options["options"]
    connection.close()
    options["options"] = before.replace(AS_SERVING, "") + (AS_SERVING if serves else "")
    yield
    connection.close()
    options["options"] = before


@pytest.fixture
def as_owner(transactional_db) -> Iterator[None]:
    """The test works as the tables' owner."""
    with serving(False):
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    """A transactional test ends by emptying every table, which is the owner's alone."""
    if not transactional(item):
        return (yield)
    with item.config.stash[blocking_manager_key].unblock(), serving(False):
        return (yield)


@pytest.fixture
def desk_environment(db, settings) -> dict[str, str]:
    """The environment for a real worker, beat or command that is to work on this test's database and queue.

    Together with ``transactional_db``: another process sees only what is committed.
    """
    database = settings.DATABASES["default"]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "supportdesk.settings",
        "DATABASE_URL": f"postgresql://{DATABASE_USER}@/{database['NAME']}?host={database['HOST']}",
        "REDIS_URL": settings.REDIS_URL,
        "DATA_DIR": str(settings.DATA_DIR),
    }
