"""Flags: reasons why a supervisor should look at a case, each with its evidence."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class FlagQuerySet(models.QuerySet):
    def standing(self):
        """Not settled, by a supervisor or by itself."""
        return self.filter(settled_at=None)


class Flag(models.Model):
    """One occurrence of one rule about one subject.

    ``subject`` is the id of the row that the rule watches (its case, promise, sub-task or entry); with the rule and the
    instant since when it is so it makes the key, unique over standing and settled flags alike: what a supervisor has
    settled stays settled, however often the sweep comes by.
    """

    class Settled(models.TextChoices):
        BY_SUPERVISOR = "supervisor", "by a supervisor"
        BY_ITSELF = "itself", "by itself"

    rule = models.CharField(max_length=40)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="flags")
    subject = models.BigIntegerField()
    became_true_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    act_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    evidence = models.CharField(max_length=300, blank=True)

    settled_at = models.DateTimeField(null=True)
    settled = models.CharField(max_length=12, choices=Settled, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject", "became_true_at"], name="raised_once"),
            models.UniqueConstraint(
                fields=["rule", "subject"], condition=Q(settled_at=None), name="one_standing_flag_per_subject"
            ),
            models.CheckConstraint(
                name="settled_says_how_and_by_whom",
                condition=Q(settled_at=None, settled="", settled_by=None)
                | Q(settled_at__isnull=False, settled="itself", settled_by=None)
                | Q(settled_at__isnull=False, settled="supervisor", settled_by__isnull=False) & ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(name="flags_standing", fields=["became_true_at", "id"], condition=Q(settled_at=None)),
            models.Index(name="flags_of_case", fields=["case", "id"]),
        ]

    def __str__(self):
        return self.rule


class LastSweep(models.Model):
    """When the minute's sweep last finished; one row.

    Events are looked for from a little before ``looked_until``, which stays where it is while a step fails.
    """

    finished_at = models.DateTimeField()
    looked_until = models.DateTimeField(null=True)

    def __str__(self):
        return self.finished_at.isoformat()


class SweepTrouble(models.Model):
    """A step of the sweep that fails: there as long as it does, and shown by ``/readyz``.

    ``error`` is its kind alone, here and in the log; where in the program it was, the log says.
    """

    step = models.CharField(max_length=60, unique=True)
    since = models.DateTimeField()
    failed_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    error = models.CharField(max_length=300)

    def __str__(self):
        return f"{self.step}: {self.error}"
