"""The people of the tests, and the Tuesday on which they live.

Nadia owns the case, Ben is in her department, Olga and Wanda are in others, Sam and Sue supervise; Carla is the
customer, Mallory another one. Every department works Monday to Friday, nine to five, UTC.
"""

from __future__ import annotations

import contextvars
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection
from pytest_django.plugin import blocking_manager_key

from cases.models import Case, Entry, Participant, Promise
from cases.verbs import opening, participants, proposing
from cases.verbs.promises import Pledge
from customers import identity
from customers.models import Customer
from staff.models import Agent, Calendar, Company, Department
from supportdesk import clock

TUESDAY = datetime(2026, 3, 10, 10, tzinfo=UTC)
WEDNESDAY = TUESDAY + timedelta(days=1)
SUNDAY = datetime(2026, 3, 8, 10, tzinfo=UTC)
# Two, five and eight business days after Tuesday the tenth; the weekends are not counted.
REMINDERS = tuple(TUESDAY + timedelta(days=days) for days in (2, 7, 10))
SILENCE = TUESDAY + timedelta(days=14)


@dataclass(frozen=True)
class Cast:
    """Everybody, by first name; the departments by theirs."""

    support: Department
    hardware: Department
    warranty: Department
    nobody: Agent
    nadia: Agent
    ben: Agent
    olga: Agent
    wanda: Agent
    sam: Agent
    sue: Agent
    carla: Customer
    mallory: Customer


def assemble() -> Cast:
    """Make everybody."""
    support, nobody = what_the_first_migrations_make()
    hours = support.calendar
    Calendar.objects.filter(pk=hours.pk).update(zone="UTC", country="")
    hours.refresh_from_db()
    hardware = Department.objects.create(name="Hardware", plain_name="the hardware team", calendar=hours)
    warranty = Department.objects.create(name="Warranty", calendar=hours)
    return Cast(
        support=support,
        hardware=hardware,
        warranty=warranty,
        nobody=nobody,
        nadia=an_agent("Nadia Novak", support),
        ben=an_agent("Ben Becker", support),
        olga=an_agent("Olga Orlova", hardware),
        wanda=an_agent("Wanda Weiss", warranty),
        sam=an_agent("Sam Sato", support, is_supervisor=True),
        sue=an_agent("Sue Singh", support, is_supervisor=True),
        carla=identity.recognise("Carla Conti", mail="carla@home.example", zone="Europe/Rome"),
        mallory=identity.recognise("Mallory Moss", mail="mallory@home.example"),
    )


def what_the_first_migrations_make() -> tuple[Department, Agent]:
    """The default department and the fallback owner, made again where a flushed database lacks them."""
    hours, _ = Calendar.objects.get_or_create(name="Office hours")
    support, _ = Department.objects.get_or_create(
        is_default=True, defaults={"name": "Support", "plain_name": "our support team", "calendar": hours}
    )
    Company.objects.get_or_create(pk=1, defaults={"calendar": hours})
    nobody, _ = Agent.objects.get_or_create(
        is_fallback=True,
        defaults={
            "name": "Nobody yet",
            "email": "nobody@desk.invalid",
            "password": make_password(None),
            "department": support,
            "can_sign_in": False,
        },
    )
    return support, nobody


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """A transactional test ends by emptying every table; the next test finds what every desk has from the start."""
    result = yield
    marker = item.get_closest_marker("django_db")
    transactional = marker is not None and marker.kwargs.get("transaction")
    emptied = transactional or "transactional_db" in getattr(item, "fixturenames", ())
    # Behind the last test there is no database any more.
    if emptied and nextitem is not None:
        with item.config.stash[blocking_manager_key].unblock():
            what_the_first_migrations_make()
    return result


def an_agent(name: str, department: Department, **facts) -> Agent:
    """Somebody on the staff who can sign in; the address is the first name's."""
    email = f"{name.split()[0].lower()}@desk.example"
    return Agent.objects.create(name=name, email=email, department=department, password=make_password(None), **facts)


@pytest.fixture
def tuesday():
    """It is ten o'clock on Tuesday, 10 March 2026, UTC."""
    with clock.at(TUESDAY):
        yield TUESDAY


@pytest.fixture
def cast(db) -> Cast:
    return assemble()


@pytest.fixture
def case(cast, tuesday) -> Case:
    """Carla's case, found for Nadia by rule this Tuesday at ten; the desk has promised her word by two o'clock."""
    return a_case(cast.carla)


def a_case(customer: Customer, problem: str = "The upgrade I paid for fails.", **facts) -> Case:
    """A case that the customer opens now."""
    facts = {"preferences": ("The upgrade works", "My money back"), **facts}
    return opening.open_case(customer, problem, by=customer, **facts)


def pledge(words: str = "call you", hours: float = 24, **facts) -> Pledge:
    """A promise some hours from now, meant so whatever hour that is."""
    return Pledge(words, clock.now() + timedelta(hours=hours), **{"in_closed_hours": True, **facts})


def first_promise(case: Case) -> Promise:
    """The desk's own first word: the owner is in touch within four business hours."""
    return case.promises.earliest("pk")


def proposed(case: Case, by: Agent, words: str = "Your upgrade is in your account."):
    """The case with a proposed resolution that meets the dearest wish."""
    return proposing.propose(case, kind="solved", words=words, meets=case.preferences.first(), given_as="owed", by=by)


def takes_part(case: Case, person: Customer, *, by: Agent, **facts) -> Participant:
    """Somebody beside the customer, who sees who, what and by when unless more is said."""
    facts = {"relation": "her daughter", "sees": "status", "speaks_for": False, **facts}
    return participants.add(case, person, **facts, by=by)


def fresh(row):
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)


def kinds(case: Case, after: Entry | int | None = None) -> list[str]:
    """The kinds of the case's entries in order; only those after an entry if one is given."""
    after = getattr(after, "pk", after) or 0
    return list(case.entries.filter(pk__gt=after).order_by("pk").values_list("kind", flat=True))


def latest_entry() -> int:
    return Entry.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def everything() -> dict[str, list[dict]]:
    """Every row that the rules keep, for saying that nothing has changed; read in one statement, as JSON has it."""
    with connection.cursor() as cursor:
        cursor.execute(_every_row())
        return json.loads(cursor.fetchone()[0])


@cache
def _every_row() -> str:
    models = [model for app in ("customers", "cases", "escalations") for model in apps.get_app_config(app).get_models()]
    rows = (
        f"'{model.__name__}', (SELECT coalesce(json_agg(t ORDER BY t.{model._meta.pk.column}), '[]') "
        f"FROM {model._meta.db_table} t)"
        for model in models
    )
    return f"SELECT json_build_object({', '.join(rows)})::text"


def as_the_owner() -> None:
    """From here to the end of the transaction or savepoint we work as the owner of the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")


def as_the_desk() -> None:
    """From here on we work as the serving role again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE desk")


def as_at_commit() -> None:
    """Let the database check now what it otherwise checks at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def at_once(*acts) -> list:
    """Do all the acts at the same moment, each in its own thread with its own connection and at our own time.

    Returns:
        for each act what it returned or the exception that it raised.
    """
    start = threading.Barrier(len(acts))
    results: list = [None] * len(acts)

    def run(position, act):
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            results[position] = act()
        except Exception as failure:
            results[position] = failure
        finally:
            connection.close()

    threads = [
        # Each thread lives at the same instant as the test: the clock is set in the context that it takes along.
        threading.Thread(target=contextvars.copy_context().run, args=(run, position, act), daemon=True)
        for position, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "An act never ended: two of them wait for each other."
    return results
