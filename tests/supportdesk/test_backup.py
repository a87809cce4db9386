"""Backup and restore: what was said to a customer before the backup is there after it, word for word and once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from cases import digest
from cases.models import Digest, Notice
from cases.verbs import conversation
from supportdesk import clock
from supportdesk.backup import archive
from supportdesk.embedded.addresses import DATABASE_OWNER
from tests.cast import Cast, a_case, assemble

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db) -> Cast:
    return assemble()


@pytest.fixture
def desk(desk_environment, tmp_path):
    """The test's own desk, with a key of its own."""
    return {**desk_environment, "DATA_DIR": str(data_folder(tmp_path / "here", key="the key of here\n"))}


@pytest.fixture
def elsewhere(desk_environment, tmp_path):
    """An empty database and an empty DATA_DIR, where nobody has been yet."""
    host = settings.DATABASES["default"]["HOST"]
    name = f"elsewhere_{os.getpid()}"
    with closing(psycopg2.connect(host=host, user=DATABASE_OWNER, dbname="postgres")) as line:
        line.autocommit = True
        cursor = line.cursor()
        cursor.execute(f"CREATE DATABASE {name}")
        yield {
            **desk_environment,
            "DATA_DIR": str(data_folder(tmp_path / "elsewhere")),
            "DATABASE_URL": f"postgresql://desk@/{name}?host={host}",
            "MIGRATE_DATABASE_URL": f"postgresql://{DATABASE_OWNER}@/{name}?host={host}",
        }
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def data_folder(path: Path, key: str = "") -> Path:
    path.mkdir()
    if key:
        (path / "secret-key").write_text(key)
    return path


def manage(env: dict, *arguments, code: int = 0) -> str:
    kept = {name: value for name, value in env.items() if name != "SECRET_KEY"}
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=settings.ROOT,
        env=kept,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def rows(env: dict, question: str):
    url = env["DATABASE_URL"].removeprefix("postgresql://desk@/")
    name, _, host = url.partition("?host=")
    with closing(psycopg2.connect(host=host, dbname=name, user="desk")) as line, line.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def test_f39_a_backup_under_load_is_one_instant_and_comes_back_whole(cast, desk, elsewhere, tmp_path):
    case = a_case(cast.carla, "Zwölf Tage, \\N und 'nichts'.\n\t€")
    waits = {"agent": cast.nadia, "made_at": case.opened_at, "try_at": case.opened_at}
    Digest.objects.create(message_id="<waits>", **waits)
    Notice.objects.create(entry=case.entries.first(), reaction="x", agent=cast.ben, made_at=case.opened_at)
    said, go_on = [], threading.Event()
    go_on.set()

    def speak():
        try:
            while go_on.is_set():
                conversation.customer_writes(case, f"Word {len(said)}", by=cast.carla)
                said.append(len(said))
        finally:
            connection.close()

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        before = len(said)
        told = manage(desk, "backup", tmp_path / "desk.zip")
        after = len(said)
    finally:
        go_on.clear()
        speaker.join()
    assert after > before, "Nobody spoke meanwhile: the test proves nothing."
    assert (tmp_path / "desk.zip").stat().st_mode & 0o777 == 0o600

    restored = manage(elsewhere, "restore", tmp_path / "desk.zip")
    assert "the timeline's digest agrees" in restored
    words = [body for (body,) in rows(elsewhere, "SELECT body FROM cases_message WHERE body LIKE 'Word%' ORDER BY id")]
    assert words == [f"Word {number}" for number in range(len(words))]
    assert before <= len(words) <= len(said)
    assert rows(elsewhere, "SELECT problem, key FROM cases_case") == [(case.problem, case.key)]
    assert Path(elsewhere["DATA_DIR"], "secret-key").read_text() == "the key of here\n"
    assert rows(elsewhere, "SELECT count(*) FROM cases_entry")[0][0] == int(told.split(" entries")[0].split()[-1])
    # What waited to be mailed may have gone out since the backup was made.
    assert rows(elsewhere, "SELECT state, count(*) FROM cases_digest GROUP BY state") == [("uncertain", 2)]
    assert rows(elsewhere, "SELECT count(*) FROM cases_notice WHERE digest_id IS NULL") == [(0,)]
    # It works on: the guards came along, and who serves may serve.
    manage(elsewhere, "sweep")
    with pytest.raises(psycopg2.Error, match="permission denied"):
        rows(elsewhere, "DELETE FROM cases_entry RETURNING id")
    manage(elsewhere, "migrate", "--check")
    assert manage(elsewhere, "restore", tmp_path / "desk.zip", code=2).startswith(
        "CommandError: This desk is not empty"
    )


def test_a_backup_takes_nobodys_place(cast, desk, tmp_path):
    taken = tmp_path / "desk.zip"
    taken.write_text("the only copy")
    assert "is there already" in manage(desk, "backup", taken, code=2)
    assert taken.read_text() == "the only copy"
    assert "cannot be written" in manage(desk, "backup", tmp_path / "nowhere" / "desk.zip", code=2)
    (tmp_path / "folder").mkdir()
    manage(desk, "backup", tmp_path / "folder")
    assert [path.suffix for path in (tmp_path / "folder").iterdir()] == [".zip"]


def test_a_cut_damaged_or_foreign_archive_changes_nothing(cast, desk, elsewhere, tmp_path):
    a_case(cast.carla)
    whole = tmp_path / "desk.zip"
    manage(desk, "backup", whole)
    content = whole.read_bytes()
    spoilt = {
        "cut": content[: len(content) // 2],
        "damaged": content[:2000] + b"\0\0\0\0" + content[2004:],
        "text": b"Dear customer",
        "empty": b"",
    }
    for name, bytes_ in spoilt.items():
        (tmp_path / name).write_bytes(bytes_)
    with zipfile.ZipFile(tmp_path / "foreign", "w") as foreign:
        foreign.writestr("manifest.json", json.dumps({"made_at": "now"}))
    for name in (*spoilt, "foreign", "missing"):
        said = manage(elsewhere, "restore", tmp_path / name, code=2)
        assert len(said.strip().splitlines()) == 1, said
    assert rows(elsewhere, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_backup_of_a_newer_desk_is_refused_in_one_sentence(cast, desk, elsewhere, tmp_path):
    manage(desk, "backup", tmp_path / "desk.zip")
    with zipfile.ZipFile(tmp_path / "desk.zip") as old, zipfile.ZipFile(tmp_path / "newer.zip", "w") as newer:
        for name in old.namelist():
            content = old.read(name)
            if name == archive.MANIFEST:
                values = json.loads(content)
                content = json.dumps({**values, "migrations": [*values["migrations"], "cases.9999_of_tomorrow"]})
            newer.writestr(name, content)
    assert "cases.9999_of_tomorrow" in manage(elsewhere, "restore", tmp_path / "newer.zip", code=2)


def test_the_digest_says_who_did_what_when(cast):
    case = a_case(cast.carla)
    before = digest.of_the_timeline()
    assert (before.entries, before) == (2, digest.of_the_timeline())
    with clock.at(clock.now()):
        conversation.note(case, "Hm.", by=cast.ben)
    after = digest.of_the_timeline()
    assert (after.entries, after.sha256 != before.sha256) == (3, True)
