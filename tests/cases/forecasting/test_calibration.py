"""What is called 80 % happens in 80 of 100: in a world that is known, and on the real log where it lies beside us."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from bench import logs
from bench.calibration import Part, forecast_all, judge, parts
from cases.forecasting.opentime import OpenTime
from supportdesk.replay.rows import HOURS, OVER, RESOLVED, Change

DAY = 86400.0


FEW = 100  # plays are enough here


def a_world(seed: int) -> list[Part]:
    """Half a year of three groups: a quick one, a slow one, and one that is seldom asked; no length is the longest."""
    chance = Random(seed)
    begin = datetime(2026, 1, 5, 9, tzinfo=UTC)
    time = OpenTime.from_to(begin, begin.replace(year=2029), HOURS)
    usual = {"quick": 2 * 3600, "slow": 20 * 3600, "seldom": 8 * 3600}
    found = []
    for _ in range(700):
        group = chance.choices(list(usual), [10, 10, 1])[0]
        asked = time.later(begin.timestamp(), chance.uniform(0, 120 * 8 * 3600))
        length = usual[group] * chance.lognormvariate(0, 1)
        found.append(Part(group, asked, time.later(asked, length)))
    return found


def test_in_a_world_that_stays_as_it_is_what_is_called_happens_as_often():
    every = a_world(1)
    found = forecast_all(every, min(part.asked for part in every) + 60 * DAY, FEW)["all"]
    assert found.forecasts > 600
    for level in (0.5, 0.8, 0.9):
        assert found.held[level] / found.said[level] == pytest.approx(level, abs=0.05)


def test_a_forecast_uses_nothing_that_comes_after_it():
    every = a_world(3)
    judged_from = sorted(part.asked for part in every)[600]
    last = max(every, key=lambda part: part.asked)
    before = forecast_all(every, judged_from, FEW)["at asking"]
    last.ended += 40 * DAY
    after = forecast_all(every, judged_from, FEW)["at asking"]
    assert after.forecasts == before.forecasts
    # Only what came of it can be another.
    assert sum(before.held.values()) - sum(after.held.values()) <= 9


def test_a_group_has_a_part_until_another_comes_or_it_is_over():
    def change(minute, team=None, phase=None):
        at = datetime(2026, 3, 10, 10, minute, tzinfo=UTC)
        return Change(at, minute == 0, None, team, None, None, phase, phase, False, None)

    assert RESOLVED in OVER
    found = list(parts([change(0, "A"), change(5, "B"), change(9, phase=RESOLVED), change(20, "C")]))
    minutes = [(part.group, part.asked % 3600 // 60, part.ended and part.ended % 3600 // 60) for part in found]
    assert minutes == [("A", 0, 5), ("B", 5, 9), ("C", 20, None)]


@pytest.mark.skipif(logs.the_log() is None, reason="no log lies beside the project")
def test_on_the_real_log_what_is_called_80_percent_happens_in_75_to_85():
    found = judge(logs.the_log())["reliability"]
    assert 75 <= found["all"]["held"]["80%"] <= 85
    assert 75 <= found["at asking"]["held"]["80%"] <= 85
    assert found["all"]["forecasts"] > 500
