"""``pg_dump`` and ``pg_restore``, those that come along, on the database of the settings."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from django.conf import settings

from supportdesk.embedded.place import WHEEL
from supportdesk.embedded.postgres import MAJOR

_TO_ENVIRONMENT = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}


def command(program: str, *arguments: str) -> list[str]:
    return [str(Path(find_spec(WHEEL).origin).parent / f"pginstall{MAJOR}" / "bin" / program), *arguments]


def environment() -> dict[str, str]:
    """Where and as whom, as environment variables: a password has no place in a list of processes."""
    database = settings.DATABASES["default"]
    found = {variable: str(database[key]) for key, variable in _TO_ENVIRONMENT.items() if database[key]}
    known = {"sslmode", "sslrootcert", "sslcert", "sslkey"}
    found |= {f"PG{key.upper()}": value for key, value in database["OPTIONS"].items() if key in known}
    return {**os.environ, **found, "PGOPTIONS": "", "LC_ALL": "C"}


def start(words: list[str], *, stdout: IO | int, stderr: IO) -> subprocess.Popen:
    return subprocess.Popen(words, env=environment(), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
