"""The beginning of a real company's log, held against counts taken straight from the file."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

from cases.models import Case, Entry
from cases.verbs import next_step
from supportdesk import clock
from supportdesk.replay.running import replay
from tests.cast import assemble
from tests.replay.logs import Silent

FOLDER = Path(settings.ROOT).parent / "shared/corpora/log-uci-incident"
FILES = sorted(FOLDER.glob("*.csv.gz")) if FOLDER.is_dir() else []
CASES = 2000
OVER = {"Resolved", "Closed"}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="The log does not lie beside the project."),
    pytest.mark.django_db(transaction=True),
]


def counted() -> dict:
    """Straight from the file: nothing of the replay is used here."""
    rows = defaultdict(list)
    with gzip.open(FILES[0], "rt", newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if line["number"] in rows or len(rows) < CASES:
                rows[line["number"]].append(line)
    in_order = [sorted(of_case, key=lambda line: int(line["sys_mod_count"])) for of_case in rows.values()]
    groups = [[line["assignment_group"] for line in of if line["assignment_group"] != "?"] for of in in_order]
    states = [[line["incident_state"] for line in of if line["incident_state"] != "-100"] for of in in_order]
    handoffs = sum(a != b for known in groups for a, b in pairwise(known))
    return {
        "cases": len(rows),
        "events": sum(map(len, in_order)),
        "events_applied": sum(map(len, in_order)),
        "handoffs": handoffs,
        "subtasks": handoffs + sum(bool(known) for known in groups),
        "departments": len({group for known in groups for group in known}),
        "agents": len({line["assigned_to"] for of in in_order for line in of} - {"?"}),
        "reopened": sum(any(a in OVER and b not in OVER for a, b in pairwise(known)) for known in states),
        "owner_changes": 0,
        "cases_without_owner": 0,
        "skipped_lines": 0,
    }


def test_the_first_cases_of_the_log_come_to_what_the_file_says():
    assemble()
    expected = counted()
    figures = replay(FILES[0], Silent(), limit=CASES, processes=2)
    assert {name: figures[name] for name in expected} == expected
    assert figures["closed_no_answer"] + figures["closed_by_override"] == CASES
    assert figures["flags"]["promise_broken"] == figures["promises"]["broken"] > 0
    assert_reopened_cases_keep_their_owner()
    assert_what_is_due_next_is_what_the_database_finds()
    again = replay(FILES[0], Silent(), limit=CASES)
    assert (again["events_applied"], again["subtasks"]) == (0, expected["subtasks"])


def assert_reopened_cases_keep_their_owner() -> None:
    reopened = Case.objects.filter(entries__kind="reopened").distinct()
    assert reopened.count() > 0
    for case in reopened:
        owners = set(Entry.objects.filter(case=case, owner__isnull=False).values_list("owner", flat=True))
        assert owners == {case.owner_id}


def assert_what_is_due_next_is_what_the_database_finds() -> None:
    def kept() -> list[tuple]:
        return list(Case.objects.order_by("pk").values_list("pk", "next_step", "next_promise", "next_due_at"))

    before = kept()
    next_step.refresh_all([pk for pk, *_ in before], clock.now())
    assert kept() == before
