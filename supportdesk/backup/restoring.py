"""Bringing a backup into an empty desk, and comparing what came with what was said."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from supportdesk import rights
from supportdesk.backup import Impossible, archive, manifest, programs
from supportdesk.backup.manifest import Manifest

Say = Callable[[str], None]


def restore(path: Path, say: Say) -> list[str]:
    """Restore an archive into the empty database and DATA_DIR of the settings.

    The database takes the dump in one transaction: all of it or nothing.

    Args:
        say: takes sentences about what is done.

    Returns:
        what does not agree with the archive's own counts and digest, in words; empty: all agrees.

    Raises:
        Impossible: the archive is damaged or of a newer desk, this desk is not empty, or ``pg_restore`` failed.
    """
    with archive.opened(path) as reader:
        _require_known(reader.manifest)
        _require_empty()
        with tempfile.TemporaryDirectory(prefix="desk-restore-") as folder:  # mode 0700
            dump = reader.extract_dump(Path(folder))
            # First the files: a database without its key would count as restored and could not be tried again.
            for name, content in reader.files():
                _put(settings.DATA_DIR / name, content, say)
            _load(dump)
        connection.close()  # what pg_restore changed is read anew
        _give_rights()
        with transaction.atomic():
            found = manifest.differences(reader.manifest, manifest.read({}))
        _hold_mails_back()
        _hold_webhooks_back()
        return found


def _require_known(said: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    unknown = [migration for migration in said.migrations if migration not in known]
    if unknown:
        raise Impossible(f"The backup is of a newer desk than this one, which does not know {unknown[-1]}.")


def _require_empty() -> None:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    if tables:
        raise Impossible(
            "This desk is not empty, and what is here stays: restore into a new DATA_DIR or an empty database."
        )


def _put(path: Path, content: bytes, say: Say) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() != content:
        # An empty desk has made itself a key by being asked; nothing depends on it, but nothing is thrown away.
        kept = path.with_name(f"{path.name}.before-restore")
        if kept.exists():
            raise Impossible(f"{path} is another one than the backup's, and {kept} is taken: look which is needed.")
        path.rename(kept)
        say(f"{path} was another one; it is kept as {kept.name}.")
    draft = path.with_name(f".{path.name}.restored")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)


def _load(dump: Path) -> None:
    words = programs.command(
        "pg_restore",
        *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
        *(f"--dbname={settings.DATABASES['default']['NAME']}", str(dump)),
    )
    with tempfile.TemporaryFile() as complaints:
        if programs.start(words, stdout=subprocess.DEVNULL, stderr=complaints).wait() != 0:
            complaints.seek(0)
            raise Impossible(f"pg_restore failed: {complaints.read().decode(errors='replace').strip()[-500:]}")


def _hold_mails_back() -> None:
    """What waited to be sent when the backup was made may have gone out since: nobody sends it a second time.

    It stands in the page all the same.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('cases_digest') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return  # of a desk that sent none
        cursor.execute("UPDATE cases_digest SET state = 'uncertain' WHERE state IN ('pending', 'sending')")
        cursor.execute(
            "WITH held AS ("
            " INSERT INTO cases_digest (agent_id, message_id, state, made_at, try_at, attempts, error)"
            " SELECT agent_id, '<restored.' || gen_random_uuid() || '@localhost>', 'uncertain', statement_timestamp(),"
            "        statement_timestamp(), 0, 'Restored from a backup.'"
            "   FROM cases_notice WHERE digest_id IS NULL AND read_at IS NULL GROUP BY agent_id"
            " RETURNING id, agent_id)"
            " UPDATE cases_notice n SET digest_id = held.id FROM held"
            "  WHERE n.agent_id = held.agent_id AND n.digest_id IS NULL AND n.read_at IS NULL"
        )


def _hold_webhooks_back() -> None:
    """Nor does a desk that was restored, perhaps beside the one that goes on, tell other programs what waited then.

    Switched off and on, or sent again, it goes out.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('channels_delivery') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute("UPDATE channels_delivery SET state = 'stopped' WHERE state IN ('pending', 'sending')")


def _give_rights() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
        if owner != settings.SERVING_ROLE:
            rights.give(cursor, settings.SERVING_ROLE, owner)
