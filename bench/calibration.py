"""How often a forecast is right: what it calls 80 % should happen in 80 of 100.

    python -m bench.calibration [FILE] [--format uci] [--learn-months 8] [--json]

walks through a real log and forecasts its parts with what was known at that instant, never more: at the instant at
which a part is asked, and at later instants while it is open. Those are drawn beforehand (a delay from a quarter of an
hour to thirty days, each order of magnitude as likely), without a look at when it ends. Only what lies behind the first
months is judged; nothing was fitted there.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bench import logs
from cases.forecasting.lasting import Lasting, Seen, watched
from cases.forecasting.opentime import OpenTime
from cases.forecasting.playing import PLAYS, Forecast, Line, Step, play
from cases.forecasting.record import DESK_LAST, DESK_RUNNING, LAST, RUNNING
from supportdesk.replay.rows import CLOSED, HOURS, RESOLVED, Change

LEVELS = tuple(tenth / 10 for tenth in range(1, 10))
LEARN_MONTHS = 8
DELAYS = 3
SHORTEST, LONGEST = 15 * 60.0, 30 * 86400.0
MANY = LAST  # parts that a department has ended before


@dataclass
class Part:
    """What one group did on one case; instants are seconds since 1970."""

    group: str
    asked: float
    ended: float | None = None


def parts(changes: Iterable[Change]) -> Iterator[Part]:
    """The parts of a case: asked when a group comes to it, ended when another does or when it is resolved or closed."""
    running = None
    for change in changes:
        at = change.at.timestamp()
        if change.team:
            if running:
                running.ended = at
            running = Part(change.team, at)
            yield running
        if change.phase in (RESOLVED, CLOSED) and running:
            running.ended, running = at, None


class Record:
    """What was known at an instant: the last that ended and those that were open, of each group and of all."""

    def __init__(self, every: Iterable[Part], time: OpenTime):
        self._time = time
        starts = ((part.asked, 0, nth, part) for nth, part in enumerate(every))
        self._starts = deque(sorted(starts))
        ends = [(start[3].ended, start[2], start[3]) for start in self._starts if start[3].ended is not None]
        self._ends = deque(sorted(ends, key=lambda end: end[:2]))
        self._ended: dict[str, deque[Part]] = {}
        self._open: dict[str, dict[int, Part]] = {}
        self._desk_ended: deque[Part] = deque(maxlen=DESK_LAST + 1)
        self._desk_open: dict[int, Part] = {}
        self.count: Counter[str] = Counter()

    def go_to(self, now: float) -> None:
        """Live on until now; what is asked or ends at this very instant has been."""
        while self._starts and self._starts[0][0] <= now:
            *_, part = self._starts.popleft()
            self._open.setdefault(part.group, {})[id(part)] = self._desk_open[id(part)] = part
        while self._ends and self._ends[0][0] <= now:
            *_, part = self._ends.popleft()
            del self._open[part.group][id(part)], self._desk_open[id(part)]
            self._ended.setdefault(part.group, deque(maxlen=LAST + 1)).append(part)
            self._desk_ended.append(part)
            self.count[part.group] += 1

    def line(self, group: str, now: float, but: Part) -> Line:
        """The group as the desk would play it. Of ``but``, the part asked about, only that it is open is known."""
        ended, running = self._ended.get(group, ()), self._open.get(group, {}).values()
        latest = list(self._desk_open.values())[-DESK_RUNNING:]
        desk = Lasting.of(self._watched(self._desk_ended, latest, now, but, DESK_LAST, DESK_RUNNING))
        own = self._watched(ended, running, now, but, LAST, RUNNING)
        return Line(group, Lasting.of(own, desk), self._time)

    def _watched(self, ended, running, now: float, but: Part, last: int, most_running: int):
        over = [Seen(self._time, part.asked, part.ended) for part in reversed(ended) if part is not but]
        still = [Seen(self._time, part.asked) for part in running]
        still += [Seen(self._time, but.asked)] if any(part is but for part in ended) else []
        return watched(over, still, now, last=last, most_running=most_running)


@dataclass
class Reliability:
    """Forecasts of one kind, and what came of them."""

    forecasts: int = 0
    held: Counter = field(default_factory=Counter)
    said: Counter = field(default_factory=Counter)
    typed: dict[int, list[float]] = field(default_factory=dict)

    def add(self, forecast: Forecast, ended: float, due: float) -> None:
        self.forecasts += 1
        for level in LEVELS:
            by = forecast.by(level)
            if by is not None:
                self.said[level] += 1
                self.held[level] += ended <= by
        chance = forecast.likely(due)
        kept = self.typed.setdefault(min(int(chance * 10), 9), [0, 0.0, 0])
        kept[0] += 1
        kept[1] += chance
        kept[2] += ended <= due

    def figures(self) -> dict:
        """``forecasts``; ``held``: percent that had ended by the time said, by the percent called; ``typed``: for dues
        typed at random, by the mean percent called: how many, and in how many percent it was kept."""
        return {
            "forecasts": self.forecasts,
            "held": {f"{level:.0%}": _percent(self.held[level], self.said[level]) for level in LEVELS},
            "typed": {
                f"{_percent(called, times)} %": [times, _percent(kept, times)]
                for _, (times, called, kept) in sorted(self.typed.items())
            },
        }


def judge(path: Path, form: str = "uci", learn_months: int = LEARN_MONTHS) -> dict:
    """Forecast every part behind the first months of a log, and see.

    Returns:
        ``log``, ``parts``, ``judged_from`` (day), and reliabilities by name.
    """
    every = [part for _, changes in logs.cases(path, logs.FORMATS[form]) for part in parts(changes)]
    judged_from = _months_later(min(part.asked for part in every), learn_months)
    kinds = {kind: found.figures() for kind, found in sorted(forecast_all(every, judged_from).items())}
    day = f"{datetime.fromtimestamp(judged_from, UTC):%Y-%m-%d}"
    return {"log": form, "parts": len(every), "judged_from": day, "reliability": kinds}


def forecast_all(every: list[Part], judged_from: float, plays: int = PLAYS) -> dict[str, Reliability]:
    """Forecast every part behind an instant, and see; reliabilities by name."""
    time = _all_time(every)
    record = Record(every, time)
    # A log holds only cases that were over when it was written: of its last weeks the slow ones are missing.
    ends = max(part.ended for part in every if part.ended is not None)
    found: dict[str, Reliability] = {}
    for now, nth, part in sorted(_occasions(every, judged_from), key=lambda asked: asked[:2]):
        record.go_to(now)
        fresh = now == part.asked
        line = record.line(part.group, now, but=part)
        step = Step(0, line, ran=None if fresh else time.between(part.asked, now))
        forecast = play([step], now, seed=nth, plays=plays)
        kinds = ["all", "at asking" if fresh else "running"]
        kinds.append(f"groups with {MANY} or more" if record.count[part.group] >= MANY else "groups with fewer")
        if now <= ends - LONGEST:
            kinds.append("a month before its end")
        for kind in kinds:
            found.setdefault(kind, Reliability()).add(forecast, part.ended, _due(now, nth))
    return found


def _occasions(every: list[Part], judged_from: float) -> Iterator[tuple[float, int, Part]]:
    """When a forecast is asked for: (instant, number of the part, part)."""
    for nth, part in enumerate(every):
        if part.ended is None:
            continue
        if part.asked >= judged_from:
            yield part.asked, nth, part
        chance = Random(f"delays {nth}")
        for _ in range(DELAYS):
            now = part.asked + _between(SHORTEST, LONGEST, chance)
            if judged_from <= now < part.ended:
                yield now, nth, part


def _due(now: float, nth: int) -> float:
    """A due time as somebody might type it, drawn without a look at anything."""
    return now + _between(SHORTEST, LONGEST, Random(f"due {nth} {now}"))


def _between(least: float, most: float, chance: Random) -> float:
    """Each order of magnitude as likely."""
    return math.exp(chance.uniform(math.log(least), math.log(most)))


def _months_later(instant: float, months: int) -> float:
    begin = datetime.fromtimestamp(instant, UTC)
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    return begin.replace(year=year, month=month + 1, day=min(begin.day, 28)).timestamp()


def _all_time(every: list[Part]) -> OpenTime:
    """The hours of a replayed log, from its beginning until a year behind its end."""
    instants = [part.asked for part in every]
    return OpenTime.from_to(
        datetime.fromtimestamp(min(instants), UTC), datetime.fromtimestamp(max(instants) + 366 * 86400, UTC), HOURS
    )


def _percent(part: float, whole: float) -> int | None:
    return round(100 * part / whole) if whole else None


def table(figures: dict) -> Iterator[str]:
    """The reliability table for people."""
    yield f"{figures['log']}: {figures['parts']:,} parts, judged from {figures['judged_from']}"
    yield f"{'called':<24}{'':>10}" + "".join(f"{level:>7.0%}" for level in LEVELS)
    for kind, found in figures["reliability"].items():
        yield f"{kind:<24}{found['forecasts']:>10,}" + "".join(
            f"{'–' if held is None else held:>6}%" for held in found["held"].values()
        )
    yield "a due time typed at random, called … % → kept in … % (how often)"
    for kind, found in figures["reliability"].items():
        told = "  ".join(f"{called}→{kept} ({times})" for called, (times, kept) in found["typed"].items())
        yield f"{kind:<24}{told}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", default=logs.the_log())
    parser.add_argument("--format", choices=logs.FORMATS, default="uci")
    parser.add_argument("--learn-months", type=int, default=LEARN_MONTHS, metavar="N")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    asked = parser.parse_args()
    if asked.file is None:
        parser.error("there is no log beside the project: name one")
    figures = judge(asked.file, asked.format, asked.learn_months)
    print(json.dumps(figures) if asked.json else "\n".join(table(figures)))


if __name__ == "__main__":
    main()
