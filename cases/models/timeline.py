"""The timeline: append-only, and at the same time the queue of what has to follow."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from cases.actors import ActorKind


class Kind(models.TextChoices):
    """Everything that can happen to a case. ``cases.sentences`` says each in words."""

    OPENED = "opened"
    TAKEN = "taken"
    HANDOVER_OFFERED = "handover_offered"
    HANDOVER_ACCEPTED = "handover_accepted"
    HANDOVER_GIVEN_BACK = "handover_given_back"
    TAKEN_OVER = "taken_over"
    MESSAGE_TO_CUSTOMER = "message_to_customer"
    MESSAGE_FROM_CUSTOMER = "message_from_customer"
    NOTED = "noted"
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_ANSWERED = "promise_answered"
    PROMISE_RENEGOTIATED = "promise_renegotiated"
    PROMISE_MOVED = "promise_moved"
    PROMISE_MOOT = "promise_moot"
    SUBTASK_ASKED = "subtask_asked"
    SUBTASK_SEEN = "subtask_seen"
    SUBTASK_ACCEPTED = "subtask_accepted"
    SUBTASK_DATE_MOVED = "subtask_date_moved"
    SUBTASK_DONE = "subtask_done"
    SUBTASK_NOT_OURS = "subtask_not_ours"
    SUBTASK_DROPPED = "subtask_dropped"
    RESOLUTION_PROPOSED = "resolution_proposed"
    REMINDED = "reminded"
    UNCONFIRMED = "unconfirmed"
    CUSTOMER_SAID_YES = "customer_said_yes"
    CUSTOMER_SAID_NOT_YET = "customer_said_not_yet"
    CLOSED = "closed"
    REOPENED = "reopened"
    FLAG_RAISED = "flag_raised"
    FLAG_SETTLED = "flag_settled"


class EntryQuerySet(models.QuerySet):
    def unannounced(self):
        return self.filter(announced_at=None)


class Entry(models.Model):
    """One line of a case's timeline: who, when, what."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=24, choices=Kind)
    at = models.DateTimeField()
    actor = models.CharField(max_length=8, choices=ActorKind)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+")

    # What it is about. Texts stand in these rows, never in the timeline itself.
    message = models.ForeignKey("cases.Message", models.PROTECT, null=True, related_name="+")
    note = models.ForeignKey("cases.Note", models.PROTECT, null=True, related_name="+")
    promise = models.ForeignKey("cases.Promise", models.PROTECT, null=True, related_name="+")
    subtask = models.ForeignKey("cases.Subtask", models.PROTECT, null=True, related_name="+")
    handover = models.ForeignKey("cases.Handover", models.PROTECT, null=True, related_name="+")
    resolution = models.ForeignKey("cases.Resolution", models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Who owns the case from here."
    )
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    announced_at = models.DateTimeField(null=True, help_text="When what follows from it was written; null: not yet.")

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="entry_names_its_actor",
                condition=Q(actor="agent", agent__isnull=False, customer=None)
                | Q(actor="customer", customer__isnull=False, agent=None)
                | Q(actor__in=("desk", "log"), agent=None, customer=None),
            ),
        ]
        indexes = [
            models.Index(name="timeline", fields=["case", "id"]),
            models.Index(name="owners_of_case", fields=["case", "id"], condition=Q(owner__isnull=False)),
            models.Index(name="events", fields=["kind", "at"], condition=Q(kind__in=("closed", "promise_broken"))),
            models.Index(name="unannounced", fields=["id"], condition=Q(announced_at=None)),
        ]
        triggers = [
            pgtrigger.Protect(name="entries_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="entries_never_change", exclude=["announced_at"]),
            # `Protect` cannot guard TRUNCATE; only the test runner says `desk.test`.
            pgtrigger.Trigger(
                name="entries_are_never_truncated",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="""
                    IF current_setting('desk.test', true) IS DISTINCT FROM '1' THEN
                        RAISE EXCEPTION 'the timeline cannot be truncated';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self):
        return self.kind
