"""Making a backup, beside a desk that works on."""

from __future__ import annotations

import subprocess
import tempfile
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from supportdesk import clock
from supportdesk.backup import Impossible, archive, manifest, programs
from supportdesk.backup.manifest import Manifest

# What belongs to the data in DATA_DIR: without the key every customer's link and every session would be dead.
BELONGS = ("secret-key", "demo-password")
FOLDERS = ("media",)


def place(wish: Path) -> Path:
    """The archive's path: the wish itself, or in a folder a name from the time."""
    if wish.is_dir():
        return wish / f"desk-{clock.now().astimezone(UTC):%Y%m%d-%H%M%S}.zip"
    return wish


def make(path: Path) -> Manifest:
    """Write the archive. Counts, digest and dump are of one instant, whatever goes on meanwhile.

    Raises:
        Impossible: the file cannot be written, or ``pg_dump`` failed.
    """
    with archive.written(path) as writer, transaction.atomic():
        snapshot = _one_instant()
        _add_dump(writer, snapshot)
        for file in sorted(files_of(settings.DATA_DIR)):
            with file.open("rb") as source:
                writer.add(archive.FILES + str(file.relative_to(settings.DATA_DIR)), source)
        found = manifest.read(dict(writer.sha256))
        writer.finish(found)
    return found


def files_of(data_dir: Path) -> list[Path]:
    """The files of DATA_DIR that belong into a backup."""
    single = [data_dir / name for name in BELONGS if (data_dir / name).is_file()]
    return single + [file for name in FOLDERS for file in (data_dir / name).rglob("*") if file.is_file()]


def _one_instant() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # While pg_dump works, this transaction only holds its instant.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        return cursor.fetchone()[0]


def _add_dump(writer: archive.Writer, snapshot: str) -> None:
    words = programs.command(
        "pg_dump",
        *("--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s"),
        *(f"--snapshot={snapshot}", settings.DATABASES["default"]["NAME"]),
    )
    with tempfile.TemporaryFile() as complaints:
        process = programs.start(words, stdout=subprocess.PIPE, stderr=complaints)
        try:
            writer.add(archive.DUMP, process.stdout, packed=True)
        finally:
            process.stdout.close()
            failed = process.wait() != 0
        if failed:
            complaints.seek(0)
            raise Impossible(f"pg_dump failed: {complaints.read().decode(errors='replace').strip()[-500:]}")
