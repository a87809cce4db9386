"""The desk's processes, as children that can be killed, stopped and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from django.conf import settings
from redis import Redis

from supportdesk.embedded import processes, valkey
from supportdesk.embedded.children import die_with_parent
from supportdesk.queues import QUEUES

PATIENCE = 90  # seconds: a machine that is shared is slow, and slow is not broken
BEAT_SECONDS = 2


def until(question: Callable[[], object], sentence: str, within: float = PATIENCE) -> float:
    """Wait for something to become so; the seconds it took."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() - began < within, sentence
        time.sleep(0.05)
    return time.monotonic() - began


class Part:
    """One process, leader of a group of its own; ``how`` it is started goes to ``subprocess``."""

    def __init__(self, command: list[str], env: Mapping[str, str], log: Path, **how):
        self.log = log
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                command,
                env=env,
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # a run that is cut off leaves nothing behind
                **{"cwd": settings.ROOT, **how},
            )

    def kill(self) -> None:
        """``kill -9``, with everything it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def send(self, request: signal.Signals) -> None:
        """To it and all its own children."""
        os.killpg(self.process.pid, request)

    def ask_to_end(self) -> int:
        """SIGTERM, as at a deploy; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def said(self) -> str:
        return self.log.read_text(errors="replace")


class Parts:
    """The processes of one desk.

    Args:
        env: names the database.
        folder: for logs; Valkey's socket lies in a folder of its own with a short name.
    """

    def __init__(self, env: Mapping[str, str], folder: Path):
        self._folder = folder
        self._short = Path(tempfile.mkdtemp(prefix="desk-faults-"))
        self._running: list[Part] = []
        self.redis_url = f"unix://{self._short}/valkey.sock?db=0"
        self.env = {
            **env,
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(folder),
            "BEAT_SECONDS": str(BEAT_SECONDS),
            "CRASH_AT": "",
        }

    def valkey(self) -> Part:
        """Its data survive it: AOF, written each second."""
        socket_path = self._short / "valkey.sock"
        part = self._start("valkey", valkey.command(self._short / "data", socket_path))
        until(lambda: valkey.answers(socket_path), "Valkey did not start.")
        return part

    def redis(self) -> Redis:
        return Redis.from_url(self.redis_url, socket_timeout=5)

    def web(self, crash_at: str = "") -> tuple[Part, int]:
        """The web and its port, answering."""
        port = _free_port()
        part = self._python("web", processes.web(f"127.0.0.1:{port}"), CRASH_AT=crash_at)
        until(lambda: listens(port), "The web did not start.")
        return part, port

    def worker(
        self,
        *more: str,
        of: Sequence[str] = QUEUES,
        crash_at: str = "",
        stop_at: str = "",
        ready: bool = True,
        **env: str,
    ) -> Part:
        part = self._python("worker", [*processes.worker(of), *more], CRASH_AT=crash_at, STOP_AT=stop_at, **env)
        if ready:
            until(lambda: " ready." in part.said(), "The worker did not start.")
        return part

    def beat(self) -> Part:
        return self._python("beat", processes.beat(self._folder / f"schedule-{len(self._running)}"))

    def manage(self, *arguments: str, **env: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=settings.ROOT, env={**self.env, **env}, capture_output=True, text=True)

    def end(self) -> None:
        for part in reversed(self._running):
            with suppress(ProcessLookupError):
                part.send(signal.SIGCONT)
            part.kill()
        shutil.rmtree(self._short, ignore_errors=True)

    def _python(self, name: str, arguments: list[str], **env: str) -> Part:
        return self._start(name, [sys.executable, *arguments], {**self.env, **env})

    def _start(self, name: str, command: list[str], env: Mapping[str, str] | None = None) -> Part:
        part = Part(command, env or self.env, self._folder / f"{len(self._running)}-{name}.log")
        self._running.append(part)
        return part


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(b"GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b"200" in line.recv(64)
    except OSError:
        return False
