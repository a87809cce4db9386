"""What an agent should know and has not looked at yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """One thing that happened and concerns one agent; written by a reaction, once."""

    entry = models.ForeignKey("cases.Entry", models.CASCADE, related_name="notices", db_index=False)
    reaction = models.CharField(max_length=40)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "reaction", "agent"], name="told_once"),
        ]
        indexes = [models.Index(name="unread_notices", fields=["agent", "id"], condition=Q(read_at=None))]

    def __str__(self):
        return self.reaction
