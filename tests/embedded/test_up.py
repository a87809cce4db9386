"""The whole desk by one command: ready, watched over, and gone in order."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from supportdesk.embedded import addresses
from supportdesk.embedded.sharing import SharedDatabase

pytestmark = pytest.mark.stack

# What tells each of them apart in a list of processes.
SERVANTS = {
    "valkey": "valkey-server",
    "web": "gunicorn supportdesk",
    "worker": "supportdesk worker",
    "beat": "supportdesk beat",
}


class Up:
    """A running ``manage.py up`` and what it has said so far.

    Args:
        data_dir: its DATA_DIR.
        port: its PORT.
        demo: whether it has the demo people and cases, which take their time.
    """

    def __init__(self, data_dir: Path, port: int, demo: bool = False):
        self.port = port
        self.process = manage("up", data_dir=data_dir, port=port, demo=demo, wait=False)
        self.said = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def until(self, words: str, within: float = 120) -> None:
        """Return when these words have been said; fail when it ends before."""
        deadline = time.monotonic() + within
        while words not in self.said:
            assert self.process.poll() is None and time.monotonic() < deadline, f"Never said: {words}\n{self.said}"
            time.sleep(0.05)

    def ends(self, within: float = 60) -> int:
        """Its exit code, once it has ended and everything it said has been read."""
        code = self.process.wait(timeout=within)
        self._reader.join(timeout=5)
        return code

    def stop(self) -> int:
        """Ask it to end, if it has not; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.ends()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def servant(self, name: str) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if SERVANTS[name] in " ".join(child.cmdline()))

    def answer(self, path: str) -> int:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as page:
            return page.status

    def _read(self) -> None:
        for line in self.process.stdout:
            self.said += line


def manage(*arguments: str, data_dir: Path, port: int = 0, demo: bool = False, wait: bool = True):
    """``manage.py`` with nothing of the tests' own servers in its environment: finished, or its process."""
    ours = ("DATABASE_URL", "REDIS_URL", "DESK_TEST_SERVERS", "DJANGO_SETTINGS_MODULE", "DESK_DEMO", "HOST")
    env = {key: value for key, value in os.environ.items() if key not in ours}
    env |= {"DATA_DIR": str(data_dir), "PORT": str(port or 8000), "DESK_DEMO": str(int(demo)), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, str(addresses.ROOT / "manage.py"), *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if not wait:
        return process
    said, _ = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, said)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def until(condition, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.1)


@pytest.fixture(scope="module")
def data_dir():
    with tempfile.TemporaryDirectory(prefix="desk-embedded-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        shutil.rmtree(addresses.runtime_folder(Path(folder)), ignore_errors=True)


@pytest.fixture(scope="module")
def up(data_dir):
    """A desk on a new DATA_DIR, ready. One for the whole file, whose tests therefore run in their order."""
    desk = Up(data_dir, free_port(), demo=True)
    try:
        desk.until("Ctrl-C ends everything")
        yield desk
    finally:
        desk.stop()


def test_it_says_what_it_does_and_where_the_desk_and_its_mails_are(up, data_dir):
    for step in ("PostgreSQL", "Valkey", "database brought up to date", "static files", "web, worker and beat"):
        assert re.search(rf"^  {step} +\d+\.\d s", up.said, re.MULTILINE), step
    assert f"http://127.0.0.1:{up.port}/" in up.said
    assert "owner@desk.example" in up.said
    assert f"mails are written into {data_dir.resolve() / 'mail'}" in up.said
    assert up.answer("/readyz") == 200


def test_a_second_one_on_the_same_folder_says_so_and_leaves(up, data_dir):
    second = manage("up", data_dir=data_dir, port=free_port())
    assert second.returncode == 2
    assert second.stdout.strip() == f"Another 'up' already runs on {data_dir}."


def test_a_port_in_use_is_said_in_one_sentence_before_anything_is_started(up, data_dir):
    other = data_dir / "other"
    refused = manage("up", data_dir=other, port=up.port)
    assert refused.returncode == 2
    assert refused.stdout.startswith(f"Port {up.port} of 127.0.0.1 cannot be used")
    assert len(refused.stdout.strip().splitlines()) == 1
    assert not (other / "pg18").exists() and not (other / "valkey").exists()


def test_a_command_beside_it_uses_its_database_and_leaves_it_running(up, data_dir):
    question = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT 6 * 7'); print(k.fetchone())"
    beside = manage("shell", "-v0", "-c", question, data_dir=data_dir)
    assert beside.returncode == 0 and "(42,)" in beside.stdout, beside.stdout
    assert up.answer("/readyz") == 200


@pytest.mark.parametrize("name", SERVANTS)
def test_a_killed_process_is_shown_and_started_again(up, name):
    dead = up.servant(name)
    dead.kill()
    up.until(f"{name} died (signal 9)")
    up.until(f"{name} runs again.")
    assert up.servant(name).pid != dead.pid


def test_everything_is_well_again_after_all_that(up):
    def well():
        try:
            return up.answer("/readyz") == 200
        except (URLError, OSError):
            return False

    until(well)


def test_asked_to_end_it_ends_everything_in_order(up, data_dir):
    family = up.family()
    assert len(family) >= 5
    assert up.stop() == 0
    ended = re.findall(r"^  (\w+) ended", up.said, re.MULTILINE)
    assert ended == ["web", "beat", "worker", "valkey", "PostgreSQL"]
    assert [process for process in family if not gone(process)] == []
    assert not list(data_dir.glob("beat-*"))


def test_a_server_that_a_command_started_is_adopted_and_left_to_it(up, data_dir):
    assert up.stop() == 0
    command = SharedDatabase(data_dir)
    assert command.enter() is True
    try:
        desk = Up(data_dir, free_port())
        desk.until("Ctrl-C ends everything")
        assert "already running, shared" in desk.said
        desk.process.send_signal(signal.SIGINT)
        assert desk.ends() == 0
        assert "PostgreSQL stays for a command that still uses it." in desk.said
        assert command.runs()
    finally:
        assert command.leave() is True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_killed_outright_it_leaves_nothing_and_the_next_one_starts(up, data_dir):
    assert up.stop() == 0
    killed = Up(data_dir, free_port())
    killed.until("Ctrl-C ends everything")
    # The database may live on: the next one adopts it if it comes soon enough.
    servants = [killed.servant(name) for name in SERVANTS]
    servants += [each for servant in servants for each in servant.children(recursive=True)]
    killed.process.kill()
    killed.ends()
    following = Up(data_dir, killed.port)
    following.until("Ctrl-C ends everything")
    until(lambda: all(gone(process) for process in servants))
    assert following.stop() == 0
    assert "PostgreSQL ended" in following.said
