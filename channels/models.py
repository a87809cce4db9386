"""Webhooks: who is told outside the house, of what, and what became of each telling."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class WebhookQuerySet(models.QuerySet):
    def on(self):
        return self.filter(is_on=True)

    def wanting(self, kind: str, *, confidential: bool):
        """Those that are on and want an entry of this kind, on a case that is confidential or not."""
        wanting = self.on().filter(Q(every_kind=True) | Q(kinds__contains=[kind]))
        return wanting.filter(sends_confidential=True) if confidential else wanting


class Webhook(models.Model):
    """A program elsewhere that hears what happens here, at one address.

    The secret has to be at hand to sign with, and so stands here as it is; no page shows it a second time. After a new
    one was made the old one signs too, until ``old_secret_until``. ``failing_since``: the first failure since something
    last arrived.
    """

    class Off(models.TextChoices):
        BY_HAND = "by_hand", "switched off"
        GONE = "gone", "the receiver answered that it is gone (410)"
        FAILING = "failing", "nothing arrived for three days"

    name = models.CharField(max_length=80, unique=True)
    url = models.CharField(max_length=500)
    every_kind = models.BooleanField()
    kinds = models.JSONField(default=list, help_text="Kinds of entries, where it does not want all of them.")
    sends_confidential = models.BooleanField(default=False)
    secret = models.CharField(max_length=100)
    old_secret = models.CharField(max_length=100, blank=True)
    old_secret_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    is_on = models.BooleanField(default=True)
    off_at = models.DateTimeField(null=True)
    off_why = models.CharField(max_length=12, choices=Off, blank=True)
    off_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    failing_since = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="webhook_wants_all_or_some",
                condition=Q(every_kind=True, kinds=[]) | Q(every_kind=False) & ~Q(kinds=[]),
            ),
            models.CheckConstraint(
                name="webhook_off_says_when_and_why",
                condition=Q(is_on=True, off_at=None, off_why="", off_by=None)
                | Q(is_on=False, off_at__isnull=False) & ~Q(off_why=""),
            ),
            models.CheckConstraint(
                name="webhook_old_secret_ends",
                condition=Q(old_secret="", old_secret_until=None)
                | ~Q(old_secret="") & Q(old_secret_until__isnull=False),
            ),
        ]

    def __str__(self):
        return self.name

    def secrets_at(self, now) -> list[str]:
        """The secrets that sign at this instant, the newest first."""
        both = self.old_secret and self.old_secret_until > now
        return [self.secret, self.old_secret] if both else [self.secret]


class DeliveryQuerySet(models.QuerySet):
    def due(self, now):
        """What is to be sent by now; of a hook that is off nothing is."""
        return self.filter(state=Delivery.State.PENDING, try_at__lte=now)


class Delivery(models.Model):
    """One entry for one webhook. Claimed before it is sent; what may have arrived is sent again, under the same id.

    ``attempts`` counts all claims and is never set back; ``attempts_before`` are those of earlier rounds, before
    somebody wished it sent again.
    """

    class State(models.TextChoices):
        PENDING = "pending", "waiting"
        SENDING = "sending", "being sent"
        DELIVERED = "delivered", "delivered"
        GIVEN_UP = "given_up", "given up"
        STOPPED = "stopped", "stopped: the webhook is off"
        LEFT_OUT = "left_out", "left out: the case is confidential"

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries", db_index=False)
    entry = models.ForeignKey("cases.Entry", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    made_at = models.DateTimeField()
    try_at = models.DateTimeField(help_text="Not before this instant; while sending, when the lease ends.")
    attempts = models.PositiveIntegerField(default=0)
    attempts_before = models.PositiveIntegerField(default=0)
    last_status = models.PositiveSmallIntegerField(null=True, help_text="What the receiver answered last.")
    reason = models.CharField(max_length=200, blank=True, help_text="Why the last attempt failed.")
    delivered_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "entry"], name="told_outside_once"),
            models.CheckConstraint(
                name="delivered_says_when", condition=~Q(state="delivered") | Q(delivered_at__isnull=False)
            ),
            models.CheckConstraint(name="rounds_of_attempts", condition=Q(attempts__gte=models.F("attempts_before"))),
        ]
        indexes = [
            models.Index(name="deliveries_due", fields=["webhook", "try_at", "id"], condition=Q(state="pending")),
            models.Index(name="deliveries_held", fields=["webhook", "try_at"], condition=Q(state="sending")),
            models.Index(name="deliveries_of_webhook", fields=["webhook", "-id"]),
            BrinIndex(name="deliveries_by_age", fields=["made_at"]),
        ]

    def __str__(self):
        return self.event_id

    @property
    def event_id(self) -> str:
        """The same in every attempt and for every webhook: by it a receiver knows what it has had."""
        return f"evt_{self.entry_id}"


class DeliveryAttempt(models.Model):
    """One try: what the receiver answered, or why there was no answer."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", "delivered"
        ANSWERED = "answered", "the receiver said no"
        NO_ANSWER = "no_answer", "no answer"
        REFUSED = "refused", "refused by us: nothing was sent"
        LEFT = "left", "whoever sent it died"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="log", db_index=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    took = models.DurationField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome)
    status = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_logged_once")]

    def __str__(self):
        return f"{self.delivery_id}, {self.number}"
