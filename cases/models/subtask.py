"""The sub-task: one department's part of a case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.once import OnceField
from cases.models.timeline import Entry, Kind
from supportdesk.quick import Quick


class SubtaskQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at=None)

    def of_department(self, department):
        return self.filter(department=department)

    def late(self, now):
        """Open past the date that the department itself gave."""
        return self.open().filter(committed_at__lte=now)

    def held_up(self, yes: bool = True):
        """Those that come after another part which is still open; or those that can be worked on."""
        waits = Q(after__isnull=False, after__ended_at=None)
        return self.filter(waits if yes else ~waits)

    def by_due(self):
        """The department's own dates first, then what it has not given a date yet, oldest first."""
        return self.order_by(models.F("committed_at").asc(nulls_last=True), "pk")


class Subtask(Quick):
    """What one department has to do. It never speaks to the customer."""

    class State(models.TextChoices):
        ASKED = "asked", "not seen yet"
        SEEN = "seen", "seen"
        IN_WORK = "in_work", "in work"
        WAITING = "waiting", "waiting"
        DONE = "done", "done"
        NOT_OURS = "not_ours", "not ours"
        DROPPED = "dropped", "dropped"
        NOT_REPRODUCED = "not_reproduced", "could not reproduce"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="subtasks", db_index=False)
    department = models.ForeignKey("staff.Department", models.PROTECT, related_name="subtasks", db_index=False)
    ask = models.TextField(help_text="What is needed.")
    plain_words = models.CharField(max_length=200, blank=True, help_text="What the customer reads about it.")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="subtasks",
        help_text="Who has it.",
        db_index=False,
    )
    state = models.CharField(max_length=16, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    once = OnceField()
    asked_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    seen_at = models.DateTimeField(null=True)
    committed_at = models.DateTimeField(null=True, help_text="By when the department has said it will be done.")
    waiting_for = models.CharField(max_length=200, blank=True, help_text="What it is waiting for.")
    waiting_since = models.DateTimeField(null=True)
    later_at = models.DateTimeField(null=True, help_text="A later date that the owner has been asked for.")
    later_reason = models.TextField(blank=True, help_text="Why the later date is needed.")
    after = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="before",
        db_index=False,
        help_text="The part that has to end first.",
    )
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="followed_by",
        help_text="What the first line could not reproduce.",
    )
    carried_from = models.ForeignKey(
        "cases.Case",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Asked on a case that was joined into this one.",
    )
    ended_at = models.DateTimeField(null=True)
    ended_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.TextField(blank=True, help_text="What came of it, or why not.")

    objects = SubtaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ended_subtask_says_when",
                condition=Q(state__in=("asked", "seen", "in_work", "waiting"), ended_at=None)
                | Q(state__in=("done", "not_ours", "dropped", "not_reproduced"), ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="in_work_with_a_date", condition=~Q(state="in_work") | Q(committed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="waiting_says_what_for",
                condition=Q(state="waiting", waiting_since__isnull=False) & ~Q(waiting_for="")
                | ~Q(state="waiting") & Q(waiting_since=None, waiting_for=""),
            ),
            models.CheckConstraint(
                name="later_date_with_a_reason", condition=Q(later_at=None) | ~Q(later_reason="") & Q(ended_at=None)
            ),
            models.CheckConstraint(condition=~Q(after=models.F("id")), name="not_after_itself"),
        ]
        indexes = [
            models.Index(name="subtasks_of_case", fields=["case", "id"]),
            models.Index(name="subtasks_open", fields=["department", "committed_at", "id"], condition=Q(ended_at=None)),
            models.Index(name="subtasks_in_hand", fields=["agent"], condition=Q(ended_at=None)),
            models.Index(name="subtasks_due", fields=["committed_at"], condition=Q(ended_at=None)),
            # What departments took before: the last that each ended, of its own and as a second line, and the desk's.
            models.Index(
                name="subtasks_ended_own",
                fields=["department", "-ended_at", "-id"],
                condition=Q(ended_at__isnull=False, follows=None),
            ),
            models.Index(
                name="subtasks_ended_above",
                fields=["department", "-ended_at", "-id"],
                condition=Q(ended_at__isnull=False, follows__isnull=False),
            ),
            models.Index(name="subtasks_ended", fields=["-ended_at", "-id"], condition=Q(ended_at__isnull=False)),
            models.Index(name="subtasks_running", fields=["-asked_at", "-id"], condition=Q(ended_at=None)),
            models.Index(name="subtasks_unseen", fields=["asked_at"], condition=Q(ended_at=None, seen_at=None)),
            models.Index(
                name="subtasks_unseen_after",
                fields=["after"],
                condition=Q(ended_at=None, seen_at=None, after__isnull=False),
            ),
        ]

    def __str__(self):
        return self.ask[:60]

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_held_up(self) -> bool:
        """It comes after another part, and that one is still open."""
        return self.is_open and self.after_id is not None and self.after.is_open

    @property
    def has_a_date(self) -> bool:
        """The department has taken it on, and said by when."""
        return self.state in (self.State.IN_WORK, self.State.WAITING)

    @property
    def is_at_its_word(self) -> bool:
        """Its date is the department's word: somebody has it, or had it and gave it back. What a replayed log has in
        work nobody of the desk has given a date."""
        return self.has_a_date and (self.agent_id is not None or self._was_given())

    def _was_given(self) -> bool:
        told_as = type(self.case).objects.told_as(self.case)
        return Entry.objects.filter(case__in=told_as.values("pk"), subtask=self, kind=Kind.SUBTASK_GIVEN).exists()

    def is_late(self, now) -> bool:
        """Open past the department's own date at ``now`` (aware datetime)."""
        return self.is_open and self.committed_at is not None and self.committed_at <= now
