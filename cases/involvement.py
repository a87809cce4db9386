"""Whom a complaint is about: nobody judges their own (design rule 14)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from cases.models import Complaint, Message
from cases.models.timeline import Kind
from staff.models import Absence
from supportdesk import clock


def involved_in(complaint: Complaint) -> set[int]:
    """Ids of the agents whom one complaint is about, see ``involved_in_each``."""
    return involved_in_each([complaint])[complaint.pk]


def involved_in_each(complaints: Iterable[Complaint]) -> dict[int, set[int]]:
    """By complaint, the ids of the agents whom it is about: one query, however many complaints.

    They are whoever is named in it, owns or ever owned the case or stood in for who did, wrote to the customer before
    it was made, or wrote it down. Who speaks with the customer afterwards, to hear what happened, is not drawn into it
    by that.
    """
    involved: dict[int, set[int]] = {complaint.pk: set() for complaint in complaints}
    these = Complaint.objects.filter(pk__in=involved).order_by()
    wrote = {
        "case__messages__direction": Message.Direction.OUT,
        "case__messages__agent__isnull": False,
        "case__messages__written_at__lte": F("made_at"),
    }
    # Who stood in was written into the case; who stands in since a moment ago may not have been yet.
    cover = KeyTextTransform("cover", "case__entries__data")
    told = these.filter(case__entries__kind=Kind.OWNER_AWAY)
    stood_in = told.annotate(cover=Cast(cover, BigIntegerField())).filter(cover__isnull=False)
    away = Absence.objects.at(clock.now()).filter(agent=OuterRef("case__owner"), cover__isnull=False)
    stands_in = these.annotate(cover=Subquery(away.values("cover")[:1])).filter(cover__isnull=False)
    pairs = (
        these.filter(case__entries__owner__isnull=False)
        .values_list("pk", "case__entries__owner")
        .union(
            stood_in.values_list("pk", "cover"),
            stands_in.values_list("pk", "cover"),
            these.filter(**wrote).values_list("pk", "case__messages__agent"),
            these.filter(about__isnull=False).values_list("pk", "about"),
            these.filter(heard_by_agent__isnull=False).values_list("pk", "heard_by_agent"),
        )
    )
    for complaint, agent in pairs:
        involved[complaint].add(agent)
    return involved
