"""How often a token may ask: told in every answer, counted for each alone; and what happens where nobody counts."""

from __future__ import annotations

import math
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from supportdesk import clock
from supportdesk.embedded import valkey
from supportdesk.embedded.children import die_with_parent
from tests.api.conftest import Machine, machine
from tests.cast import TUESDAY

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def three_a_minute(settings) -> None:
    settings.API_A_MINUTE = 3


def told(answer) -> tuple[int, str, str, str]:
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    return answer.status_code, *(answer.headers[name] for name in names)


class TestTelling:
    def test_every_answer_says_how_many_are_left_and_until_when(self, nadia, three_a_minute):
        with clock.at(TUESDAY + timedelta(seconds=20)):
            answers = [told(nadia.get(path)) for path in ("me", "cases/C-1", "me?page=2", "me")]
        assert answers == [
            (200, "3", "2", "40"),
            (404, "3", "1", "40"),
            (400, "3", "0", "40"),
            (429, "3", "0", "40"),
        ]

    def test_too_many_are_refused_as_every_problem_is_and_told_when_to_come_again(self, nadia, three_a_minute):
        with clock.at(TUESDAY + timedelta(seconds=20)):
            refused = [nadia.get("me") for _ in range(4)][-1]
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
        assert refused.headers["Content-Type"] == "application/problem+json"
        why = refused.json()
        assert (why["type"], why["status"]) == ("/api/docs/problems#throttled", 429)
        assert why["detail"]

    def test_whoever_comes_again_then_is_let_in(self, nadia, three_a_minute):
        for _ in range(4):
            refused = nadia.get("me")
        with clock.at(TUESDAY + timedelta(seconds=int(refused.headers["Retry-After"]))):
            assert told(nadia.get("me"))[:3] == (200, "3", "2")

    def test_what_is_refused_has_changed_nothing(self, case, nadia, three_a_minute):
        answers = [nadia.post(f"cases/{case.number}/notes", {"body": f"Note {number}"}) for number in range(5)]
        assert [one.status_code for one in answers] == [201, 201, 201, 429, 429]
        assert case.notes.count() == 3


class TestCounting:
    def test_one_token_takes_nothing_from_another_one_of_the_same_agent(self, cast, nadia, three_a_minute):
        other = machine(cast.nadia, "read")
        assert [nadia.get("me").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert told(other.get("me"))[:3] == (200, "3", "2")

    def test_a_token_that_nobody_knows_counts_for_the_address_it_comes_from(self, nadia, settings, stranger):
        settings.API_A_MINUTE_UNKNOWN = 2
        guesses = [Machine(f"desk_{number}" + "x" * 42, stranger.client).get("me").status_code for number in range(4)]
        assert guesses == [401, 401, 429, 429]
        assert nadia.get("me").status_code == 200, "Whoever is known is not held up by guesses from the same address."


@pytest.fixture
def counting() -> Iterator[subprocess.Popen]:
    """A Valkey of its own that counts."""
    with tempfile.TemporaryDirectory(prefix="desk-limits-") as folder:
        socket = Path(folder) / "valkey.sock"
        process = subprocess.Popen(
            valkey.command(Path(folder) / "data", socket),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        process.address = f"unix://{socket}?db=0"
        while not valkey.answers(socket):
            assert process.poll() is None
            time.sleep(0.02)
        yield process
        process.kill()
        process.wait(timeout=30)


class TestWhereNobodyCounts:
    """Redis may lose everything at any moment, and costs delay, nothing else: who is known is let in."""

    @pytest.fixture
    def asks(self, nadia, three_a_minute, settings, counting):
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": counting.address}}
        assert [nadia.get("me").status_code for _ in range(4)] == [200, 200, 200, 429]

        def so_often(times: int) -> list[tuple[int, str]]:
            began = time.monotonic()
            answers = [told(nadia.get("me")) for _ in range(times)]
            assert time.monotonic() - began < 3 * times, "Nobody waits for who does not count."
            return [(status, left) for status, _, left, _ in answers]

        return so_often

    def test_it_is_killed(self, asks, counting):
        counting.kill()
        counting.wait(timeout=30)
        assert asks(6) == [(200, "3")] * 6

    def test_it_is_said_once_a_minute(self, asks, counting, caplog, monkeypatch):
        monkeypatch.setattr("supportdesk.cache._said_at", -math.inf)
        counting.kill()
        counting.wait(timeout=30)
        asks(6)
        assert caplog.text.count("nobody is held back") == 1

    def test_it_stands_still(self, asks, counting):
        counting.send_signal(signal.SIGSTOP)
        assert asks(4) == [(200, "3")] * 4
        counting.send_signal(signal.SIGCONT)
        assert asks(1) == [(429, "0")], "Who counts again knows what it has counted."

    def test_who_is_not_known_is_still_refused(self, asks, counting, case, stranger):
        counting.kill()
        assert stranger.get(f"cases/{case.number}").status_code == 401
        assert stranger.post(f"cases/{case.number}/notes", {"body": "Mine"}).status_code == 401
        assert case.notes.count() == 0
