"""Joining: several cases of one problem become one, all numbers lead there, and for a day it can be undone."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf

from cases import permissions, timeline
from cases.actors import Actor, kind_of
from cases.models import Case, Handover, Joining, Message, Promise
from cases.models.timeline import Kind
from cases.verbs import closing, next_step, promises, waiting
from cases.verbs.locking import lock_itself, one_joining_at_a_time
from cases.verbs.opening import last_words
from customers.identity import person_of
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

UNDONE_WITHIN = timedelta(days=1)


@transaction.atomic
def join(case: Case, into: Case, *, by: Actor) -> Case:
    """Join a case into another of the same customer: it is the same problem. The surviving case is returned.

    What is still owed to the customer, and what departments still do, goes over as it is.

    Args:
        into: the case that goes on; one that was joined itself stands for the one that survived.

    Raises:
        NotAllowed: the actor owns neither and is no supervisor.
        Conflict: the case was joined elsewhere in the meantime, or the other one into this.
        Refused: it is the same case, of another customer, or one of them is over.
    """
    one_joining_at_a_time()
    joined, survivor = _both(case.pk, into.pk)
    permissions.require(
        permissions.may_join(by, joined, survivor),
        "not_your_case",
        f"Only {joined.owner.name} or {survivor.owner.name}, who own these cases, or a supervisor can join them.",
    )
    if joined.joined_into_id and _leads_to(joined, survivor):
        return survivor
    _require_joinable(joined, survivor, into)
    _carry_over(joined, survivor)
    _take_newer_words(joined, survivor, by)
    _close(joined, survivor, by)
    timeline.record(joined, Kind.JOINED, by=by, other_case=survivor)
    timeline.record(survivor, Kind.JOINED_HERE, by=by, other_case=joined)
    _settle(survivor)
    return survivor


@transaction.atomic
def undo(case: Case, *, by: Actor) -> Case:
    """Take a joined case out again, for a day: it opens with its owner and with what is still owed of its own.

    Args:
        case: the one that was joined.

    Raises:
        NotAllowed: the actor owns neither and is no supervisor.
        Refused: it was never joined, or more than a day ago.
    """
    one_joining_at_a_time()
    joined = lock_itself(case.pk)
    joining = joined.joinings.order_by("-pk").first()
    if joining is None:
        raise Refused("not_joined", f"{joined.number} was not joined into another case.")
    survivor = lock_itself(Case.objects.behind(joining.into_id).values_list("pk", flat=True).get())
    permissions.require(
        permissions.may_join(by, joined, survivor),
        "not_your_case",
        f"Only {joined.owner.name} or {survivor.owner.name}, who own these cases, or a supervisor can undo this.",
    )
    if joining.undone_at is not None:
        return joined
    now = clock.now()
    if now - joining.joined_at >= UNDONE_WITHIN:
        raise Refused(
            "too_late_to_undo",
            f"{joined.number} was joined more than a day ago. Split off what is a problem of its own.",
        )
    joining.undone_at, joining.undone_by_agent = now, by
    joining.save(update_fields=["undone_at", "undone_by_agent"])
    _give_back(joined, survivor)
    waiting.open_again(joined)
    timeline.record(joined, Kind.UNJOINED, by=by, other_case=survivor)
    timeline.record(survivor, Kind.UNJOINED_HERE, by=by, other_case=joined)
    next_step.refresh(joined)
    promises.promise_to_be_in_touch(joined, beside_late=True)
    next_step.refresh(joined)
    _recall_latest_words(survivor)
    if not closing.close_if_agreed(survivor):
        _settle(survivor)
    return joined


# -- which two -------------------------------------------------------------------------------------------------------


def _both(joined: int, into: int) -> tuple[Case, Case]:
    """The case itself, and the one to which the other number leads, both locked.

    Where numbers lead is certain: nobody else joins meanwhile. As in `lock` the surviving one comes last.
    """
    survivor = Case.objects.behind(into).values_list("pk", flat=True).get()
    return lock_itself(joined), lock_itself(survivor)


def _leads_to(joined: Case, survivor: Case) -> bool:
    return Case.objects.behind(joined.pk).filter(pk=survivor.pk).exists()


def _require_joinable(joined: Case, survivor: Case, into: Case) -> None:
    if joined.joined_into_id:
        raise Conflict(
            "joined_elsewhere", f"{joined.number} was joined into {joined.joined_into.number} in the meantime."
        )
    if joined.pk == into.pk:
        raise Refused("same_case", f"{joined.number} is this case. Choose another one.", field="into")
    if joined.pk == survivor.pk:
        raise Conflict(
            "joined_the_other_way", f"{into.number} was joined into this one in the meantime: they are one already."
        )
    if person_of(joined.customer) != person_of(survivor.customer):
        raise Refused(
            "another_customer",
            f"{survivor.number} is a problem of {survivor.customer.name}. Add {joined.customer.name} there as somebody"
            " who takes part; if they are one person, merge the two customers first.",
            field="into",
        )
    for case in (joined, survivor):
        if not case.is_open:
            raise Refused("case_closed", f"{case.number} is closed. Only open cases are joined.", field="into")
    if bool(joined.confidential_since) != bool(survivor.confidential_since):
        hidden, shown = (joined, survivor) if joined.confidential_since else (survivor, joined)
        raise Refused(
            "one_is_confidential",
            f"{hidden.number} is confidential, {shown.number} is not. Make both alike before you join them.",
            field="into",
        )


# -- joining ---------------------------------------------------------------------------------------------------------


def _carry_over(joined: Case, survivor: Case) -> None:
    """What is owed and what is being done goes on there, as it was promised and asked."""
    carried = {"case": survivor, "carried_from": Coalesce(F("carried_from"), Value(joined.pk))}
    joined.promises.owed().update(**carried)
    joined.subtasks.open().update(**carried)
    # What was proposed or offered was about a case of its own.
    waiting.end_resolution(joined)
    joined.handovers.filter(state=Handover.State.OFFERED).update(
        state=Handover.State.OVERTAKEN, answered_at=clock.now()
    )


def _take_newer_words(joined: Case, survivor: Case, by: Actor) -> None:
    if not joined.yes_at and _told_again_since(joined, survivor):
        waiting.end(survivor, by=by)
    if joined.customer_wrote_at > survivor.customer_wrote_at:
        survivor.latest_words, survivor.customer_wrote_at = joined.latest_words, joined.customer_wrote_at
    survivor.we_wrote_at = max(filter(None, (joined.we_wrote_at, survivor.we_wrote_at)), default=None)
    survivor.save(update_fields=["latest_words", "customer_wrote_at", "we_wrote_at"])


def _told_again_since(joined: Case, survivor: Case) -> bool:
    """Whether the customer told it anew after their yes, or after we asked: then they have not said that it is over."""
    asked = survivor.resolutions.filter(ended_at=None).values_list("proposed_at", flat=True).first()
    return any(joined.customer_wrote_at > since for since in (survivor.yes_at, asked) if since)


def _close(joined: Case, survivor: Case, by: Actor) -> None:
    now = clock.now()
    joined.state, joined.outcome, joined.joined_into = Case.State.CLOSED, Case.Outcome.JOINED, survivor
    joined.closed_at, joined.closed_by, joined.closed_by_agent = now, kind_of(by), by
    joined.save(update_fields=["state", "outcome", "joined_into", "closed_at", "closed_by", "closed_by_agent"])
    Joining.objects.create(case=joined, into=survivor, joined_at=now, joined_by_agent=by)
    next_step.refresh(joined)


def _settle(survivor: Case) -> None:
    """An open case has a next step: where nothing is left, the desk promises that the owner will be in touch."""
    next_step.refresh(survivor)
    if survivor.is_open and survivor.next_step == Case.NextStep.NOTHING:
        promises.promise_to_be_in_touch(survivor, beside_late=False)
        next_step.refresh(survivor)


# -- undoing ---------------------------------------------------------------------------------------------------------


def _give_back(joined: Case, survivor: Case) -> None:
    """What came from there and has not ended goes back; of a moved promise also what it was before."""
    told_as = Case.objects.told_as(joined).values("pk")
    back = {"case": joined, "carried_from": NullIf(F("carried_from"), Value(joined.pk))}
    moved = Q(state__in=(Promise.State.MOVED, Promise.State.RENEGOTIATED))
    theirs = survivor.promises.filter(carried_from__in=told_as)
    (theirs.owed() | theirs.filter(moved)).update(**back)
    survivor.subtasks.open().filter(carried_from__in=told_as).update(**back)


def _recall_latest_words(case: Case) -> None:
    """What lists show of the conversation, without what went."""
    said = Message.objects.filter(case__in=Case.objects.told_as(case).values("pk")).order_by("-written_at", "-pk")
    theirs = said.filter(direction=Message.Direction.IN).first()
    ours = said.filter(direction=Message.Direction.OUT).first()
    if theirs is not None:
        case.latest_words, case.customer_wrote_at = last_words(theirs.body), theirs.written_at
    case.we_wrote_at = ours.written_at if ours else None
    case.save(update_fields=["latest_words", "customer_wrote_at", "we_wrote_at"])
