"""How the desk is to run, read from the environment once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from supportdesk.embedded import addresses
from supportdesk.embedded.errors import CannotStart
from supportdesk.embedded.front_door import FrontDoor


@dataclass(frozen=True)
class Wishes:
    """How the desk is to run.

    Attributes:
        data_dir: absolute; everything it keeps.
        host: the address the web listens on.
        port: its port.
        env: the environment of its processes.
        demo: put in the demo people and cases if the database has none.
    """

    data_dir: Path
    host: str
    port: int
    env: Mapping[str, str]
    demo: bool

    @property
    def own_database(self) -> bool:
        return not self.env.get("DATABASE_URL")

    @property
    def own_valkey(self) -> bool:
        return not self.env.get("REDIS_URL")


def wishes_from(env: Mapping[str, str], demo_exists: bool) -> Wishes:
    """Read the environment.

    Args:
        demo_exists: is there a command that makes the demo?

    Raises:
        CannotStart: ``PORT`` is none.
        AddressError: ``BASE_URL`` is none.
    """
    port = env.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise CannotStart(f"PORT must be a number from 1 to 65535, not '{port}'.")
    host = env.get("HOST") or "127.0.0.1"
    demo = env.get("DESK_DEMO") or ("0" if env.get("DATABASE_URL") else "1")
    data_dir = addresses.data_dir(env)
    return Wishes(
        data_dir=data_dir,
        host=host,
        port=int(port),
        env={**env, "DATA_DIR": str(data_dir), "BASE_URL": _base_url(env, host, int(port)), "PYTHONUNBUFFERED": "1"},
        demo=demo_exists and demo != "0",
    )


def _base_url(env: Mapping[str, str], host: str, port: int) -> str:
    """With what the links in mails begin: as wished, else where this desk listens."""
    if env.get("BASE_URL") or env.get("PUBLIC_URL"):
        return addresses.web_address(addresses.data_dir(env), env)
    return FrontDoor(host, port).address().rstrip("/")
