"""How the logs of Volvo IT, Rabobank and the Italian help desk are read, on cases written by hand."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from cases.models import Case, Message, Promise
from cases.models.timeline import Kind
from escalations.sweep import sweep
from staff import origins
from staff.models import Agent, Department
from supportdesk.replay import bpi2013, bpi2014, helpdesk
from supportdesk.replay.running import replay
from tests.replay.logs import Silent, row, written

pytestmark = pytest.mark.usefixtures("cast")


def replayed(folder: Path, form, *rows: tuple) -> tuple[Case, dict]:
    """Replay one case of this format; each row gives the values of the columns that it needs."""
    path = folder / f"{form.name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([form.sources(path)[0].needed, *rows])
    figures = replay(path, Silent(), form=form)
    return Case.objects.get(origin=form.origin), figures


def volvo(at: str, status: str, substatus: str, agent: str = "Adam", team: str = "S42") -> tuple:
    return "1-467", f"2011-02-{at}:00+01:00", status, substatus, agent, team


def rabobank(at: str, activity: str, team: str = "TEAM1") -> tuple:
    return "IM1", f"2013-11-{at}:00.000+00:00", activity, team


def italian(at: str, activity: str, resource: str = "Value 1") -> tuple:
    return "Case1", activity, resource, f"2012-10-{at}:00.000+02:00"


def parts(case: Case) -> list[tuple[str, str]]:
    return list(case.subtasks.order_by("pk").values_list("department__name", "state"))


# -- Volvo IT ----------------------------------------------------------------------------------------------------------


def test_volvo_hands_over_between_teams_and_closes_what_it_has_resolved(tmp_path):
    case, figures = replayed(
        tmp_path,
        bpi2013.LOG,
        volvo("01T10:00", "Queued", "Awaiting Assignment", "Siebel", "S42"),
        volvo("01T11:00", "Accepted", "In Progress", "Denny", "N52 2nd"),
        volvo("02T11:00", "Completed", "Resolved", "Denny", "N52 2nd"),
        volvo("09T11:00", "Completed", "Closed", "Siebel", "N52 2nd"),
    )
    assert parts(case) == [("S42", "done"), ("N52 2nd", "done")]
    assert (case.owner.name, case.outcome, case.origin) == ("Siebel", Case.Outcome.NO_ANSWER, "replay:bpi2013")
    assert case.opened_at.isoformat() == "2011-02-01T09:00:00+00:00"
    assert (figures["handoffs"], figures["subtasks"], figures["reopened"], figures["owner_changes"]) == (1, 2, 0, 0)
    assert Agent.objects.get(name="Denny").email.endswith("@bpi2013.invalid")


def test_volvo_waits_are_promises_and_waiting_for_assignment_is_none(tmp_path):
    case, _ = replayed(
        tmp_path,
        bpi2013.LOG,
        volvo("01T10:00", "Accepted", "In Progress"),
        volvo("01T11:00", "Accepted", "Wait - User"),
        volvo("02T11:00", "Queued", "Awaiting Assignment"),
    )
    waited = case.promises.get(words__contains="Wait - User")
    assert (waited.state, waited.due_at.isoformat()) == (Promise.State.KEPT, "2011-02-03T10:00:00+00:00")
    assert case.promises.count() == 2


@pytest.mark.parametrize("after", [("Accepted", "In Progress"), ("Unmatched", "Unmatched")])
def test_volvo_reopens_what_was_completed_and_has_another_status(tmp_path, after):
    case, figures = replayed(
        tmp_path,
        bpi2013.LOG,
        volvo("01T10:00", "Accepted", "In Progress"),
        volvo("01T11:00", "Completed", "In Call"),
        volvo("01T12:00", *after),
    )
    assert (case.state, figures["reopened"]) == (Case.State.OPEN, 1)
    assert case.entries.filter(kind=Kind.RESOLUTION_PROPOSED).count() == 1


# -- Rabobank ----------------------------------------------------------------------------------------------------------


def test_rabobank_has_an_owner_in_the_first_team_and_a_part_for_each_team(tmp_path):
    case, figures = replayed(
        tmp_path,
        bpi2014.LOG,
        rabobank("19T12:19", "Open"),
        rabobank("19T13:43", "Reassignment", "TEAM2"),
        rabobank("19T14:00", "Operator Update", "TEAM1"),
    )
    assert (case.owner.name, case.owner.department.name) == ("Owner in TEAM1", "TEAM1")
    assert parts(case) == [("TEAM1", "done"), ("TEAM2", "done"), ("TEAM1", "asked")]
    assert (figures["agents"], figures["handoffs"], figures["subtasks"]) == (1, 2, 3)


def test_rabobank_is_reopened_by_its_activity_alone(tmp_path):
    closed = [rabobank("19T10:00", "Open"), rabobank("19T11:00", "Resolved"), rabobank("20T11:00", "Closed")]
    beside = [rabobank("20T11:00", "Caused By CI"), rabobank("20T12:00", "Assignment"), rabobank("20T13:00", "Update")]
    case, figures = replayed(tmp_path, bpi2014.LOG, *closed, *beside)
    assert (case.outcome, figures["reopened"]) == (Case.Outcome.NO_ANSWER, 0)
    again = [("IM2", *each[1:]) for each in [*closed, *beside, rabobank("21T10:00", "Reopen")]]
    path = tmp_path / "again.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([bpi2014.NEEDED, *again])
    assert replay(path, Silent(), form=bpi2014.LOG)["reopened"] == 1
    assert Case.objects.get(origin_ref="IM2").state == Case.State.OPEN


def test_rabobank_speaks_with_its_customers(tmp_path):
    case, figures = replayed(
        tmp_path,
        bpi2014.LOG,
        rabobank("19T10:00", "Open"),
        rabobank("19T11:00", "Communication with customer"),
        rabobank("19T12:00", "Update from customer"),
        rabobank("19T13:00", "Mail to Customer"),
        rabobank("19T14:00", "Pending vendor"),
        rabobank("20T10:00", "Callback Request"),
        rabobank("20T11:00", "Communication with customer"),
    )
    assert set(case.promises.values_list("state", flat=True)) == {Promise.State.KEPT}
    assert case.promises.filter(kind=Promise.Kind.CALLBACK).count() == 1
    said = list(case.messages.order_by("pk").values_list("direction", flat=True))
    assert said == [Message.Direction.IN, "out", "in", "out", "out"]
    assert figures["promises"] == {"made": 4, "kept": 4, "broken": 0, "moved": 0}


# -- the Italian help desk ---------------------------------------------------------------------------------------------


def test_the_help_desk_has_no_departments_and_its_first_person_owns(tmp_path):
    case, figures = replayed(
        tmp_path,
        helpdesk.LOG,
        italian("09T10:00", "Assign seriousness", "Value 2"),
        italian("09T11:00", "Take in charge ticket"),
        italian("10T11:00", "Resolve ticket"),
        italian("25T11:00", "Closed", "Value 3"),
    )
    assert (case.owner.name, case.outcome) == ("Value 2", Case.Outcome.NO_ANSWER)
    assert (figures["departments"], figures["subtasks"], figures["handoffs"], figures["reopened"]) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("after", "ends", "counted"),
    [
        (["Closed", "Take in charge ticket"], Case.State.OPEN, 1),
        (["Closed", "Closed"], Case.State.CLOSED, 1),
        (["Take in charge ticket"], Case.State.OPEN, 0),
    ],
)
def test_the_help_desk_counts_as_reopened_whatever_comes_after_closed(tmp_path, after, ends, counted):
    rows = [italian("09T10:00", "Insert ticket"), italian("09T11:00", "Resolve ticket")]
    case, figures = replayed(
        tmp_path, helpdesk.LOG, *rows, *(italian(f"1{n}T10:00", activity) for n, activity in enumerate(after))
    )
    assert (case.state, figures["reopened"]) == (ends, counted)


# -- beside each other -------------------------------------------------------------------------------------------------


def test_logs_that_name_the_same_team_and_person_stand_beside_each_other(tmp_path):
    replay(written(tmp_path, [row("1/3/2016 10:00", assigned_to="Value 1", assignment_group="S42")]), Silent())
    case, _ = replayed(tmp_path, bpi2013.LOG, volvo("01T10:00", "Accepted", "In Progress", "Value 1"))
    assert case.department.name == "S42 (bpi2013)"
    assert Agent.objects.filter(name="Value 1").count() == 2
    assert Department.objects.filter(name__startswith="S42").count() == 2


def test_a_sweep_beside_a_replay_leaves_every_log_alone(tmp_path):
    case, _ = replayed(tmp_path, bpi2013.LOG, volvo("01T10:00", "Accepted", "In Progress"))
    tomorrow = case.opened_at + timedelta(days=1)
    sweep(tomorrow, leave_out=origins.REPLAYED)
    assert case.promises.get().state == Promise.State.OPEN
    sweep(tomorrow)
    assert case.promises.get().state == Promise.State.BROKEN


def test_a_malformed_row_is_skipped_by_its_number_and_a_second_time_applies_nothing(tmp_path, capsys):
    path = tmp_path / "log.csv"
    rows = [bpi2013.NEEDED, volvo("01T10:00", "Accepted", "In Progress"), ("1-467", "yesterday", *"abcd")]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    for applied in (1, 0):
        call_command("replay", str(path), format="bpi2013", json=True, processes=1)
        out, err = capsys.readouterr()
        assert f'"events_applied": {applied}' in out
        assert "Row 2 (line 3 of the file) is skipped: its timestamp is no time such as" in err


@pytest.mark.parametrize("name", ["bpi2013", "bpi2014", "helpdesk"])
def test_a_file_of_another_log_is_refused_in_one_sentence(tmp_path, name, capsys):
    with pytest.raises(SystemExit) as leaving:
        call_command("replay", str(written(tmp_path, [row("1/3/2016 10:00")])), format=name)
    assert leaving.value.code == 2
    assert "log.csv has other columns: its first line does not name" in capsys.readouterr().err
    assert not Case.objects.exists()
