"""What the staff's pages read: each thing in one query, whatever the number of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import pairwise

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from cases import cover, someone_else
from cases.at_hand import put_at_hand
from cases.models import (
    Amends,
    Appeal,
    Attempt,
    Case,
    Complaint,
    Concession,
    Entry,
    Estimate,
    Handover,
    Message,
    Note,
    Participant,
    Preference,
    Promise,
    Refusal,
    Resolution,
    Subtask,
)
from cases.models.timeline import Kind
from cases.prepared import built_once_for_agents
from cases.sentences import actor_name, sentence
from customers.models import Customer
from staff.models import Company
from supportdesk import clock
from supportdesk.statements import built_once, built_together

PAGE = 50
TIMELINE_PAGE = 80
# So many system lines in a row stay; more are folded.
QUIET = 3


@dataclass
class Line:
    """One entry of a timeline as the page shows it.

    Attributes:
        voice: ``customer``, ``ours``, ``inside`` or ``system``: a human voice looks different from a machine's.
        head: who, for a voice; ``place`` where they belong or how it came.
        words: what was said; for a system line the sentence.
        number: of the joined case on which it happened; empty: this one.
        same_day: the line above is of the same day, so that the time alone tells enough.
        before: system lines folded away in front of this one.
    """

    pk: int
    voice: str
    at: datetime
    head: str = ""
    place: str = ""
    words: str = ""
    number: str = ""
    same_day: bool = False
    before: list[Line] = field(default_factory=list)


def case_for_page(agent, pk: int) -> Case | None:
    """The case to which this number leads, with what stands about it on its page; None if it is not for this agent.

    Returns:
        beside its own fields ``wishes``, the customer's preferences in words, the dearest first; ``has_…``, what hangs
        on it; ``owner_away``, see ``cases.cover``; whether the agent ``owns_another`` open case of this customer, into
        which it may be joined. Who owns it, and who closed it, comes with its timeline.
    """
    # Few are joined: to ask where a number leads takes a tenth of what it takes to read what stands there.
    return next(iter(_under(agent, pk) or _behind(agent, pk)), None)


@built_once_for_agents
def _under(agent, pk: int):
    return _with_all_beside(agent).filter(pk=pk, joined_into=None)


@built_once_for_agents
def _behind(agent, pk: int):
    return _with_all_beside(agent).behind(pk)


def _with_all_beside(agent) -> QuerySet:
    wishes = Preference.objects.filter(case=OuterRef("pk")).order_by("rank").values("words")
    theirs = Case.objects.open().owned_by(agent).filter(customer=OuterRef("customer")).exclude(pk=OuterRef("pk"))
    found = Case.objects.visible_to(agent).select_related("customer", "department", "topic")
    # Few cases have all of these: the page asks only for what there is.
    beside = {f"has_{name}": Exists(rows) for name, rows in _beside().items()}
    beside |= {"is_related": Exists(_related()), **cover.beside(clock.now())}
    return found.annotate(wishes=ArraySubquery(wishes), owns_another=Exists(theirs), **beside)


def _beside() -> dict[str, QuerySet]:
    """What can hang on a case, by name."""
    models = {"parts": Subtask, "resolutions": Resolution, "attempts": Attempt, "participants": Participant}
    models |= {"complaints": Complaint, "refusals": Refusal, "concessions": Concession, "estimates": Estimate}
    rows = {name: model.objects.filter(case=OuterRef("pk")) for name, model in models.items()}
    rows["appeals"] = Appeal.objects.open().filter(case=OuterRef("pk"))
    return {**rows, "offer": Handover.objects.filter(case=OuterRef("pk"), state=Handover.State.OFFERED)}


def _related() -> QuerySet:
    """Cases that were joined into it or split off from it."""
    return Case.objects.filter(Q(joined_into=OuterRef("pk")) | Q(split_from=OuterRef("pk")))


@dataclass(frozen=True)
class Hanging:
    """What hangs on a case and on those joined into it, each the oldest first.

    Attributes:
        parts: the plan, each part behind what it comes after. Who has them comes with the timeline.
        promises: by due time, each with the one that it replaces, what it hangs on, and whether it ``has_amends``; the
            next one is set on the case.
        attempts: the calls that reached nobody, newest first, by the id of the promise that they were to keep.
        offer, estimate: that stands; ``resolution``: the latest of an open case.
        participants: who takes part or did.
        appeals: that nobody has answered; with them ``someone_else.beside`` and the ``company``.
    """

    parts: list[Subtask]
    promises: list[Promise]
    complaints: list[Complaint]
    refusals: list[Refusal]
    concessions: list[Concession]
    attempts: dict[int, list[Attempt]]
    offer: Handover | None
    estimate: Estimate | None
    resolution: Resolution | None
    participants: list[Participant]
    appeals: list[Appeal]
    company: Company | None


# What a case that was joined into another may have brought with it.
_BROUGHT = ("parts", "complaints", "refusals", "concessions", "participants", "appeals")
_ITS_OWN = ("attempts", "offer", "estimates", "resolutions")


def hanging_on(case: Case, joined: Sequence[Case]) -> Hanging:
    """Read it, in one statement: few cases have any of these, and only what there is is asked for.

    What the case was split off from is set on it.

    Args:
        case, joined: each with ``has_…``, see ``case_for_page`` and ``cases.relations``.
    """
    told = (case, *joined)
    wanted = [any(getattr(one, f"has_{name}") for one in told) for name in _BROUGHT]
    wanted += [getattr(case, f"has_{name}") for name in _ITS_OWN]
    found = _hanging(tuple(one.pk for one in told), case.pk, clock.now(), case.split_from_id, *wanted)
    for origin in found.get("split_from", ()):
        case.split_from = origin
    parts, concessions = _linked_parts(found.get("parts", [])), found.get("concessions", [])
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for tried in found.get("attempts", ()):
        attempts[tried.promise_id].append(tried)
    return Hanging(
        parts=parts,
        promises=_linked_promises(case, found["promises"], parts, concessions),
        complaints=found.get("complaints", []),
        refusals=found.get("refusals", []),
        concessions=concessions,
        attempts=attempts,
        offer=next(iter(found.get("offer", ())), None),
        estimate=next(iter(found.get("estimates", ())), None),
        resolution=next(iter(found.get("resolutions", ())), None) if case.is_open else None,
        participants=found.get("participants", []),
        appeals=found.get("appeals", []),
        company=next(iter(found.get("company", ())), None),
    )


@built_together
def _hanging(told_as: tuple[int, ...], case: int, now: datetime, split_from: int | None, *wanted: bool):
    here, own = {"case__in": told_as}, {"case": case}
    offered = Handover.objects.filter(**own, state=Handover.State.OFFERED)
    rows = {
        "parts": _parts(told_as),
        "complaints": Complaint.objects.filter(**here).select_related("owner", "answered_by_agent").order_by("pk"),
        "refusals": Refusal.objects.filter(**here).select_related("said_by_agent", "looker", "look_by").order_by("pk"),
        "concessions": _concessions(told_as),
        "participants": Participant.objects.filter(**here).select_related("person").order_by("pk"),
        "appeals": _appeals(told_as, now),
        "attempts": Attempt.objects.filter(**own).exclude(promise=None).order_by("-pk")[:PAGE],
        "offer": offered.order_by("pk")[:1],
        "estimates": Estimate.objects.filter(**own).select_related("tell_by").order_by("-pk")[:1],
        "resolutions": Resolution.objects.filter(**own).select_related("meets").order_by("-pk")[:1],
    }
    asked = {name: rows[name] for name, is_there in zip((*_BROUGHT, *_ITS_OWN), wanted, strict=True) if is_there}
    if "appeals" in asked:
        asked["company"] = Company.objects.select_related("head", "ombudsperson")
    if split_from is not None:
        asked["split_from"] = Case.objects.filter(pk=split_from)
    return {"promises": _promises(told_as), **asked}


def _appeals(told_as: tuple[int, ...], now: datetime) -> QuerySet:
    asked = Appeal.objects.open().filter(case__in=told_as).select_related("promise", "taken_by_agent")
    return asked.annotate(**someone_else.beside(now)).order_by("pk")


def participants_of(told_as: Sequence[int]) -> list[Participant]:
    """Who takes part or did, in a case and those joined into it (ids), in the order in which they were added."""
    return list(Participant.objects.filter(case__in=told_as).select_related("person").order_by("pk"))


def concessions_of(told_as: Sequence[int]) -> list[Concession]:
    """What was given or asked for, on a case and those joined into it (ids), the oldest first."""
    return list(_concessions(tuple(told_as)))


def _concessions(told_as: tuple[int, ...]) -> QuerySet:
    return Concession.objects.filter(case__in=told_as).order_by("pk")


def timeline_of(
    case: Case,
    told_as: Sequence[int],
    only: str = "",
    before: int | None = None,
    *,
    known: Iterable[Model | None] = (),
) -> tuple[list[Line], bool]:
    """The latest page of a case's timeline, oldest line first, and whether there is more before it.

    Args:
        case: with its customer.
        told_as: ids of the case and of those that were joined into it, whose entries stand among its own.
        only: ``with`` the customer, ``inside``, or everything.
        before: id of the entry that the page ends in front of.
        known: rows of this case that the page has read, as for ``put_at_hand``.
    """
    newest = _newest_entries(tuple(told_as), only == "with", only == "inside", before or None)
    told_elsewhere = {entry.pk: f"C-{entry.case_id}" for entry in newest if entry.case_id != case.pk}
    for entry in newest:
        entry.case = case
    said = [row for entry in newest for row in (entry.message, entry.note)]
    put_at_hand(newest, [case, case.customer, *said, *known])
    lines = [line for entry in reversed(newest[:TIMELINE_PAGE]) for line in _lines(entry)]
    if told_elsewhere:
        lines = [replace(line, number=told_elsewhere.get(line.pk, "")) for line in lines]
    for above, line in pairwise(lines):
        line.same_day = timezone.localdate(above.at) == timezone.localdate(line.at)
    return _folded(lines), len(newest) > TIMELINE_PAGE


@built_once
def _newest_entries(told_as: tuple[int, ...], with_customer: bool, inside: bool, before: int | None):
    entries = Entry.objects.filter(case__in=told_as).select_related("message", "note")
    if len(told_as) > 1:
        # The surviving case tells of each joining itself.
        entries = entries.exclude(kind__in=(Kind.JOINED, Kind.UNJOINED), other_case__in=told_as)
    if with_customer:
        entries = entries.filter(Q(message__isnull=False) | Q(kind__in=WITH_CUSTOMER))
    if inside:
        entries = entries.filter(kind__in=INSIDE)
    if before is not None:
        entries = entries.filter(pk__lt=before)
    return entries.order_by("-pk")[: TIMELINE_PAGE + 1]


# What a department said when its part ended stands on the part itself.
ENDED_WITH_WORDS = (Kind.SUBTASK_DONE, Kind.SUBTASK_NOT_OURS, Kind.SUBTASK_NOT_REPRODUCED)
INSIDE = (
    *ENDED_WITH_WORDS, Kind.NOTED, Kind.NOTE_TO_OWNER, Kind.TAKEN_OVER, Kind.SUBTASK_WAITS, Kind.SUBTASK_LATER_ASKED,
    Kind.SUBTASK_LATER_REFUSED, Kind.SUBTASK_GIVEN, Kind.COMPLAINT_HANDED_ON, Kind.MADE_CONFIDENTIAL,
    Kind.NO_LONGER_CONFIDENTIAL, Kind.CONCESSION_ASKED, Kind.CONCESSION_PASSED_ON, Kind.CONCESSION_GRANTED,
    Kind.CONCESSION_DECLINED,
)  # fmt: skip
WITH_CUSTOMER = (Kind.COMPLAINED, Kind.COMPLAINT_ANSWERED, Kind.PROMISE_AGREED, Kind.PROMISE_NOT_AGREED)


def _linked_parts(parts: list[Subtask]) -> list[Subtask]:
    """Each with what it comes after and what it follows, behind what it comes after."""
    by_pk = {part.pk: part for part in parts}
    for part in parts:
        for name in ("after", "follows"):
            if getattr(part, f"{name}_id") in by_pk:
                setattr(part, name, by_pk[getattr(part, f"{name}_id")])
    return in_order(parts)


def _parts(told_as: tuple[int, ...]) -> QuerySet:
    return Subtask.objects.filter(case__in=told_as).select_related("department").order_by("pk")


def in_order(parts: Iterable[Subtask]) -> list[Subtask]:
    """By what they come after, then by id.

    Args:
        parts: of one case, by id.
    """
    asked = list(parts)
    here = {part.pk for part in asked}
    behind: dict[int | None, list[Subtask]] = defaultdict(list)
    for part in asked:
        behind[part.after_id if part.after_id in here else None].append(part)
    ready = [(part.pk, part) for part in behind[None]]
    plan = []
    while ready:
        pk, part = heappop(ready)
        plan.append(part)
        for follower in behind[pk]:
            heappush(ready, (follower.pk, follower))
    return plan


def _linked_promises(
    case: Case, promises: list[Promise], parts: Iterable[Subtask], concessions: Iterable[Concession]
) -> list[Promise]:
    rows = {"replaces": promises, "backed_by": parts, "backed_by_concession": concessions}
    at_hand = {name: {row.pk: row for row in known} for name, known in rows.items()}
    for promise in promises:
        for name, by_pk in at_hand.items():
            if getattr(promise, f"{name}_id") in by_pk:
                setattr(promise, name, by_pk[getattr(promise, f"{name}_id")])
    case.next_promise = at_hand["replaces"].get(case.next_promise_id)
    return promises


def _promises(told_as: tuple[int, ...]) -> QuerySet:
    amends = Amends.objects.filter(promise=OuterRef("pk"))
    return Promise.objects.filter(case__in=told_as).annotate(has_amends=Exists(amends)).order_by("due_at", "pk")


def endangered_by(part: Subtask, promises: Iterable[Promise], following: Promise | None) -> list[Promise]:
    """What a department's date comes too late for: every promise that hangs on it and, while a later date is asked for,
    what is promised next.

    Args:
        following: the case's next promise.
    """
    date = part.later_at or part.committed_at
    if not part.is_open or date is None:
        return []
    is_next = following.pk if part.later_at and following else None
    return [
        one
        for one in promises
        if one.is_owed and one.due_at < date and (one.backed_by_id == part.pk or one.pk == is_next)
    ]


def _lines(entry: Entry) -> list[Line]:
    """One entry as one or two lines: an act and the words that came with it."""
    if entry.kind == Kind.NOTED:
        return [_inside(entry, entry.note)]
    if entry.kind in ENDED_WITH_WORDS:
        head = actor_name(entry)
        return [
            Line(entry.pk, "system", entry.at, words=sentence(entry)),
            Line(entry.pk, "inside", entry.at, head, entry.subtask.department.name, entry.subtask.outcome),
        ]
    lines = []
    if entry.kind not in (Kind.MESSAGE_TO_CUSTOMER, Kind.MESSAGE_FROM_CUSTOMER):
        lines.append(Line(entry.pk, "system", entry.at, words=sentence(entry)))
    if entry.message_id:
        lines.append(_spoken(entry, entry.message))
    if entry.kind == Kind.COMPLAINED:
        customer: Customer = entry.case.customer
        place = f"as heard by {entry.agent.name}" if entry.agent else "on the web, to us"
        lines.append(Line(entry.pk, "customer", entry.at, customer.name, place, entry.complaint.words))
    if entry.kind == Kind.COMPLAINT_ANSWERED:
        place = f"to {entry.case.customer.first_name}, about the complaint"
        lines.append(Line(entry.pk, "ours", entry.at, actor_name(entry), place, entry.complaint.answer))
    if entry.note_id:
        lines.append(_inside(entry, entry.note))
    return lines


def _inside(entry: Entry, note: Note) -> Line:
    who = note.agent.name if note.agent else actor_name(entry)
    place = note.agent.department.name if note.agent else ""
    return Line(entry.pk, "inside", entry.at, who, place, note.body)


def _spoken(entry: Entry, message: Message) -> Line:
    customer: Customer = entry.case.customer
    if message.is_from_customer:
        listener = entry.agent.first_name if entry.agent_id else "us"
        name, how = customer.name, message.get_channel_display()
        if entry.participant_id:
            name, how = entry.customer.name, f"{entry.participant.relation}, {how}"
        return Line(entry.pk, "customer", entry.at, name, f"{how}, to {listener}", message.body)
    place = f"{message.get_channel_display()}, to {customer.first_name}"
    return Line(entry.pk, "ours", entry.at, actor_name(entry), place, message.body)


def _folded(lines: list[Line]) -> list[Line]:
    """Runs of system lines keep their last three; the ones before are folded into the first of these."""
    shown: list[Line] = []
    run: list[Line] = []
    for line in [*lines, None]:
        if line is not None and line.voice == "system":
            run.append(line)
            continue
        if len(run) > QUIET + 1:
            run[-QUIET].before = run[:-QUIET]
            run[-QUIET].same_day = False  # the line above it is folded away
            run = run[-QUIET:]
        shown += run
        run = []
        if line is not None:
            shown.append(line)
    return shown
