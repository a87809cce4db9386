"""Through a PgBouncer that gives each transaction another session: nothing is left behind in one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import psycopg2
import pytest

from cases.models import Entry
from escalations.models import LastSweep
from supportdesk import clock
from tests.compose import ROOT
from tests.faults.parts import until
from tests.stack.cluster import Cluster, machines_on_loopback
from tests.stack.test_cluster import ENV, a_cluster, opens_a_problem, readiness
from tests.stack.visitor import Visitor

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
SESSIONS = 3  # fewer than there are who ask

pytestmark = [pytest.mark.stack, pytest.mark.skipif(not PGBOUNCER, reason="The program pgbouncer is not there.")]


def block(language: str) -> str:
    """What docs/cluster.md says, word for word."""
    return re.search(rf"```{language}\n(.*?)```", (ROOT / "docs" / "cluster.md").read_text(), re.DOTALL)[1]


def a_pool(cluster: Cluster, machine) -> str:
    """PgBouncer as the page sets it up, with the addresses of here; the address of the desk in it."""
    direct = cluster.settings_of("web")["DATABASE_URL"]
    host, port = re.search(r"@([\d.]+):(\d+)/", direct).groups()
    mine, folder = machine.free_port(0), cluster.folder / "pool"
    folder.mkdir(mode=0o755)
    here = {"db.example port=5432": f"{host} port={port}", "= *": f"= {machine.address}", "6432": str(mine)}
    here |= {"= 20": f"= {SESSIONS}", "/etc/pgbouncer": str(folder)}
    text = block("ini")
    for there, instead in here.items():
        assert there in text, there
        text = text.replace(there, instead)
    (folder / "pgbouncer.ini").write_text(f"{text}unix_socket_dir =\n")
    (folder / "userlist.txt").write_text(f'"desk" "{ENV["DESK_PASSWORD"]}"\n')
    cluster.starts_as_lent("pgbouncer", [PGBOUNCER, str(folder / "pgbouncer.ini")])
    pool = direct.replace(f"{host}:{port}", f"{machine.address}:{mine}")
    until(lambda: answers(pool), "PgBouncer did not start.")
    return pool


def answers(url: str) -> bool:
    try:
        psycopg2.connect(url).close()
        return True
    except psycopg2.OperationalError:
        return False


def asked(url: str, question: str) -> set[tuple]:
    """The answers of all sessions of the pool: each connection holds a transaction, so that none is asked twice."""
    lines = [psycopg2.connect(url) for _ in range(SESSIONS)]
    try:
        found = set()
        for line in lines:
            cursor = line.cursor()
            cursor.execute(question)
            found |= set(cursor.fetchall())
        return found
    finally:
        for line in lines:
            line.close()


def test_the_desk_through_a_pool_of_sessions(django_db_blocker, tmp_path):
    with machines_on_loopback(2) as machines, a_cluster(machines, django_db_blocker) as cluster:
        for statement in filter(str.strip, block("sql").split(";")):
            cluster.tells("supportdesk", statement)
        direct = cluster.settings_of("web")["DATABASE_URL"]
        pool = a_pool(cluster, machines[1])
        through = {"DATABASE_URL": pool, "DIRECT_DATABASE_URL": direct}
        _, web = cluster.web(machines[1], **through)
        cluster.worker_of_all_queues(machines[1], **through)
        cluster.starts("beat", machines[1], **through)
        until(lambda: readiness(web).get("last_sweep_age") is not None, "Nobody sweeps.")
        opens_a_problem(Visitor([web]))
        until(lambda: not Entry.objects.unannounced().exists(), "Nobody announces.")

        # What needs a session of its own goes round the pool.
        env = {**cluster.settings_of("web"), **through, "DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
        backup = [sys.executable, "manage.py", "backup", str(tmp_path / "desk.zip")]
        done = subprocess.run(backup, cwd=ROOT, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        swept = clock.now()
        until(lambda: LastSweep.objects.filter(finished_at__gt=swept).exists(), "Nobody sweeps any more.")
        assert readiness(web)["ready"], readiness(web)
        assert cluster.asked("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]
        settings = "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),"
        settings += " current_setting('search_path'), current_setting('synchronous_commit')"
        assert asked(pool, settings) == {("5s", "1min", '"$user", public', "on")}
