"""The sweep by hand."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from cases.models import Promise
from tests.cast import TUESDAY, first_promise, fresh

WEDNESDAY = (TUESDAY + timedelta(days=1)).isoformat()


def swept(capsys, **options) -> dict:
    call_command("sweep", json=True, **options)
    return json.loads(capsys.readouterr().out)


def test_a_sweep_at_another_time_prints_what_it_raised_and_settled(case, capsys):
    first = swept(capsys, now=WEDNESDAY)
    assert set(first) == {"raised", "settled", "seconds", "failed"}
    assert first["raised"]["promise_broken"] == 1
    assert fresh(first_promise(case)).state == Promise.State.BROKEN
    assert sum(swept(capsys, now=WEDNESDAY)["raised"].values()) == 0


def test_a_time_without_a_zone_is_utc(case, capsys):
    assert swept(capsys, now="2026-03-10T13:59:59")["raised"]["promise_broken"] == 0
    assert swept(capsys, now="2026-03-10T14:00:00")["raised"]["promise_broken"] == 1


def test_a_sweep_now_says_in_words_what_it_did(case, capsys):
    call_command("sweep")
    assert capsys.readouterr().out.startswith("Raised: nothing.\nSettled: nothing.\n")


@pytest.mark.parametrize("words", ["tomorrow", "2026-13-01T00:00:00Z", ""])
def test_what_is_no_time_is_refused_in_words(case, capsys, words):
    with pytest.raises(SystemExit) as left:
        call_command("sweep", now=words)
    assert left.value.code == 2
    assert "is no time" in capsys.readouterr().err
