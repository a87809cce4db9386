"""Make it right: what a broken promise opens. A person's own words, why it happened, and what we do about it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class Amends(models.Model):
    """One broken promise made right. Until there is one, making it right is still to do."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="amends", db_index=False)
    promise = models.OneToOneField("cases.Promise", models.PROTECT, related_name="amends")
    apology = models.TextField(help_text="In a person's own words.")
    why = models.TextField(help_text="Why it was broken.")
    doing = models.TextField(help_text="What we do about it.")
    message = models.ForeignKey("cases.Message", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    made_by_agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="made_right_in_words", condition=~models.Q(apology="") & ~models.Q(why="") & ~models.Q(doing="")
            )
        ]
        indexes = [
            models.Index(name="amends_of_case", fields=["case", "id"]),
            models.Index(name="amends_by_time", fields=["made_at"]),
        ]
        triggers = [pgtrigger.ReadOnly(name="amends_stay", fields=["apology", "why", "doing", "made_at"])]

    def __str__(self):
        return self.apology[:60]
