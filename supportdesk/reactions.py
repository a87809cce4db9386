"""What follows from a change: for each kind of entry the reactions it has. The flow of the program at a glance.

A reaction only writes rows, each with a unique key, so that doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from cases import permissions
from cases.actors import ActorKind
from cases.involvement import involved_in
from cases.models import Entry, Notice
from cases.models.timeline import Kind
from staff.models import Agent
from supportdesk import clock

Reaction = Callable[[Entry], None]


def tell_owner(entry: Entry) -> None:
    """The owner should know."""
    _tell(entry, "tell_owner", entry.case.owner)


def tell_owner_of_the_desks_act(entry: Entry) -> None:
    """The owner should know what the desk did by itself; what people did has its own entry."""
    if entry.actor == ActorKind.DESK:
        tell_owner(entry)


def tell_receiver(entry: Entry) -> None:
    """Whoever was offered the case should answer."""
    _tell(entry, "tell_receiver", entry.handover.to_agent)


def tell_giver(entry: Entry) -> None:
    """Whoever offered the case should know the answer."""
    _tell(entry, "tell_giver", entry.handover.from_agent)


def tell_former_owner(entry: Entry) -> None:
    """Whoever owned the case until now should know why not any more."""
    _tell(entry, "tell_former_owner", Agent.objects.get(pk=entry.data["from"]))


def tell_worker(entry: Entry) -> None:
    """Whoever has the part should know what the owner has answered."""
    if entry.subtask.agent is not None:
        _tell(entry, "tell_worker", entry.subtask.agent)


def tell_who_comes_after(entry: Entry) -> None:
    """What came first has ended: whoever has a part that comes after it can begin."""
    behind = entry.case.subtasks.open().filter(after=entry.subtask).exclude(agent=None).select_related("agent")
    for part in behind:
        _tell(entry, "tell_who_comes_after", part.agent)


def tell_who_made_sure(entry: Entry) -> None:
    """The owner has spoken: whoever made sure of it is free."""
    for agent in Agent.objects.filter(pk__in=entry.data["agents"]):
        _tell(entry, "tell_who_made_sure", agent)


def tell_complaint_owner(entry: Entry) -> None:
    """Whoever is to answer the complaint should know; one that is up for taking is told to all who could."""
    complaint = entry.complaint
    if not complaint.owner.is_fallback:
        _tell(entry, "tell_complaint_owner", complaint.owner)
        return
    involved = involved_in(complaint)
    for agent in _supervisors():
        if permissions.may_judge(agent, involved):
            _tell(entry, "tell_complaint_owner", agent)


def tell_who_may_look(entry: Entry) -> None:
    """A customer disputes a no: the supervisors who may look at it should know."""
    for agent in _supervisors():
        if permissions.may_look_again(agent, entry.refusal, entry.case):
            _tell(entry, "tell_who_may_look", agent)


def tell_refuser(entry: Entry) -> None:
    """Whoever said no should know what became of it."""
    _tell(entry, "tell_refuser", entry.refusal.said_by_agent)


def tell_owner_of_joined(entry: Entry) -> None:
    """Who owned the joined case should know; whoever owns the other one too reads it there."""
    if entry.case.owner_id != entry.other_case.owner_id:
        tell_owner(entry)


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    Kind.MESSAGE_FROM_CUSTOMER: (tell_owner,),
    Kind.CUSTOMER_SAID_YES: (tell_owner,),
    Kind.CUSTOMER_SAID_NOT_YET: (tell_owner,),
    Kind.CUSTOMER_UNDERSTOOD: (tell_owner,),
    Kind.CUSTOMER_DID_NOT_ACCEPT: (tell_owner,),
    Kind.CUSTOMER_WITHDREW: (tell_owner,),
    Kind.WROTE_AFTER_CLOSING: (tell_owner,),
    Kind.REOPENED: (tell_owner_of_the_desks_act,),
    Kind.PUT_ASIDE: (tell_owner,),
    Kind.TAKEN_BACK_IN: (tell_owner,),
    Kind.SUBTASK_DONE: (tell_owner, tell_who_comes_after),
    Kind.SUBTASK_NOT_OURS: (tell_owner, tell_who_comes_after),
    Kind.SUBTASK_DROPPED: (tell_owner, tell_worker, tell_who_comes_after),
    Kind.SUBTASK_NOT_REPRODUCED: (tell_owner,),
    Kind.SUBTASK_WAITS: (tell_owner,),
    Kind.SUBTASK_GOES_ON: (tell_owner,),
    Kind.SUBTASK_LATER_ASKED: (tell_owner,),
    Kind.SUBTASK_LATER_REFUSED: (tell_owner, tell_worker),
    Kind.SUBTASK_DATE_MOVED: (tell_owner, tell_worker),
    Kind.CALL_TAKEN: (tell_owner,),
    Kind.MADE_SURE: (tell_who_made_sure,),
    Kind.PROMISE_BROKEN: (tell_owner,),
    Kind.HANDOVER_OFFERED: (tell_receiver,),
    Kind.HANDOVER_ACCEPTED: (tell_giver,),
    Kind.HANDOVER_GIVEN_BACK: (tell_giver,),
    Kind.TAKEN_OVER: (tell_former_owner,),
    Kind.COMPLAINED: (tell_complaint_owner, tell_owner),
    Kind.COMPLAINT_HANDED_ON: (tell_complaint_owner,),
    Kind.COMPLAINT_ANSWERED: (tell_owner,),
    Kind.ANOTHER_LOOK_ASKED: (tell_who_may_look, tell_owner),
    Kind.LOOKED_AGAIN: (tell_owner, tell_refuser),
    Kind.JOINED: (tell_owner_of_joined,),
    Kind.JOINED_HERE: (tell_owner,),
    Kind.UNJOINED: (tell_owner_of_joined,),
    Kind.UNJOINED_HERE: (tell_owner,),
    Kind.SPLIT_OFF: (tell_owner,),
}


def _supervisors():
    return Agent.objects.able_to_work().filter(is_supervisor=True)


def _tell(entry: Entry, reaction: str, agent: Agent) -> None:
    """One notice per entry and agent; never about one's own act, never to who cannot or may not read it."""
    if agent.pk == entry.agent_id or not agent.can_sign_in or not permissions.may_see(agent, entry.case):
        return
    Notice.objects.bulk_create(
        [Notice(entry=entry, reaction=reaction, agent=agent, made_at=clock.now())], ignore_conflicts=True
    )
