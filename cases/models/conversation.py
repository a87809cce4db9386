"""What went between us and the customer, and what we keep inside."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.once import OnceField
from supportdesk.quick import Quick


class MessageQuerySet(models.QuerySet):
    def before_the_customer(self, now):
        """What the customer can read at ``now``: their own words, and ours past their ``send_at``."""
        return self.filter(Q(direction=Message.Direction.IN) | Q(send_at__lte=now))


class Message(Quick):
    """Something said to the customer or by the customer."""

    class Direction(models.TextChoices):
        IN = "in", "from the customer"
        OUT = "out", "to the customer"

    class Channel(models.TextChoices):
        PORTAL = "portal", "on the status page"
        PHONE = "phone", "by telephone"
        HEARD = "heard", "as we heard it"

    class Delivery(models.TextChoices):
        RECEIVED = "received", "received"
        STATUS_PAGE = "status_page", "on the status page"
        SPOKEN = "spoken", "spoken"
        NOT_ARRIVED = "not_arrived", "did not arrive"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="messages", db_index=False)
    direction = models.CharField(max_length=3, choices=Direction)
    channel = models.CharField(max_length=8, choices=Channel)
    body = models.TextField()
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    participant = models.ForeignKey(
        "cases.Participant",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who said it, if not the customer.",
    )
    written_at = models.DateTimeField()
    once = OnceField()
    send_at = models.DateTimeField(help_text="From this instant the customer can read it.")
    delivery = models.CharField(max_length=12, choices=Delivery, help_text="How it reaches the other side.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="conversation", fields=["case", "id"])]
        triggers = [
            pgtrigger.Protect(name="messages_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="what_was_said_stays", fields=["body", "direction", "written_at"]),
        ]

    def __str__(self):
        return self.body[:60]

    @property
    def is_from_customer(self) -> bool:
        return self.direction == self.Direction.IN

    def is_sent(self, now) -> bool:
        """Whether the other side can have read it at ``now`` (aware datetime)."""
        return self.send_at <= now


class Note(models.Model):
    """Said inside. The customer never sees it."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="notes")
    body = models.TextField()
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    written_at = models.DateTimeField()
    once = OnceField()

    class Meta:
        triggers = [
            pgtrigger.Protect(name="notes_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="what_was_noted_stays", fields=["body", "written_at"]),
        ]

    def __str__(self):
        return self.body[:60]
