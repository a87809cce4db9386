"""An offer of ownership. Until it is accepted nothing changes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Handover(models.Model):
    class State(models.TextChoices):
        OFFERED = "offered", "offered"
        ACCEPTED = "accepted", "accepted"
        GIVEN_BACK = "given_back", "given back"
        OVERTAKEN = "overtaken", "overtaken"  # somebody took the case over, or it closed, before an answer

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="handovers", db_index=False)
    from_agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    to_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="handovers_to_answer", db_index=False
    )
    brief = models.TextField(help_text="Why, and what the customer should not have to tell again.")
    offered_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.OFFERED)
    answered_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, help_text="Why it was given back.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="offered"), name="one_open_handover"),
            models.CheckConstraint(condition=~Q(from_agent=models.F("to_agent")), name="handed_to_somebody_else"),
            models.CheckConstraint(
                name="answered_handover_says_when",
                condition=Q(state="offered", answered_at=None) | ~Q(state="offered") & Q(answered_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="handovers_open", fields=["to_agent", "id"], condition=Q(state="offered")),
            models.Index(name="handovers_of_case", fields=["case", "id"]),
        ]

    def __str__(self):
        return f"{self.from_agent} → {self.to_agent}"
