"""How long a department's parts last: a period life table of its recent record. Values in, values out.

Whoever looks only at what has ended believes that all goes fast: what takes long is still open. So parts are counted
while they were watched: one that is still open says that it lasted *at least* so long (censored), and one that was open
already when the watching began says nothing about the time before (truncated). Of all that were watched at an age, the
share that ended there is the chance of ending at that age; their product is the share that lasts longer (Kaplan and
Meier 1958; with late entry as in period life tables).

A department's few parts stand on the whole desk's: its record counts as ``STRENGTH`` parts more that go as parts of
this desk go (the Dirichlet prior of Susarla and Van Ryzin 1976). With fifty of its own the department speaks; with none
the desk does.

Beyond the longest that was ever seen nobody knows: what has run so long runs as long again half of the time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import NamedTuple

from cases.forecasting.opentime import OpenTime

STRENGTH = 3.0
FEWEST = 5
FROM_ITS_BEGINNING = -1.0
# Nothing is known of what has not lasted at all: the first guess beyond a record of nothing.
SHORTEST_TAIL = 3600.0
_ALMOST = 1e-9


class Seen(NamedTuple):
    """One part as a record has it. Instants are seconds since 1970, UTC.

    Attributes:
        time: in which its department works.
        began: when it could be worked on: asked, and what comes before it has ended.
        ended: None while it is open.
        finished: it was done or passed up; one that was dropped or given back only stopped being watched.
        went_up: to the second line.
    """

    time: OpenTime
    began: float
    ended: float | None = None
    finished: bool = True
    went_up: bool = False


class Span(NamedTuple):
    """The ages at which one part was watched, in seconds of business time.

    Attributes:
        entered: older than this; ``FROM_ITS_BEGINNING`` also catches what ends at once.
        left: up to this one.
        ended: it ended then, else it was only not watched any more.
        went_up: to the second line.
    """

    entered: float
    left: float
    ended: bool
    went_up: bool = False


def watched(
    ended: Sequence[Seen], running: Sequence[Seen], now: float, *, last: int, most_running: int
) -> Iterator[Span]:
    """What was watched of a record since the last so many ended.

    Args:
        ended: the latest first, and where there are more than ``last`` one more: it tells since when all are known.
        running: all that are open, or the ``most_running`` that began latest. Then only what began no earlier than
            these is looked at: of what is older the slow ones would be missing.
    """
    since = ended[last].ended if len(ended) > last else None
    record = [*ended[:last], *running]
    if len(running) >= most_running:
        oldest = min(part.began for part in running)
        record = [part for part in record if part.began >= oldest]
    for part in record:
        stop = now if part.ended is None else part.ended
        entered = FROM_ITS_BEGINNING
        if since is not None and part.began < since:
            entered = part.time.between(part.began, since)
        left = part.time.between(part.began, stop)
        if entered < left:
            yield Span(entered, left, part.ended is not None and part.finished, part.went_up)


class Lasting:
    """The share of parts that has ended by each age.

    Attributes:
        count: how many ends it rests on, the desk's not counted.
    """

    def __init__(self, steps: Sequence[tuple[float, float, bool]], longest: float, count: int):
        """Use ``of``.

        Args:
            steps: (age, share that ends there, whether it goes up), by age.
            longest: the longest that was watched.
        """
        self._steps = steps
        self._longest = max(longest, SHORTEST_TAIL)
        self.count = count
        self._ages = [age for age, _, _ in steps]
        self._reached: list[float] = []
        self._up = [up for _, _, up in steps]
        reached = 0.0
        for _, share, _ in steps:
            reached += share
            self._reached.append(min(reached, 1.0))

    @classmethod
    def of(cls, spans: Iterable[Span], desk: Lasting | None = None, strength: float = STRENGTH) -> Lasting:
        """What these spans say, standing on the whole desk's record.

        Args:
            desk: counts as ``strength`` parts more; None: nothing stands behind.
        """
        spans = list(spans)
        ends: dict[float, list[float]] = {}
        for span in spans:
            if span.ended:
                ends.setdefault(span.left, [0.0, 0.0, 0.0])[span.went_up] += 1
        for age, share, _ in desk._steps if desk else ():
            ends.setdefault(age, [0.0, 0.0, 0.0])[2] += share * strength
        entered, left = sorted(span.entered for span in spans), sorted(span.left for span in spans)
        alive, desk_alive = 1.0, strength if desk else 0.0
        steps = []
        for age in sorted(ends):
            done, up, of_desk = ends[age]
            at_risk = bisect_left(entered, age) - bisect_left(left, age) + max(desk_alive, 0.0)
            ended = done + up + of_desk
            share = alive if ended >= at_risk else alive * ended / at_risk
            alive -= share
            desk_alive -= of_desk
            if done + of_desk:
                steps.append((age, share * (done + of_desk) / ended, False))
            if up:
                steps.append((age, share * up / ended, True))
        longest = max([*left[-1:], *([desk._longest] if desk else [0.0])])
        return cls(steps, longest, sum(span.ended for span in spans))

    @property
    def is_empty(self) -> bool:
        """Nothing has ever ended: it says nothing."""
        return not self._steps

    @property
    def is_thin(self) -> bool:
        """So little of its own that it says what the desk's does."""
        return self.count < FEWEST

    def by(self, share: float) -> float | None:
        """The age by which this share has ended; None where so many have never been seen to."""
        position = bisect_left(self._reached, share - _ALMOST)
        return self._ages[position] if position < len(self._ages) else None

    def ended_by(self, age: float) -> float:
        """The share that has ended by this age."""
        position = bisect_right(self._ages, age)
        return self._reached[position - 1] if position else 0.0


class Going:
    """How long one part lasts that has lasted longer than ``ran`` already; None: it begins."""

    def __init__(self, lasting: Lasting, ran: float | None = None):
        self._lasting, self._ran = lasting, FROM_ITS_BEGINNING if ran is None else ran
        self._first = bisect_right(lasting._ages, self._ran)
        self._from = lasting.ended_by(self._ran)

    def age(self, chance: float, until: float = inf) -> tuple[float, bool]:
        """At which age it ends, and whether by going up to the second line.

        Args:
            chance: between 0 and 1; a higher one never ends it earlier.
            until: of all that can be only what ends by this age; if there is nothing, it ends then.
        """
        lasting = self._lasting
        whole = 1.0 if until == inf else lasting.ended_by(until)
        if until < inf and whole - self._from < _ALMOST:
            return until, False
        wanted = self._from + chance * (whole - self._from)
        position = max(bisect_left(lasting._reached, wanted), self._first)
        if position < len(lasting._ages):
            return lasting._ages[position], lasting._up[position]
        return self._beyond(chance, wanted), False

    def _beyond(self, chance: float, wanted: float) -> float:
        """Longer than anything that was seen: twice as long half of the time."""
        known = self._lasting._reached[-1] if self._lasting._reached else 0.0
        begins = max(known, self._from)
        further = chance if 1.0 - begins < _ALMOST else (wanted - begins) / (1.0 - begins)
        return max(self._lasting._longest, self._ran) / max(1.0 - further, _ALMOST)
