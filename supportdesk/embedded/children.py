"""A long-running child process: started in its own session, watched, started again when it dies, ended in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
GIVE_UP_DEATHS = 5
GIVE_UP_SECONDS = 60
LONGEST_PAUSE = 8
KEPT_LOGS = 3

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class GivenUp(Exception):
    """A child died so often that starting it again helps nobody. The text is for people."""


def die_with_parent(request: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes its program, so that it gets this signal when its parent dies. Linux only.

    The kernel sends it when the *thread* that made the child ends, so children are made in the main thread; and it
    forgets it when the child changes its user, so this must run after that (``subprocess`` does so).
    """
    if _libc is None:
        return None
    parent = os.getpid()

    def before_the_program() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, request)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return before_the_program


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log for people, indented; empty if there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-count:])


def rotate(log: Path) -> None:
    """Begin a new log and keep the last few: ``web.log`` becomes ``web.log.1``, that ``web.log.2``, and so on."""
    for number in range(KEPT_LOGS - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


@dataclass
class Deaths:
    """How often something has died lately, and what follows from it.

    Attributes:
        name: what died, for people.
    """

    name: str
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=GIVE_UP_DEATHS))

    def count(self, now: float) -> float:
        """Note a death. Returns the seconds to wait before starting again: half a second, then twice as long each time.

        Args:
            now: seconds of the monotonic clock.

        Raises:
            GivenUp: it was the fifth within a minute.
        """
        self._times.append(now)
        recent = sum(1 for each in self._times if now - each < GIVE_UP_SECONDS)
        if recent >= GIVE_UP_DEATHS:
            raise GivenUp(f"{self.name} died {GIVE_UP_DEATHS} times in a minute; giving up.")
        return min(LONGEST_PAUSE, 2.0 ** (recent - 2))


class Child:
    """One program that ought to run for as long as the desk does.

    Args:
        name: for people and for the log's name.
        command: program and arguments.
        log: the file that takes what it says.
        env: its environment.
        cwd: the folder it starts in.
        patience: seconds it has to end in order before it is killed.
        orphaned: the signal it gets when our own process is killed.
        held: open files it inherits, such as a lock that is to last as long as it does.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        log: Path,
        env: Mapping[str, str],
        cwd: Path,
        patience: float,
        orphaned: signal.Signals = signal.SIGTERM,
        held: tuple[int, ...] = (),
    ):
        self.name = name
        self.log = log
        self.patience = patience
        self._command = command
        self._env = dict(env)
        self._cwd = cwd
        self._orphaned = orphaned
        self._held = held
        self._process: subprocess.Popen | None = None
        self._deaths = Deaths(name)
        self._again_at: float | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, in a session of its own: a terminal's Ctrl-C reaches us only, and we end things in order."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self._held,
                preexec_fn=die_with_parent(self._orphaned),
            )

    def runs(self) -> bool:
        """Whether it runs. A dead one stays unread, so that its number cannot pass to a stranger before we tidy up."""
        if self._process is None or self._process.returncode is not None:
            return False
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return self._process.poll() is None
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def exit_code(self) -> int | None:
        """How it ended: a program's code, or minus the number of the signal; None while it runs."""
        return self._process.poll() if self._process else None

    def look_after(self, say: Callable[[str], None]) -> None:
        """Start it again if it has died and its pause is over. To be called a few times a second.

        Raises:
            GivenUp: it dies again and again.
        """
        now = time.monotonic()
        if self._again_at is not None:
            if now >= self._again_at:
                self._again_at = None
                self.start()
                say(f"{self.name} runs again.")
        elif not self.runs():
            self.kill()
            say(f"{self.name} died ({self._how_it_ended()}). Its last lines in {self.log}:\n{last_lines(self.log)}")
            self._again_at = now + self._deaths.count(now)

    def ask_to_end(self) -> None:
        if self.runs():
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and everything it has started, at once."""
        if self._process is None or self._process.returncode is not None:
            return
        # A child leads its own process group, so this reaches its own children and nobody else.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _how_it_ended(self) -> str:
        code = self.exit_code()
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
