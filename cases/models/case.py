"""The case: one customer problem, from first contact to the customer's answer that it is over."""

from __future__ import annotations

import secrets

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, Q
from django.db.models.expressions import RawSQL

from cases.actors import ActorKind
from cases.cover import WITHOUT_COVER, stood_in_for
from cases.models.handover import Handover
from cases.models.once import OnceField
from cases.models.subtask import Subtask
from staff.models import Company
from staff.origins import OriginField
from supportdesk import clock
from supportdesk.quick import Quick


def new_key() -> str:
    """128 bits for links: nobody guesses the next case."""
    return secrets.token_urlsafe(16)


_SURVIVOR = """
WITH RECURSIVE joined AS (
    SELECT id, joined_into_id FROM cases_case WHERE id = %s
     UNION ALL SELECT c.id, c.joined_into_id FROM cases_case c JOIN joined ON c.id = joined.joined_into_id
) SELECT id FROM joined WHERE joined_into_id IS NULL
"""

_TOLD_AS = """
WITH RECURSIVE told AS (
    SELECT id FROM cases_case WHERE id = %s
     UNION ALL SELECT c.id FROM cases_case c JOIN told ON c.joined_into_id = told.id
) SELECT id FROM told
"""


def seen_by(agent, through: str = "") -> Q:
    """Which cases an agent may see (design rule 8): staff see all of every case, but of a confidential one only its
    owner, who stands in for them, the departments asked on it, whoever it is offered to, supervisors, and who is named
    above them.

    Args:
        through: how the rows that are asked for lead to their case, such as ``entry__case__``; empty: they are cases.
    """
    if not agent.is_active:
        return Q(pk__in=[])
    if agent.is_supervisor:
        return Q()
    # All begin with what is confidential, offered or away: a few rows, read only if the list meets a confidential case.
    asked = Subtask.objects.filter(department=agent.department_id, case__confidential_since__isnull=False)
    offered = Handover.objects.filter(to_agent=agent, state=Handover.State.OFFERED)
    return (
        Q(**{f"{through}confidential_since": None})
        | Q(**{f"{through}owner": agent})
        | Q(**{f"{through}owner__in": stood_in_for(agent, clock.now())})
        | Q(**{f"{through}pk__in": asked.values("case")})
        | Q(**{f"{through}pk__in": offered.values("case")})
        | Q(Exists(Company.objects.filter(Q(head=agent) | Q(ombudsperson=agent))))
    )


class CaseQuerySet(models.QuerySet):
    def behind(self, number: int):
        """The case to which this number leads: itself, or the one into which it was joined."""
        return self.filter(pk=RawSQL(_SURVIVOR, [number]))

    def told_as(self, case: Case):
        """This case and every one that was joined into it: all the times that its problem was told."""
        return self.filter(pk__in=RawSQL(_TOLD_AS, [case.pk]))

    def open(self):
        """Every case that is not closed."""
        return self.filter(closed_at=None)

    def owned_by(self, agent):
        return self.filter(owner=agent)

    def up_for_taking(self):
        """Open cases that no person owns yet."""
        return self.open().filter(owner__is_fallback=True)

    def looked_after_by(self, owners):
        """Cases of any of these owners (ids): one's own, and those of whom one stands in for."""
        return self.filter(owner=owners[0]) if len(owners) == 1 else self.filter(owner__in=owners)

    def without_cover(self, now):
        """Open cases whose owner is not here at ``now`` (aware datetime), and for whom nobody stands in."""
        found = f"SELECT case_id FROM ({WITHOUT_COVER}) without_cover".replace("%(now)s", "%s")
        return self.filter(pk__in=RawSQL(found, [now] * WITHOUT_COVER.count("%(now)s")))

    def visible_to(self, agent):
        """The cases that this agent may see, see ``seen_by``."""
        return self.filter(seen_by(agent))

    def to_decide(self):
        """Closed cases to which the customer has written since: somebody says whether it is more than thanks."""
        return self.filter(decide_by__isnull=False)

    def unconfirmed(self):
        """Asked, reminded and not answered: the supervisors look at them."""
        return self.filter(state=Case.State.UNCONFIRMED)

    def put_aside(self):
        """Taken for no case at all."""
        return self.filter(outcome=Case.Outcome.NOT_A_CASE)

    def by_next_due(self):
        """What is due first comes first; what has nothing promised counts as due since it has not."""
        return self.order_by("next_due_at", "pk")

    def waiting_for_customer(self):
        """Asked whether it is solved, and nothing else owed: the desk only reminds."""
        return self.filter(next_step=Case.NextStep.REMINDER)


class Case(Quick):
    """One customer problem. Every change goes through ``cases.verbs``."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        PROPOSED = "proposed", "resolution proposed"
        UNCONFIRMED = "unconfirmed", "unconfirmed"
        CLOSED = "closed", "closed"

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", "confirmed by the customer"
        UNDERSTOOD = "understood", "understood by the customer"
        WITHDRAWN = "withdrawn", "withdrawn by the customer"
        NO_ANSWER = "no_answer", "no answer"
        JOINED = "joined", "joined into another case"
        NOT_A_CASE = "not_a_case", "not a case"
        OVERRIDE = "override", "closed by override"

    class NotACase(models.TextChoices):
        SPAM = "spam", "spam"
        MISTAKE = "mistake", "opened by mistake"
        TEST = "test", "a test"

    class NextStep(models.TextChoices):
        PROMISE = "promise", "a promise"
        REMINDER = "reminder", "a reminder"
        SUPERVISORS = "supervisors", "the supervisors’ answer"
        NOTHING = "nothing", "nothing promised"

    class Channel(models.TextChoices):
        PORTAL = "portal", "on the web"
        PHONE = "phone", "by telephone"

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    link_version = models.PositiveSmallIntegerField(default=1, help_text="Raised to make every status link dead.")

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="cases", db_index=False)
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.PORTAL)
    subject = models.CharField(max_length=120, help_text="The owner's one-line wording.")
    problem = models.TextField(help_text="The customer's own words, as given.")
    desired_outcome = models.TextField(blank=True)
    topic = models.ForeignKey("staff.Topic", models.PROTECT, null=True, related_name="+", db_index=False)
    department = models.ForeignKey("staff.Department", models.PROTECT, related_name="cases", db_index=False)
    priority = models.PositiveSmallIntegerField(default=3)

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="owned_cases", db_index=False)
    owned_since = models.DateTimeField()

    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=8, choices=ActorKind, blank=True)
    closed_by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    override_reason = models.TextField(blank=True)
    # The customer's yes, from the moment it is said; with open parts it waits for the last of them.
    yes_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="When the customer said that they no longer need it.")
    not_a_case = models.CharField(max_length=8, choices=NotACase, blank=True)
    joined_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="joined_cases", db_index=False)
    split_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="split_cases", db_index=False)

    # The customer wrote to a closed case: by when somebody has said whether it is more than thanks.
    decide_by = models.DateTimeField(null=True)

    confidential_since = models.DateTimeField(null=True)
    confidential_reason = models.TextField(blank=True)

    # What is due next, kept by `cases.verbs.next_step`: lists read it from one index instead of asking every promise.
    next_step = models.CharField(max_length=12, choices=NextStep, default=NextStep.NOTHING)
    next_promise = models.ForeignKey("cases.Promise", models.PROTECT, null=True, related_name="+", db_index=False)
    next_due_at = models.DateTimeField(help_text="When it is due; with nothing promised, since when.")

    # What lists show of the conversation.
    latest_words = models.CharField(max_length=300, blank=True)
    customer_wrote_at = models.DateTimeField()
    we_wrote_at = models.DateTimeField(null=True)

    once = OnceField()
    origin = OriginField()
    origin_ref = models.CharField(max_length=64, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="closed_says_when_who_and_how",
                condition=(
                    Q(state="closed", closed_at__isnull=False) & ~Q(closed_by="") & ~Q(outcome="")
                    | ~Q(state="closed") & Q(closed_at=None, closed_by="", closed_by_agent=None, outcome="")
                ),
            ),
            models.CheckConstraint(
                name="closed_by_agent_names_the_agent",
                condition=Q(closed_by="agent", closed_by_agent__isnull=False)
                | ~Q(closed_by="agent") & Q(closed_by_agent=None),
            ),
            models.CheckConstraint(
                name="confirmed_by_the_customer_alone",
                condition=~Q(outcome="confirmed") | Q(closed_by="customer", yes_at__isnull=False),
            ),
            models.CheckConstraint(
                name="understood_by_the_customer_alone",
                condition=~Q(outcome="understood") | Q(closed_by="customer", yes_at__isnull=False),
            ),
            models.CheckConstraint(
                name="withdrawn_by_the_customer_alone",
                condition=~Q(outcome="withdrawn") | Q(closed_by="customer", withdrawn_at__isnull=False),
            ),
            models.CheckConstraint(
                name="joined_says_into_which",
                condition=Q(outcome="joined", joined_into__isnull=False) | ~Q(outcome="joined") & Q(joined_into=None),
            ),
            models.CheckConstraint(
                name="not_a_case_says_why",
                condition=Q(outcome="not_a_case") & ~Q(not_a_case="") | ~Q(outcome="not_a_case") & Q(not_a_case=""),
            ),
            models.CheckConstraint(
                name="only_a_closed_case_waits_for_a_decision", condition=Q(decide_by=None) | Q(state="closed")
            ),
            models.CheckConstraint(
                name="confidential_with_a_reason", condition=Q(confidential_since=None) | ~Q(confidential_reason="")
            ),
            models.CheckConstraint(
                name="override_has_a_reason", condition=~Q(outcome="override") | ~Q(override_reason="")
            ),
            models.CheckConstraint(
                name="next_step_promise_names_it",
                condition=Q(next_step="promise", next_promise__isnull=False)
                | ~Q(next_step="promise") & Q(next_promise=None),
            ),
            models.CheckConstraint(name="priority_from_1_to_4", condition=Q(priority__range=(1, 4))),
            models.UniqueConstraint(
                name="brought_in_once", fields=["origin", "origin_ref"], condition=~Q(origin_ref="")
            ),
        ]
        indexes = [
            models.Index(name="my_cases", fields=["owner", "next_due_at", "id"], condition=Q(closed_at=None)),
            models.Index(
                name="department_cases", fields=["department", "next_due_at", "id"], condition=Q(closed_at=None)
            ),
            models.Index(name="open_cases", fields=["next_due_at", "id"], condition=Q(closed_at=None)),
            models.Index(name="closed_cases", fields=["-closed_at", "-id"], condition=Q(closed_at__isnull=False)),
            # Answered by the index alone when the desk looks for the owner with the least to do.
            models.Index(name="owner_load", fields=["owner"], include=["priority"], condition=Q(closed_at=None)),
            models.Index(name="last_owner", fields=["customer", "-opened_at"]),
            models.Index(name="owner_since", fields=["owner", "-owned_since"]),
            models.Index(
                name="without_next_promise",
                fields=["next_due_at"],
                condition=Q(closed_at=None, next_step="nothing"),
            ),
            models.Index(
                name="unanswered_cases",
                fields=["customer_wrote_at"],
                condition=Q(closed_at=None) & (Q(we_wrote_at=None) | Q(customer_wrote_at__gt=models.F("we_wrote_at"))),
            ),
            # When the owner of a case on which something is owed last said something to the customer.
            models.Index(
                name="quiet_cases",
                fields=["we_wrote_at", "owned_since"],
                condition=Q(closed_at=None, next_step="promise"),
            ),
            models.Index(name="unconfirmed_cases", fields=["next_due_at", "id"], condition=Q(state="unconfirmed")),
            models.Index(name="overridden", fields=["closed_at"], condition=Q(outcome="override")),
            models.Index(name="not_cases", fields=["-closed_at", "id"], condition=Q(outcome="not_a_case")),
            models.Index(name="to_decide", fields=["owner", "decide_by"], condition=Q(decide_by__isnull=False)),
            models.Index(name="decide_by", fields=["decide_by"], condition=Q(decide_by__isnull=False)),
            models.Index(name="joined_cases", fields=["joined_into"], condition=Q(joined_into__isnull=False)),
            # What those like it took: the last ones of a department that the customer said were over.
            models.Index(
                name="confirmed_cases", fields=["department", "-closed_at", "-id"], condition=Q(outcome="confirmed")
            ),
            models.Index(name="confidential_cases", fields=["id"], condition=Q(confidential_since__isnull=False)),
            models.Index(name="split_cases", fields=["split_from"], condition=Q(split_from__isnull=False)),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="first_words_stay", fields=["problem", "opened_at"]),
            pgtrigger.Protect(name="cases_are_never_deleted", operation=pgtrigger.Delete),
            # The close gate a second time, below every door: only an override passes over open sub-tasks.
            pgtrigger.Trigger(
                name="no_closing_over_open_subtasks",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__state="closed") & ~pgtrigger.Q(old__state="closed"),
                func="""
                    IF NEW.outcome <> 'override' AND EXISTS (
                        SELECT 1 FROM cases_subtask s WHERE s.case_id = NEW.id AND s.ended_at IS NULL
                    ) THEN
                        RAISE EXCEPTION 'case % has open sub-tasks', NEW.id;
                    END IF;
                    RETURN NEW;
                """,
            ),
            # An owner who changes without a word in the timeline cannot be committed.
            pgtrigger.Trigger(
                name="owner_stands_in_the_timeline",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("owner_id"),
                timing=pgtrigger.Deferred,
                func="""
                    IF NEW.owner_id IS DISTINCT FROM (
                        SELECT e.owner_id FROM cases_entry e
                        WHERE e.case_id = NEW.id AND e.owner_id IS NOT NULL ORDER BY e.id DESC LIMIT 1
                    ) AND NEW.owner_id = (SELECT c.owner_id FROM cases_case c WHERE c.id = NEW.id) THEN
                        RAISE EXCEPTION 'the timeline of case % does not name its owner', NEW.id;
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        # Not by `reverse`: lists ask for it for every row.
        return f"/cases/{self.number}/"

    @property
    def number(self) -> str:
        """For people to say: ``C-10427``."""
        return f"C-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state != self.State.CLOSED

    @property
    def is_up_for_taking(self) -> bool:
        return self.is_open and self.owner.is_fallback

    @property
    def is_ended_by_customer(self) -> bool:
        """The customer has ended it: yes, understood or withdrawn. Open parts may still hold it open."""
        return self.yes_at is not None or self.withdrawn_at is not None

    @property
    def is_put_aside(self) -> bool:
        """It was taken for no case at all."""
        return self.outcome == self.Outcome.NOT_A_CASE

    @property
    def is_confidential(self) -> bool:
        return self.confidential_since is not None

    @property
    def awaits_answer(self) -> bool:
        """Asked whether it is solved, and not answered yet."""
        return self.state in (self.State.PROPOSED, self.State.UNCONFIRMED)

    @property
    def has_new_words(self) -> bool:
        """The customer has written since we last did."""
        return self.we_wrote_at is None or self.customer_wrote_at > self.we_wrote_at


class Preference(models.Model):
    """One acceptable resolution, in the customer's words; rank 1 is the dearest."""

    MOST = 4

    case = models.ForeignKey(Case, models.CASCADE, related_name="preferences", db_index=False)
    rank = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=300)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["case", "rank"], name="one_preference_per_rank"),
            models.CheckConstraint(condition=Q(rank__range=(1, 4)), name="rank_from_1_to_4"),
        ]

    def __str__(self):
        return f"{self.rank}. {self.words}"
