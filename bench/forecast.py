"""What a forecast costs: a plan of five parts, each of a department with fifty parts behind it, on a filled desk.

Runs inside the desk, in a transaction that is taken back; prints nothing, returns plain values.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from bench.visits import _statements
from cases.forecasting.plans import look_ahead
from cases.models import Case, Subtask
from staff.models import Absence, Agent, Calendar, Department
from supportdesk import clock

CALLS, PARTS, BEHIND = 100, 5, 50


def measure() -> dict:
    """Play the plan again and again, warm.

    Returns:
        ``p50_ms``, ``p95_ms``, ``first_ms`` (of the very first, which compiles the calendars), ``statements``.
    """
    with transaction.atomic():
        case = _a_plan()
        now = clock.now()
        took = []
        for _ in range(CALLS + 1):
            with _statements() as spent:
                begun = time.perf_counter()
                outlook = look_ahead(case, now)
                took.append((time.perf_counter() - begun) * 1000)
            if outlook.parts != PARTS or outlook.forecast is None or outlook.thin:
                raise AssertionError("The plan was not played.")
        transaction.set_rollback(True)
    first, *warm = took
    warm.sort()
    return {
        "p50_ms": round(warm[CALLS // 2], 1),
        "p95_ms": round(warm[CALLS * 95 // 100], 1),
        "first_ms": round(first, 1),
        "statements": len(spent),
    }


def _a_plan() -> Case:
    """An open case with five parts: two stand behind others, one is dated, one waits, and somebody is away."""
    now = clock.now()
    case, others = Case.objects.open().exclude(Exists(Subtask.objects.open().filter(case=OuterRef("pk"))))[:2]
    hours = Calendar.objects.create(name="The forecast's", zone="Europe/Berlin", country="DE", friday="09:00-13:00")
    before = None
    for number in range(PARTS):
        department = Department.objects.create(name=f"The forecast's {number}", calendar=hours)
        _took(others, department, now)
        agent = Agent.objects.create(name=f"F {number}", email=f"f{number}@bench.invalid", department=department)
        asked = now - timedelta(hours=9 * number)
        facts = {"agent": agent, "state": "in_work", "committed_at": now + timedelta(days=1)} if number == 2 else {}
        if number == 4:
            waits = {"state": "waiting", "waiting_for": "the maker", "waiting_since": now - timedelta(hours=1)}
            facts = {"agent": agent, **waits, "committed_at": now + timedelta(days=3)}
            Absence.objects.create(
                agent=agent, starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=3),
                announced_at=now, announced_by=agent,
            )  # fmt: skip
        after = before if number in (1, 3) else None
        before = Subtask.objects.create(
            case=case, department=department, ask="Look", asked_at=asked, after=after, **facts
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_subtask")
    return case


def _took(case: Case, department: Department, now: datetime) -> None:
    """Fifty parts that took between an hour and a few days, and ten that go on."""
    ended = [
        Subtask(
            case=case, department=department, ask="Look", state="done", outcome="Done",
            asked_at=now - timedelta(days=nth + 2, hours=nth % 7), ended_at=now - timedelta(days=nth + 2 - nth % 3),
        )
        for nth in range(BEHIND)
    ]  # fmt: skip
    running = [
        Subtask(case=case, department=department, ask="Look", asked_at=now - timedelta(days=nth)) for nth in range(10)
    ]
    Subtask.objects.bulk_create([*ended, *running])
