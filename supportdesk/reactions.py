"""What follows from a change: for each kind of entry the reactions it has. The flow of the program at a glance.

A reaction only writes rows, each with a unique key, so that doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Q

from cases import permissions
from cases.actors import ActorKind
from cases.cover import cover_of
from cases.involvement import involved_in
from cases.models import Case, Entry, Notice, Subtask
from cases.models.timeline import Kind
from cases.someone_else import someone_for
from cases.verbs import appeals
from channels.models import Webhook
from channels.webhooks import wanting
from escalations import queue, rules
from escalations.models import Flag
from staff.models import Agent, Department
from supportdesk import clock

Reaction = Callable[[Entry], None]
Why = Notice.Why
Whom = Sequence[tuple[Agent, str]]


def tell_owner(entry: Entry) -> None:
    """The owner should know, and while the owner is away whoever stands in."""
    _tell_all(entry, "tell_owner", _owner_and_cover(entry.case))


def tell_owner_of_the_desks_act(entry: Entry) -> None:
    """The owner should know what the desk did by itself; what people did has its own entry."""
    if entry.actor == ActorKind.DESK:
        tell_owner(entry)


def tell_owner_of_a_colleagues_act(entry: Entry) -> None:
    """The owner should know what a supervisor or who stands in did with their case; what the desk did is its daily
    work, and what the customer did has its own entry."""
    if entry.agent_id:
        _tell_all(entry, "tell_owner_of_a_colleagues_act", _owner_and_cover(entry.case))


def tell_receiver(entry: Entry) -> None:
    """Whoever was offered the case should answer."""
    _tell(entry, "tell_receiver", entry.handover.to_agent, Why.ASKED)


def tell_giver(entry: Entry) -> None:
    """Whose case is offered should know, of the offer where another made it, and the answer."""
    _tell(entry, "tell_giver", entry.handover.from_agent, Why.OWN)


def tell_who_offered(entry: Entry) -> None:
    """A supervisor who offered the case on the owner's behalf should know the answer."""
    offers = entry.case.entries.filter(kind=Kind.HANDOVER_OFFERED, handover=entry.handover_id).select_related("agent")
    for offer in offers.exclude(agent=entry.handover.from_agent_id):
        _tell(entry, "tell_who_offered", offer.agent, why=Notice.Why.SUPERVISOR)


def tell_former_owner(entry: Entry) -> None:
    """Whoever owned the case until now should know why not any more."""
    _tell(entry, "tell_former_owner", Agent.objects.get(pk=entry.data["from"]), Why.OWN)


def tell_worker(entry: Entry) -> None:
    """Whoever has the part should know what the owner has answered, or that it is theirs."""
    if entry.subtask.agent is not None:
        _tell(entry, "tell_worker", entry.subtask.agent, Why.WORKER)


def tell_who_had_it(entry: Entry) -> None:
    """Whoever had it, a part or a decision, should know that another has it now."""
    _tell_all(entry, "tell_who_had_it", [(agent, Why.OWN) for agent in Agent.objects.filter(pk=entry.data["had"])])


def tell_who_comes_after(entry: Entry) -> None:
    """What came first has ended: whoever has a part that comes after it can begin."""
    behind = entry.case.subtasks.open().filter(after=entry.subtask).exclude(agent=None).select_related("agent")
    _tell_all(entry, "tell_who_comes_after", [(part.agent, Why.WORKER) for part in behind])


def tell_who_made_sure(entry: Entry) -> None:
    """The owner has spoken: whoever made sure of it is free."""
    agents = Agent.objects.filter(pk__in=entry.data["agents"])
    _tell_all(entry, "tell_who_made_sure", [(agent, Why.OWN) for agent in agents])


def tell_complaint_owner(entry: Entry) -> None:
    """Whoever is to answer the complaint should know; one that is up for taking is told to all who could."""
    complaint = entry.complaint
    if not complaint.owner.is_fallback:
        _tell(entry, "tell_complaint_owner", complaint.owner, Why.ASKED)
        return
    involved = involved_in(complaint)
    could = [agent for agent in _supervisors() if permissions.may_judge(agent, involved)]
    _tell_all(entry, "tell_complaint_owner", [(agent, Why.SUPERVISOR) for agent in could])


def tell_who_may_look(entry: Entry) -> None:
    """A customer disputes a no: the supervisors who may look at it should know."""
    may = [agent for agent in _supervisors() if permissions.may_look_again(agent, entry.refusal, entry.case)]
    _tell_all(entry, "tell_who_may_look", [(agent, Why.SUPERVISOR) for agent in may])


def tell_refuser(entry: Entry) -> None:
    """Whoever said no should know what became of it."""
    _tell(entry, "tell_refuser", entry.refusal.said_by_agent, Why.OWN)


def tell_decider(entry: Entry) -> None:
    """Whoever is to decide should know."""
    _tell(entry, "tell_decider", entry.concession.decider)


def tell_who_asked(entry: Entry) -> None:
    """Whoever asked for it should know the decision; the owner is told as such."""
    if entry.concession.asked_by_agent_id != entry.case.owner_id:
        _tell(entry, "tell_who_asked", entry.concession.asked_by_agent, Why.OWN)


def tell_who_can_be_someone_else(entry: Entry) -> None:
    """A customer asks for someone else: whoever could answer should know; where one is named, they alone."""
    appeal = appeals.open_appeal(entry.case)
    if appeal is None:
        return
    someone = someone_for(appeal, clock.now())
    for agent in [someone.named] if someone.named else _supervisors():
        if permissions.may_answer_appeal(agent, entry.case, someone):
            _tell(entry, "tell_who_can_be_someone_else", agent)


def tell_who_answered(entry: Entry) -> None:
    """Whoever answered as someone else should know whether it helped."""
    _tell(entry, "tell_who_answered", entry.appeal.answered_by_agent, Why.OWN)


def tell_the_rung(entry: Entry) -> None:
    """What nobody below has answered is before this person now."""
    agent = Agent.objects.filter(pk=entry.data["agent"]).first()
    if agent is not None:
        _tell(entry, "tell_the_rung", agent)


def reckon_anew(entry: Entry) -> None:
    """Where numbers lead has changed: the flags of both stand in another case's stay now."""
    queue.reckon_anew({entry.case_id, entry.other_case_id})


def tell_owner_of_joined(entry: Entry) -> None:
    """Who owned the joined case should know; whoever owns the other one too reads it there."""
    if entry.case.owner_id != entry.other_case.owner_id:
        tell_owner(entry)


def tell_by_rule(entry: Entry) -> None:
    """Something slipped: whoever its rule names should know, unless it is their own act or they were told of it."""
    flag = Flag.objects.get(pk=entry.data["flag"])
    if flag.settled_at is not None:
        return
    told_of = rules.tells(flag.rule)
    named = [pair for whom in _IN_THIS_ORDER if whom in told_of for pair in _IN_THIS_ORDER[whom](flag, entry.case)]
    left_out = set(_told_of_the_event(flag)) | _whose_act(flag)
    _tell_all(entry, "tell_by_rule", [(agent, why) for agent, why in named if agent.pk not in left_out])


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    Kind.MESSAGE_FROM_CUSTOMER: (tell_owner,),
    Kind.CUSTOMER_SAID_YES: (tell_owner,),
    Kind.CUSTOMER_SAID_NOT_YET: (tell_owner,),
    Kind.CUSTOMER_UNDERSTOOD: (tell_owner,),
    Kind.CUSTOMER_DID_NOT_ACCEPT: (tell_owner,),
    Kind.CUSTOMER_WITHDREW: (tell_owner,),
    Kind.WROTE_AFTER_CLOSING: (tell_owner,),
    Kind.REOPENED: (tell_owner_of_the_desks_act, tell_owner_of_a_colleagues_act),
    Kind.CLOSED: (tell_owner_of_a_colleagues_act,),
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
    Kind.SUBTASK_GIVEN: (tell_worker, tell_who_had_it, tell_owner),
    Kind.CALL_TAKEN: (tell_owner,),
    Kind.MESSAGE_DID_NOT_ARRIVE: (tell_owner,),
    Kind.MADE_SURE: (tell_who_made_sure,),
    Kind.PROMISE_BROKEN: (tell_owner,),
    Kind.HANDOVER_OFFERED: (tell_receiver, tell_giver),
    Kind.HANDOVER_ACCEPTED: (tell_giver, tell_who_offered),
    Kind.HANDOVER_GIVEN_BACK: (tell_giver, tell_who_offered),
    Kind.TAKEN_OVER: (tell_former_owner,),
    Kind.COMPLAINED: (tell_complaint_owner, tell_owner),
    Kind.COMPLAINT_HANDED_ON: (tell_complaint_owner,),
    Kind.COMPLAINT_ANSWERED: (tell_owner,),
    Kind.ANOTHER_LOOK_ASKED: (tell_who_may_look, tell_owner),
    Kind.LOOKED_AGAIN: (tell_owner, tell_refuser),
    Kind.JOINED: (tell_owner_of_joined, reckon_anew),
    Kind.JOINED_HERE: (tell_owner,),
    Kind.UNJOINED: (tell_owner_of_joined, reckon_anew),
    Kind.UNJOINED_HERE: (tell_owner,),
    Kind.SPLIT_OFF: (tell_owner,),
    Kind.FLAG_RAISED: (tell_by_rule,),
    Kind.FLAG_SETTLED: (tell_owner_of_a_colleagues_act,),
    Kind.PROMISE_MOVED: (tell_owner_of_a_colleagues_act,),
    Kind.PROMISE_RENEGOTIATED: (tell_owner_of_a_colleagues_act,),
    Kind.PROMISE_AGREED: (tell_owner,),
    Kind.PROMISE_NOT_AGREED: (tell_owner,),
    Kind.MADE_RIGHT: (tell_owner,),
    Kind.CONCESSION_ASKED: (tell_decider, tell_owner),
    Kind.CONCESSION_PASSED_ON: (tell_decider, tell_who_had_it, tell_owner, tell_who_asked),
    Kind.CONCESSION_GRANTED: (tell_owner, tell_who_asked),
    Kind.CONCESSION_DECLINED: (tell_owner, tell_who_asked),
    Kind.NOTE_TO_OWNER: (tell_owner,),
    Kind.SOMEONE_ELSE_ASKED: (tell_who_can_be_someone_else, tell_owner),
    Kind.SOMEONE_ELSE_TAKEN: (tell_owner,),
    Kind.SOMEONE_ELSE_ANSWERED: (tell_owner,),
    Kind.ANSWER_HELPED: (tell_who_answered, tell_owner),
    Kind.ANSWER_DID_NOT_HELP: (tell_who_can_be_someone_else, tell_who_answered, tell_owner),
    Kind.WENT_HIGHER: (tell_the_rung,),
}


def tell_webhooks(entry: Entry) -> None:
    """Programs elsewhere that want to hear of it should."""
    wanting.write_deliveries(entry)


# What follows from an entry whatever its kind.
OF_EVERY_KIND: tuple[Reaction, ...] = (tell_webhooks,)


def reactions_now() -> Callable[[str], tuple[Reaction, ...]]:
    """The reactions by kind, as the desk is set up at this moment: asked once for many entries.

    Where no webhook is on, nobody asks for each entry who wants it.
    """
    for_all = OF_EVERY_KIND if Webhook.objects.on().exists() else ()
    return lambda kind: REACTIONS.get(kind, ()) + for_all


def _supervisors():
    return Agent.objects.able_to_work().filter(is_supervisor=True)


# -- whom a rule tells, each with why --------------------------------------------------------------------------------


def _owner_of_flagged(flag: Flag, case: Case) -> Whom:
    return [(case.owner, Why.OWNER)]


def _cover_of_flagged(flag: Flag, case: Case) -> Whom:
    return _owner_and_cover(case)[1:]


def _lead_of_flagged(flag: Flag, case: Case) -> Whom:
    """The lead of the department whose part it is, else of the owner's."""
    department = case.owner.department_id
    if flag.rule.startswith("subtask_"):
        department = Subtask.objects.values_list("department", flat=True).get(pk=flag.subject)
    lead = Department.objects.select_related("lead").get(pk=department).lead
    return [(lead, Why.LEAD)] if lead else []


def _supervisors_of_flagged(flag: Flag, case: Case) -> Whom:
    """The supervisors who may do something about it; where there is none, all of them: better than nobody."""
    everybody = list(_supervisors())
    may = [agent for agent in everybody if permissions.may_settle_flag(agent, case, flag.act_of_id)]
    return [(agent, Why.SUPERVISOR) for agent in may or everybody]


# Whoever is named twice is told once, for the first of these reasons.
_IN_THIS_ORDER: dict[str, Callable[[Flag, Case], Whom]] = {
    "owner": _owner_of_flagged,
    "cover": _cover_of_flagged,
    "lead": _lead_of_flagged,
    "supervisors": _supervisors_of_flagged,
}


def _told_of_the_event(flag: Flag):
    """Ids of the agents who were told already of what happened: the flag says the same once more."""
    of_the_entry = Q(entry=flag.subject, entry__at=flag.became_true_at)
    if flag.rule == "promise_broken":
        of_the_entry = Q(entry__promise=flag.subject, entry__kind=Kind.PROMISE_BROKEN)
    return Notice.objects.filter(of_the_entry, entry__case=flag.case_id).values_list("agent", flat=True)


def _whose_act(flag: Flag) -> set[int]:
    """Nobody is told of their own act. What a person has let happen is none: of that they should hear."""
    rule = rules.BY_NAME.get(flag.rule)
    is_act = rule is not None and rule.nature is rules.Nature.EVENT and flag.rule != "promise_broken"
    return {flag.act_of_id} if is_act else set()


# -- telling ---------------------------------------------------------------------------------------------------------


def _owner_and_cover(case: Case) -> Whom:
    """The one place that says who hears what concerns the owner."""
    cover = cover_of(case)
    return [(case.owner, Why.OWNER)] + ([(cover, Why.COVER)] if cover else [])


def _tell(entry: Entry, reaction: str, agent: Agent, why: str = Why.ASKED) -> None:
    _tell_all(entry, reaction, [(agent, why)])


def _tell_all(entry: Entry, reaction: str, whom: Whom) -> None:
    """One notice per entry and agent, whatever the reactions; never about one's own act, never to who cannot or may
    not read it."""
    told = set(Notice.objects.filter(entry=entry).exclude(reaction=reaction).values_list("agent", flat=True))
    notices = []
    for agent, why in whom:
        if agent.pk == entry.agent_id or agent.pk in told:
            continue
        if not (agent.is_active and agent.can_sign_in and permissions.may_see(agent, entry.case)):
            continue
        told.add(agent.pk)
        notices.append(Notice(entry=entry, reaction=reaction, agent=agent, why=why, made_at=clock.now()))
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
