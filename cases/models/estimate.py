"""When we expect the whole to be over. Said with what it rests on; not a promise."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.once import OnceField


class Estimate(models.Model):
    """A date and from how many cases like it; or "we do not know yet; we will tell you by …". The latest one stands."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="estimates", db_index=False)
    over_by = models.DateTimeField(null=True, help_text="When we expect it to be over; null: we do not know yet.")
    like_it = models.PositiveIntegerField(null=True, help_text="From how many cases like this one.")
    hangs_on = models.CharField(max_length=200, blank=True, help_text="On whom or what it hangs, as told.")
    tell_by = models.ForeignKey(
        "cases.Promise", models.PROTECT, null=True, related_name="+", db_index=False, help_text="When we will know."
    )
    made_at = models.DateTimeField()
    made_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    once = OnceField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_date_or_when_we_will_know",
                condition=Q(over_by__isnull=False, tell_by=None) | Q(over_by=None, tell_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="estimates_of_case", fields=["case", "-id"])]

    def __str__(self):
        return f"over by {self.over_by}" if self.over_by else "not known yet"
