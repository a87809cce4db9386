""" "I make sure": whoever took a live call without owning the case answers for the owner being in touch."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.once import OnceField


class AssuranceQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(ended_at=None)


class Assurance(models.Model):
    """It stays on the list of who took the call until the owner has spoken (design rule 7)."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="assurances", db_index=False)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="assurances", db_index=False, help_text="Who makes sure."
    )
    call = models.ForeignKey("cases.Message", models.PROTECT, related_name="+", db_index=False)
    promise = models.ForeignKey(
        "cases.Promise", models.PROTECT, related_name="+", db_index=False, help_text="The owner will be in touch."
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When the owner had spoken.")
    once = OnceField()

    objects = AssuranceQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="assurances_standing", fields=["agent", "id"], condition=Q(ended_at=None)),
            models.Index(name="assurances_of_case", fields=["case"], condition=Q(ended_at=None)),
        ]

    def __str__(self):
        return f"{self.agent} makes sure"

    @property
    def said(self) -> str:
        """What the customer said on the telephone."""
        return self.call.body
