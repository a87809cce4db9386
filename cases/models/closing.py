"""A proposed resolution, the customer's answer to it, and the reminders in between."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Resolution(models.Model):
    """What we say has been done; the customer says whether it is over."""

    class Kind(models.TextChoices):
        SOLVED = "solved", "solved"
        WAY_ROUND = "way_round", "a way round"
        ANOTHER = "another", "another must do it"
        CANNOT = "cannot", "we cannot"

    class Answer(models.TextChoices):
        NONE = "", "no answer"
        YES = "yes", "yes"
        NOT_YET = "not_yet", "not yet"
        UNDERSTOOD = "understood", "I understand"
        NOT_ACCEPTED = "not_accepted", "I do not accept it"

    class GivenAs(models.TextChoices):
        OWED = "owed", "owed"
        PUT_RIGHT = "put_right", "to put right what we did"
        COURTESY = "courtesy", "a courtesy"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="resolutions", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    words = models.TextField(help_text="What the customer reads.")
    meets = models.ForeignKey("cases.Preference", models.PROTECT, null=True, related_name="+", db_index=False)
    why_none = models.TextField(blank=True, help_text="Why it meets none of the customer's wishes.")
    given_as = models.CharField(max_length=10, choices=GivenAs, blank=True, help_text="On what it rests.")
    another = models.CharField(max_length=200, blank=True, help_text="Who must do it, introduced by us.")
    check_back = models.OneToOneField(
        "cases.Promise", models.PROTECT, null=True, related_name="+", help_text="Our date to ask whether they did."
    )
    tried = models.TextField(blank=True, help_text="What was tried before we said that we cannot.")
    proposed_at = models.DateTimeField()
    proposed_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    unconfirmed_due_at = models.DateTimeField(
        null=True, help_text="From when silence makes the case unconfirmed; null: the customer has spoken since."
    )
    unconfirmed_at = models.DateTimeField(null=True)
    supervisors_by = models.DateTimeField(null=True, help_text="By when a supervisor looks at the silence.")
    answer = models.CharField(max_length=12, choices=Answer, default=Answer.NONE, blank=True)
    ended_at = models.DateTimeField(null=True, help_text="Answered, taken back, or closed without an answer.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="one_standing_resolution"),
            models.CheckConstraint(
                name="answer_ends_the_resolution", condition=Q(answer="") | Q(ended_at__isnull=False)
            ),
            models.CheckConstraint(
                name="meets_a_wish_or_says_why_none", condition=Q(meets__isnull=False) | ~Q(why_none="")
            ),
        ]
        indexes = [
            models.Index(name="resolutions_of_case", fields=["case", "id"]),
            models.Index(
                name="silent_resolutions",
                fields=["unconfirmed_due_at"],
                condition=Q(ended_at=None, unconfirmed_at=None),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    @property
    def is_introduction(self) -> bool:
        """The customer understands that another must do it; whether they did is asked later."""
        return self.kind == self.Kind.ANOTHER and self.answer == self.Answer.UNDERSTOOD

    def has_ended(self, case) -> bool:
        """The customer understood why we cannot, and that is what ended the case: no yes of its own."""
        understood = self.kind == self.Kind.CANNOT and self.answer == self.Answer.UNDERSTOOD
        return understood and self.ended_at == case.yes_at

    @property
    def asks_to_understand(self) -> bool:
        """It puts nothing right: the customer says "I understand" or "I do not accept it", never yes."""
        return self.kind in (self.Kind.ANOTHER, self.Kind.CANNOT)


class Reminder(models.Model):
    """One reminder of a proposed resolution: a row, so that a crash costs delay only."""

    resolution = models.ForeignKey(Resolution, models.CASCADE, related_name="reminders", db_index=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="reminders", db_index=False)
    position = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    waived_at = models.DateTimeField(null=True, help_text="Not needed any more.")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["resolution", "position"], name="one_reminder_per_position"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(waived_at=None), name="sent_or_waived"),
        ]
        indexes = [
            models.Index(name="reminders_due", fields=["due_at"], condition=Q(sent_at=None, waived_at=None)),
            models.Index(
                name="reminders_of_case", fields=["case", "due_at"], condition=Q(sent_at=None, waived_at=None)
            ),
        ]

    def __str__(self):
        return f"reminder {self.position}"
