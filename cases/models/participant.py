"""Other people who take part in a case, and what they may see."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class ParticipantQuerySet(models.QuerySet):
    def taking_part(self):
        return self.filter(ended_at=None)


class Participant(models.Model):
    """One person beside the customer, with a link of their own. An agent adds them; nobody adds themselves."""

    class Sees(models.TextChoices):
        STATUS = "status", "who looks after it, what is promised, the steps"
        MESSAGES = "messages", "everything that the customer sees"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="participants", db_index=False)
    person = models.ForeignKey("customers.Customer", models.PROTECT, related_name="takes_part")
    relation = models.CharField(max_length=80, help_text="Who they are to the customer: “her daughter”.")
    sees = models.CharField(max_length=8, choices=Sees, default=Sees.STATUS)
    speaks_for = models.BooleanField(default=False, help_text="Answers for the customer, who wants it so.")
    link_version = models.PositiveSmallIntegerField(default=1, help_text="Raised to make the person's link dead.")
    added_at = models.DateTimeField()
    added_by_agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], condition=Q(ended_at=None), name="takes_part_once"),
        ]
        indexes = [models.Index(name="participants_of_case", fields=["case", "id"])]

    def __str__(self):
        return f"{self.person}, {self.relation}"
