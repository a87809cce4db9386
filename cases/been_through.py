"""What a customer has been through with us: facts about us, in two queries, whatever the number of their problems."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from cases.models import Case
from customers.models import Customer
from supportdesk import clock

_OUTCOMES = dict(Case.Outcome.choices)


@dataclass(frozen=True)
class BeenThrough:
    """Counts over the problems that the asking agent may see.

    Attributes:
        promised: what was first promised; a new date for the same is the same promise.
        kept, moved, broken: how many of these came by their first date, got another date, or did not come in time.
        wrote: how often the customer had to write or speak after telling it.
        owners: who answered for a problem of theirs, by name.
        outcomes: ``(words, how many)`` of what is over.
    """

    problems: int
    open: int
    promised: int
    kept: int
    moved: int
    broken: int
    wrote: int
    complaints: int
    owners: tuple[str, ...]
    outcomes: tuple[tuple[str, int], ...]

    @property
    def sentences(self) -> list[str]:
        """The facts in words, the heaviest first; only what there is to say."""
        if not self.problems:
            return ["Nothing yet."]
        said = [f"Told us {_times(self.problems, 'problem')}, {_number(self.open)} of them open."]
        if self.problems == 1:
            said = [f"Told us one problem, which is {'open' if self.open else 'over'}."]
        if self.promised:
            ends = (
                (self.kept, "came in time"),
                (self.moved, "got another date"),
                (self.broken, "did not come in time"),
            )
            how = ", ".join(f"{_number(count)} {words}" for count, words in ends if count)
            said.append(f"We promised {_times(self.promised, 'thing')}{': ' + how if how else ''}.")
        if self.wrote:
            said.append(f"Had to write or speak to us {_times(self.wrote, 'more time')}.")
        if self.owners:
            said.append(f"Met {_times(len(self.owners), 'owner')}: {', '.join(self.owners)}.")
        if self.complaints:
            said.append(f"Complained {_times(self.complaints, 'time')} about how we dealt with them.")
        said += [f"{_number(count).capitalize()} {words}." for words, count in self.outcomes]
        return said


_COUNTS = """
WITH theirs (id) AS ({cases})
SELECT count(*), count(*) FILTER (WHERE c.closed_at IS NULL),
       coalesce(sum(p.promised), 0), coalesce(sum(p.kept), 0), coalesce(sum(p.moved), 0), coalesce(sum(p.broken), 0),
       coalesce(sum(m.wrote), 0), coalesce(sum(k.complaints), 0)
  FROM theirs JOIN cases_case c ON c.id = theirs.id
  LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE replaces_id IS NULL) AS promised,
              count(*) FILTER (WHERE replaces_id IS NULL AND state = 'kept') AS kept,
              count(*) FILTER (WHERE replaces_id IS NULL AND state IN ('moved', 'renegotiated')) AS moved,
              count(*) FILTER (WHERE state = 'broken' OR state = 'open' AND due_at <= %s) AS broken
         FROM cases_promise WHERE case_id = c.id) p ON true
  LEFT JOIN LATERAL (
       SELECT greatest(count(*) - 1, 0) AS wrote FROM cases_message WHERE case_id = c.id AND direction = 'in') m ON true
  LEFT JOIN LATERAL (SELECT count(*) AS complaints FROM cases_complaint WHERE case_id = c.id) k ON true
"""

_OWNERS_AND_OUTCOMES = """
WITH theirs (id) AS ({cases})
SELECT 'owner', a.name, min(e.id) FROM theirs JOIN cases_entry e ON e.case_id = theirs.id AND e.owner_id IS NOT NULL
  JOIN staff_agent a ON a.id = e.owner_id AND NOT a.is_fallback GROUP BY a.id, a.name
UNION ALL
SELECT 'outcome', c.outcome, count(*) FROM theirs JOIN cases_case c ON c.id = theirs.id
 WHERE c.closed_at IS NOT NULL GROUP BY c.outcome
ORDER BY 1, 3, 2
"""


def been_through(agent, customer: Customer) -> BeenThrough:
    """What the whole person has been through, as far as this agent may see it."""
    cases, given = problems_of(agent, customer).order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(cases=cases), [*given, clock.now()])
        counts = cursor.fetchone()
        cursor.execute(_OWNERS_AND_OUTCOMES.format(cases=cases), given)
        rows = cursor.fetchall()
    return BeenThrough(
        *(int(count) for count in counts),
        owners=tuple(name for what, name, _first in rows if what == "owner"),
        outcomes=tuple((_OUTCOMES[outcome], count) for what, outcome, count in rows if what == "outcome"),
    )


def problems_of(agent, customer: Customer):
    """Every case of the whole person that this agent may see."""
    return Case.objects.visible_to(agent).filter(customer__in=Customer.objects.person(customer))


_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _times(count: int, thing: str) -> str:
    return f"{_number(count)} {thing}{'' if count == 1 else 's'}"
