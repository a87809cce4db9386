"""Tokens with which machines come in, and what each may do."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from supportdesk.clock import DatabaseTime


class Scope(models.TextChoices):
    """What a token may do; each may do what stands before it too."""

    READ = "read", "read"
    WRITE = "write", "read and write"
    ADMIN = "admin", "read, write and change how the desk works"


class AccessTokenQuerySet(models.QuerySet):
    def usable(self, now: datetime | DatabaseTime):
        """Neither revoked nor over at ``now`` (aware), of somebody who is let in."""
        let_in = Q(agent__can_sign_in=True) | Q(agent__is_service=True)
        return self.filter(let_in, agent__is_active=True, revoked_at=None).filter(
            Q(expires_at=None) | Q(expires_at__gt=now)
        )


class AccessToken(models.Model):
    """The right of a machine to act as one agent. Only a hash of it is kept; it is shown once.

    Attributes:
        agent: who acts: a service account, or the person who made it for themselves.
        start: its first characters, by which people tell it from others.
        departments: ids of those of whose cases alone it sees anything; none: of all that the agent may see.
    """

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="access_tokens")
    name = models.CharField(max_length=80, help_text="What it is for: “the shop’s site”.")
    start = models.CharField(max_length=16, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.READ)
    departments = ArrayField(models.BigIntegerField(), default=list, blank=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    made_at = models.DateTimeField(editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="a_token_ends_by_somebody", condition=Q(revoked_at=None) | Q(revoked_by__isnull=False)
            )
        ]

    def __str__(self):
        return f"{self.start}… {self.name}"

    def allows(self, scope: str) -> bool:
        """Whether it may do what needs this scope."""
        order = Scope.values
        return order.index(self.scope) >= order.index(scope)


class DoneOnce(models.Model):
    """What was answered to a request that carried a key, so that the same request sent twice is done once.

    Written in the transaction of what it is about: both are there or neither is, and a twin that comes in the middle
    waits for it at the unique key.

    Attributes:
        key: as the caller sent it (``Idempotency-Key``).
        asked: hash of method, path and body; the same key with another is refused.
    """

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="done_once", fields=["token", "key"])]

    def __str__(self):
        return self.key
