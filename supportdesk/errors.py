"""What a verb raises when it refuses. Doors turn each into their own kind of answer; the words stay the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import Error as DatabaseError


@dataclass(frozen=True)
class Hindrance:
    """One thing that stands in the way.

    Attributes:
        code: stable name for machines, such as ``open_subtask``.
        sentence: for people; says what stands in the way.
        anchor: fragment of the case's page where it can be dealt with, such as ``subtask-12``; may be empty.
    """

    code: str
    sentence: str
    anchor: str = ""


@dataclass(frozen=True)
class Offer:
    """What could be promised in place of what was refused.

    Attributes:
        due_at: aware datetime.
        words: what is promised; empty: the words that were given.
    """

    due_at: datetime
    words: str = ""


class Refused(Exception):
    """A rule said no. Nothing has been changed.

    Attributes:
        code: stable name of the rule for machines.
        sentence: for people, says what to do.
        hindrances: each thing in the way, when there are several.
        field: the form field that the sentence belongs beside; may be empty.
        offers: what could be promised instead, of a promise that was refused.
    """

    status = 422

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        hindrances: tuple[Hindrance, ...] = (),
        field: str = "",
        offers: tuple[Offer, ...] = (),
    ):
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hindrances = hindrances
        self.field = field
        self.offers = offers


class NotAllowed(Refused):
    """The actor may see this, but may not do it."""

    status = 403


class Conflict(Refused):
    """Somebody else was first, or the state has moved on since the page was read."""

    status = 409


def kind_of(failure: BaseException) -> str:
    """What may be kept of an error that nobody expected: its kind, and the names that the database gives its things.

    Never what the database said: of a row that it refuses it tells every word.
    """
    told = failure.__cause__ if isinstance(failure, DatabaseError) and failure.__cause__ else failure
    names = (getattr(told, "pgcode", None), getattr(getattr(told, "diag", None), "constraint_name", None))
    return " ".join([type(failure).__name__, *filter(None, names)])
