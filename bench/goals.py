"""What is to be reached: one row a goal, judged on one run: ratios within a run are sound, times alone are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """``of`` finds the value in the figures of the largest size; it lies between ``least`` and ``most``.

    ``needs`` names the figures without which it is not asked for: of a log that does not lie beside every desk.
    """

    words: str
    of: Callable[[dict, dict], float]
    most: float | None = None
    least: float | None = None
    needs: str = ""

    def is_met(self, value: float) -> bool:
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    @property
    def edge(self) -> str:
        if self.most is None:
            return f"≥ {self.least}"
        return f"≤ {self.most}" if self.least is None else f"{self.least}–{self.most}"


def _ratio(page: str, floor: str, of: str = "pages") -> Callable[[dict, dict], float]:
    return lambda now, _: now[of][page]["p50_ms"] / now[of][floor]["p50_ms"]


def _growth(page: str) -> Callable[[dict, dict], float]:
    return lambda now, small: now["pages"][page]["p50_ms"] / small["pages"][page]["p50_ms"]


def _statements(page: str, of: str = "pages") -> Callable[[dict, dict], float]:
    return lambda now, _: now[of][page]["statements"]


def _sweep_by_the_floor(now: dict, _: dict) -> float:
    """Seconds for each thing done, by what one statement takes for each row."""
    ours, floor = now["sweeps"]["all_due"], now["sweeps"]["floor"]
    return (ours["seconds"] / ours["done"]) / (floor["seconds"] / floor["done"])


GOALS = (
    Goal("My cases, p50 by the floor's list", _ratio("my cases", "floor list"), most=1.5),
    Goal(
        "My cases, eight clients by the floor's list",
        lambda now, _: now["pages"]["my cases"]["a_second"] / now["pages"]["floor list"]["a_second"],
        least=0.6,
    ),
    Goal("My cases, statements", _statements("my cases"), most=8),
    Goal("My cases, growth", _growth("my cases"), most=1.2),
    Goal("Case page, p50 by the floor's ticket", _ratio("case page", "floor ticket"), most=6),
    Goal("Case page, statements", _statements("case page"), most=12),
    Goal("Case page, growth", _growth("case page"), most=1.2),
    Goal("Open a case, p50 by the floor's create", _ratio("open", "floor create", of="acts"), most=2.5),
    Goal("Open a case, statements", _statements("open", of="acts"), most=14),
    Goal("Reply, p50 by the floor's reply", _ratio("reply", "floor reply", of="acts"), most=5),
    Goal("Reply, statements", _statements("reply", of="acts"), most=14),
    Goal("List by API, p50 by the floor's list JSON", _ratio("list by API", "floor list JSON"), most=1.5),
    Goal("List by API, statements", _statements("list by API"), most=8),
    Goal("Case by API, p50 by the floor's case JSON", _ratio("case by API", "floor case JSON"), most=1.5),
    Goal("Case by API, statements", _statements("case by API"), most=8),
    Goal("Open by API, p50 by the floor's create", _ratio("open by API", "floor create", of="acts"), most=2.5),
    Goal("Sweep of all that is due, by one statement", _sweep_by_the_floor, most=10),
    Goal("Sweep that finds nothing, ms of work", lambda now, _: now["sweeps"]["idle"]["work_ms"], most=50),
    Goal(
        "Sweep that finds nothing, growth",
        lambda now, small: now["sweeps"]["idle"]["work_ms"] / small["sweeps"]["idle"]["work_ms"],
        most=1.1,
    ),
    Goal("A forecast of five parts, ms, p95", lambda now, _: now["forecast"]["p95_ms"], most=100),
    Goal(
        "What a forecast calls 80 %, in percent",
        lambda now, _: now["calibration"]["reliability"]["all"]["held"]["80%"],
        least=75,
        most=85,
        needs="calibration",
    ),
    Goal(
        "Broken promises warned of in time, in percent",
        lambda now, _: now["at_risk"]["warned_percent"],
        least=70,
        needs="at_risk",
    ),
    Goal("A forecast of five parts, statements", lambda now, _: now["forecast"]["statements"], most=6),
    Goal(
        "Memory of a web process, by the floor's",
        lambda now, _: now["memory_mb"]["desk"] / now["memory_mb"]["floor"],
        most=2,
    ),
    Goal("Add 40 business hours, µs in the median", lambda now, _: now["business_time"]["median_us"], most=50),
)


def judged(now: dict, small: dict | None) -> Iterator[tuple[Goal, float, bool]]:
    """Each goal with its value and whether it is met; growth only where two sizes were measured.

    Args:
        now: figures of the largest size. small: of the smallest, if there are two.
    """
    for goal in GOALS:
        if ("growth" in goal.words and small is None) or (goal.needs and not now.get(goal.needs)):
            continue
        value = round(goal.of(now, small), 2)
        yield goal, value, goal.is_met(value)
