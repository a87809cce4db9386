"""What the announcing of entries has to remember."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class FailedReaction(models.Model):
    """A reaction that failed on one entry: tried again by later bells, holding nobody else back."""

    entry = models.ForeignKey("cases.Entry", models.CASCADE, related_name="+")
    reaction = models.CharField(max_length=40)
    attempts = models.PositiveSmallIntegerField(default=1)
    error = models.CharField(max_length=300)
    try_again_at = models.DateTimeField(null=True, help_text="Null: given up.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "reaction"], name="one_failure_per_reaction")]
        indexes = [
            models.Index(name="reactions_to_try", fields=["try_again_at"], condition=Q(try_again_at__isnull=False))
        ]

    def __str__(self):
        return f"{self.reaction}: {self.error}"
