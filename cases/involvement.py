"""Whom a complaint is about: nobody judges their own (design rule 14)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from cases.models import Complaint, Message


def involved_in(complaint: Complaint) -> set[int]:
    """Ids of the agents whom one complaint is about, see ``involved_in_each``."""
    return involved_in_each([complaint])[complaint.pk]


def involved_in_each(complaints: Iterable[Complaint]) -> dict[int, set[int]]:
    """By complaint, the ids of the agents whom it is about: one query, however many complaints.

    They are whoever is named in it, owns or ever owned the case, wrote to the customer before it was made, or wrote it
    down. Who speaks with the customer afterwards, to hear what happened, is not drawn into it by that.
    """
    involved: dict[int, set[int]] = {complaint.pk: set() for complaint in complaints}
    these = Complaint.objects.filter(pk__in=involved).order_by()
    wrote = {
        "case__messages__direction": Message.Direction.OUT,
        "case__messages__agent__isnull": False,
        "case__messages__written_at__lte": F("made_at"),
    }
    pairs = (
        these.filter(case__entries__owner__isnull=False)
        .values_list("pk", "case__entries__owner")
        .union(
            these.filter(**wrote).values_list("pk", "case__messages__agent"),
            these.filter(about__isnull=False).values_list("pk", "about"),
            these.filter(heard_by_agent__isnull=False).values_list("pk", "heard_by_agent"),
        )
    )
    for complaint, agent in pairs:
        involved[complaint].add(agent)
    return involved
