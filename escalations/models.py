"""Flags: reasons why a supervisor should look at a case, each with its evidence."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class FlagQuerySet(models.QuerySet):
    def standing(self):
        """Not settled, by a supervisor or by itself."""
        return self.filter(settled_at=None)


class Flag(models.Model):
    """One occurrence of one rule about one subject.

    ``subject`` is the id of the row that the rule watches (its case, promise, sub-task or entry); with the rule and the
    instant since when it is so it makes the key, unique over standing and settled flags alike: what a supervisor has
    settled stays settled, however often the sweep comes by.
    """

    class Settled(models.TextChoices):
        BY_SUPERVISOR = "supervisor", "by a supervisor"
        BY_ITSELF = "itself", "by itself"

    rule = models.CharField(max_length=40)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="flags", db_index=False)
    subject = models.BigIntegerField()
    became_true_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    act_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    evidence = models.CharField(max_length=300, blank=True)

    settled_at = models.DateTimeField(null=True)
    settled = models.CharField(max_length=12, choices=Settled, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.TextField(blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject", "became_true_at"], name="raised_once"),
            models.UniqueConstraint(
                fields=["rule", "subject"], condition=Q(settled_at=None), name="one_standing_flag_per_subject"
            ),
            models.CheckConstraint(
                name="settled_says_how_and_by_whom",
                condition=Q(settled_at=None, settled="", settled_by=None)
                | Q(settled_at__isnull=False, settled="itself", settled_by=None)
                | Q(settled_at__isnull=False, settled="supervisor", settled_by__isnull=False) & ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(name="flags_standing", fields=["became_true_at", "id"], condition=Q(settled_at=None)),
            models.Index(name="flags_of_case", fields=["case", "id"]),
        ]

    def __str__(self):
        return self.rule


class Unreckoned(models.Model):
    """A case whose flags have changed since the queue last reckoned with them: there until it has.

    A row of its own, and so narrow, since each flag comes by here: a mark on the flag itself cost more than the flag.
    """

    # No case is ever deleted, and only rows of flags put it here.
    case = models.OneToOneField("cases.Case", models.PROTECT, primary_key=True, related_name="+", db_constraint=False)

    def __str__(self):
        return str(self.case_id)


class RuleSetting(models.Model):
    """How this desk wants one rule: on or off, its numbers, who is told. Without a row the rule’s own values hold."""

    rule = models.CharField(max_length=40, unique=True)
    is_on = models.BooleanField(default=True)
    numbers = models.JSONField(default=dict, help_text="The rule's thresholds by name.")
    tells = models.JSONField(default=list, help_text="Who is told: owner, cover, lead, supervisors.")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self):
        return self.rule


class RuleChange(models.Model):
    """One change of how this desk wants a rule, as it was from then on: the record of who wished what, and when."""

    rule = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    is_on = models.BooleanField()
    numbers = models.JSONField(default=dict)
    tells = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(name="changes_of_rule", fields=["rule", "-id"])]

    def __str__(self):
        return self.rule


class EscalationQuerySet(models.QuerySet):
    def standing(self):
        """Stays that have not ended."""
        return self.filter(ended_at=None)

    def in_order(self):
        """As the supervisors work through them: the higher rung, the more points, the longer standing."""
        return self.order_by("-rung", "-points", "since", "pk")


class Escalation(models.Model):
    """One case's stay in the supervisors' queue: from its first standing flag until none stands.

    It has a clock of its own: what nobody has answered by ``answer_by`` goes one rung higher. ``raised_at`` is since
    when an answer is waited for: the first flag, or one that was raised after an answer. Whether somebody has answered
    is a question to the timeline (``escalations.answers``); the columns are filled when the clock asks it.
    """

    class Rung(models.IntegerChoices):
        SUPERVISORS = 1, "the supervisors"
        HEAD = 2, "the head"
        LAST = 3, "the last rung"

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="escalations", db_index=False)
    since = models.DateTimeField(help_text="When the first of its flags became true.")
    raised_at = models.DateTimeField()
    points = models.PositiveIntegerField(default=0, help_text="The weights of its standing flags, added up.")
    rung = models.PositiveSmallIntegerField(choices=Rung, default=Rung.SUPERVISORS)
    answer_by = models.DateTimeField(null=True, help_text="When it goes one rung higher unless somebody has answered.")
    answered_at = models.DateTimeField(null=True, help_text="When somebody of the rung first did something about it.")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="one_stay_in_the_queue"),
        ]
        indexes = [
            models.Index(name="queue", fields=["-rung", "-points", "since", "id"], condition=Q(ended_at=None)),
            models.Index(name="queue_clock", fields=["answer_by"], condition=Q(ended_at=None, answered_at=None)),
            models.Index(name="stays_of_case", fields=["case", "id"]),
        ]

    def __str__(self):
        return f"{self.case} since {self.since:%Y-%m-%d %H:%M}"


class LastSweep(models.Model):
    """When the minute's sweep last finished; one row.

    Each stays where it is while a step fails. What has become due is looked for behind ``looked_until``; what was done,
    behind the entry ``entries_until``; when ``all_looked_at`` is old, everything that stands, and from a little before
    it every event by its time.
    """

    finished_at = models.DateTimeField()
    looked_until = models.DateTimeField(null=True)
    entries_until = models.BigIntegerField(null=True)
    all_looked_at = models.DateTimeField(null=True)

    def __str__(self):
        return self.finished_at.isoformat()


class SweepTrouble(models.Model):
    """A step of the sweep that fails: there as long as it does, and shown by ``/readyz``.

    ``error`` is its kind alone, here and in the log; where in the program it was, the log says.
    """

    step = models.CharField(max_length=60, unique=True)
    since = models.DateTimeField()
    failed_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    error = models.CharField(max_length=300)

    def __str__(self):
        return f"{self.step}: {self.error}"
