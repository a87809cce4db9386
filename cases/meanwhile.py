"""What happened to somebody's cases while they were away: kept by whom, broken, who wrote, decided, closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case as SqlCase
from django.db.models import F, Q, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.text import Truncator

from cases.models import Case, Entry
from cases.models.timeline import Kind
from cases.sentences import actor_name, sentence
from staff.models import Absence, Agent
from supportdesk import clock

# Shown of each; the cases themselves tell the rest.
MOST = 50

WROTE = (Kind.MESSAGE_FROM_CUSTOMER, Kind.WROTE_AFTER_CLOSING, Kind.CALL_TAKEN, Kind.COMPLAINED)
KEPT = (Kind.PROMISE_KEPT, Kind.PROMISE_ANSWERED)
DECIDED = (
    Kind.CUSTOMER_SAID_YES,
    Kind.CUSTOMER_SAID_NOT_YET,
    Kind.CUSTOMER_UNDERSTOOD,
    Kind.CUSTOMER_DID_NOT_ACCEPT,
    Kind.CUSTOMER_WITHDREW,
    Kind.RESOLUTION_PROPOSED,
    Kind.PROMISE_MOVED,
    Kind.PROMISE_RENEGOTIATED,
    Kind.SUBTASK_DATE_MOVED,
    Kind.SUBTASK_LATER_REFUSED,
    Kind.SUBTASK_DROPPED,
    Kind.REFUSED,
    Kind.LOOKED_AGAIN,
    Kind.REOPENED,
    Kind.ONLY_THANKS,
)
CLOSED = (Kind.CLOSED, Kind.PUT_ASIDE, Kind.JOINED)
IN_OTHER_HANDS = (Kind.TAKEN_OVER, Kind.HANDOVER_ACCEPTED)

GROUPS = (
    ("broken", "Broken", (Kind.PROMISE_BROKEN,)),
    ("wrote", "Customers who wrote", WROTE),
    ("kept", "Kept", KEPT),
    ("decided", "Decided", DECIDED),
    ("closed", "Closed", CLOSED),
    ("hands", "In other hands now", IN_OTHER_HANDS),
)


@dataclass(frozen=True)
class Line:
    """One thing that happened.

    Attributes:
        url: the entry on the case's page.
        words: what happened, in a sentence; ``said``: the customer's own words, if any.
        who: who did it; empty: it is no person's act.
    """

    url: str
    case: Case
    at: datetime
    words: str
    who: str = ""
    said: str = ""


@dataclass(frozen=True)
class Group:
    name: str
    title: str
    lines: list[Line]
    more: bool


def meanwhile(absence: Absence, reader: Agent) -> list[Group]:
    """What happened to the cases of whoever was away, by what it was, the latest first; nothing of what they did.

    Args:
        absence: with its agent.
        reader: sees of confidential cases only their own, as everywhere.
    """
    now = clock.now()
    end = now if absence.ends_at is None else min(absence.ends_at, now)
    within = Entry.objects.filter(at__gte=absence.starts_at, at__lte=end)
    cases = _cases(absence, within, reader)
    group = SqlCase(*(When(kind__in=kinds, then=Value(name)) for name, _title, kinds in GROUPS))
    latest = Window(RowNumber(), partition_by=F("group"), order_by="-pk")
    happened = within.filter(case__in=cases, kind__in=[kind for group in GROUPS for kind in group[2]])
    # What they did themselves they know.
    happened = happened.exclude(agent=absence.agent).annotate(group=group).annotate(latest=latest)
    found: dict[str, list[Line]] = defaultdict(list)
    for entry in happened.filter(latest__lte=MOST + 1).select_related(*_ABOUT).order_by("-pk"):
        found[entry.group].append(_line(entry))
    return [
        Group(name, title, found[name][:MOST], more=len(found[name]) > MOST)
        for name, title, _kinds in GROUPS
        if name in found
    ]


# What the sentences of these entries need.
_ABOUT = (
    *("case__customer", "agent", "customer", "owner", "message", "promise__replaces", "subtask__department"),
    *("handover__to_agent", "resolution", "complaint", "refusal", "participant", "other_case"),
)


def _cases(absence: Absence, within, reader: Agent) -> list[int]:
    """Ids of what is theirs and was open meanwhile, and of what came into other hands."""
    visible = Case.objects.visible_to(reader)
    theirs = visible.filter(Q(closed_at=None) | Q(closed_at__gte=absence.starts_at), owner=absence.agent)
    given = Q(data__contains={"from": absence.agent_id}) | Q(handover__from_agent=absence.agent)
    gone = within.filter(given, kind__in=IN_OTHER_HANDS, case__in=visible.values("pk"))
    return [*theirs.values_list("pk", flat=True), *gone.values_list("case", flat=True)]


def _line(entry: Entry) -> Line:
    message = entry.message if entry.kind in WROTE else None
    said = message.body if message else entry.complaint.words if entry.kind == Kind.COMPLAINED else ""
    return Line(
        url=f"{entry.case.get_absolute_url()}#entry-{entry.pk}",
        case=entry.case,
        at=entry.at,
        words=sentence(entry),
        who=actor_name(entry) if entry.agent_id else "",
        said=Truncator(said).chars(300),
    )
