"""The whole desk on one machine: what ``manage.py up`` does, from the first line to the last."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from supportdesk.embedded import account, addresses, place, processes, valkey
from supportdesk.embedded.addresses import ROOT
from supportdesk.embedded.children import Child, Deaths, GivenUp, last_lines, rotate
from supportdesk.embedded.errors import CannotStart
from supportdesk.embedded.front_door import FrontDoor
from supportdesk.embedded.locks import Lock
from supportdesk.embedded.requests_to_stop import RequestsToStop, Stopping
from supportdesk.embedded.sharing import SharedDatabase
from supportdesk.embedded.wishes import Wishes

LOOK_SECONDS = 0.1
READY_SECONDS = 60
TASK_SECONDS = 130  # a task may take two minutes; a worker that ends finishes it first
STOP_ORDER = ("web", "beat", "worker", "valkey")


class Desk:
    """Starts everything in order, watches over it, ends everything in order.

    Args:
        wishes: how it is to run.
        say: takes each line for the person at the terminal.
    """

    def __init__(self, wishes: Wishes, say: Callable[[str], None]):
        self.wishes = wishes
        self._say = say
        self._door = FrontDoor(wishes.host, wishes.port)
        self._logs = wishes.data_dir / "log"
        self._schedule = wishes.data_dir / f"beat-{os.getpid()}"
        self._only_up = Lock(wishes.data_dir / "up.lock")
        self._children_live = Lock(wishes.data_dir / "children.lock")
        self._database = SharedDatabase(wishes.data_dir, say) if wishes.own_database else None
        self._database_deaths = Deaths("PostgreSQL")
        self._lasting: list[Child] = []
        self._errands: list[Child] = []
        self._filling: Child | None = None
        self._stop = RequestsToStop()

    def run(self) -> int:
        """From start to end. Returns the exit code: 0 after an end that was asked for, 1 if something broke.

        Raises:
            CannotStart: before anything was started.
        """
        self._stop.listen()
        self._alone_here()
        try:
            self._start()
            self._watch()
        except Stopping:
            self._say("\nStopping. Ask once more to hasten it.")
            return 0
        except (GivenUp, CannotStart) as trouble:
            self._say(f"\n{trouble}")
            return 1
        finally:
            self._end()

    # Before anything is started

    def _alone_here(self) -> None:
        try:
            self._logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotStart(f"The data folder {self.wishes.data_dir} cannot be made: {error.strerror}.") from error
        if not self._only_up.alone_at_once():
            raise CannotStart(f"Another 'up' already runs on {self.wishes.data_dir}.")
        self._wait_for_an_earlier_desk()
        self._door.must_be_free()

    def _wait_for_an_earlier_desk(self) -> None:
        """If ``up`` was killed, its processes end by themselves; two Valkeys on one folder would harm each other."""
        deadline = time.monotonic() + TASK_SECONDS
        told = False
        while not self._children_live.alone_at_once():
            if not told:
                self._say("Waiting for the processes of an earlier desk to end.")
                told = True
            if self._stop.count or time.monotonic() > deadline:
                raise CannotStart(f"Processes of an earlier desk on {self.wishes.data_dir} are still running.")
            time.sleep(LOOK_SECONDS)

    # Start

    def _start(self) -> None:
        began = time.monotonic()
        self._say(f"Starting the desk on {self.wishes.data_dir}")
        static = self._begin("collectstatic", "--noinput", "--verbosity", "0")
        if self._database:
            self._start_database()
        if self.wishes.own_valkey:
            with self._step("Valkey"):
                self._start_valkey()
        with self._step("database brought up to date"):
            self._finish(self._begin("migrate", "--noinput"))
        with self._step("static files"):
            self._finish(static)
        demo = self._begin_demo("--if-empty", "--stories") if self.wishes.demo else None
        with self._step("web, worker and beat"):
            self._start_processes()
            self._wait_for_web()
        who_can_sign_in = self._demo_told(demo)
        addresses.note_web_address(self.wishes.data_dir, self._door.address())
        self._say(f"\nReady in {time.monotonic() - began:.1f} s: {self._door.address()}")
        if who_can_sign_in:
            self._say(f"\n{who_can_sign_in.strip()}\n")
        if mails := addresses.mail_folder(self.wishes.data_dir, self.wishes.env):
            self._say(f"No mail server is named (EMAIL_HOST): mails are written into {mails}")
        if self.wishes.demo:
            self._filling = self._begin_demo("--ordinary")
        self._say("Ctrl-C ends everything in order.")

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._say_step(what, began)

    def _say_step(self, what: str, began: float, how: str = "") -> None:
        self._say(f"  {what:<28}{time.monotonic() - began:5.1f} s  {how}".rstrip())

    def _start_database(self) -> None:
        began = time.monotonic()
        started = self._database.enter()
        lent = self._database.lent_account()
        how = "" if started else "already running, shared"
        how = f"{how} as '{lent}', for it refuses root" if lent else how
        self._say_step("PostgreSQL", began, how)

    def _start_valkey(self) -> None:
        socket_path = addresses.valkey_socket(self.wishes.data_dir, self.wishes.env)
        place.own_folder(socket_path.parent, account.ourselves())
        server = self._lasts("valkey", valkey.command(self.wishes.data_dir / "valkey", socket_path), patience=20)
        self._wait_while(lambda: server.runs() and not valkey.answers(socket_path))
        if not server.runs():
            raise CannotStart(f"Valkey did not start. Its last lines in {server.log}:\n{last_lines(server.log)}")

    def _start_processes(self) -> None:
        self._lasts("web", [sys.executable, *processes.web(self._door.bind())], patience=15)
        self._lasts("worker", [sys.executable, *processes.worker()], patience=TASK_SECONDS)
        self._lasts("beat", [sys.executable, *processes.beat(self._schedule)], patience=5)

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while (answer := self._door.readiness()) != "ready":
            if time.monotonic() > deadline:
                raise CannotStart(f"The web did not become ready in {READY_SECONDS} s; /readyz says: {answer}")
            self._look_after_everything()
            self._stop.heed()
            time.sleep(LOOK_SECONDS)

    def _demo_environment(self) -> dict[str, str]:
        password = self.wishes.env.get("DEMO_PASSWORD")
        return {
            **self.wishes.env,
            "DEMO_PASSWORD": password or addresses.kept_secret(self.wishes.data_dir, "demo-password", size=12),
        }

    def _begin_demo(self, *arguments: str) -> Child:
        return self._begin("demo", *arguments, env=self._demo_environment())

    def _demo_told(self, demo: Child | None) -> str:
        """What the demo command printed: who can sign in. A demo that fails is said aloud but stops nobody."""
        if demo is None:
            return ""
        try:
            with self._step("demo people and cases"):
                self._finish(demo)
        except CannotStart as trouble:
            return str(trouble)
        return demo.log.read_text(errors="replace")

    def _hear_of_the_filling(self) -> None:
        """The ordinary problems of the demo are told while the desk is at work; nobody waits for them."""
        filling = self._filling
        if filling is None or filling.runs():
            return
        self._filling = None
        self._errands.remove(filling)
        told = filling.log.read_text(errors="replace").strip()
        if filling.exit_code() != 0:
            self._say(f"The ordinary problems of the demo stay away. Their last lines:\n{last_lines(filling.log)}")
        elif told:
            self._say(told.splitlines()[-1])

    # Children

    def _lasts(self, name: str, command: list[str], *, patience: float) -> Child:
        """Start a program that is to run as long as the desk does."""
        child = self._child(name, command, patience=patience, env=self.wishes.env)
        self._lasting.append(child)
        child.start()
        return child

    def _begin(self, command: str, *arguments: str, env: Mapping[str, str] | None = None) -> Child:
        """Start a ``manage.py`` command that comes to an end by itself."""
        line = [sys.executable, str(ROOT / "manage.py"), command, *arguments]
        errand = self._child(command, line, patience=5, env=env or self.wishes.env)
        self._errands.append(errand)
        errand.start()
        return errand

    def _finish(self, errand: Child) -> None:
        """Wait for such a command.

        Raises:
            CannotStart: it failed; the text carries its last words.
        """
        self._wait_while(errand.runs)
        self._errands.remove(errand)
        if errand.exit_code() != 0:
            raise CannotStart(f"'{errand.name}' failed. Its last lines in {errand.log}:\n{last_lines(errand.log)}")

    def _child(self, name: str, command: list[str], *, patience: float, env: Mapping[str, str]) -> Child:
        log = self._logs / f"{name}.log"
        rotate(log)
        held = (self._children_live.handle(),)
        return Child(name, command, log=log, env=env, cwd=ROOT, patience=patience, held=held)

    # Watch

    def _watch(self) -> None:
        while True:
            self._stop.heed()
            self._look_after_everything()
            time.sleep(LOOK_SECONDS)

    def _look_after_everything(self) -> None:
        for child in self._lasting:
            child.look_after(self._say)
        self._hear_of_the_filling()
        if self._database and not self._database.runs():
            self._say(f"PostgreSQL died. Its last lines:\n{last_lines(self._logs / 'postgres.log')}")
            self._sleep(self._database_deaths.count(time.monotonic()))
            self._revive_database()

    def _revive_database(self) -> None:
        try:
            self._database.revive()
            self._say("PostgreSQL runs again.")
        except CannotStart as trouble:  # one more death; a fifth within a minute ends the desk
            self._say(str(trouble))

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._wait_while(lambda: time.monotonic() < until)

    def _wait_while(self, condition: Callable[[], bool]) -> None:
        while condition():
            self._stop.heed()
            time.sleep(LOOK_SECONDS / 4)

    # End

    def _end(self) -> None:
        for errand in self._errands:
            self._end_child(errand)
        for child in sorted(self._lasting, key=lambda child: STOP_ORDER.index(child.name)):
            with self._step(f"{child.name} ended"):
                self._end_child(child)
        if self._database:
            self._leave_database()
        self._forget_schedule()
        self._children_live.release()
        self._only_up.release()

    def _end_child(self, child: Child) -> None:
        """Ask it to end; after its patience, or a second request to stop, end it."""
        child.ask_to_end()
        deadline = time.monotonic() + child.patience
        while child.runs() and time.monotonic() < deadline and self._stop.count < 2:
            time.sleep(LOOK_SECONDS / 4)
        child.kill()

    def _leave_database(self) -> None:
        began = time.monotonic()
        if self._database.leave():
            self._say_step("PostgreSQL ended", began)
        else:
            self._say("  PostgreSQL stays for a command that still uses it.")

    def _forget_schedule(self) -> None:
        for leftover in _files_of(self._schedule):
            leftover.unlink(missing_ok=True)


def _files_of(schedule: Path) -> Iterator[Path]:
    # Which endings there are depends on the kind of dbm that this Python has.
    return schedule.parent.glob(f"{schedule.name}*")
