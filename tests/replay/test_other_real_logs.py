"""The beginnings of other companies' logs and conversations, held against counts taken straight from the files."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

from cases.models import Case
from supportdesk.replay import bpi2013, bpi2014, complaints, helpdesk, questions
from supportdesk.replay.running import replay
from tests.replay.logs import Silent

CORPORA = Path(settings.ROOT).parent / "shared/corpora"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPORA.is_dir(), reason="The logs do not lie beside the project."),
    pytest.mark.usefixtures("cast"),
]


def first_of(folder: str, name: str) -> Path:
    found = sorted((CORPORA / folder).glob(f"{name}*.csv.gz"))
    if not found:
        pytest.skip(f"There is no {name} in {folder}.")
    return found[0]


def lines_of(path: Path) -> list[dict]:
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def first_cases(path: Path, column: str, limit: int) -> list[list[dict]]:
    of_case = defaultdict(list)
    for line in lines_of(path):
        if line[column] in of_case or len(of_case) < limit:
            of_case[line[column]].append(line)
    return [sorted(lines, key=lambda line: line["timestamp"]) for lines in of_case.values()]


def reopened_in_volvo(case: list[dict]) -> bool:
    return any(a["status"] == "Completed" != b["status"] for a, b in pairwise(case))


LOGS = [
    ("log-bpic2013", "incidents", bpi2013.LOG, "case", 60, reopened_in_volvo),
    ("log-bpic2013", "open_problems", bpi2013.LOG, "case", 40, reopened_in_volvo),
    ("log-bpic2014", "incident", bpi2014.LOG, "incident", 40, lambda case: "Reopen" in [x["activity"] for x in case]),
    ("log-helpdesk", "helpdesk", helpdesk.LOG, "case", 60, lambda case: "Closed" in [x["activity"] for x in case[:-1]]),
]


@pytest.mark.parametrize(("folder", "name", "form", "column", "limit", "reopened"), LOGS)
def test_a_log_comes_to_what_its_file_says(folder, name, form, column, limit, reopened):
    path = first_of(folder, name)
    cases = first_cases(path, column, limit)
    handoffs = sum(a.get("team") != b.get("team") for case in cases for a, b in pairwise(case))
    expected = {
        "cases": len(cases),
        "events": sum(map(len, cases)),
        "events_applied": sum(map(len, cases)),
        "handoffs": handoffs,
        "subtasks": handoffs + (len(cases) if "team" in cases[0][0] else 0),
        "reopened": sum(map(reopened, cases)),
        "owner_changes": 0,
        "cases_without_owner": 0,
        "skipped_lines": 0,
    }
    figures = replay(path, Silent(), form=form, limit=limit)
    assert {name: figures[name] for name in expected} == expected
    assert replay(path, Silent(), form=form, limit=limit)["events_applied"] == 0


def test_complaints_come_to_what_their_file_says():
    path, limit = first_of("talk-cfpb", "cfpb_no_narrative"), 60
    lines = lines_of(path)[:limit]
    figures = replay(path, Silent(), form=complaints.LOG_OF_COMPLAINTS, limit=limit)
    timely = sum(line["timely_response"] == "Yes" for line in lines)
    assert figures["promises"] == {"made": limit, "kept": timely, "broken": limit - timely, "moved": 0}
    assert Case.objects.filter(origin="replay:cfpb").count() == figures["cases"] == limit


def test_questions_come_to_what_their_files_say():
    path, limit = first_of("talk-thunderbird-sumo", "thunderbird-2023-q2-questions"), 40
    asked = {line["id"]: line["creator"] for line in lines_of(path)[:limit]}
    answers = lines_of(first_of("talk-thunderbird-sumo", "thunderbird-2023-q2-answers"))
    given = [line for line in answers if line["question_id"] in asked and line["is_spam"] == "false"]
    figures = replay(path, Silent(), form=questions.LOG_OF_QUESTIONS, limit=limit)
    assert (figures["cases"], figures["customers"]) == (limit, len(set(asked.values())))
    assert figures["messages"] == limit + len(given)
    helped = {line["question_id"] for line in given if line["creator"] != asked[line["question_id"]]}
    unanswered = Case.objects.filter(origin="replay:sumo").exclude(origin_ref__in=helped)
    assert unanswered.count() == limit - len(helped)
    assert all(case.promises.owed().filter(state="broken").exists() for case in unanswered)
