"""What somebody reads who takes part in a problem that was told several times: all of the telling in which they take
part, and of every other what came after the two were joined. Joining gives nobody anything to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from cases.models import Joining, Participant

ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Share:
    """One person's part of a problem.

    Attributes:
        since: id of a case → since when what was written on it is theirs to read; ``ALWAYS``: all of it.
    """

    since: Mapping[int, datetime]

    def reads(self, case: int, at: datetime) -> bool:
        """Whether they may read what was written on this case (id) at that instant."""
        return case in self.since and at >= self.since[case]

    def of(self, rows: QuerySet, at: str) -> QuerySet:
        """Those of the rows that they may read.

        Args:
            at: the column that says when a row was written.
        """
        # What joining carried over still belongs to the telling that it comes from.
        carried = any(field.name == "carried_from" for field in rows.model._meta.fields)
        written_on = Coalesce("carried_from_id", "case_id") if carried else F("case_id")
        theirs = Q(pk__in=[])
        for case, since in self.since.items():
            theirs |= Q(written_on=case) if since == ALWAYS else Q(written_on=case, **{f"{at}__gte": since})
        return rows.filter(case__in=list(self.since)).alias(written_on=written_on).filter(theirs)


def share_of(participant: Participant, told_as: tuple[int, ...]) -> Share:
    """What this person may read of a problem.

    Args:
        told_as: ids of all the cases in which it was told; theirs is one of them.
    """
    if len(told_as) == 1:
        return Share({participant.case_id: ALWAYS})
    joinings = Joining.objects.filter(case__in=told_as, undone_at=None).values_list("case", "into", "joined_at")
    steps = {case: (into, at) for case, into, at in joinings}
    mine = _way(participant.case_id, steps)
    return Share({case: _since(mine, _way(case, steps)) for case in told_as})


def _way(case: int, steps: Mapping[int, tuple[int, datetime]]) -> dict[int, datetime]:
    """The cases into which one was joined, itself first, each with the instant by which it was part of it."""
    way = {case: ALWAYS}
    while case in steps:
        into, at = steps[case]
        way[into] = max(way[case], at)
        case = into
    return way


def _since(mine: Mapping[int, datetime], theirs: Mapping[int, datetime]) -> datetime:
    """When two tellings became one: where their ways meet."""
    return next(max(at, theirs[case]) for case, at in mine.items() if case in theirs)
