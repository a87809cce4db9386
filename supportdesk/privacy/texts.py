"""Where words of people stand: every text that hangs on a case. A test holds this list against the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pgtrigger
from django.db.models import Case as When_
from django.db.models import Model, QuerySet, Value, When

from cases.models import (
    Amends,
    Appeal,
    Case,
    Complaint,
    Concession,
    Estimate,
    Handover,
    Message,
    Note,
    Participant,
    Preference,
    Promise,
    Refusal,
    Resolution,
    Subtask,
)
from escalations.models import Flag
from supportdesk.models import FailedReaction


@dataclass(frozen=True)
class Texts:
    """The texts of one table.

    Attributes:
        model: the table.
        case: the way from a row to its case, as a lookup.
        fields: the columns that people's words can stand in.
    """

    model: type[Model]
    case: str
    fields: tuple[str, ...]

    def of(self, cases: Iterable[int]) -> QuerySet:
        """The rows that hang on these cases (ids)."""
        return self.model._default_manager.filter(**{f"{self.case}__in": list(cases)})


TEXTS = (
    Texts(
        Case,
        "pk",
        ("subject", "problem", "desired_outcome", "latest_words", "override_reason", "confidential_reason"),
    ),
    Texts(Preference, "case", ("words",)),
    Texts(Message, "case", ("body",)),
    Texts(Note, "case", ("body",)),
    Texts(Promise, "case", ("words", "reason", "agreement")),
    Texts(Subtask, "case", ("ask", "plain_words", "waiting_for", "later_reason", "outcome")),
    Texts(Handover, "case", ("brief", "reason")),
    Texts(Resolution, "case", ("words", "why_none", "another", "tried")),
    Texts(Estimate, "case", ("hangs_on",)),
    Texts(Complaint, "case", ("words", "answer")),
    Texts(Refusal, "case", ("asked", "ground", "read_before", "decider", "look_words")),
    Texts(Participant, "case", ("relation",)),
    Texts(Amends, "case", ("apology", "why", "doing")),
    Texts(Concession, "case", ("words", "why", "answer")),
    Texts(Appeal, "case", ("words",)),
    Texts(Flag, "case", ("evidence", "reason")),
    Texts(FailedReaction, "entry__case", ("error",)),
)

# What the database otherwise refuses to change (design rule 9). Lifted for one transaction, by `verbs` alone.
WRITTEN_ONCE = (
    "cases.Case:first_words_stay",
    "cases.Message:what_was_said_stays",
    "cases.Note:what_was_noted_stays",
    "cases.Complaint:what_was_complained_stays",
    "cases.Refusal:the_no_stays",
    "cases.Amends:amends_stay",
)


def lifted():
    """Inside, what is written once can be changed: for the two verbs of privacy and nobody else."""
    return pgtrigger.ignore(*WRITTEN_ONCE)


def put_in_place_of_all(cases: Iterable[int], word: str) -> None:
    """Put one word in place of every text of these cases (ids); what is empty stays empty."""
    cases = list(cases)
    for texts in TEXTS:
        texts.of(cases).update(
            **{name: When_(When(**{name: ""}, then=Value("")), default=Value(word)) for name in texts.fields}
        )


def each(cases: Iterable[int]) -> Iterator[tuple[Model, tuple[str, ...]]]:
    """Every row with texts that hangs on these cases (ids), and the names of its texts."""
    cases = list(cases)
    for texts in TEXTS:
        for row in texts.of(cases).order_by("pk").iterator(500):
            yield row, texts.fields
