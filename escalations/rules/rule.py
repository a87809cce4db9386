"""What a rule is. The families beside this module fill the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from string import Formatter

# Who can be told when a flag rises, in the order in which the page offers them.
ROLES = {
    "owner": "the owner",
    "cover": "who stands in for the owner",
    "lead": "the department’s lead",
    "supervisors": "the supervisors",
}


class Nature(Enum):
    CONDITION = "condition"
    EVENT = "event"


@dataclass(frozen=True)
class Number:
    """A threshold of a rule, as its sentence names it.

    Attributes:
        name: as it stands in the rule's sentence and query.
        default: what holds until a supervisor says otherwise.
        least, most: the sensible range, both included.
        unit: what is counted, continuing the number: ``business hours``.
        label: for who does not see the sentence around the field.
        step: the finest difference that makes sense.
    """

    name: str
    default: float
    least: float
    most: float
    unit: str
    label: str
    step: float = 1

    @property
    def range(self) -> str:
        """The sensible range in words."""
        return f"{self.least:g} to {self.most:g} {self.unit}"


def business_hours(
    default: float, *, name: str = "hours", least: float = 1, most: float = 80, step: float = 0.5,
    label: str = "Business hours",
):  # fmt: skip
    """How long a rule is patient, in the hours of the department that owes.

    Args:
        label: names the field; of a rule with two such numbers each has its own.
    """
    return Number(name, default, least, most, "business hours", label, step)


@dataclass(frozen=True)
class Rule:
    """One reason to look.

    A condition's query yields *spans*: ``case_id, subject, began_at, ended_at, calendar_id, act_of_id, evidence``, from
    when until when something was so about one subject; an end that is NULL or still ahead: it is so. Of several about
    one subject the first that is due is raised. An event's query yields ``case_id, subject, became_true_at, act_of_id,
    evidence`` from ``since`` on. The sweep and the look back over the past ask the same query; which rows it is asked
    about stands in place of ``{rows}``.

    Attributes:
        name: stable, for machines and the table of flags.
        title: for people, a few words.
        sentence: for people, what it means.
        when: the condition of the sentence that is edited, continuing "When …"; names its numbers in braces.
        nature: whether it ends by itself.
        query: set-based, see above; ``c`` is the case.
        weight: points of urgency, see ``escalations.rules``.
        tells: who is told unless a supervisor says otherwise, of ``ROLES``.
        numbers: its thresholds.
        patience: name of the number of business hours, in the calendar of the span, that it waits; empty: not at all.
        due: when a span becomes a flag, as SQL over the span ``q``; empty: when patience has run out.
        subject: of a condition, the table and alias of what it is about.
        standing: what is true of the subject of every span that has not ended. This and the next two only say where
            to look, so that indexes can be used; what is so the query says.
        fresh: what is true of the subject of a span that can have become due by now and began after ``since``;
            ``until`` is the present less patience. What begins in other ways is found when the sweep looks at all. Of
            an event, what is true of its entry ``e`` and its case ``c``.
        recent: what is true of the subject of every span that had not ended by ``since``.
        past: spans that the rows no longer show, read out of the timeline; for the look back.
        kinds: of an event, the kinds of entries that it is looked for among.
        forgets: what the look back cannot know, as a sentence; empty: nothing.
        while_open: an event that concerns nobody any more once the case is closed.
    """

    name: str
    title: str
    sentence: str
    when: str
    nature: Nature
    query: str
    weight: int = 1
    tells: tuple[str, ...] = ("supervisors",)
    numbers: tuple[Number, ...] = ()
    patience: str = ""
    due: str = ""
    subject: str = ""
    standing: str = "true"
    fresh: str = "true"
    recent: str = "true"
    past: str = ""
    kinds: tuple[str, ...] = ()
    forgets: str = ""
    while_open: bool = False

    @property
    def is_condition(self) -> bool:
        return self.nature is Nature.CONDITION

    @property
    def alias(self) -> str:
        """Under which name the query knows the row that it is asked about: the subject; of an event, the entry."""
        return self.subject.split()[-1] if self.is_condition else "e"

    @property
    def defaults(self) -> dict[str, float]:
        return {number.name: number.default for number in self.numbers}

    def parts(self) -> list[tuple[str, Number | None]]:
        """The sentence's condition in order: words, each with the number that follows them, if one does."""
        by_name = {number.name: number for number in self.numbers}
        return [(words, by_name.get(name or "")) for words, name, _, _ in Formatter().parse(self.when)]

    def said(self, numbers: Mapping[str, float]) -> str:
        """The sentence's condition with these numbers in it."""
        return self.when.format(**{name: f"{value:g}" for name, value in numbers.items()})
