"""What an agent should know and has not looked at yet, and the mails in which it is told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.case import seen_by
from cases.models.promise import Promise


class Digest(models.Model):
    """One mail to one agent with the notices that had gathered. Claimed before it is sent, and sent at most once.

    ``uncertain``: written before it is handed to the mail server, and left behind where whoever handed it over died or
    heard no answer; the notices stand in the page, and nobody sends them again.
    """

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        UNCERTAIN = "uncertain", "uncertain"
        GIVEN_UP = "given_up", "given up"
        NOT_NEEDED = "not_needed", "not needed"

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests", db_index=False)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    made_at = models.DateTimeField()
    try_at = models.DateTimeField(help_text="Not before this instant; while sending, when the lease ends.")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(name="digests_to_send", fields=["try_at"], condition=Q(state__in=("pending", "sending"))),
            models.Index(
                name="digests_in_trouble", fields=["made_at"], condition=Q(state__in=("uncertain", "given_up"))
            ),
            models.Index(name="digests_of_agent", fields=["agent", "-id"]),
        ]

    def __str__(self):
        return self.message_id


class Matter(models.Model):
    """Something about the desk itself, not about a case, that whoever administers it should know.

    Attributes:
        title, words: what it is about and what happened, in our own words.
        path: where it can be looked at, without the host.
    """

    title = models.CharField(max_length=120)
    words = models.CharField(max_length=300)
    path = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self):
        return self.title


class NoticeQuerySet(models.QuerySet):
    def unread_by(self, agent):
        """What this agent has not looked at, may see, and is still so: what was due soon is over when it has ended."""
        return self.filter(
            Q(promise=None) | Q(promise__state=Promise.State.OPEN),
            seen_by(agent, "entry__case__"),
            seen_by(agent, "promise__case__"),
            agent=agent,
            read_at=None,
        )


class Notice(models.Model):
    """One thing that concerns one agent: something that happened (an entry), comes (a promise), lasts (an absence), or
    is about the desk itself (a matter).

    ``reaction`` says which reaction or sweep wrote it, ``why`` as what the agent is told.
    """

    class Why(models.TextChoices):
        OWNER = "owner", "You own this case."
        COVER = "cover", "You stand in for its owner."
        WORKER = "worker", "You have a part of it."
        LEAD = "lead", "You lead the department."
        SUPERVISOR = "supervisor", "You supervise."
        ASKED = "asked", "You were asked."
        OWN = "own", "It is about you."
        ADMINISTRATOR = "admin", "You administer the desk."

    entry = models.ForeignKey("cases.Entry", models.CASCADE, null=True, related_name="notices", db_index=False)
    promise = models.ForeignKey("cases.Promise", models.CASCADE, null=True, related_name="+", db_index=False)
    absence = models.ForeignKey("staff.Absence", models.CASCADE, null=True, related_name="+", db_index=False)
    matter = models.ForeignKey(Matter, models.CASCADE, null=True, related_name="+", db_index=False)
    reaction = models.CharField(max_length=40)
    why = models.CharField(max_length=12, choices=Why, default=Why.OWNER)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    digest = models.ForeignKey(Digest, models.SET_NULL, null=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "reaction", "agent"], name="told_once"),
            models.UniqueConstraint(
                fields=["promise", "reaction", "agent"],
                condition=Q(promise__isnull=False),
                name="told_once_of_a_promise",
            ),
            models.UniqueConstraint(
                fields=["absence", "reaction", "agent"],
                condition=Q(absence__isnull=False),
                name="told_once_of_an_absence",
            ),
            models.UniqueConstraint(
                fields=["matter", "agent"], condition=Q(matter__isnull=False), name="told_once_of_a_matter"
            ),
            models.CheckConstraint(
                name="notice_is_about_one_thing",
                condition=Q(entry__isnull=False, promise=None, absence=None, matter=None)
                | Q(entry=None, promise__isnull=False, absence=None, matter=None)
                | Q(entry=None, promise=None, absence__isnull=False, matter=None)
                | Q(entry=None, promise=None, absence=None, matter__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="unread_notices", fields=["agent", "id"], condition=Q(read_at=None)),
            models.Index(name="notices_to_mail", fields=["made_at"], condition=Q(read_at=None, digest=None)),
        ]

    def __str__(self):
        return self.reaction
