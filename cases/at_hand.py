"""The rows that entries are about, put at hand in two statements: only what nobody has read yet is read.

A join of everything that an entry can be about is twenty tables wide, and planning it costs more than all else on the
page; most entries are about one row, and most of these the page has in hand already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Model, QuerySet

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
from supportdesk.statements import built_together

# Rows that have been read, and a relation of one: the row, and the relation's name.
AtHand = dict[tuple[type[Model], int], Model]
Link = tuple[Model, str]

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
    at_hand: AtHand = {(row.__class__, row.pk): row for row in known if row is not None}
    about = {name: _links(entries, name) for name in _ABOUT}
    _link([(links, _ABOUT[name]) for name, links in about.items()], at_hand)
    said = {name: [getattr(entry, name) for entry, _ in about[name]] for name in ("promise", "participant")}
    customers = [*_links(entries, "customer"), *_links(said["participant"], "person")]
    people = [(row, name) for row in at_hand.values() for name in _PEOPLE.get(row.__class__, ())]
    people += [(entry, name) for entry in entries for name in ("agent", "owner")]
    people = [(row, name) for row, name in people if getattr(row, f"{name}_id") is not None]
    _link([(_links(said["promise"], "replaces"), Promise), (customers, Customer), (people, Agent)], at_hand)


def _links(rows: Iterable[Model], name: str) -> list[Link]:
    """The relations of that name that lead somewhere."""
    return [(row, name) for row in rows if getattr(row, f"{name}_id") is not None]


def _link(links: Iterable[tuple[Sequence[Link], type[Model]]], at_hand: AtHand) -> None:
    """Set these relations, each to a row of its model, reading what is not at hand in one statement."""
    links = list(links)
    wanted = {(model, getattr(row, f"{name}_id")) for relations, model in links for row, name in relations}
    missing: dict[type[Model], list[int]] = {}
    for model, pk in wanted:
        if (model, pk) not in at_hand:
            missing.setdefault(model, []).append(pk)
    if missing:
        models = tuple(sorted(missing, key=lambda model: model.__name__))
        found = _rows(models, *(_filled_up(missing[model]) for model in models))
        at_hand.update(((model, row.pk), row) for model in models for row in found[model.__name__])
    for relations, model in links:
        for row, name in relations:
            setattr(row, name, at_hand[model, getattr(row, f"{name}_id")])


def _filled_up(pks: list[int]) -> tuple[int, ...]:
    """The same ids, the last one so often that there are a power of two: so few statements are enough for all."""
    many = 1 << (len(pks) - 1).bit_length()
    return (*pks, *[pks[-1]] * (many - len(pks)))


@built_together
def _rows(models: tuple[type[Model], ...], *pks: tuple[int, ...]):
    return {model.__name__: _of(model, ids) for model, ids in zip(models, pks, strict=True)}


def _of(model: type[Model], pks: tuple[int, ...]) -> QuerySet:
    found = model.objects.filter(pk__in=pks)
    # With the department's name, without its hours.
    return found.select_related(None).select_related("department") if model in (Agent, Subtask) else found
