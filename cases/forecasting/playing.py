"""A thousand plays of a plan: how it may go, from what its departments took before. Values in, values out.

In each play every open part lasts as long as one drawn from its department's record, given that it has run so long
already, in the time in which that department works; a part that comes after another begins when that one has ended.
The same seed plays the same.

Instants are floats, seconds since 1970 in UTC; ages and lengths are seconds of business time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf
from random import Random

from cases.forecasting.lasting import Going, Lasting
from cases.forecasting.opentime import OpenTime

PLAYS = 1000


@dataclass(frozen=True)
class Line:
    """A department that works on parts.

    Attributes:
        name: who it is, for saying on whom it hangs.
        lasting: how long its parts last.
        time: in which it works, less the time in which everybody who could is away.
        usual: its time as if nobody were away: in that it gave its dates. None: the same.
        keeps: the share of the dates given by it that it keeps.
        above: who takes over what it passes up; None: nobody, and what it could not reproduce has simply ended.
    """

    name: str
    lasting: Lasting
    time: OpenTime
    usual: OpenTime | None = None
    keeps: float = 1.0
    above: Line | None = None


@dataclass(frozen=True)
class Step:
    """One open part of a plan.

    Attributes:
        key: what others come after.
        line: who works on it; its time without the absences of whoever has it.
        after: the key of the open step that has to end first, which stands before this one in the plan.
        ran: how long it has run; None: it begins now, or when that one has ended.
        committed_at: by when the department has said it will be done.
        ran_until_waiting: how long it had run when it began to wait for something; None: it does not wait.
    """

    key: int
    line: Line
    after: int | None = None
    ran: float | None = None
    committed_at: float | None = None
    ran_until_waiting: float | None = None


@dataclass(frozen=True)
class Forecast:
    """What the plays came to.

    Attributes:
        ends: when the plan was over in each, earliest first; infinity: not within a year.
        hung_on: beside each end, on whose part it hung longest.
    """

    ends: Sequence[float]
    hung_on: Sequence[str]

    def likely(self, due: float) -> float:
        """The share of plays that were over by then."""
        return bisect_right(self.ends, due) / len(self.ends)

    def by(self, share: float) -> float | None:
        """When that share of the plays was over; None: so many were not within a year."""
        end = self.ends[max(ceil(share * len(self.ends) - 1e-9), 1) - 1]
        return None if end == inf else end

    def at_risk_from(self, due: float) -> str:
        """On whom it hung in at least half of the plays that were not over by then; empty: on no one alone, or none."""
        late = self.hung_on[bisect_right(self.ends, due) :]
        if not late:
            return ""
        name, times = Counter(late).most_common(1)[0]
        return name if times * 2 >= len(late) else ""


def play(plan: Sequence[Step], now: float, *, seed: int, plays: int = PLAYS) -> Forecast:
    """Play a plan.

    Args:
        plan: its open steps, at least one; each stands behind the one that it comes after.
    """
    ends: dict[int, list[float]] = {}
    # The longest stretch on the way to a step's end, and whose it was.
    longest: dict[int, list[tuple[float, str]]] = {}
    for step in plan:
        begins = ends[step.after] if step.after is not None else [now] * plays
        chances = Random(f"{seed} {step.key}").random
        ends[step.key] = step_ends = _Course(step, now).ends(begins, chances)
        lengths = (0.0 if begin == inf else end - begin for begin, end in zip(begins, step_ends, strict=True))
        own = [(length, step.line.name) for length in lengths]
        before = longest[step.after] if step.after is not None else own
        longest[step.key] = [max(mine, theirs) for mine, theirs in zip(own, before, strict=True)]
    whole = [max((ends[key][nth], longest[key][nth][1]) for key in ends) for nth in range(plays)]
    whole.sort()
    return Forecast([end for end, _ in whole], [name for _, name in whole])


class _Course:
    """How one step goes on, in every play."""

    def __init__(self, step: Step, now: float):
        self._step, self._now = step, now
        self._line, self._time = step.line, step.line.time
        self._usual = step.line.usual or step.line.time
        self._passed_now = self._time.passed(now)
        self._going = Going(step.line.lasting, step.ran)
        dated = step.committed_at is not None and step.committed_at > now
        self._committed = step.committed_at if dated else None
        self._late: Going | None = None
        if self._committed is not None and step.ran is not None:
            self._date = step.ran + self._usual.between(now, self._committed)
            self._late = Going(step.line.lasting, self._date)

    def ends(self, begins: Sequence[float], chance) -> list[float]:
        found = []
        for begin in begins:
            drawn, above = chance(), (chance(), chance()) if self._line.above else ()
            end, went_up = (inf, False) if begin == inf else self._end(begin, drawn)
            if went_up:
                end = _passed_up(end, self._line.above, above)
            found.append(end)
        return found

    def _end(self, begin: float, chance: float) -> tuple[float, bool]:
        step, time = self._step, self._time
        ran = step.ran or 0.0
        passed = self._passed_now if begin == self._now else time.passed(begin)
        age, went_up = self._age(begin, chance)
        end = begin if age <= ran else time.when(passed + age - ran)
        if step.ran_until_waiting is not None:
            # What it waits for comes now at the earliest, and then there is left to do what was left when it stopped.
            rest = Going(step.line.lasting, step.ran_until_waiting).age(chance)[0] - step.ran_until_waiting
            end = max(end, time.when(passed + rest))
        return end, went_up

    def _age(self, begin: float, chance: float) -> tuple[float, bool]:
        """At which age it ends: by its date as often as this department keeps its dates, else some time after it.

        Who is away then has not known it, or hopes for it all the same: an absence never brings an end nearer.
        """
        if self._committed is None or begin >= self._committed:
            return self._going.age(chance)
        keeps, late = self._line.keeps, self._late
        date = self._date if late else self._usual.between(begin, self._committed)
        if chance < keeps:
            return self._going.age(chance / keeps, until=date)
        return (late or Going(self._line.lasting, date)).age((chance - keeps) / (1 - keeps))


def _passed_up(begin: float, line: Line | None, chances: Sequence[float]) -> float:
    """When the lines above have ended what was passed up to them."""
    for chance in chances:
        if line is None or begin == inf:
            break
        age, went_up = Going(line.lasting).age(chance)
        begin = line.time.later(begin, age)
        if not went_up:
            break
        line = line.above
    return begin
