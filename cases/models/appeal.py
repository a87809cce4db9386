"""The customer asked for someone else: a promise of when a person answers, their answer, and whether it helped."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.once import OnceField


class AppealQuerySet(models.QuerySet):
    def open(self):
        return self.filter(answered_at=None)


class Appeal(models.Model):
    """ "I need someone else to look at this", until a supervisor who does not own the case has answered."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="appeals", db_index=False)
    words = models.TextField(blank=True, help_text="What the customer says, if anything.")
    asked_at = models.DateTimeField()
    promise = models.ForeignKey(
        "cases.Promise", models.PROTECT, related_name="+", db_index=False, help_text="By when a person answers."
    )
    taken_at = models.DateTimeField(null=True)
    taken_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who has said that they answer it: the customer reads the name.",
    )
    answered_at = models.DateTimeField(null=True)
    answered_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    answer = models.ForeignKey("cases.Message", models.PROTECT, null=True, related_name="+", db_index=False)
    helped = models.BooleanField(null=True, help_text="What the customer says of the answer.")
    helped_at = models.DateTimeField(null=True)
    once = OnceField()

    objects = AppealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(answered_at=None), name="one_open_appeal"),
            models.CheckConstraint(
                name="answered_appeal_says_who_and_what",
                condition=Q(answered_at=None, answered_by_agent=None, answer=None)
                | Q(answered_at__isnull=False, answered_by_agent__isnull=False, answer__isnull=False),
            ),
            models.CheckConstraint(
                name="taken_appeal_says_by_whom",
                condition=Q(taken_at=None, taken_by_agent=None)
                | Q(taken_at__isnull=False, taken_by_agent__isnull=False),
            ),
            models.CheckConstraint(
                name="only_an_answer_helps", condition=Q(helped=None, helped_at=None) | Q(answered_at__isnull=False)
            ),
        ]
        indexes = [models.Index(name="appeals_of_case", fields=["case", "id"])]

    def __str__(self):
        return self.words[:60]

    @property
    def is_open(self) -> bool:
        return self.answered_at is None
