"""A desk of its own for the measuring: its database in a folder, its servers as ``up`` runs them, and the floor."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supportdesk.embedded import addresses

READY_SECONDS = 120
# Short rounds and many: the best of them meets a machine that does nothing else.
ROUNDS, VISITS = 16, 32
ALONE, TOGETHER = 60, 80


class Desk:
    """Made in an empty folder; asks ``manage.py`` for everything.

    Args:
        root: of the project. folder: where its data goes.
    """

    def __init__(self, root: Path, folder: Path):
        self._root, self._folder = root, folder
        self._python = str(root / ".venv/bin/python")
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self._environment = {
            **kept, "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR", "DESK_DEMO": "0", "PYTHONPATH": str(root),
            "API_A_MINUTE": "1000000",  # limits are not what is measured
            "PORT": str(_free_port()), "HOST": "127.0.0.1",
        }  # fmt: skip

    def make(self) -> None:
        # PostgreSQL's own account has to reach it: else the cluster would lie elsewhere, and stay.
        self._folder.chmod(0o711)
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")

    def measure(self, size: int) -> dict:
        """Load so many cases, and measure everything there.

        Returns:
            ``load``, ``sweeps``, ``forecast``, ``pages``, ``acts``, ``memory_mb``.
        """
        with self._database():
            return self._measured(size)

    def _measured(self, size: int) -> dict:
        figures = {"load": self.manage("load", "--cases", str(size), "--json")}
        figures["sweeps"] = self._inside("visits.sweeps()")
        self._inside("visits.furnish()")
        self._inside("filling.fill()", "from bench.floor import filling", **{addresses.AS_OWNER: "1"})
        figures["forecast"] = self._inside("forecast.measure()", "from bench import forecast")
        due = str(figures["sweeps"]["all_due"]["done"])
        with self._servers() as (desk, floor):
            pages = self._inside("visits.pages() + visits.of_machines()")
            whom = self._inside("visits.agent_and_case()")
            below = self._json("-m", "bench.floor.visits", *whom, str(ALONE + TOGETHER), due)
            figures["pages"] = self._timed("targets", pages, below["targets"], rounds=ROUNDS, visits=VISITS)
            figures["memory_mb"] = {"desk": _web_memory_mb(desk), "floor": _web_memory_mb(floor)}
            acts = self._inside(f"visits.acts({ALONE}, {TOGETHER})")
            figures["acts"] = self._timed("acts", acts, below["acts"], alone=ALONE)
        figures["sweeps"]["floor"] = below["sweep"]
        return figures

    def manage(self, *arguments: str) -> dict:
        return self._json("manage.py", *arguments)

    def _inside(self, call: str, also: str = "", **environment: str):
        """What a call in ``bench.visits`` returns."""
        program = f"import json; from bench import visits; {also}\nprint(json.dumps({{'it': {call}}}))"
        return self._json("manage.py", "shell", "--verbosity", "0", "-c", program, **environment)["it"]

    def _timed(self, what: str, ours: list[dict], below: list[dict], **how: int) -> dict:
        """What the client measures, desk and floor in turn; beside the times what is known of each already."""
        port, floor_port = int(self._environment["PORT"]), int(self._environment["FLOOR_PORT"])
        asked = [{**each, "port": port} for each in ours] + [{**each, "port": floor_port} for each in below]
        times = self._json("-m", "bench.client", given=json.dumps({what: asked, **how}))
        known = {each["name"]: {k: v for k, v in each.items() if k in ("statements", "bytes")} for each in asked}
        return {name: found | known[name] for name, found in times.items()}

    def _json(self, *arguments: str, given: str | None = None, **environment: str) -> dict:
        """The last line of JSON that a program prints; nothing if it prints none."""
        done = subprocess.run(
            [self._python, *arguments], cwd=self._root, env=self._environment | environment, check=True,
            input=given, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        return json.loads(lines[-1]) if lines else {}

    @contextmanager
    def _database(self) -> Iterator[None]:
        """PostgreSQL stays up from one command to the next, as in life: what it has in memory stays there."""
        wait = "import sys; sys.stdin.read()"
        holder = self._start("manage.py", "shell", "--verbosity", "0", "-c", wait, stdin=subprocess.PIPE)
        try:
            yield
        finally:
            holder.communicate(timeout=READY_SECONDS)

    @contextmanager
    def _servers(self) -> Iterator[tuple[int, int]]:
        """The desk under ``up``, and the floor under gunicorn with two workers; their process ids."""
        self._environment["FLOOR_PORT"] = str(_free_port())
        floor = ["-m", "gunicorn", "bench.floor.wsgi:application", "--workers", "2", "--no-control-socket"]
        floor += ["--bind", f"127.0.0.1:{self._environment['FLOOR_PORT']}"]
        running = []
        try:
            running.append(self._start("manage.py", "up"))
            _wait_for(int(self._environment["PORT"]), "/readyz")
            running.append(self._start(*floor))
            _wait_for(int(self._environment["FLOOR_PORT"]), "/")
            yield running[0].pid, running[1].pid
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait(timeout=READY_SECONDS)

    def _start(self, *arguments: str, stdin: int | None = None) -> subprocess.Popen:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            [self._python, *arguments], cwd=self._root, env=self._environment, stdin=stdin, stdout=quiet, stderr=quiet
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int, path: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10):
                return
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                return
        except OSError:
            pass  # nobody listens yet
        time.sleep(0.2)
    raise TimeoutError(f"Nobody answers at {path} on port {port}.")


def _web_memory_mb(pid: int) -> float:
    """Resident memory of the largest of gunicorn's processes below this one, megabytes. Linux only, else 0."""
    return round(max([_resident_kb(child) for child in _below(pid) if _is_web(child)], default=0) / 1024, 1)


def _below(pid: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it has ended meanwhile
    found, new = [pid], [pid]
    while new:
        new = [child for child, parent in parents.items() if parent in new]
        found += new
    return found


def _is_web(pid: int) -> bool:
    try:
        return b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _resident_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
