"""What the tests of the queue share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from escalations import queue, rows, sweep
from escalations.rules import RULES, SOMEONE_ELSE

MADE_HERE = {
    "promise_broken", "subtask_late", "complaint_late", "no_next_promise", "closed_by_override",
    "closed_over_open_subtasks", "refusal_disputed", *SOMEONE_ELSE,
}  # fmt: skip


@pytest.fixture
def one_point_each(monkeypatch):
    """Only the reasons that the tests make rise, and each weighs one: what is asked is the queue's own arithmetic."""
    alike = tuple(replace(rule, weight=1) for rule in RULES if rule.name in MADE_HERE)
    monkeypatch.setattr(sweep, "RULES", alike)
    monkeypatch.setattr(queue, "RULES", alike)
    monkeypatch.setattr(rows, "BY_NAME", {rule.name: rule for rule in alike})
