"""Why something was not done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class DeskError(Exception):
    """Anything that went wrong between this program and the desk."""


class Unreachable(DeskError):
    """Nobody answered, however often it was tried."""


@dataclass(frozen=True)
class InTheWay:
    """One thing that stands in the way.

    Attributes:
        type: stable name, an address that explains it; ``code`` is its last part, such as ``open_subtask``.
        detail: for people.
        anchor: where on the case's page it can be dealt with; may be empty.
    """

    type: str
    detail: str
    anchor: str = ""

    @property
    def code(self) -> str:
        return _code(self.type)


@dataclass(frozen=True)
class FieldTrouble:
    """One thing that was sent and cannot be read."""

    field: str
    detail: str
    code: str


@dataclass(frozen=True)
class Offer:
    """What could be promised instead; ``due_at`` as the desk writes it."""

    due_at: str
    words: str = ""


class Problem(DeskError):
    """The desk says no (RFC 9457). Nothing has been changed.

    Attributes:
        status: of HTTP.
        type: stable name of the rule; ``code`` is its last part, such as ``close_refused``.
        title: the same in words.
        detail: for people, says what to do.
        field: what of the request it is about; may be empty.
        fields: everything that could not be read.
        in_the_way: each thing that stands in the way.
        offers: what could be promised instead.
        retry_after: seconds, where the desk said when to come again.
    """

    def __init__(self, status: int, told: Mapping[str, Any], retry_after: float | None = None):
        self.status = status
        self.type = str(told.get("type", "about:blank"))
        self.title = str(told.get("title", ""))
        self.detail = str(told.get("detail", ""))
        self.field = str(told.get("field", ""))
        self.fields = tuple(
            FieldTrouble(one.get("field", ""), one.get("detail", ""), one.get("code", ""))
            for one in told.get("fields", ())
        )
        self.in_the_way = tuple(
            InTheWay(one.get("type", ""), one.get("detail", ""), one.get("anchor", ""))
            for one in told.get("in_the_way", ())
        )
        self.offers = tuple(Offer(one.get("due_at", ""), one.get("words", "")) for one in told.get("offers", ()))
        self.retry_after = retry_after
        super().__init__(f"{status} {self.code}: {self.detail}")

    @property
    def code(self) -> str:
        return _code(self.type)


def problem_of(status: int, body: bytes, retry_after: float | None) -> Problem:
    """What an answer says; also of one that no desk has written, but something in between."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict) or "type" not in told:
        told = {"type": f"about:blank#http_{status}", "detail": "This is no answer of a desk."}
    return Problem(status, told, retry_after)


def _code(type_: str) -> str:
    return type_.rpartition("#")[2]
