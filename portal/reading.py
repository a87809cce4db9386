"""What the customer's page reads: queries of its own, so that nothing said inside can ever stand on it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from cases import permissions
from cases.cover import Away
from cases.cover import away as absent
from cases.models import (
    Appeal,
    Case,
    Complaint,
    Estimate,
    Joining,
    Message,
    Notice,
    Participant,
    Preference,
    Promise,
    Refusal,
    Resolution,
    Subtask,
)
from cases.models.timeline import Kind
from cases.relations import relations_of
from cases.someone_else import last_rung
from customers.models import Customer
from escalations.models import Flag
from portal.links import Reader, participant_path, status_path
from portal.sharing import Share, share_of
from staff.models import Company
from supportdesk import clock
from supportdesk.statements import built_together, read_together

# Characters that turn the direction of all that follows them on a line, and controls.
_TURNS = re.compile(r"[\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Voice:
    """Who speaks to the customer, by name.

    Attributes:
        pk: the agent's id; None: nobody.
        nobody_yet: nobody owns it yet, or the owner is away and nobody stands in.
    """

    pk: int | None
    name: str
    nobody_yet: bool = False

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""


@dataclass(frozen=True)
class LastRung:
    """The last person with us, and how the customer reaches them directly, if that is said."""

    name: str
    first_name: str
    contact: str


@dataclass(frozen=True)
class Reading:
    """One problem as its customer may see it at one instant, or somebody who takes part.

    Attributes:
        now: aware datetime, UTC.
        promises: every promise ever made, the earliest due first.
        parts: what departments do or have done; not what was dropped or sent back.
        handed_up: what a first line could not reproduce; its second line goes on, so to the customer it never ended.
        messages: what has been said between the customer and us, oldest first.
        wishes: the customer's own, the dearest first.
        latest: the last resolution that we proposed, answered or not.
        estimates: when we have said that it will be over, the latest first.
        complaints: about how we dealt with the customer, the oldest first.
        refusals: what we said no to, the oldest first.
        appeals: when the customer asked for someone else, the oldest first.
        told_again: cases in which the same problem was told too, the earliest first.
        taken_out: what this was joined with for a while, where something was said meanwhile: it stands there.
        other_problems: what was split off from this problem, or from which it was split off.
        away: that the owner is away, if so; the promises name as ``keeper`` who keeps each.
        participant: who reads, if it is not the customer. Without leave to read messages there are none here, nor the
            customer's wishes, complaints and noes; and never the customer's other problems.
        share: how much of a problem that was told several times who takes part may read; none: all of it.
    """

    case: Case
    now: datetime
    promises: tuple[Promise, ...]
    parts: tuple[Subtask, ...]
    handed_up: tuple[Subtask, ...]
    messages: tuple[Message, ...]
    wishes: tuple[Preference, ...]
    latest: Resolution | None
    estimates: tuple[Estimate, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    told_again: tuple[Case, ...] = ()
    taken_out: tuple[Joining, ...] = ()
    other_problems: tuple[Case, ...] = ()
    away: Away | None = None
    participant: Participant | None = None
    share: Share | None = None

    @property
    def voice(self) -> Voice:
        """Who speaks to the customer now."""
        return _voice(self.case, self.away)

    @property
    def is_back_today(self) -> bool:
        """The owner is back before today ends where the reader is: then the hour tells more than the day."""
        until = self.away.until if self.away else None
        return until is not None and until.astimezone(self.zone).date() == self.now.astimezone(self.zone).date()

    @property
    def resolution(self) -> Resolution | None:
        """What we have proposed and the customer has not answered."""
        return self.latest if self.latest and self.latest.ended_at is None else None

    @property
    def introduced(self) -> Resolution | None:
        """What another must do, once the customer has understood it."""
        return self.latest if self.case.is_open and self.latest and self.latest.is_introduction else None

    @property
    def asks_to_understand(self) -> bool:
        """The proposal is answered with "I understand" or "I do not accept it"."""
        return self.resolution is not None and self.resolution.asks_to_understand

    @property
    def understood(self) -> bool:
        """What ended it was that the customer understood why we cannot put it right."""
        return self.latest is not None and self.latest.has_ended(self.case)

    @property
    def person(self) -> Customer:
        """Who reads; what they do here is done in this name."""
        return self.participant.person if self.participant else self.case.customer

    @property
    def path(self) -> str:
        """The path of the reader's own page."""
        return participant_path(self.participant) if self.participant else status_path(self.case)

    @property
    def sees_messages(self) -> bool:
        return self.participant is None or self.participant.sees == Participant.Sees.MESSAGES

    @property
    def may_answer(self) -> bool:
        """The reader's yes or not yet counts as the customer's."""
        return self.participant is None or permissions.speaks_for_the_customer(self.participant, self.case)

    @property
    def telling(self) -> Case:
        """The case as which the reader knows the problem: with its number, its line, and when it was told."""
        return self.participant.case if self.participant else self.case

    @property
    def looked_after_since(self) -> datetime:
        """Since when the owner has been looking after it; for who takes part in what was joined, not before that."""
        since = self.share.since[self.case.pk] if self.share else self.case.owned_since
        return max(self.case.owned_since, since)

    @property
    def voice_since(self) -> datetime:
        """Since when whoever speaks now has been looking after it: who stands in, not before the owner went."""
        return max(self.looked_after_since, self.away.since) if self.away else self.looked_after_since

    @cached_property
    def standing(self) -> str:
        """What the page says first: ``over``, ``agreed``, ``asked``, ``late``, ``promised`` or ``nothing``."""
        if not self.case.is_open:
            return "over"
        if self.case.is_ended_by_customer:
            return "agreed"
        if self.case.awaits_answer and self.resolution:
            return "asked"
        if self.next_promise is None:
            return "nothing"
        return "late" if self.is_late else "promised"

    @cached_property
    def owed(self) -> tuple[Promise, ...]:
        """What the customer can still expect; nothing once it is over.

        That someone else answers stands in its own place, unless nothing else is promised.
        """
        if not self.case.is_open:
            return ()
        owed = tuple(promise for promise in self.promises if promise.is_owed)
        elsewhere = {appeal.promise_id for appeal in self.appeals}
        return tuple(promise for promise in owed if promise.pk not in elsewhere) or owed

    @property
    def subject(self) -> str:
        """The owner's one line, fit for a window's title."""
        return one_line(self.telling.subject)

    @property
    def next_promise(self) -> Promise | None:
        return self.owed[0] if self.owed else None

    def reads(self, promise: Promise) -> bool:
        """Whether the reader may read what was promised, and not only by when."""
        return self.share is None or self.share.reads(promise.carried_from_id or promise.case_id, promise.made_at)

    @property
    def owed_in_words(self) -> tuple[Promise, ...]:
        """What the customer can still expect, as far as the reader may read what was said."""
        return tuple(promise for promise in self.owed if self.reads(promise))

    @property
    def proposed_in_words(self) -> str:
        """What we have proposed, if the reader may read what was said."""
        proposal = self.resolution
        if proposal is None or not self.sees_messages:
            return ""
        readable = self.share is None or self.share.reads(proposal.case_id, proposal.proposed_at)
        return proposal.words if readable else ""

    @property
    def further_promises(self) -> tuple[Promise, ...]:
        return self.owed[1:]

    @property
    def is_late(self) -> bool:
        return self.next_promise is not None and self.next_promise.is_broken(self.now)

    @cached_property
    def moved_from(self) -> tuple[Promise, ...]:
        """What the next promise stood for before, the first date first; empty if its date never moved."""
        return tuple(promise for promise in _moved_from(self.next_promise) if self.reads(promise))

    @property
    def further_moved(self) -> tuple[tuple[Promise, tuple[Promise, ...]], ...]:
        """What else can be expected, each with what it stood for before."""
        return tuple((promise, _moved_from(promise)) for promise in self.further_promises)

    @property
    def to_agree(self) -> tuple[Promise, ...]:
        """What was moved without the reader, who can still say whether the new time is all right."""
        if not self.may_answer:
            return ()
        return tuple(one for one in self.owed if one.asks_to_agree and not one.is_broken(self.now))

    @property
    def to_deny(self) -> tuple[Promise, ...]:
        """To whose time the reader agreed as we heard it: they can still say that they did not."""
        if not self.may_answer:
            return ()
        return tuple(one for one in self.owed if one.is_agreed_by_hearsay and not one.is_broken(self.now))

    @cached_property
    def voice_was_told(self) -> bool:
        """Whether who speaks to the customer has the notice that the next promise is late."""
        about = {"entry__promise": self.next_promise, "entry__kind": Kind.PROMISE_BROKEN}
        return Notice.objects.filter(agent=self.voice.pk, **about).exists()

    @cached_property
    def supervisors_were_told(self) -> bool:
        """Whether the lateness of the next promise stands, or has stood, in the supervisors' queue."""
        return Flag.objects.filter(rule="promise_broken", subject=self.next_promise.pk).exists()

    @property
    def estimate(self) -> Estimate | None:
        """When it will be over; nothing once it is."""
        return self.estimates[0] if self.estimates and self.case.is_open and not self.case.yes_at else None

    @property
    def estimate_has_passed(self) -> bool:
        return self.estimate.over_by is not None and self.estimate.over_by <= self.now

    @property
    def estimate_to_come(self) -> Promise | None:
        """By when we will know, while that is ahead; what is late is told with the other promises."""
        tell_by = self.estimate.tell_by
        return tell_by if tell_by and tell_by.is_owed and not tell_by.is_broken(self.now) else None

    @cached_property
    def earlier_estimates(self) -> tuple[datetime, ...]:
        """The dates that were said before, the first one first; each once, and none that still stands."""
        told: list[datetime] = []
        for estimate in reversed(self.estimates[1:]):
            if estimate.over_by and estimate.over_by not in (*told, self.estimates[0].over_by):
                told.append(estimate.over_by)
        return tuple(told)

    @property
    def look_promises(self) -> tuple[tuple[Refusal, Promise | None], ...]:
        """What we said no to, each with the promise that another person looks, as it stands now."""
        successors = {promise.replaces_id: promise for promise in self.promises}

        def latest(promise: Promise | None) -> Promise | None:
            while promise is not None and promise.pk in successors:
                promise = successors[promise.pk]
            return promise

        return tuple((refusal, latest(refusal.look_by)) for refusal in self.refusals)

    @property
    def appeal(self) -> Appeal | None:
        """When the customer last asked for someone else."""
        return self.appeals[-1] if self.appeals else None

    @property
    def asks_whether_it_helped(self) -> bool:
        """Someone else has answered, and the customer has not said yet whether that helped."""
        return self.appeal is not None and not self.appeal.is_open and self.appeal.helped is None

    @cached_property
    def last_rung(self) -> LastRung | None:
        """Whom the page names once an answer has not helped, as far as somebody is named."""
        if not any(appeal.helped is False for appeal in self.appeals):
            return None
        company = Company.objects.the()
        agent = last_rung(company)
        contact = company.ombudsperson_contact if company.ombudsperson else ""
        return LastRung(agent.name, agent.first_name, contact) if agent else None

    @property
    def open_parts(self) -> tuple[Subtask, ...]:
        return tuple(part for part in self.parts if part.is_open)

    @property
    def parts_in_hand(self) -> tuple[Subtask, ...]:
        """What is being worked on; not what comes only after another part and that nobody has begun."""
        ahead = {part.pk for part in self.open_parts}
        return tuple(part for part in self.open_parts if part.has_a_date or part.after_id not in ahead)

    def asked_first(self, part: Subtask) -> datetime:
        """Since when this is being looked at, whichever line it was that began."""
        by_id = {earlier.pk: earlier for earlier in self.handed_up}
        while part.follows_id in by_id:
            part = by_id[part.follows_id]
        return part.asked_at

    @cached_property
    def last_update(self) -> datetime:
        """When anything on the page last changed."""
        told = [message.send_at for message in self.messages]
        made = [at for promise in self.promises for at in (promise.made_at, promise.agreed_at, promise.not_agreed_at)]
        worked = [at for part in self.parts for at in (part.asked_at, part.waiting_since, part.ended_at)]
        case = self.case
        asked = self.resolution.proposed_at if self.resolution else None
        answered = [complaint.answered_at for complaint in self.complaints]
        answered += [instant for appeal in self.appeals for instant in (appeal.taken_at, appeal.answered_at)]
        answered += [instant for refusal in self.refusals for instant in (refusal.said_at, refusal.looked_at)]
        answered += [estimate.made_at for estimate in self.estimates]
        away = self.away.since if self.away else None
        ours = [away, case.opened_at, case.owned_since, case.yes_at, case.withdrawn_at, case.closed_at, asked]
        instants = [*ours, *told, *made, *worked, *answered]
        return max(instant for instant in instants if instant is not None)

    @property
    def may_say_yes(self) -> bool:
        return self.may_withdraw and not self.asks_to_understand

    @property
    def may_understand(self) -> bool:
        return self.may_answer and self.asks_to_understand

    @property
    def may_withdraw(self) -> bool:
        return self.may_answer and self.case.is_open and not self.case.is_ended_by_customer

    @property
    def may_say_not_yet(self) -> bool:
        """There is something to say it to: a proposal, an end of one's own, or of ours."""
        return self.may_answer and self.standing in ("asked", "agreed", "over") and not self.asks_to_understand

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the reader reads times: their own, else the owner's department's."""
        return zone_of(self.case, self.person)

    @property
    def zone_needs_saying(self) -> bool:
        """The customer's zone is not ours."""
        return self.zone.key != self.case.owner.department.calendar.zone


def read(case: Case, participant: Participant | None = None) -> Reading:
    """Read what the customer of this case may see now: the same few queries, however long the story is.

    Of a problem that was told several times everything stands together.

    Args:
        case: with customer and ``owner__department__calendar`` at hand.
        participant: who reads in the customer's place, with person at hand.
    """
    now = clock.now()
    related = relations_of(case)
    share = None
    if participant is None:
        rows = _for_the_customer(case.pk, related.told_as, now)
    else:
        if participant.case_id == case.pk:
            participant.case = case
        share = share_of(participant, related.told_as)
        rows = read_together(_for_who_takes_part(case, participant, share, related.told_as, now))
    found = {name: tuple(those) for name, those in rows.items()}
    handed_up, parts = _apart(found.pop("parts"))
    promises, latest = _linked(found.pop("promises")), next(iter(found.pop("latest")), None)
    if "taken_out" in found:
        found["taken_out"] = tuple(joining for joining in found["taken_out"] if _leads_on(joining, case))
    away = absent(case) if case.is_open and not case.owner.is_fallback else None
    for promise in promises:
        promise.keeper = _voice(case, away if away and away.lasts_at(promise.due_at) else None)
    return Reading(
        case=case,
        now=now,
        promises=promises,
        parts=parts,
        handed_up=handed_up,
        latest=latest,
        told_again=() if participant else related.joined,
        other_problems=() if participant else related.split_off + _split_from(case),
        away=away,
        participant=participant,
        share=share,
        **found,
    )


def read_as(reader: Reader) -> Reading:
    """Read what whoever opened a link may see now, see ``read``."""
    return read(reader.case, reader.participant)


def _linked(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """Promises, each with the one that it replaces."""
    linked = tuple(promises)
    by_id = {promise.pk: promise for promise in linked}
    for promise in linked:
        if promise.replaces_id in by_id:
            promise.replaces = by_id[promise.replaces_id]
    return linked


def _moved_from(promise: Promise | None) -> tuple[Promise, ...]:
    earlier = []
    while promise is not None and promise.replaces_id is not None:
        promise = promise.replaces
        earlier.insert(0, promise)
    return tuple(earlier)


def _voice(case: Case, away: Away | None) -> Voice:
    """The owner, or who stands in while they are away."""
    if away is not None:
        return Voice(away.cover, away.name, nobody_yet=away.cover is None)
    return Voice(case.owner_id, case.owner.name, nobody_yet=case.owner.is_fallback)


def _split_from(case: Case) -> tuple[Case, ...]:
    return (Case.objects.behind(case.split_from_id).select_related("customer").get(),) if case.split_from_id else ()


def one_line(subject: str) -> str:
    """A subject in which nothing turns the reading direction around."""
    return _TURNS.sub("", subject)


def _apart(parts: Iterable[Subtask]) -> tuple[tuple[Subtask, ...], tuple[Subtask, ...]]:
    """What a first line could not reproduce, and everything else."""
    handed_up, others = [], []
    for part in parts:
        (handed_up if part.state == Subtask.State.NOT_REPRODUCED else others).append(part)
    return tuple(handed_up), tuple(others)


@built_together
def _for_the_customer(case: int, told_as: tuple[int, ...], now: datetime):
    here = {"case__in": told_as}
    messages = Message.objects.filter(**here).before_the_customer(now)
    told = _told(case, Subtask.objects.filter(**here), Promise.objects.filter(**here), messages)
    return {**told, "wishes": Preference.objects.filter(case=case), **_beside(case, told_as)}


def _for_who_takes_part(
    case: Case, participant: Participant, share: Share, told_as: tuple[int, ...], now: datetime
) -> dict[str, QuerySet]:
    """By when is for everybody who takes part; what was promised, for who may read it: see ``Reading.reads``."""
    here = {"case__in": told_as}
    said = participant.sees == Participant.Sees.MESSAGES
    messages = share.of(Message.objects.filter(**here), "written_at")
    messages = messages.before_the_customer(now) if said else messages.none()
    parts = share.of(Subtask.objects.filter(**here), "asked_at")
    told = _told(case.pk, parts, Promise.objects.filter(case=case.pk), messages)
    wishes = Preference.objects.filter(case=participant.case_id) if said else Preference.objects.none()
    return {**told, "wishes": wishes, **(_beside(case.pk, (participant.case_id,)) if said else {})}


def _told(case: int, parts: QuerySet, promises: QuerySet, messages: QuerySet) -> dict[str, QuerySet]:
    given_up = (Subtask.State.DROPPED, Subtask.State.NOT_OURS)
    return {
        "parts": parts.exclude(state__in=given_up).select_related("department").order_by("asked_at", "pk"),
        "promises": promises.order_by("due_at", "pk"),
        "messages": messages.select_related("agent", "participant__person").order_by("send_at", "pk"),
        "latest": _resolutions(case).order_by("-pk")[:1],
    }


def _beside(case: int, together: tuple[int, ...]) -> dict[str, QuerySet]:
    """Estimates, complaints, noes, appeals, and what it was joined with.

    Args:
        together: the cases whose complaints, noes and appeals stand here; an estimate is of the case itself.
    """
    here = {"case__in": together}
    complaints, refusals = Complaint.objects.filter(**here), Refusal.objects.filter(**here)
    appeals = Appeal.objects.filter(**here)
    return {
        "estimates": Estimate.objects.filter(case=case).select_related("tell_by").order_by("-pk"),
        "complaints": complaints.select_related("owner", "answered_by_agent").order_by("pk"),
        "refusals": refusals.select_related("said_by_agent", "looker", "look_by").order_by("pk"),
        "taken_out": Joining.objects.filter(case=case, undone_at__isnull=False).select_related("into__customer"),
        "appeals": appeals.select_related("promise", "answer", "answered_by_agent", "taken_by_agent").order_by("pk"),
    }


def _leads_on(joining: Joining, case: Case) -> bool:
    """Something was said while the two were one, and what stands there is still the same person's to read."""
    if joining.into.customer.person_id != case.customer.person_id:
        return False
    there = Case.objects.told_as(Case.objects.behind(joining.into_id).get()).values("pk")
    return Message.objects.filter(case__in=there, written_at__range=(joining.joined_at, joining.undone_at)).exists()


def standing_resolution(case: Case) -> Resolution | None:
    """What has been proposed and not answered, with the wish it meets and who proposed it."""
    return _resolutions(case.pk).filter(ended_at=None).first()


def _resolutions(case: int) -> QuerySet:
    return Resolution.objects.filter(case=case).select_related("meets", "proposed_by_agent")


def zone_of(case: Case, person: Customer | None = None) -> ZoneInfo:
    """The zone in which this case's customer, or who takes part, reads times; one that no longer exists does not hide
    the page."""
    try:
        return ZoneInfo((person or case.customer).zone)
    except (ValueError, OSError, KeyError):
        return ZoneInfo(case.owner.department.calendar.zone)
