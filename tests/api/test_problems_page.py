"""Every reason for a no stands on one page, and none is made up while the program runs."""

from __future__ import annotations

import ast
from datetime import timedelta

import pytest

from supportdesk.api.docs import PACKAGES, rules
from tests.api.conftest import machine
from tests.architecture.source import dotted, parsed, python_files
from tests.cast import TUESDAY
from tests.pages import said

# These say again what was said already.
SAY_AGAIN = {"cases/verbs/proposing.py", "cases/permissions.py", "staff/api/problems.py", "supportdesk/middleware.py"}
SAY_NO = {"Refused", "NotAllowed", "Conflict", "Hindrance", "ChangedMeanwhile"}


def test_every_code_is_written_out_where_it_is_said():
    made_up = {
        str(path)
        for package in PACKAGES
        for path in python_files(package)
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call) and dotted(call.func).split(".")[-1] in SAY_NO
        if not (call.args and isinstance(call.args[0], ast.Constant))
    }
    assert made_up <= SAY_AGAIN


@pytest.mark.parametrize(
    "code",
    ["open_subtask", "no_yes", "scope", "changed_meanwhile", "key_used_otherwise", "not_found", "invalid", "busy"]
    + ["not_authenticated", "authentication_failed", "throttled", "too_large", "method_not_allowed", "parse_error"]
    + ["unsupported_media_type", "administrators_only"],
)
def test_knows(code):
    assert code in rules()


def test_the_page_shows_each_with_an_anchor_and_asks_nobody_to_sign_in(client):
    page = client.get("/api/docs/problems")
    assert page.status_code == 200
    text = page.content.decode()
    assert all(f'<dt id="{code}">' in text for code in rules())
    assert "This token may not do that" in said(page)


def test_what_is_answered_leads_to_it(case, cast, nadia, stranger, tuesday):
    reader = machine(cast.nadia, "read")
    earlier = {"pledge": {"words": "call you", "due_at": (TUESDAY - timedelta(days=1)).isoformat()}}
    number = case.number
    answers = [
        stranger.get("me"),
        machine(cast.ben).get("me", Authorization="x"),
        nadia.get("cases/C-999999"),
        nadia.get("cases?x=1"),
        nadia.post(f"cases/{number}/notes", "{"),
        nadia.post(f"cases/{number}"),
        nadia.get(f"cases/{number}", Accept="text/html"),
        nadia.post(f"cases/{number}/close"),
        nadia.post(f"cases/{number}/promises", earlier),
        nadia.post(f"cases/{number}/take-over", {"reason": "x"}),
        nadia.post(f"cases/{number}/notes", {"body": "x"}, If_Match='"1"'),
        reader.post(f"cases/{number}/notes", {"body": "x"}),
        nadia.get("nowhere"),
    ]
    problems = [answer.json() for answer in answers if answer.status_code >= 400]
    assert len(problems) > 9
    for problem in problems:
        for one in (problem, *problem.get("in_the_way", ())):
            assert one["type"].removeprefix("/api/docs/problems#") in rules(), one
