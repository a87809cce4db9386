"""The rows that entries are about, put at hand: each table is read once, and only for what nobody has read yet.

A join of everything that an entry can be about is twenty tables wide, and planning it costs more than all else on the
page; most entries are about one row, and most of these the page has in hand already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Model

from cases.models import (
    Appeal,
    Attempt,
    Case,
    Complaint,
    Concession,
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
from supportdesk.statements import built_once

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
    "concession": Concession,
    "appeal": Appeal,
    "other_case": Case,
}

_PEOPLE: dict[type[Model], tuple[str, ...]] = {
    Case: ("owner", "closed_by_agent"),
    Subtask: ("agent",),
    Handover: ("from_agent", "to_agent"),
    Note: ("agent",),
    Complaint: ("owner",),
    Concession: ("asked_by_agent", "decider"),
}


def put_at_hand(entries: Sequence[Entry], known: Iterable[Model | None] = ()) -> None:
    """Set on each entry the rows that its sentence and its words need, and on cases, parts and offers their people.

    Args:
        entries: with their cases set.
        known: rows that have been read before, such as the case, its customer and its sub-tasks.
    """
    # `__class__`, because the reader of a request is wrapped.
    at_hand = {(row.__class__, row.pk): row for row in known if row is not None}
    about = {name: _link(_links(entries, name), model, at_hand) for name, model in _ABOUT.items()}
    _link(_links(about["promise"], "replaces"), Promise, at_hand)
    _link([*_links(entries, "customer"), *_links(about["participant"], "person")], Customer, at_hand)
    people = [(row, name) for row in at_hand.values() for name in _PEOPLE.get(row.__class__, ())]
    people += [(entry, name) for entry in entries for name in ("agent", "owner")]
    _link([(row, name) for row, name in people if getattr(row, f"{name}_id") is not None], Agent, at_hand)


def _links(rows: Iterable[Model], name: str) -> list[tuple[Model, str]]:
    """The relations of that name that lead somewhere."""
    return [(row, name) for row in rows if getattr(row, f"{name}_id") is not None]


@built_once
def _rows(model: type[Model], pks: tuple[int, ...]):
    found = model.objects.filter(pk__in=pks)
    # With the department's name, without its hours.
    return found.select_related(None).select_related("department") if model in (Agent, Subtask) else found


def _link(links: Sequence[tuple[Model, str]], model: type[Model], at_hand: dict) -> list[Model]:
    """Set these relations, reading what is not at hand in one query; returns the rows that they lead to."""
    wanted = {getattr(row, f"{name}_id") for row, name in links}
    missing = [pk for pk in wanted if (model, pk) not in at_hand]
    if missing:
        at_hand.update(((model, row.pk), row) for row in _rows(model, tuple(missing)))
    for row, name in links:
        setattr(row, name, at_hand[model, getattr(row, f"{name}_id")])
    return [at_hand[model, pk] for pk in wanted]
