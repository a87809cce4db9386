"""What we give a customer: a refund, a replacement, a courtesy. Within the mandate, or as a named person decides."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.once import OnceField


class ConcessionQuerySet(models.QuerySet):
    def undecided(self):
        return self.filter(decided_at=None)


class Concession(models.Model):
    """One thing given or asked for. Decided at once where the owner's mandate allows it; else by its decider."""

    class Kind(models.TextChoices):
        REFUND = "refund", "a refund"
        REPLACEMENT = "replacement", "a replacement"
        COURTESY = "courtesy", "a courtesy"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="concessions", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    amount = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, help_text="In settings.CURRENCY; none for a replacement."
    )
    words = models.CharField(max_length=300, help_text="What it is.")
    why = models.TextField(help_text="Why the customer should have it.")
    asked_at = models.DateTimeField()
    asked_by_agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="concessions_to_decide", db_index=False
    )
    due_at = models.DateTimeField(help_text="By when it is decided.")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    answer = models.TextField(blank=True, help_text="What the decider says to it.")
    once = OnceField()

    objects = ConcessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decided_says_what",
                condition=Q(decided_at=None, granted=None) | Q(decided_at__isnull=False, granted__isnull=False),
            ),
            models.CheckConstraint(
                name="replacement_has_no_amount",
                condition=Q(kind="replacement", amount=None) | ~Q(kind="replacement") & Q(amount__gt=0),
            ),
        ]
        indexes = [
            models.Index(name="concessions_of_case", fields=["case", "id"]),
            models.Index(name="concessions_to_decide", fields=["decider", "due_at"], condition=Q(decided_at=None)),
        ]

    def __str__(self):
        return self.words
