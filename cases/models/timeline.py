"""The timeline: append-only, and at the same time the queue of what has to follow."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from cases.actors import ActorKind
from supportdesk.quick import Quick


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
    SUBTASK_GIVEN = "subtask_given"
    SUBTASK_DATE_MOVED = "subtask_date_moved"
    SUBTASK_DONE = "subtask_done"
    SUBTASK_NOT_OURS = "subtask_not_ours"
    SUBTASK_DROPPED = "subtask_dropped"
    SUBTASK_WAITS = "subtask_waits"
    SUBTASK_GOES_ON = "subtask_goes_on"
    SUBTASK_LATER_ASKED = "subtask_later_asked"
    SUBTASK_LATER_REFUSED = "subtask_later_refused"
    SUBTASK_NOT_REPRODUCED = "subtask_not_reproduced"
    RESOLUTION_PROPOSED = "resolution_proposed"
    REMINDED = "reminded"
    UNCONFIRMED = "unconfirmed"
    CUSTOMER_SAID_YES = "customer_said_yes"
    CUSTOMER_SAID_NOT_YET = "customer_said_not_yet"
    CUSTOMER_UNDERSTOOD = "customer_understood"
    CUSTOMER_DID_NOT_ACCEPT = "customer_did_not_accept"
    CUSTOMER_WITHDREW = "customer_withdrew"
    CLOSED = "closed"
    REOPENED = "reopened"
    WROTE_AFTER_CLOSING = "wrote_after_closing"
    ONLY_THANKS = "only_thanks"
    PUT_ASIDE = "put_aside"
    TAKEN_BACK_IN = "taken_back_in"
    JOINED = "joined"
    JOINED_HERE = "joined_here"
    UNJOINED = "unjoined"
    UNJOINED_HERE = "unjoined_here"
    SPLIT_OFF = "split_off"
    ATTEMPTED = "attempted"
    ESTIMATED = "estimated"
    COMPLAINED = "complained"
    COMPLAINT_HANDED_ON = "complaint_handed_on"
    COMPLAINT_ANSWERED = "complaint_answered"
    REFUSED = "refused"
    ANOTHER_LOOK_ASKED = "another_look_asked"
    LOOKED_AGAIN = "looked_again"
    CALL_TAKEN = "call_taken"
    MADE_SURE = "made_sure"
    MADE_CONFIDENTIAL = "made_confidential"
    NO_LONGER_CONFIDENTIAL = "no_longer_confidential"
    PARTICIPANT_ADDED = "participant_added"
    PARTICIPANT_CHANGED = "participant_changed"
    PARTICIPANT_ENDED = "participant_ended"
    PROMISE_AGREED = "promise_agreed"
    PROMISE_NOT_AGREED = "promise_not_agreed"
    PROMISE_LEFT_TO_COVER = "promise_left_to_cover"
    MADE_RIGHT = "made_right"
    CONCESSION_ASKED = "concession_asked"
    CONCESSION_PASSED_ON = "concession_passed_on"
    CONCESSION_GRANTED = "concession_granted"
    CONCESSION_DECLINED = "concession_declined"
    OWNER_AWAY = "owner_away"
    OWNER_BACK = "owner_back"
    SOMEONE_ELSE_ASKED = "someone_else_asked"
    SOMEONE_ELSE_TAKEN = "someone_else_taken"
    SOMEONE_ELSE_ANSWERED = "someone_else_answered"
    ANSWER_HELPED = "answer_helped"
    ANSWER_DID_NOT_HELP = "answer_did_not_help"
    MESSAGE_DID_NOT_ARRIVE = "message_did_not_arrive"
    NOTE_TO_OWNER = "note_to_owner"
    WENT_HIGHER = "went_higher"
    REDACTED = "redacted"
    ERASED = "erased"
    FLAG_RAISED = "flag_raised"
    FLAG_SETTLED = "flag_settled"


def _about(model: str) -> models.ForeignKey:
    """A row that an entry can be about."""
    return models.ForeignKey(f"cases.{model}", models.PROTECT, null=True, related_name="+", db_index=False)


class EntryQuerySet(models.QuerySet):
    def unannounced(self):
        return self.filter(announced_at=None)


class Entry(Quick):
    """One line of a case's timeline: who, when, what."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=32, choices=Kind)
    at = models.DateTimeField()
    actor = models.CharField(max_length=8, choices=ActorKind)
    # The timeline is read by case alone, and its rows are the most: an index on each of what they are about would be
    # most of the cost of writing one.
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+", db_index=False)

    # What it is about. Texts stand in these rows, never in the timeline itself.
    message = _about("Message")
    note = _about("Note")
    promise = _about("Promise")
    subtask = _about("Subtask")
    handover = _about("Handover")
    resolution = _about("Resolution")
    attempt = _about("Attempt")
    estimate = _about("Estimate")
    complaint = _about("Complaint")
    refusal = _about("Refusal")
    participant = _about("Participant")
    amends = _about("Amends")
    concession = _about("Concession")
    appeal = _about("Appeal")
    other_case = _about("Case")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who owns the case from here.",
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
            models.Index(
                name="events",
                fields=["kind", "at"],
                condition=Q(
                    kind__in=(
                        "closed",
                        "promise_broken",
                        "another_look_asked",
                        "customer_did_not_accept",
                        "customer_said_not_yet",
                        "message_from_customer",
                        "wrote_after_closing",
                        "someone_else_asked",
                        "answer_did_not_help",
                        "message_did_not_arrive",
                        "message_to_customer",
                        "taken",
                        "handover_accepted",
                        "taken_over",
                        "subtask_asked",
                        "call_taken",
                    )
                ),
            ),
            # Everything since an instant. By blocks (BRIN) would be smaller, but reads all that is not summed up yet.
            models.Index(name="entries_by_time", fields=["at"]),
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
