"""Cases through the API: the same verbs, the same refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case
from tests.api.conftest import machine
from tests.cast import TUESDAY, fresh

pytestmark = pytest.mark.usefixtures("tuesday")

TOMORROW = (TUESDAY + timedelta(days=1)).isoformat()


def test_a_case_is_told_whole_with_what_stands_in_the_way_of_closing_it(case, nadia):
    told = nadia.get(f"cases/{case.number}").json()
    assert told["number"] == case.number
    assert told["owner"]["name"] == "Nadia Novak"
    assert told["preferences"] == ["The upgrade works", "My money back"]
    assert [one["type"] for one in told["in_the_way"]] == ["/api/docs/problems#no_yes"]
    assert told["promises"][0]["due_at"].endswith("Z")


def test_a_shop_opens_a_case_and_the_desk_finds_its_owner(cast, nadia):
    who = {"name": "Dora Dell", "mail": "dora@home.example"}
    answer = nadia.post("cases", {"who": who, "problem": "It does not start."})
    assert answer.status_code == 201, answer.content
    case = Case.objects.get(pk=int(answer.json()["number"][2:]))
    assert answer.headers["Location"] == f"/api/v1/cases/{case.number}"
    assert case.problem == "It does not start."
    assert case.owner.is_active


def test_a_department_is_asked_and_answers(case, cast, nadia):
    olga = machine(cast.olga)
    part = nadia.post(f"cases/{case.number}/subtasks", {"department": cast.hardware.pk, "what": "Test it"}).json()
    path = f"cases/{case.number}/subtasks/{part['id']}"
    assert nadia.post(f"{path}/accept", {"committed_at": TOMORROW}).status_code == 403
    assert olga.post(f"{path}/accept", {"committed_at": TOMORROW}).status_code == 200
    told = olga.post(f"{path}/done", {"outcome": "The board was loose."}).json()
    assert told["subtasks"][0]["state"] == "done"


def test_closing_over_an_open_part_is_refused_with_everything_in_the_way(case, cast, nadia):
    nadia.post(f"cases/{case.number}/subtasks", {"department": cast.hardware.pk, "what": "Test it"})
    answer = nadia.post(f"cases/{case.number}/close")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {one["type"].rpartition("#")[2] for one in answer.json()["in_the_way"]} == {"open_subtask", "no_yes"}
    assert fresh(case).is_open


@pytest.mark.parametrize("word", ["yes", "not-yet", "understand", "withdraw", "agree", "consent"])
def test_what_only_the_customer_says_has_no_address(case, nadia, word):
    assert nadia.post(f"cases/{case.number}/{word}").status_code == 404
