"""What went wrong in how we dealt with someone. It stands beside the case and outlives the fault."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.once import OnceField


class ComplaintQuerySet(models.QuerySet):
    def open(self):
        return self.filter(answered_at=None)

    def owned_by(self, agent):
        return self.filter(owner=agent)


class Complaint(models.Model):
    """One complaint: its words, its own owner (never one whom it is about), by when it is answered, and the answer."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="complaints", db_index=False)
    words = models.TextField(help_text="The customer's own words, as given.")
    about = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="owned_complaints")
    made_at = models.DateTimeField()
    heard_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who wrote it down.",
    )
    due_at = models.DateTimeField(help_text="By when the customer has been promised an answer.")
    answer = models.TextField(blank=True, help_text="What the customer reads.")
    answered_at = models.DateTimeField(null=True)
    answered_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    once = OnceField()

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="answered_complaint_says_what_when_who",
                condition=Q(answered_at=None, answer="", answered_by_agent=None)
                | Q(answered_at__isnull=False, answered_by_agent__isnull=False) & ~Q(answer=""),
            ),
        ]
        indexes = [
            models.Index(name="complaints_of_case", fields=["case", "id"]),
            models.Index(name="complaints_open", fields=["due_at", "id"], condition=Q(answered_at=None)),
        ]
        triggers = [pgtrigger.ReadOnly(name="what_was_complained_stays", fields=["words", "made_at"])]

    def __str__(self):
        return self.words[:60]

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    def is_late(self, now) -> bool:
        """Not answered by the time that was promised, at ``now`` (aware datetime)."""
        return self.is_open and self.due_at <= now
