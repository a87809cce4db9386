"""What an agent is told, in words: the same lines on the page and in a mail, each with why they got it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cases import absence_notices, sentences
from cases.models import Case, Entry, Notice
from staff.models import Agent
from supportdesk import clock

PAGE = 50

# Where the reaction says more exactly than the kind of reason why somebody is told.
_BECAUSE = {
    "tell_receiver": "it was offered to you",
    "tell_giver": "the case was yours when it was offered",
    "tell_former_owner": "you owned the case",
    "tell_who_comes_after": "your part comes after it",
    "tell_who_made_sure": "you made sure of it",
    "tell_complaint_owner": "you answer it, or may take it",
    "tell_who_may_look": "you may look at it",
    "tell_who_had_it": "it was yours before",
    "tell_refuser": "you said no",
    "you_stand_in": "you stand in",
    "welcome_back": "you were away",
}
_BY_RULE = {
    Notice.Why.OWNER: "the rule tells the owner",
    Notice.Why.COVER: "the rule tells whoever stands in",
    Notice.Why.LEAD: "the rule tells the lead",
    Notice.Why.SUPERVISOR: "the rule tells supervisors",
}

# What the sentence about an entry reads, by what the entry is about. Messages stand on the case's own page, and so do
# notes but for a reason that was given to whoever is told.
_READ = {
    "note": ("note",),
    "agent": ("agent",),
    "customer": ("customer",),
    "owner": ("owner",),
    "promise": ("promise__replaces",),
    "subtask": ("subtask__department",),
    "handover": ("handover__to_agent", "handover__from_agent"),
    "resolution": ("resolution",),
    "attempt": ("attempt",),
    "estimate": ("estimate",),
    "complaint": ("complaint",),
    "refusal": ("refusal",),
    "participant": ("participant__person",),
    "amends": ("amends",),
    "concession": ("concession__decider",),
    "appeal": ("appeal__answered_by_agent",),
    "other_case": ("other_case",),
}


@dataclass(frozen=True)
class Line:
    """One notice as it is read.

    Attributes:
        sentence: what happened or comes.
        because: why the agent got it, such as ``you own the case``.
        at: when it happened, or when the promise is due. Aware datetime.
        url: where it can be looked at, without the host.
        state: ``late`` or ``soon`` for a promise that is due, else empty.
    """

    pk: int
    sentence: str
    because: str
    at: datetime
    url: str
    state: str = ""

    @property
    def why(self) -> str:
        """A whole sentence: "You get this because you own the case."."""
        return f"You get this because {self.because}."

    @property
    def is_due(self) -> bool:
        """It is about a time that comes, not about something that happened."""
        return bool(self.state)


@dataclass(frozen=True)
class Group:
    """The notices about one case, one absence, or one matter of the desk's, newest first.

    Attributes:
        key: names the group in a form: ``case-12``, ``absence-3``, ``matter-5``.
        case: none for an absence or a matter.
    """

    key: str
    title: str
    subject: str
    url: str
    case: Case | None
    lines: list[Line]


def unread(agent: Agent, before: int | None = None) -> tuple[list[Group], int | None]:
    """A page of what this agent has not looked at, newest first, and the id behind which the next page begins.

    Args:
        before: only notices with a smaller id.
    """
    found = Notice.objects.unread_by(agent).order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    notices = with_rows(found[: PAGE + 1])
    more = len(notices) > PAGE
    return grouped(notices[:PAGE]), notices[PAGE - 1].pk if more else None


def about(key: str) -> dict[str, int] | None:
    """The lookups of the group that a form names, one of which has to fit; None for what names no group."""
    kind, _, pk = key.partition("-")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    if kind == "case":
        return {"entry__case": int(pk), "promise__case": int(pk)}
    return {kind: int(pk)} if kind in ("absence", "matter") else None


def with_rows(notices: Iterable[Notice]) -> list[Notice]:
    """These notices with every row that their words need, in two queries, the second as wide as they need it."""
    found = list(
        notices.select_related(
            "agent",
            "entry",
            "promise__case__customer",
            "promise__case__owner",
            "absence__agent",
            "absence__cover",
            "absence__announced_by",
            "matter",
        )
    )
    entries = [notice.entry for notice in found if notice.entry_id]
    if not entries:
        return found
    needed = [path for name, paths in _READ.items() for path in paths if any(getattr(e, f"{name}_id") for e in entries)]
    whole = Entry.objects.select_related("case__customer", "case__owner", *needed)
    by_pk = whole.in_bulk([entry.pk for entry in entries])
    for notice in found:
        if notice.entry_id:
            notice.entry = by_pk[notice.entry_id]
    return found


def grouped(notices: Sequence[Notice]) -> list[Group]:
    """The notices by what they are about, in the order in which they come.

    Args:
        notices: from ``with_rows``.
    """
    groups: dict[str, Group] = {}
    for notice in notices:
        group = _group(notice)
        groups.setdefault(group.key, group).lines.append(line(notice))
    return list(groups.values())


def line(notice: Notice) -> Line:
    """One notice in words. Times stand in the reader's zone."""
    words = {"pk": notice.pk, "because": because(notice)}
    if notice.entry_id:
        entry = notice.entry
        url = f"{entry.case.get_absolute_url()}#entry-{entry.pk}"
        return Line(sentence=_of_entry(notice), at=entry.at, url=url, **words)
    if notice.promise_id:
        promise = notice.promise
        return Line(
            sentence=sentences.due_soon(promise),
            at=promise.due_at,
            url=promise.case.get_absolute_url(),
            state="late" if promise.is_broken(clock.now()) else "soon",
            **words,
        )
    if notice.matter_id:
        return Line(sentence=notice.matter.words, at=notice.matter.at, url=notice.matter.path, **words)
    told = absence_notices.said(notice, clock.now())
    return Line(sentence=told.words, at=notice.made_at, url=told.url, **words)


def because(notice: Notice) -> str:
    """Why the agent got it, as the end of a sentence: "you own the case"."""
    exact = _BY_RULE.get(notice.why) if notice.reaction == "tell_by_rule" else _BECAUSE.get(notice.reaction)
    if exact:
        return exact
    case = _case(notice)
    owner = case.owner.first_name if case else ""
    reasons = {
        Notice.Why.OWNER: "you own the case",
        Notice.Why.COVER: f"you stand in for {owner}, who owns the case" if case else "you stand in",
        Notice.Why.WORKER: "you have this part",
        Notice.Why.LEAD: "you lead the department",
        Notice.Why.SUPERVISOR: "you supervise",
        Notice.Why.ASKED: "you were asked",
        Notice.Why.OWN: "it is about you",
        Notice.Why.ADMINISTRATOR: "you administer the desk",
    }
    return reasons[notice.why]


def _of_entry(notice: Notice) -> str:
    """What happened; and who did it, or why, where that is why it is told."""
    if notice.reaction == "tell_former_owner":
        return sentences.with_reason(notice.entry)
    sentence, who = sentences.sentence(notice.entry), sentences.actor_name(notice.entry)
    named = notice.reaction != "tell_owner_of_a_colleagues_act" or who in sentence
    return sentence if named else f"{who}: {sentence}"


def _group(notice: Notice) -> Group:
    case = _case(notice)
    if case is not None:
        return Group(f"case-{case.pk}", case.customer.name, case.subject, case.get_absolute_url(), case, [])
    if notice.matter_id:
        return Group(f"matter-{notice.matter_id}", notice.matter.title, "", notice.matter.path, None, [])
    told = absence_notices.said(notice, clock.now())
    return Group(f"absence-{notice.absence_id}", told.title, "", told.url, None, [])


def _case(notice: Notice) -> Case | None:
    if notice.entry_id:
        return notice.entry.case
    return notice.promise.case if notice.promise_id else None
