"""Cases of one problem that were joined: a record, so that it can be undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Joining(models.Model):
    """One case joined into another. Its number leads there; what was owed on it is owed there."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="joinings")
    into = models.ForeignKey("cases.Case", models.PROTECT, related_name="joined_here")
    joined_at = models.DateTimeField()
    joined_by_agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True)
    undone_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(undone_at=None), name="joined_into_one"),
            models.CheckConstraint(condition=~Q(case=F("into")), name="joined_into_another"),
        ]

    def __str__(self):
        return f"C-{self.case_id} → C-{self.into_id}"
