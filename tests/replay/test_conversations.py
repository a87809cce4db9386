"""Complaints and questions: who asked, who answered, and what was promised."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from cases.models import Case, Promise
from customers.models import Customer
from escalations.models import Flag
from supportdesk.replay import complaints, questions

pytestmark = pytest.mark.usefixtures("cast")

RECEIVED = "2023-06-27"


def table(path: Path, columns, rows) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def complaint(number: str, response: str, timely: str = "Yes", words: str = "", **cells) -> list[str]:
    values = {
        "complaint_id": number,
        "date_received": RECEIVED,
        "product": "Debt collection",
        "issue": "Attempts to collect debt not owed",
        "sub_issue": "Debt was paid",
        "consumer_complaint_narrative": words,
        "company_response_to_consumer": response,
        "timely_response": timely,
        "consumer_disputed": "N/A",
        **cells,
    }
    return [values[column] for column in COLUMNS]


COLUMNS = (*complaints.NEEDED, "sub_issue", "consumer_disputed")


def replayed(command: str, path: Path, capsys) -> tuple[dict, str]:
    call_command(command, str(path), json=True, processes=1)
    out, err = capsys.readouterr()
    return json.loads(out.splitlines()[-1]), err


# -- complaints --------------------------------------------------------------------------------------------------------


def test_an_answer_in_time_keeps_the_promise_of_fifteen_days_and_a_late_one_breaks_it(tmp_path, capsys):
    path = table(
        tmp_path / "c.csv",
        COLUMNS,
        [
            complaint("1", "Closed with explanation", words="I paid this in May."),
            complaint("2", "Closed with monetary relief", "No"),
            complaint("3", "Untimely response", "No"),
        ],
    )
    figures, _ = replayed("replay_complaints", path, capsys)
    assert figures["promises"] == {"made": 3, "kept": 1, "broken": 2, "moved": 0}
    assert (figures["cases"], figures["customers"], figures["messages"], figures["skipped"]) == (3, 3, 5, 0)
    assert set(figures) == {"cases", "customers", "messages", "promises", "flags", "seconds", "skipped"}
    first, second, third = Case.objects.exclude(origin_ref="").order_by("origin_ref")
    assert first.promises.get().due_at.isoformat() == "2023-07-12T00:00:00+00:00"
    assert (first.problem, first.department.name) == ("I paid this in May.", "Debt collection")
    assert second.problem == "Debt collection: Attempts to collect debt not owed (Debt was paid)"
    assert (first.outcome, second.outcome, third.state) == ("no_answer", "no_answer", Case.State.OPEN)
    assert second.promises.get().answered_at and third.promises.get().is_owed


def test_an_answer_in_progress_and_a_disputed_one_leave_it_open(tmp_path, capsys):
    path = table(
        tmp_path / "c.csv",
        COLUMNS,
        [
            complaint("1", "In progress"),
            complaint("2", "Closed with explanation", consumer_disputed="Yes"),
        ],
    )
    figures, _ = replayed("replay_complaints", path, capsys)
    working, disputed = Case.objects.exclude(origin_ref="").order_by("origin_ref")
    assert (working.state, disputed.state) == (Case.State.OPEN, Case.State.PROPOSED)
    assert disputed.notes.count() == 1
    assert figures["promises"]["kept"] == 2
    again, _ = replayed("replay_complaints", path, capsys)
    assert {**again, "seconds": 0} == {**figures, "seconds": 0}


def test_complaints_that_say_nothing_usable_are_skipped_by_number(tmp_path, capsys):
    path = table(
        tmp_path / "c.csv",
        COLUMNS,
        [
            complaint("1", "In progress"),
            complaint("2", "In progress", date_received="June"),
            complaint("3", "In progress", "Perhaps"),
        ],
    )
    figures, err = replayed("replay_complaints", path, capsys)
    assert (figures["cases"], figures["skipped"]) == (1, 2)
    assert "Row 2 (line 3 of the file) is skipped: its date_received is no day such as 2023-06-27." in err
    assert "Row 3 (line 4 of the file) is skipped: it does not say whether the answer came in time." in err


# -- questions ---------------------------------------------------------------------------------------------------------


def asked(number: str, who: str, title: str = "No mail", hour: int = 9) -> list[str]:
    return [number, f"2023-07-10 {hour:02}:00:00 +0000", title, "<p>Since <b>May</b>.</p>", "other", who]


def answered(
    number: str, to: str, who: str, hour: int, words: str = "<p>Try &amp; see.</p>", spam="false"
) -> list[str]:
    return [number, to, f"2023-07-10 {hour:02}:00:00 +0000", words, who, spam]


def set_of_questions(folder: Path, asked_rows, answer_rows) -> Path:
    table(folder / "july-answers.csv", questions.ANSWERS, answer_rows)
    return table(folder / "july-questions.csv", questions.QUESTIONS, asked_rows)


def test_a_question_is_a_case_and_its_answers_are_messages(tmp_path, capsys):
    path = set_of_questions(
        tmp_path,
        [asked("1", "carla"), asked("2", "carla", "Twice"), asked("3", "dora")],
        [
            answered("11", "1", "toad", 10),
            answered("12", "1", "carla", 11, "<p>Done, it helps not.</p>"),
            answered("13", "1", "matt", 12),
            answered("14", "2", "toad", 18),
        ],
    )
    figures, _ = replayed("replay_questions", path, capsys)
    assert (figures["cases"], figures["customers"], figures["messages"]) == (3, 2, 7)
    first, second, third = Case.objects.exclude(origin_ref="").order_by("origin_ref")
    assert first.problem == "No mail\n\nSince May."
    said = list(first.messages.order_by("pk").values_list("direction", "body"))
    assert said[1:] == [("out", "Try & see."), ("in", "Done, it helps not."), ("out", "Try & see.")]
    assert (first.owner.name, third.owner.is_fallback) == ("toad", True)
    assert set(first.promises.values_list("state", flat=True)) == {Promise.State.KEPT}
    assert second.promises.get().answered_at is not None
    assert Customer.objects.filter(name="carla").count() == 1


def test_a_question_without_an_answer_lands_before_the_supervisors(tmp_path, capsys):
    path = set_of_questions(
        tmp_path, [asked("1", "carla"), asked("2", "dora", hour=16)], [answered("11", "2", "toad", 17)]
    )
    replayed("replay_questions", path, capsys)
    flagged = Flag.objects.filter(rule="promise_broken", settled_at=None)
    assert [flag.case.origin_ref for flag in flagged] == ["1"]
    assert Case.objects.get(origin_ref="1").promises.get().is_owed


def test_spam_answers_without_question_and_other_files_are_said(tmp_path, capsys):
    path = set_of_questions(
        tmp_path, [asked("1", "carla")], [answered("11", "1", "toad", 10, spam="true"), answered("12", "9", "toad", 10)]
    )
    figures, err = replayed("replay_questions", tmp_path, capsys)
    assert (figures["messages"], figures["skipped"]) == (1, 2)
    assert "Row 1 (line 2 of the file) is skipped: it is marked as spam (july-answers.csv)." in err
    assert "Row 2 (line 3 of the file) is skipped: no row tells how it began (july-answers.csv)." in err
    for wrong in (tmp_path / "nothing", path.with_name("july-answers.csv")):
        wrong.mkdir() if not wrong.exists() else None
        with pytest.raises(SystemExit) as leaving:
            call_command("replay_questions", str(wrong))
        assert leaving.value.code == 2
