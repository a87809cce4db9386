"""What pages and the idle sweep cost on a database that a whole log has been replayed into."""

from __future__ import annotations

import time
from contextlib import contextmanager
from statistics import median

from django.db import connection
from django.test import Client

from cases.models import Case
from cases.verbs import opening
from customers.identity import recognise
from escalations.sweep import sweep_now
from staff import origins
from staff.models import Agent, Department
from supportdesk import clock

OPEN_CASES = 1_000
ROUNDS = 20


def measure() -> dict:
    """Open a thousand cases of one owner by verbs, then measure.

    Returns:
        for ``my_cases``, ``case_page`` and ``flags``: ``queries``, ``p50_ms``, ``p95_ms``, ``bytes``; ``idle_sweep``:
        ``database_ms`` (time spent in statements) and ``queries``.
    """
    owner = _owner_of_many()
    client = Client(HTTP_HOST="localhost")
    client.force_login(owner, backend="supportdesk.signin.StaffBackend")
    case = Case.objects.owned_by(owner).open().first()
    sweep_now()
    return {
        "open_cases_of_owner": Case.objects.owned_by(owner).open().count(),
        "my_cases": _page(client, "/", must_show="Problem"),
        "case_page": _page(client, case.get_absolute_url(), must_show=case.customer.name),
        "flags": _page(client, "/escalations/", must_show="Escalations"),
        "idle_sweep": _idle_sweep(),
    }


def _owner_of_many() -> Agent:
    department = Department.objects.get(is_default=True)
    owner, _ = Agent.objects.get_or_create(
        email="bench@desk.invalid",
        defaults={"name": "Busy Bench", "department": department, "is_supervisor": True, "origin": "demo"},
    )
    customer = recognise("Bench Customer", mail="customer@bench.invalid")
    with origins.bringing_in(origins.Origin.DEMO):
        for number in range(OPEN_CASES - Case.objects.owned_by(owner).open().count()):
            opening.open_case(customer, f"Problem {number}: nobody calls me back.", by=customer, owner=owner)
    return owner


def _page(client: Client, path: str, *, must_show: str) -> dict:
    with _timed_statements() as queries:
        page = client.get(path)
    assert page.status_code == 200 and must_show in page.content.decode(), f"{path} does not show what it should."
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(path)
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return {
        "queries": len(queries),
        "p50_ms": round(median(times), 1),
        "p95_ms": round(times[int(ROUNDS * 0.95) - 1], 1),
        "bytes": len(page.content),
    }


def _idle_sweep() -> dict:
    costs = []
    for _ in range(5):
        with _timed_statements() as spent:
            swept = sweep_now()
        assert not any(swept.raised.values()), "The sweep was not idle."
        costs.append((sum(spent) * 1000, len(spent)))
    database_ms, queries = min(costs)
    return {"database_ms": round(database_ms, 1), "queries": queries}


@contextmanager
def _timed_statements():
    """Seconds of each statement inside."""
    spent: list[float] = []

    def timed(execute, sql, params, many, context):
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - start)

    with clock.reading(), connection.execute_wrapper(timed):
        yield spent
