"""The paper on the API: its five lines work as they stand there, and it knows every filter and status."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

from cases.api.finding import FILTERS
from cases.models import Case
from staff import access
from staff.api.described import WHY_NOT
from tests.architecture.source import ROOT
from tests.cast import assemble

PAPER = (ROOT / "docs" / "api.md").read_text()
LINES = [line for line in PAPER.splitlines() if line.startswith("curl ")]


@pytest.fixture
def cast(transactional_db):
    return assemble()


def test_there_are_five_lines_from_a_token_to_the_first_case():
    assert len(LINES) == 5


@pytest.mark.django_db(transaction=True)
def test_they_work_as_they_stand_there(cast, live_server, tmp_path):
    if not shutil.which("curl"):
        pytest.skip("No curl on this machine: the five lines of docs/api.md were not tried.")
    _, secret = access.make(cast.nadia, "The paper", "write", by=cast.nadia)
    around = {"PATH": os.environ["PATH"], "DESK": live_server.url, "TOKEN": secret}
    told = [
        subprocess.run(["sh", "-c", line], env=around, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        for line in LINES
    ]
    assert [(one.returncode, one.stderr) for one in told] == [(0, "")] * 5
    me, _, read, late, note = (json.loads(one.stdout or "null") for one in told)
    case = Case.objects.get()
    assert me["name"] == "Nadia Novak"
    assert json.loads((tmp_path / "case.json").read_text())["number"] == case.number
    assert (read["number"], read["problem"]) == (case.number, "I was charged twice for March.")
    assert late == {"results": [], "next": None}
    assert note["body"] == "The order number is 4711."
    # The same five lines again: with their key they open no second case.
    subprocess.run(["sh", "-c", LINES[1]], env=around, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert Case.objects.count() == 1


@pytest.mark.parametrize("name", FILTERS)
def test_names_every_filter(name):
    assert f"`{name}`" in PAPER


@pytest.mark.parametrize("status", WHY_NOT)
def test_names_every_status(status):
    assert re.search(rf"^\| .*\b{status}\b", PAPER, re.MULTILINE)
