"""On a desk with many cases pages and sweeps read indexes, and as few statements as on a small one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from cases import due_soon
from cases.cover import WITHOUT_COVER
from cases.models import Case, Promise
from cases.verbs import afterwards
from escalations import queue
from escalations.models import Escalation, Flag
from escalations.sweep import sweep
from staff.absences import announce
from staff.models import Agent
from staff.origins import Origin
from supportdesk import clock
from supportdesk.load.running import load
from tests.cast import as_the_owner
from tests.pages import signed_in

NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
CASES = 5_000
pytestmark = pytest.mark.django_db(transaction=True)


def plan_of(statement: str, parameters: tuple | dict = ()) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement, parameters)
        return "\n".join(line for (line,) in cursor.fetchall())


def let_the_planner_learn(tables: str) -> None:
    """Only the owner of the tables may tell it; the desk's own wish is passed over in silence."""
    with transaction.atomic(), connection.cursor() as cursor:
        as_the_owner()
        cursor.execute(f"ANALYZE {tables}")


def reads_of(client, path: str, table: str) -> str:
    """The plan of the statement with which a page reads most of that table's rows."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    reads = [query["sql"] for query in queries if f'FROM "{table}"' in query["sql"] and "LIMIT" in query["sql"]]
    return plan_of(reads[0])


def counts_of(client) -> tuple[str]:
    """The statement that counts what is due for the bar above every page."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    return (next(query["sql"] for query in queries if query["sql"].startswith("SELECT (SELECT count(*)")),)


def assert_the_queue_is_read_in_its_order(client) -> None:
    """Every case has a reason to be in it: the page begins at the top of one index, and its clock reads another."""
    cases = Case.objects.values_list("pk", "opened_at")
    Flag.objects.bulk_create(
        Flag(rule="complaint_late", case_id=pk, subject=-pk, became_true_at=opened_at, raised_at=NOW)
        for pk, opened_at in cases
    )
    queue.reckon_anew([pk for pk, _ in cases])
    queue.keep(NOW)
    let_the_planner_learn("escalations_flag, escalations_escalation")
    assert Escalation.objects.standing().count() >= CASES
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get("/escalations/").context["rows"]) == 50
    asked = [query["sql"] for query in queries if query["sql"].lstrip("(\n ").startswith(("SELECT", "WITH"))]
    rows = plan_of(next(one for one in asked if 'FROM "escalations_escalation"' in one and "LIMIT 51" in one))
    assert "using queue on escalations_escalation" in rows and "Sort" not in rows.split("SubPlan")[0], rows
    waiting = plan_of(next(one for one in asked if 'ORDER BY "escalations_escalation"."answer_by"' in one))
    assert "using queue_clock on escalations_escalation" in waiting and "Sort" not in waiting.split("SubPlan")[0], (
        waiting
    )
    everything = "".join(map(plan_of, asked))
    for large in ("cases_case", "cases_entry", "escalations_flag"):
        assert f"Seq Scan on {large}" not in everything, everything
    due = {"now": NOW, "cases": None, "leave_out": "", "batch": queue.BATCH, "highest": 3}
    assert "queue_clock" in plan_of(queue._DUE, due)
    assert "Seq Scan on cases_case" not in plan_of(queue._CLAIM, due)


def assert_finds_what_nobody_decided_by_its_dates() -> None:
    """A few closed cases whose customers have written since, among all the others."""
    closed = Case.objects.exclude(closed_at=None).order_by("pk")
    Case.objects.filter(pk__in=closed.values("pk")[:200]).update(decide_by=NOW)
    let_the_planner_learn("cases_case")
    due = {"now": NOW, "cases": None, "leave_out": "", "batch": afterwards.BATCH}
    plan = plan_of(afterwards._REOPEN_UNDECIDED, due)
    assert "decide" in plan, plan
    assert_by_index(plan, "cases_case")


def assert_by_index(plan: str, table: str) -> None:
    """The rows of this table are found by an index, never by reading all of them."""
    assert f"Seq Scan on {table}" not in plan, plan
    assert re.search(rf"Index (Only )?Scan .*on {table}|Bitmap Heap Scan on {table}", plan), plan


def test_lists_and_sweeps_of_a_full_desk_read_indexes_and_pages_stay_within_their_statements(cast):
    with clock.at(NOW):
        load(CASES)
        owners = Agent.objects.filter(origin=Origin.LOAD, owned_cases__closed_at=None)
        owner = owners.annotate(open=Count("owned_cases")).order_by("-open").first()
        Agent.objects.filter(pk=owner.pk).update(can_sign_in=True, is_supervisor=True)
        client = signed_in(Agent.objects.get(pk=owner.pk))

        assert_by_index(reads_of(client, "/", "cases_case"), "cases_case")
        assert_by_index(reads_of(client, f"/queue/{owner.department_id}/", "cases_subtask"), "cases_subtask")
        due = Promise.objects.due(NOW).order_by("due_at").values_list("pk")[:500]
        assert_by_index(plan_of(*due.query.sql_with_params()), "cases_promise")

        within = settings.DUE_SOON_WITHIN
        soon = {"now": NOW, "since": None, "within": within, "seconds": within.total_seconds(), "reaction": "due_soon"}
        assert_by_index(
            plan_of(due_soon._TELL_DUE_SOON, {**soon, "cases": None, "leave_out": "", "batch": 500}), "cases_promise"
        )

        sweep(NOW)
        let_the_planner_learn("escalations_flag, cases_promise")
        assert Flag.objects.standing().count() > 100
        assert_the_queue_is_read_in_its_order(client)

        talked = Case.objects.owned_by(owner).open().annotate(said=Count("messages")).filter(said=4)
        case = talked.order_by("-pk").first()
        assert_by_index(plan_of(*counts_of(client)), "cases_case")
        covered = Case.objects.open().exclude(owner=owner).exclude(owner__is_fallback=True).first().owner
        announce(covered, NOW, NOW + timedelta(days=3), Agent.objects.get(pk=owner.pk), by=covered)
        assert_by_index(reads_of(client, "/", "cases_case"), "cases_case")
        let_the_planner_learn("staff_absence, staff_agent")
        assert_by_index(plan_of(WITHOUT_COVER, {"now": NOW}), "cases_case")

        for path, most in (("/", 8), (case.get_absolute_url(), 12), ("/escalations/", 12)):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            assert len(queries) <= most, path

        assert_finds_what_nobody_decided_by_its_dates()
