"""Which cases a list shows: filters that stand in the page's address, each a line of one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import Case, Subtask
from staff.models import Department, Topic
from supportdesk import clock

# Counted no further than this: nobody acts differently on 120 than on 99+.
MOST = 99


@dataclass(frozen=True)
class Which:
    """One kind of cases that a lead looks for.

    Attributes:
        name: as it stands in the address.
        title: on its tab.
        narrow: from the cases that the agent may see to these, at an instant (aware datetime, UTC).
        empty: what is said where there are none.
    """

    name: str
    title: str
    narrow: Callable[[QuerySet, datetime], QuerySet]
    empty: str


def _late(cases: QuerySet, now: datetime) -> QuerySet:
    return cases.open().filter(next_due_at__lte=now).exclude(next_step=Case.NextStep.REMINDER)


def _new_words(cases: QuerySet, now: datetime) -> QuerySet:
    return cases.open().filter(Q(we_wrote_at=None) | Q(customer_wrote_at__gt=F("we_wrote_at")))


def _with_a_department(cases: QuerySet, now: datetime) -> QuerySet:
    return cases.open().filter(Exists(Subtask.objects.open().filter(case=OuterRef("pk"))))


def _nothing_promised(cases: QuerySet, now: datetime) -> QuerySet:
    return cases.open().filter(next_step=Case.NextStep.NOTHING)


WHICH = (
    Which("open", "Open", lambda cases, now: cases.open(), "No problem is open."),
    Which("late", "Late", _late, "Nothing is late."),
    Which("words", "New words", _new_words, "Every customer has been written to."),
    Which("parts", "With a department", _with_a_department, "No department has anything to do."),
    Which("asked", "Asked", lambda cases, now: cases.open().waiting_for_customer(), "No customer is being asked."),
    Which(
        "unconfirmed",
        "No answer",
        lambda cases, now: cases.filter(state=Case.State.UNCONFIRMED),
        "Every customer has answered.",
    ),
    Which("nothing", "Nothing promised", _nothing_promised, "Every open case has a next promise."),
    Which("closed", "Closed", lambda cases, now: cases.exclude(closed_at=None), "Nothing has been closed."),
)
BY_NAME = {which.name: which for which in WHICH}


@dataclass(frozen=True)
class Filters:
    """What is looked for.

    Attributes:
        which: one of ``WHICH``.
        department, topic, priority: only theirs; None: all.
        since: opened on or after this day, in the reader's zone.
    """

    which: Which
    department: Department | None = None
    topic: Topic | None = None
    priority: int | None = None
    since: date | None = None


def find(agent, filters: Filters) -> QuerySet:
    """The cases that this agent may see and the filters leave, in no order yet."""
    cases = filters.which.narrow(Case.objects.visible_to(agent), clock.now())
    if filters.department:
        cases = cases.filter(department=filters.department)
    if filters.topic:
        cases = cases.filter(topic=filters.topic)
    if filters.priority:
        cases = cases.filter(priority=filters.priority)
    if filters.since:
        midnight = timezone.make_aware(datetime.combine(filters.since, time.min))
        cases = cases.filter(opened_at__gte=midnight)
    return cases


def how_many_due(agent, department: Department | None) -> dict[str, str]:
    """How many there are of what somebody has to act on, in one statement: ``{"late": "7", "nothing": "99+"}``.

    Counted as far as ``MOST``; what there is none of is left out.
    """
    counted = ("late", "unconfirmed", "nothing")
    parts, values = [], []
    for name in counted:
        cases = find(agent, Filters(BY_NAME[name], department)).order_by()[: MOST + 1]
        sql, parameters = cases.values("pk").query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) {name})")
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        counts = cursor.fetchone()
    return {
        name: f"{MOST}+" if count > MOST else str(count) for name, count in zip(counted, counts, strict=True) if count
    }
