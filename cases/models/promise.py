"""The promise: something said to the customer with a time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.actors import ActorKind
from supportdesk.quick import Quick

OWED = Q(state="open") | Q(state="broken", answered_at=None)


class PromiseQuerySet(models.QuerySet):
    def owed(self):
        """Not ended; or broken, and the customer has not been spoken to since."""
        return self.filter(OWED)

    def due(self, now):
        """Broken at ``now``, whether or not anybody has noticed yet (design rule 5)."""
        return self.filter(state=Promise.State.OPEN, due_at__lte=now)


class Promise(Quick):
    """The words as told, the due time, who made it and how it ended."""

    class Kind(models.TextChoices):
        CALLBACK = "callback", "a call"
        UPDATE = "update", "an update"
        RESOLUTION = "resolution", "a resolution"
        OTHER = "other", "something else"

    class State(models.TextChoices):
        OPEN = "open", "open"
        KEPT = "kept", "kept"
        BROKEN = "broken", "broken"
        RENEGOTIATED = "renegotiated", "renegotiated"
        MOVED = "moved", "moved"
        MOOT = "moot", "moot"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="promises", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    words = models.CharField(max_length=200, help_text="As told to the customer.")
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=8, choices=ActorKind)
    made_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    carried_from = models.ForeignKey(
        "cases.Case",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Made on a case that was joined into this one.",
    )
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    backed_by = models.ForeignKey(
        "cases.Subtask",
        models.PROTECT,
        null=True,
        related_name="backs",
        help_text="The department's part on which it hangs (design rule 6).",
    )
    backed_by_concession = models.ForeignKey(
        "cases.Concession", models.PROTECT, null=True, related_name="backs", help_text="The decision on which it hangs."
    )
    covered_in = models.ForeignKey(
        "staff.Absence", models.PROTECT, null=True, related_name="left_to_cover", help_text="Left to who stands in."
    )
    # Of one that moved without agreement: what the customer said to the new date.
    agreed_at = models.DateTimeField(null=True)
    not_agreed_at = models.DateTimeField(null=True)
    agreed_heard_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who heard the customer agree, where they did not say it on their own page.",
    )
    agreed_with = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="The later one by whose agreement this one, which had moved, became renegotiated.",
    )

    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    ended_at = models.DateTimeField(null=True, help_text="A broken promise ended at its due time.")
    kept_by = models.ForeignKey("cases.Message", models.PROTECT, null=True, related_name="keeps", db_index=False)
    answered_at = models.DateTimeField(null=True, help_text="Broken, and spoken about at this instant.")
    reason = models.TextField(blank=True, help_text="Why the date moved, as told to the customer.")
    agreement = models.TextField(blank=True, help_text="How the customer agreed to the new date.")

    objects = PromiseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ended_promise_says_when",
                condition=Q(state="open", ended_at=None) | ~Q(state="open") & Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="broken_at_its_due_time",
                condition=~Q(state="broken") | Q(ended_at=models.F("due_at")),
            ),
            models.CheckConstraint(
                name="only_a_broken_promise_is_answered", condition=Q(answered_at=None) | Q(state="broken")
            ),
            models.CheckConstraint(
                name="renegotiated_with_agreement", condition=~Q(state="renegotiated") | ~Q(agreement="")
            ),
            models.CheckConstraint(name="agreed_or_not", condition=Q(agreed_at=None) | Q(not_agreed_at=None)),
            models.CheckConstraint(
                name="only_an_agreement_is_heard", condition=Q(agreed_heard_by=None) | Q(agreed_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="promises_due", fields=["due_at"], condition=Q(state="open")),
            models.Index(
                name="promises_backed",
                fields=["due_at"],
                condition=Q(state="open") & (Q(backed_by__isnull=False) | Q(backed_by_concession__isnull=False)),
            ),
            models.Index(name="promises_owed", fields=["case", "due_at", "id"], condition=OWED),
            models.Index(name="promises_of_case", fields=["case", "id"]),
            models.Index(name="promises_broken", fields=["ended_at"], condition=Q(state="broken")),
        ]

    def __str__(self):
        return self.words

    def is_broken(self, now) -> bool:
        """Whether it is broken at ``now`` (aware datetime): a question about time, right before any sweep."""
        return self.state == self.State.BROKEN or (self.state == self.State.OPEN and self.due_at <= now)

    @property
    def is_owed(self) -> bool:
        return self.state == self.State.OPEN or (self.state == self.State.BROKEN and self.answered_at is None)

    @property
    def asks_to_agree(self) -> bool:
        """Its time was moved without the customer, who has not said anything to it yet."""
        is_answered = self.agreed_at is not None or self.not_agreed_at is not None
        is_moved = self.replaces_id is not None and self.replaces.state == self.State.MOVED
        return self.state == self.State.OPEN and is_moved and not is_answered

    @property
    def is_agreed_by_hearsay(self) -> bool:
        """The customer's agreement was heard and written down by us: they can still say that they did not say so."""
        return self.state == self.State.OPEN and self.agreed_heard_by_id is not None

    @property
    def is_another_persons(self) -> bool:
        """The desk promised that somebody else does it: a second look at a no, an answer by someone else."""
        return self.made_by == ActorKind.DESK and self.kind == self.Kind.OTHER
