"""How many broken promises a warning would have come before: *promise at risk*, tried on a real log.

    python -m bench.at_risk [FILE] [--format uci] [--json]

A promise is at risk while it is open and little business time is left until it is due: ``LEFT``, or three fifths of its
own length where that is less. The promises are those that the replay makes (``docs/replay.md``): a first answer after
four business hours, and word after two business days while somebody else is waited for.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bench import logs
from staff.businesstime import add_business_time, business_time_between
from supportdesk.replay.rows import AWAITING, HOURS, Change, Row, awaited_due, first_answer_due, opened_at

LEFT, SHARE_LEFT = timedelta(hours=2, minutes=15), 3 / 5
EARLY = timedelta(hours=2)


@dataclass
class Promise:
    """One promise of the log; ``ended_at`` is the act that keeps it or answers it, None where there is none."""

    made_at: datetime
    due_at: datetime
    ended_at: datetime | None = None

    @property
    def is_broken(self) -> bool:
        return self.ended_at is None or self.ended_at >= self.due_at

    def at_risk_at(self, left: timedelta = LEFT) -> datetime:
        """When so much business time is left; at once where it was made for less."""
        length = business_time_between(self.made_at, self.due_at, HOURS)
        before = max(length - min(left, length * SHARE_LEFT), timedelta())
        return add_business_time(self.made_at, before, HOURS)


def promises(rows: Sequence[Row], changes: Iterable[Change]) -> Iterator[Promise]:
    """The promises of one case, each as it ended."""
    opened = opened_at(rows)
    first, awaited = Promise(opened, first_answer_due(opened)), None
    yield first
    for change in changes:
        if not change.is_first and first.ended_at is None:
            first.ended_at = change.at
        if change.state and awaited:
            awaited.ended_at, awaited = change.at, None
        if change.state and change.phase == AWAITING:
            awaited = Promise(change.at, awaited_due(change.at))
            yield awaited


def judge(path: Path, form: str = "uci") -> dict:
    """Warn of every promise of a log, and see.

    Returns:
        ``promises``, ``broken``; ``warned_percent``: of the broken ones, at least two business hours before;
        ``alarms``; ``right_percent``: of the alarms, broken; ``false_percent``: of the kept ones, warned of.
    """
    # All of a case before any is looked at: each ends with a later row.
    cases = logs.cases(path, logs.FORMATS[form])
    every = [promise for rows, changes in cases for promise in list(promises(rows, changes))]
    broken = [promise for promise in every if promise.is_broken]
    alarms = [promise for promise in every if promise.ended_at is None or promise.ended_at > promise.at_risk_at()]
    early = [
        promise for promise in broken if business_time_between(promise.at_risk_at(), promise.due_at, HOURS) >= EARLY
    ]
    right = sum(promise.is_broken for promise in alarms)
    return {
        "log": form,
        "promises": len(every),
        "broken": len(broken),
        "warned_percent": _percent(len(early), len(broken)),
        "alarms": len(alarms),
        "right_percent": _percent(right, len(alarms)),
        "false_percent": _percent(len(alarms) - right, len(every) - len(broken)),
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", default=logs.the_log())
    parser.add_argument("--format", choices=logs.FORMATS, default="uci")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    asked = parser.parse_args()
    if asked.file is None:
        parser.error("there is no log beside the project: name one")
    figures = judge(asked.file, asked.format)
    print(json.dumps(figures) if asked.json else "\n".join(f"{name:<16}{value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
