"""The cluster of docker-compose.yml, its commands run by hand; then on two machines, of which one dies half-way."""

from __future__ import annotations

import itertools
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from cases.models import Case, Entry, Notice
from cases.verbs import promises
from escalations.models import Flag
from portal.links import status_path
from staff import signing_in
from staff.models import Agent, Calendar
from staff.models.calendars import WEEKDAYS
from supportdesk import clock
from supportdesk.queues import QUEUES
from tests.cast import Cast, assemble, fresh
from tests.faults.conftest import LONG
from tests.faults.customers import Customer
from tests.faults.invariants import Ledger, check
from tests.faults.parts import until
from tests.stack.cluster import (
    Cluster,
    kill_at_once,
    machines_in_namespaces,
    machines_on_loopback,
    why_no_namespaces,
)
from tests.stack.visitor import Visitor, fetched

pytestmark = pytest.mark.stack

ENV = {
    "SECRET_KEY": settings.SECRET_KEY,
    "POSTGRES_PASSWORD": "theownerspassword1",
    "DESK_PASSWORD": "thedeskspassword2",
    "ALLOWED_HOSTS": "desk.example",
    "TRUSTED_PROXIES": "1",
    "BEAT_SECONDS": "2",
}
PASSWORD = "a short sentence is easy to remember"
PROMISES = 20


@contextmanager
def a_cluster(machines, blocker) -> Iterator[Cluster]:
    """Servers on the first machine, tables made; this test sees the cluster's database."""
    cluster = Cluster(Path(f"/tmp/desk-cluster-{os.getuid()}-{os.getpid()}"), ENV, machines[0])
    try:
        cluster.starts_servers()
        cluster.migrates(machines[1])
        with blocker.unblock(), cluster.seen_by_this_test():
            yield cluster
    except BaseException as failure:
        failure.add_note(cluster.last_words())
        raise
    finally:
        cluster.end()


def readiness(web) -> dict:
    return json.loads(fetched(web, "/readyz")[1] or "{}")


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_each_command_of_compose_does_its_part(django_db_blocker):
    with machines_on_loopback(2) as machines, a_cluster(machines, django_db_blocker) as cluster:
        here = machines[1]
        _, web = cluster.web(here)
        workers = {queue: cluster.starts(f"worker-{queue}", here) for queue in QUEUES}
        beat = cluster.starts("beat", here)
        until(lambda: readiness(web).get("last_sweep_age") is not None, "Nobody sweeps.")
        report = readiness(web)
        assert report["ready"] and report["database"] == report["broker"] == report["sweep"] == "ok", report
        assert fetched(web, "/readyz")[0] == 200
        assert cluster.health_of_web(here, web) == cluster.health_of_database() == 0
        assert beat.process.poll() is None
        the_database_is_as_the_file_says(cluster)
        each_worker_hears_its_own_queue(workers)
        a_static_file_is_served(web)
        customer = Visitor([web])
        case = opens_a_problem(customer)
        until(lambda: not Entry.objects.unannounced().exists(), "Nobody announces.")
        assert case.owner is not None


def the_database_is_as_the_file_says(cluster: Cluster) -> None:
    locale = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'supportdesk'"
    assert cluster.asked(locale) == [("b", "C.UTF-8")]
    assert cluster.asked("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [("desk_owner",)]
    others = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'supportdesk' AND pid <> pg_backend_pid()"
    assert cluster.asked(others) == [("desk",)]
    assert cluster.asked("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'desk'") == [
        (False, False, False)
    ]
    for setting, value in (("log_error_verbosity", "terse"), ("log_min_error_statement", "panic")):
        assert cluster.asked(f"SHOW {setting}") == [(value,)]


def each_worker_hears_its_own_queue(workers) -> None:
    heard = {"sweep": "supportdesk.sweep", "mail-out": "supportdesk.tell", "default": "supportdesk.announce"}
    heard["webhooks"] = "supportdesk.deliver"
    assert set(heard) == set(QUEUES)
    for queue, task in heard.items():
        until(lambda queue=queue, task=task: f"Task {task}[" in workers[queue].said(), f"Nobody hears {task}.")
    for queue, worker in workers.items():
        assert set(re.findall(r"Task (supportdesk\.\w+)\[", worker.said())) <= {heard[queue]}, queue


def a_static_file_is_served(web) -> bytes:
    """By the name that carries its hash, as the pages ask for it."""
    page = fetched(web, "/help/")[1].decode()
    sheet = re.search(r"/static/[^\" ]+\.[0-9a-f]{12}\.css", page)
    assert sheet, page[:2000]
    status, content = fetched(web, sheet[0])
    assert status == 200 and content
    return content


# -- two machines ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[machines_on_loopback, machines_in_namespaces], ids=["loopback", "namespaces"])
def machines_of(request):
    """How one machine becomes several: by networks of their own where that is allowed; else, and at length, by
    addresses."""
    why = why_no_namespaces()
    if request.param is machines_in_namespaces and why:
        pytest.skip(f"{why} Only processes were apart, not networks.")
    if request.param is machines_on_loopback and not why and not LONG:
        pytest.skip("The machines have networks of their own here; by addresses alone at length, in `make faults`.")
    return request.param


def test_one_of_two_machines_dies_in_the_middle_of_the_story(django_db_blocker, machines_of):
    with machines_of(3) as machines, a_cluster(machines, django_db_blocker) as cluster:
        cast = assemble()
        open_only_in_three_days()
        parts, webs = {}, []
        for machine in machines[1:]:
            web, address = cluster.web(machine)
            parts[machine] = (web, cluster.worker_of_all_queues(machine), cluster.starts("beat", machine))
            webs.append(address)
        for web in webs:
            until(lambda web=web: readiness(web).get("ready"), "It is not ready.")
        assert a_static_file_is_served(webs[0]) == a_static_file_is_served(webs[1])

        both = list(webs)
        carla, nadia, olga = (Visitor(webs, f"198.51.100.{number}") for number in (7, 8, 9))
        case = opens_a_problem(carla)
        signs_in(nadia, cast.nadia)
        signs_in(olga, cast.olga)
        nadia.presses(reverse("cases:take", args=[case.pk]))
        assert fresh(case).owner == cast.nadia
        nadia.presses(reverse("cases:ask", args=[case.pk]), department="Hardware", what="Which board is it?")
        part = case.subtasks.get()
        olga.presses(reverse("cases:accept", args=[part.pk]), committed_at=in_two_days())
        carla.presses(f"{status_path(case)}add/", words="It still does not turn on.")
        for visitor in (carla, nadia, olga):
            assert visitor.answered_by == set(both), "One session, both webs."

        due = falls_due_in(4, case, cast)
        ledger = Ledger()
        ledger.notes_the_timeline()
        with customers_come(ledger, webs):
            time.sleep(3.5)  # until just before it falls due
            webs.remove(both[0])
            kill_at_once(*parts[machines[1]])
            time.sleep(2)
        assert any(told.accepted for told in ledger.told) and len(ledger.told) > 4

        olga.presses(reverse("cases:done", args=[part.pk]), words="Board B, changed today.")
        proposes(nadia, case)
        carla.presses(f"{status_path(case)}yes/")
        case = fresh(case)
        assert (case.state, case.outcome, case.owner) == ("closed", "confirmed", cast.nadia)

        until(lambda: not Entry.objects.unannounced().exists(), "What was left was never announced.")
        until(lambda: Flag.objects.filter(rule="promise_broken").count() >= PROMISES, "The sweep raised nothing.")
        time.sleep(5)  # two more sweeps
        flags = Flag.objects.filter(rule="promise_broken")
        assert flags.count() == PROMISES and set(flags.values_list("became_true_at", flat=True)) == {due}
        assert Notice.objects.filter(agent=cast.nadia, entry__kind="subtask_done").count() == 1
        assert Notice.objects.filter(agent=cast.nadia, entry__kind="message_from_customer").count() == 1
        check(ledger)
        assert readiness(both[1])["ready"]

        # The machine comes back: who was signed in still is.
        _, again = cluster.web(machines[1])
        webs[:] = [again]
        assert nadia.opens(case.get_absolute_url()).says("Confirmed by the customer")
        assert carla.opens(status_path(case)).status == 200


# -- what people do ----------------------------------------------------------------------------------------------------


def opens_a_problem(customer: Visitor) -> Case:
    customer.presses("/help/", words="My laptop is dead.")
    customer.presses("/help/wishes/")
    page = customer.presses("/help/reach/", after=3.2, name="Kemi Adeyemi", mail="kemi@home.example")
    case = Case.objects.get()
    assert page.says(case.number)
    return case


def signs_in(agent: Visitor, who: Agent) -> None:
    """By the one-time link, as an administrator hands it out."""
    agent.presses(reverse("sign_in_by_link", args=[signing_in.issue(who)]))
    page = agent.presses(reverse("account_set_password"), password1=PASSWORD, password2=PASSWORD)
    assert page.says("My cases")


def proposes(agent: Visitor, case: Case) -> None:
    said = {"words": "Your laptop has a new board.", "why_none": "It turns on again.", "keeps": "on"}
    agent.presses(reverse("cases:propose", args=[case.pk]), **said)
    assert fresh(case).state == "proposed"


def falls_due_in(seconds: float, case: Case, cast: Cast) -> datetime:
    """So many promises at once, all of them soon broken; when."""
    due = clock.now() + timedelta(seconds=seconds)
    for number in range(PROMISES):
        promises.make(case, promises.Pledge(f"call you, {number}", due, in_closed_hours=True), by=cast.nadia)
    return due


@contextmanager
def customers_come(ledger: Ledger, webs) -> Iterator[None]:
    """Others press the button until the end of the block, one after the other, each again and again until it worked."""
    going, failures = threading.Event(), []
    going.set()
    turn = itertools.count()

    def come():
        try:
            while going.is_set():
                customer = ledger.keeps(Customer())
                while customer.presses(port=(web := webs[next(turn) % len(webs)])[1], host=web[0]) != 302:
                    time.sleep(0.1)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    thread = threading.Thread(target=come)
    thread.start()
    try:
        yield
    finally:
        going.clear()
        thread.join()
    assert not failures, failures


def open_only_in_three_days() -> None:
    """Whatever the hour of the test, nobody is on duty: what comes in is up for taking."""
    day = WEEKDAYS[(datetime.now(UTC).weekday() + 3) % 7]
    Calendar.objects.update(**{weekday: "09:00-17:00" if weekday == day else "" for weekday in WEEKDAYS})


def in_two_days() -> str:
    return (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT10:00")
