"""Lists for who leads: every filter is an address, and says what it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import lists
from cases.finding import BY_NAME, WHICH, Filters, find, how_many_due
from cases.models import Case
from cases.verbs import answering, conversation, promises, silence, subtasks
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, a_case, first_promise, proposed
from tests.pages import said, signed_in


def of(agent, which: str, **filters):
    with clock.at(filters.pop("at", TUESDAY)):
        return set(find(agent, Filters(BY_NAME[which], **filters)))


def asked(case):
    """Asked whether it is over, and nothing else is owed."""
    proposed(case, case.owner)
    promises.keep(first_promise(case), said="It is on its way.", by=case.owner)


def test_what_is_late_is_late_before_any_sweep_has_run(cast, case):
    assert of(cast.sam, "late") == set()
    assert of(cast.sam, "late", at=first_promise(case).due_at) == {case}


def test_whom_we_only_remind_is_not_late(cast, case):
    asked(case)
    assert of(cast.sam, "late", at=WEDNESDAY + timedelta(days=30)) == set()
    assert of(cast.sam, "asked") == {case}


def test_new_words_are_those_after_ours(cast, case):
    assert of(cast.sam, "words") == {case}
    conversation.write_to_customer(case, "I am on it.", by=cast.nadia)
    assert of(cast.sam, "words") == set()
    with clock.at(WEDNESDAY):
        conversation.customer_writes(case, "And?", by=cast.carla)
    assert of(cast.sam, "words") == {case}


def test_with_a_department_means_that_a_part_is_open(cast, case):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    assert of(cast.sam, "parts") == {case}
    subtasks.drop(part, reason="Found it.", by=cast.nadia)
    assert of(cast.sam, "parts") == set()


def test_closed_ones_are_in_their_own_list_the_latest_first(cast, case):
    other = a_case(cast.mallory)
    for closed in (case, other):
        answering.say_yes(closed, by=closed.customer)
    assert of(cast.sam, "open") == set()
    rows, _ = lists.found(cast.sam, Filters(BY_NAME["closed"]))
    assert [row.pk for row in rows] == [other.pk, case.pk]
    assert rows[0].what == "Confirmed by the customer"


def test_department_topic_priority_and_day_narrow_it_down(cast, case):
    Case.objects.filter(pk=case.pk).update(priority=1, department=cast.hardware)
    assert of(cast.sam, "open", department=cast.hardware, priority=1, since=TUESDAY.date()) == {case}
    assert of(cast.sam, "open", department=cast.nadia.department) == set()
    assert of(cast.sam, "open", priority=2) == set()
    assert of(cast.sam, "open", since=WEDNESDAY.date()) == set()


def test_counts_are_of_what_is_due_and_end_at_99(cast, case, settings):
    assert how_many_due(cast.sam, None) == {}
    with clock.at(WEDNESDAY):
        assert how_many_due(cast.sam, None) == {"late": "1"}
        for _ in range(100):
            with clock.at(TUESDAY):
                a_case(cast.carla)
        assert how_many_due(cast.sam, None) == {"late": "99+"}
        assert how_many_due(cast.sam, cast.hardware) == {}


@pytest.mark.parametrize("which", [which.name for which in WHICH])
def test_each_page_takes_twelve_queries_at_most_and_goes_on_by_key(cast, tuesday, which):
    for _ in range(lists.PAGE + 5):
        case = a_case(cast.carla)
        if which == "closed":
            answering.say_yes(case, by=cast.carla)
        elif which == "parts":
            subtasks.ask(case, cast.hardware, "Look", by=case.owner)
        elif which in ("asked", "unconfirmed", "nothing"):
            asked(case)
    if which == "unconfirmed":
        silence.remind_due(TUESDAY + timedelta(days=60))
        silence.unconfirm_due(TUESDAY + timedelta(days=60))
    if which == "nothing":
        Case.objects.update(next_step="nothing", next_promise=None)
    client = signed_in(cast.sam)
    with clock.at(WEDNESDAY), CaptureQueriesContext(connection) as queries:
        page = client.get("/cases/", {"which": which})
    assert len(queries) <= 12
    assert said(page).count("Carla") >= lists.PAGE
    more = page.context["next_page"]
    assert f"which={which}" in more
    with clock.at(WEDNESDAY):
        second = client.get(f"/cases/?{more}")
    shown = [row.pk for _, _, rows in second.context["groups"] for row in rows]
    first = [row.pk for _, _, rows in page.context["groups"] for row in rows]
    assert len(shown) == 5 and not set(shown) & set(first)


def test_a_filter_that_is_none_is_said_and_narrows_nothing(cast, case):
    client = signed_in(cast.sam)
    page = client.get("/cases/", {"department": "999999", "since": "yesterday", "which": "everything", "after": "x"})
    assert page.status_code == 200
    assert "Carla" in said(page)
    assert {"department", "since", "which"} <= set(page.context["form"].errors)


def test_an_empty_list_says_what_it_means(cast, tuesday):
    client = signed_in(cast.sam)
    assert "Every open case has a next promise." in said(client.get("/cases/?which=nothing"))


def test_what_has_been_promised_anew_is_no_longer_late(cast, case):
    due = first_promise(case).due_at
    with clock.at(due):
        promises.keep(
            first_promise(case), said="We spoke.", by=cast.nadia, next_promise=promises.Pledge("call you", WEDNESDAY)
        )
    assert of(cast.sam, "late", at=due) == set()


def test_without_a_filter_everything_open_is_there(cast, case):
    assert "Carla" in said(signed_in(cast.sam).get("/cases/"))
