"""A try to reach the customer that did not reach them: it keeps no promise, and is listed on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cases.models.once import OnceField


class Attempt(models.Model):
    """We called and nobody was there to speak with, or what we wrote came back (design rule 5)."""

    class How(models.TextChoices):
        VOICE_MAIL = "voice_mail", "voice mail"
        NO_ANSWER = "no_answer", "no answer"
        ENGAGED = "engaged", "engaged"
        BOUNCED = "bounced", "a message that came back"

    # What a person can say about a call.
    CALLS = (How.VOICE_MAIL, How.NO_ANSWER, How.ENGAGED)

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="attempts", db_index=False)
    promise = models.ForeignKey(
        "cases.Promise", models.PROTECT, null=True, related_name="attempts", help_text="What it was to keep."
    )
    how = models.CharField(max_length=12, choices=How)
    at = models.DateTimeField()
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    once = OnceField()

    class Meta:
        indexes = [models.Index(name="attempts_of_case", fields=["case", "id"])]

    def __str__(self):
        return self.get_how_display()
