"""A "no": the ground it rests on, what was read before it, who may say yes (design rule 13)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.once import OnceField


class RefusalQuerySet(models.QuerySet):
    def disputed(self):
        """The customer has asked for another look and nobody has looked."""
        return self.filter(another_look_at__isnull=False, looked_at=None)


class Refusal(models.Model):
    """One no to one wish. The customer reads the ground, and may ask for another person's look."""

    class Kind(models.TextChoices):
        NOT_ENTITLED = "not_entitled", "not entitled"
        NOT_POSSIBLE = "not_possible", "not possible"
        NOT_OURS = "not_ours", "not ours to give"

    class Look(models.TextChoices):
        NONE = "", "not looked at again"
        UPHELD = "upheld", "the no stands"
        CHANGED = "changed", "the no is taken back"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="refusals", db_index=False)
    asked = models.CharField(max_length=300, help_text="What the customer asked for.")
    kind = models.CharField(max_length=12, choices=Kind)
    ground = models.TextField(help_text="What the no rests on, as the customer reads it.")
    read_before = models.CharField(
        max_length=300, help_text="What was read before it: the offer, the terms, the receipt."
    )
    decider = models.CharField(max_length=120, help_text="Who may say yes.")
    said_at = models.DateTimeField()
    said_by_agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)

    another_look_at = models.DateTimeField(null=True, help_text="When the customer asked for another look.")
    look_by = models.ForeignKey(
        "cases.Promise",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="By when another person looks, as promised.",
    )
    looker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who looked again.",
    )
    looked_at = models.DateTimeField(null=True)
    look = models.CharField(max_length=8, choices=Look, default=Look.NONE, blank=True)
    look_words = models.TextField(blank=True, help_text="What the second person found, as the customer reads it.")
    once = OnceField()

    objects = RefusalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_no_has_a_ground", condition=~Q(ground="") & ~Q(read_before="")),
            models.CheckConstraint(
                name="looked_again_says_who_and_what",
                condition=Q(look="", looked_at=None, looker=None)
                | ~Q(look="") & Q(looked_at__isnull=False, looker__isnull=False) & ~Q(look_words=""),
            ),
            models.CheckConstraint(
                name="another_person_looks", condition=Q(looker=None) | ~Q(looker=models.F("said_by_agent"))
            ),
        ]
        indexes = [
            models.Index(name="refusals_of_case", fields=["case", "id"]),
            models.Index(
                name="refusals_disputed",
                fields=["another_look_at"],
                condition=Q(another_look_at__isnull=False, looked_at=None),
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="the_no_stays", fields=["asked", "kind", "ground", "read_before", "said_at"])
        ]

    def __str__(self):
        return self.asked

    @property
    def is_disputed(self) -> bool:
        """The customer has asked for another look and nobody has looked."""
        return self.another_look_at is not None and self.looked_at is None
