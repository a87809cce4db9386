"""What an owner of a department may give a customer without asking anybody."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Mandate(models.Model):
    """Up to what the owner decides alone, and who decides beyond it. Amounts in ``settings.CURRENCY``."""

    department = models.OneToOneField("staff.Department", models.CASCADE, related_name="mandate")
    refund_up_to = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    courtesy_up_to = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    replacement = models.BooleanField(default=False, help_text="May send a replacement.")
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Decides what goes beyond it.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(refund_up_to__gte=0, courtesy_up_to__gte=0), name="no_negative_mandate")
        ]

    def __str__(self):
        return f"of {self.department}"
