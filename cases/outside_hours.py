"""Which open promises fall outside some hours of those who owe them: the departments of their cases' owners."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cases.models import Promise
from cases.models.case import seen_by
from staff.businesstime import BusinessHours, is_within
from staff.models import Agent

# Counted no further, and so many are shown.
MOST, SHOWN = 99, 10


@dataclass(frozen=True)
class Outside:
    """What falls outside.

    Attributes:
        count: exact up to ``MOST``; one more stands for all beyond.
        already: how many of those counted fall outside the hours of today too.
        first: those due first, as far as the reader may see them, with case, customer and owner.
        unseen: how many of those due first are not shown, because their cases are confidential.
    """

    count: int
    already: int
    first: tuple[Promise, ...]
    unseen: int

    @property
    def said(self) -> str:
        """``3``, ``99+``"""
        return f"{MOST}+" if self.count > MOST else str(self.count)

    def sentence(self, typed: bool) -> str:
        """``3 open promises would fall outside these hours; one does already.``

        Args:
            typed: the hours are not kept yet.
        """
        if not self.count:
            return f"No open promise {'would fall' if typed else 'falls'} outside these hours."
        one = self.count == 1
        said = f"{'One' if one else self.said} open promise{'' if one else 's'}"
        does = "would fall" if typed else "falls" if one else "fall"
        already = ""
        if typed and self.already:
            same = self.already == self.count
            which = ("it" if one else "they") if same else "one" if self.already == 1 else str(self.already)
            already = f"; {which} {'does' if self.already == 1 else 'do'} already"
        return f"{said} {does} outside these hours{already}."

    @property
    def more(self) -> bool:
        """Whether there are others behind those due first."""
        return self.count > len(self.first) + self.unseen


def outside(
    departments: Collection[int],
    hours: BusinessHours,
    now: datetime,
    *,
    reader: Agent,
    instead_of: BusinessHours | None = None,
) -> Outside:
    """The promises of these departments' cases that are still ahead and would be due while nobody is there.

    A promise due at the very moment of closing falls within the hours. What is late already is no question of hours.

    Args:
        departments: ids.
        hours: as they are, or would be.
        now: aware datetime.
        reader: who is shown them.
        instead_of: the hours of today, to say which of them fall outside already; None: not asked.
    """
    found, already = [], 0
    for pk, due_at in _ahead(departments, now):
        if is_within(due_at, hours):
            continue
        found.append(pk)
        already += instead_of is not None and not is_within(due_at, instead_of)
        if len(found) > MOST:
            break
    first = found[:SHOWN]
    shown = (
        Promise.objects.filter(pk__in=first)
        .filter(seen_by(reader, "case__"))
        .select_related("case__customer", "case__owner")
        .order_by("due_at", "pk")
    )
    shown = tuple(shown) if first else ()
    return Outside(len(found), already, shown, len(first) - len(shown))


def _ahead(departments: Collection[int], now: datetime):
    """(id, due) of each open promise, what is due first comes first; read piece by piece."""
    return (
        Promise.objects.filter(state=Promise.State.OPEN, due_at__gt=now, case__closed_at=None)
        .filter(case__owner__department__in=departments)
        .order_by("due_at", "pk")
        .values_list("pk", "due_at")
        .iterator(2000)
    )
