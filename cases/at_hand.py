"""The rows that entries are about, put at hand: each table is read once, and only for what nobody has read yet.

A join of everything that an entry can be about is twenty tables wide, and planning it costs more than all else on the
page; most entries are about one row, and most of these the page has in hand already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Model, QuerySet

from cases.models import (
    Attempt,
    Case,
    Complaint,
    Entry,
    Estimate,
    Handover,
    Message,
    Note,
    Participant,
    Promise,
    Refusal,
    Resolution,
    Subtask,
)
from customers.models import Customer
from staff.models import Agent

_ABOUT: dict[str, type[Model]] = {
    "message": Message,
    "note": Note,
    "promise": Promise,
    "subtask": Subtask,
    "handover": Handover,
    "resolution": Resolution,
    "attempt": Attempt,
    "estimate": Estimate,
    "complaint": Complaint,
    "refusal": Refusal,
    "participant": Participant,
    "other_case": Case,
}


def put_at_hand(entries: Sequence[Entry], known: Iterable[Model | None] = ()) -> None:
    """Set on each entry the rows that its sentence and its words need.

    Args:
        entries: with their cases set.
        known: rows that have been read before, such as the case's owner; sub-tasks with their department. Handovers
            among them get their agents.
    """
    # `__class__`, because the reader of a request is wrapped.
    at_hand = {(row.__class__, row.pk): row for row in known if row is not None}
    about = {name: _link(_links(entries, name), _rows(model), at_hand) for name, model in _ABOUT.items()}
    _link(_links(about["promise"], "replaces"), Promise.objects.all(), at_hand)
    _link([*_links(entries, "customer"), *_links(about["participant"], "person")], Customer.objects.all(), at_hand)
    _link(
        [
            *_links(entries, "agent", "owner"),
            *_links(about["note"], "agent"),
            *_links((row for row in at_hand.values() if isinstance(row, Handover)), "from_agent", "to_agent"),
            *_links(about["complaint"], "owner"),
        ],
        Agent.objects.all(),
        at_hand,
    )


def _rows(model: type[Model]) -> QuerySet:
    return Subtask.objects.select_related("department") if model is Subtask else model.objects.all()


def _links(rows: Iterable[Model], *names: str) -> list[tuple[Model, str]]:
    """The relations with these names that lead somewhere."""
    return [(row, name) for row in rows for name in names if getattr(row, f"{name}_id") is not None]


def _link(links: Sequence[tuple[Model, str]], rows: QuerySet, at_hand: dict) -> list[Model]:
    """Set these relations, reading what is not at hand in one query; returns the rows that they lead to."""
    wanted = {getattr(row, f"{name}_id") for row, name in links}
    missing = [pk for pk in wanted if (rows.model, pk) not in at_hand]
    if missing:
        at_hand.update(((rows.model, row.pk), row) for row in rows.filter(pk__in=missing))
    for row, name in links:
        setattr(row, name, at_hand[rows.model, getattr(row, f"{name}_id")])
    return [at_hand[rows.model, pk] for pk in wanted]
