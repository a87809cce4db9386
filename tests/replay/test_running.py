"""The whole replay: once and never twice, interrupted and going on, alone, and never among real cases unasked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from cases.models import Case, Entry
from customers.models import Customer
from staff.models import Agent, Department
from supportdesk.advisory import Alone
from supportdesk.replay.running import FIGURES, Interrupted, NotHere, replay
from tests.cast import a_case, assemble
from tests.replay.logs import Silent, course, row, written


def many(cases: int) -> list[dict[str, str]]:
    """Whole cases, from opening to closing, of a few callers and groups."""
    return [
        {**each, "number": f"INC{count}", "caller_id": f"Caller {count % 5}"}
        for count in range(cases)
        for each in course(
            row("1/3/2016 10:00", "New", assigned_to=f"Resolver {count % 3}"),
            row("1/3/2016 11:00", assignment_group=f"Group {count % 4}"),
            row("2/3/2016 11:00", "Resolved"),
            row("7/3/2016 11:00", "Closed"),
        )
    ]


def rows_of_everything() -> list[int]:
    return [model.objects.count() for model in (Case, Entry, Customer, Agent, Department)]


class StopsAfter(Silent):
    """Presses Ctrl-C once so many rows are there."""

    def __init__(self, rows: int):
        super().__init__()
        self._left = rows

    def replayed(self, rows: int) -> None:
        self._left -= rows
        if self._left <= 0:
            raise KeyboardInterrupt


def test_a_second_replay_applies_nothing_and_says_the_same(tmp_path, cast):
    path = written(tmp_path, many(30))
    first = replay(path, Silent())
    there = rows_of_everything()
    second = replay(path, Silent())
    assert (first["events_applied"], second["events_applied"]) == (120, 0)
    assert rows_of_everything() == there
    changing = {"events_applied", "seconds", "events_per_second", "peak_rss_mb"}
    assert {name: second[name] for name in FIGURES if name not in changing} == {
        name: first[name] for name in FIGURES if name not in changing
    }


def test_interrupted_it_leaves_whole_cases_and_goes_on(tmp_path, cast):
    path = written(tmp_path, many(40))
    with pytest.raises(Interrupted, match="goes on"):
        replay(path, StopsAfter(rows=1))
    there = Case.objects.count()
    assert 0 < there < 40
    assert Case.objects.filter(outcome="").count() == 0
    figures = replay(path, Silent())
    assert (figures["cases"], figures["events"], figures["events_applied"]) == (40, 160, 4 * (40 - there))


def test_a_limit_takes_the_first_cases_of_the_file_and_the_rest_can_follow(tmp_path, cast):
    path = written(tmp_path, many(30))
    figures = replay(path, Silent(), limit=7)
    assert (figures["cases"], figures["events"], figures["departments"]) == (7, 28, 4)
    assert set(Case.objects.values_list("origin_ref", flat=True)) == {f"INC{count}" for count in range(7)}
    assert replay(path, Silent())["events_applied"] == 4 * 23


def test_real_cases_keep_a_replay_out_unless_it_is_said(tmp_path, cast, tuesday):
    real = a_case(cast.carla)
    path = written(tmp_path, many(1))
    with pytest.raises(NotHere, match="real cases"):
        replay(path, Silent())
    assert list(Case.objects.all()) == [real]
    assert replay(path, Silent(), into_live=True)["cases"] == 1


def test_one_json_object_names_exactly_the_figures(tmp_path, cast, capsys):
    call_command("replay", str(written(tmp_path, many(2))), format="uci", json=True, processes=1)
    figures = json.loads(capsys.readouterr().out)
    assert tuple(figures) == FIGURES
    assert tuple(figures["promises"]) == ("made", "kept", "broken", "moved")
    assert figures["closed_no_answer"] == 2


@pytest.mark.django_db(transaction=True)
def test_a_second_replay_at_once_is_refused(tmp_path):
    assemble()
    path = written(tmp_path, many(1))
    elsewhere = connections.create_connection("default")
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [Alone.REPLAYING])
        with pytest.raises(NotHere, match="Another replay"):
            replay(path, Silent())
    finally:
        elsewhere.close()
    assert not Case.objects.exists()
    assert replay(path, Silent())["cases"] == 1


@pytest.mark.django_db(transaction=True)
def test_several_processes_come_to_the_same(tmp_path):
    assemble()
    figures = replay(written(tmp_path, many(60)), Silent(), processes=2)
    assert (figures["cases"], figures["events_applied"], figures["customers"]) == (60, 240, 5)
    assert (figures["agents"], figures["closed_no_answer"], figures["subtasks"]) == (3, 60, 150)
    assert replay(written(tmp_path, many(60)), Silent())["events_applied"] == 0


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_the_command_with_whole_cases_and_says_how_to_go_on(tmp_path, desk_environment):
    assemble()
    path = written(tmp_path, many(2000))
    command = [sys.executable, "manage.py", "replay", str(path), "--format", "uci", "--json"]
    process = subprocess.Popen(
        command,
        cwd=settings.ROOT,
        env=desk_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests started in the background ignore Ctrl-C, and so would everything that they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not Case.objects.exists():
        assert process.poll() is None and time.monotonic() < deadline, "It never wrote a case."
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=180)
    assert (process.returncode, out) == (130, "")
    assert "start the same command again" in err and "Traceback" not in err
    assert 0 < Case.objects.count() < 2000
    assert not Case.objects.filter(outcome="").exists()
