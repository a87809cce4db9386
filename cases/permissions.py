"""Who may do what to a case: one page, asked by verbs and templates alike.

Every question takes the actor and what the act is about, and answers yes or no; of the database it asks only who is
involved in a confidential case, who is named above the supervisors, and, of somebody who does not own it, whether they
stand in for the owner. The replayed log acts as a supervisor would; the desk itself is not asked, its acts are called
by the rules.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from cases.actors import DESK, LOG, Actor, System
from cases.cover import covers
from cases.models import Case, Complaint, Concession, Handover, Participant, Refusal, Subtask
from cases.someone_else import Someone
from customers.models import Customer
from staff.models import Absence, Agent, Company
from supportdesk.errors import NotAllowed


def require(allowed: bool, code: str, sentence: str) -> None:
    """Raise ``NotAllowed`` with the sentence unless allowed."""
    if not allowed:
        raise NotAllowed(code, sentence)


def is_supervisor(by: Actor) -> bool:
    return by is LOG or (isinstance(by, Agent) and by.is_active and by.is_supervisor)


def stands_above(by: Actor) -> bool:
    """The head or the last rung: named people above the supervisors, who need not be supervisors themselves."""
    if not isinstance(by, Agent) or not by.is_active:
        return False
    if not hasattr(by, "named_above"):
        by.named_above = Company.objects.filter(Q(head=by.pk) | Q(ombudsperson=by.pk)).exists()
    return by.named_above


def remember_who_stands_above(by: Agent, company: Company) -> None:
    """The company is at hand: ``stands_above`` need not ask for it."""
    by.named_above = by.pk in (company.head_id, company.ombudsperson_id)


def looks_after_the_desk(by: Actor) -> bool:
    """A supervisor, or who is named above them."""
    return isinstance(by, Agent) and (is_supervisor(by) or stands_above(by))


def owns(by: Actor, case: Case) -> bool:
    return isinstance(by, Agent) and by.pk == case.owner_id


def stands_in(by: Actor, case: Case) -> bool:
    """While the owner is away: speak, promise and keep as the owner would. The owner stays the owner."""
    return isinstance(by, Agent) and by.is_active and covers(by, case)


def looks_after(by: Actor, case: Case) -> bool:
    """Own it, or stand in for who does."""
    return owns(by, case) or stands_in(by, case)


def may_see(by: Actor, case: Case) -> bool:
    """Read all of it (design rule 8). What a customer reads is asked of their link, not here."""
    if not isinstance(by, Agent) or not case.is_confidential or owns(by, case) or is_supervisor(by):
        return True
    return Case.objects.visible_to(by).filter(pk=case.pk).exists()


def may_keep_confidential(by: Actor, case: Case) -> bool:
    """Say who of the staff sees it."""
    return owns(by, case) or is_supervisor(by)


def may_speak(by: Actor, case: Case) -> bool:
    """Write to the customer, promise, ask departments, propose: one voice (design rule 7). Owner, cover, supervisor."""
    return owns(by, case) or is_supervisor(by) or stands_in(by, case)


def may_say_it_came_back(by: Actor, case: Case) -> bool:
    """Say that a message did not arrive: the channels, as the desk, and whoever speaks here."""
    return by is DESK or may_speak(by, case)


def may_join(by: Actor, one: Case, other: Case) -> bool:
    """Join two cases, and undo it: whoever speaks for one of them."""
    return isinstance(by, Agent) and (owns(by, other) or may_speak(by, one) or may_speak(by, other))


def may_note(by: Actor, case: Case) -> bool:
    return isinstance(by, Agent | System) and may_see(by, case)


def may_take(by: Actor, case: Case) -> bool:
    return isinstance(by, Agent) and by.is_active and by.can_sign_in and may_see(by, case)


def may_take_call(by: Actor) -> bool:
    """Answer a live call, write down what is said, and make sure that the owner is in touch (design rule 7)."""
    return isinstance(by, Agent) and by.is_active and by.can_sign_in


def may_take_over(by: Actor) -> bool:
    return isinstance(by, Agent) and is_supervisor(by)


def may_hand_over(by: Actor, case: Case) -> bool:
    """Offer it to somebody else: the owner, or a supervisor on the owner's behalf; never who stands in."""
    return isinstance(by, Agent) and (owns(by, case) or is_supervisor(by))


def may_leave_to_cover(by: Actor, case: Case) -> bool:
    """Say that who stands in keeps a promise which falls into the owner's absence."""
    return isinstance(by, Agent) and (owns(by, case) or is_supervisor(by))


def may_leave_all_to_cover(by: Actor, absence: Absence) -> bool:
    """The same for everything that falls into an absence."""
    return isinstance(by, Agent) and (by.pk == absence.agent_id or is_supervisor(by))


def may_answer_handover(by: Actor, handover: Handover) -> bool:
    return isinstance(by, Agent) and by.pk == handover.to_agent_id


def may_work_on(by: Actor, subtask: Subtask) -> bool:
    """See, accept and finish a department's part."""
    return by is LOG or (isinstance(by, Agent) and by.department_id == subtask.department_id)


def may_give_part(by: Actor, subtask: Subtask) -> bool:
    """Put a department's part into other hands of that department: itself, or a supervisor where who has it is gone."""
    return may_work_on(by, subtask) or is_supervisor(by)


def is_a_machine(by: Actor) -> bool:
    """A service account. It may act and owns nothing: neither a case nor a department's part of one."""
    return isinstance(by, Agent) and by.is_service


def may_close_unheard(by: Actor) -> bool:
    """Close without the customer's yes: as no answer, or by override."""
    return is_supervisor(by)


def may_close_unanswered(by: Actor, case: Case) -> bool:
    """Close as no answer: a supervisor, and never the owner nor who stands in (design rule 14)."""
    return may_close_unheard(by) and not looks_after(by, case)


def may_put_aside(by: Actor, case: Case) -> bool:
    """Say that it is no case at all, and take that back."""
    return may_speak(by, case)


def may_settle_flag(by: Actor, case: Case, *also_about: int | None) -> bool:
    """Nobody judges their own (design rule 14), nor what they stand in for.

    Args:
        *also_about: ids of agents whom it is about beside the owner: whose act raised it, who owned the case then, who
            stands in for the owner.
    """
    own = (case.owner_id, *also_about)
    return looks_after_the_desk(by) and by.pk not in own and not stands_in(by, case)


def may_keep_rules(by: Actor) -> bool:
    """Say which flags rise, from when on, and who is told."""
    return isinstance(by, Agent) and by.is_active and (by.is_supervisor or by.is_admin)


def may_note_to_owner(by: Actor, case: Case) -> bool:
    """Write inside to whoever owns it."""
    return looks_after_the_desk(by) and not owns(by, case)


def may_answer_appeal(by: Actor, case: Case, someone: Someone) -> bool:
    """Be the someone else whom a customer has asked for (design rule 14): nobody who had a part in it, nor looks after
    the case; and where an answer before has not helped, the one person who is named."""
    if not looks_after_the_desk(by) or not by.can_sign_in or by.pk in someone.barred or looks_after(by, case):
        return False
    return someone.named is None or by.pk == someone.named.pk


def may_refuse(by: Actor, case: Case) -> bool:
    """Say no: a person does, by name."""
    return isinstance(by, Agent) and may_speak(by, case)


def may_look_again(by: Actor, refusal: Refusal, case: Case) -> bool:
    """Look at a no once more: a supervisor who neither said it nor looks after the case (design rule 14)."""
    said_it = isinstance(by, Agent) and by.pk == refusal.said_by_agent_id
    return isinstance(by, Agent) and is_supervisor(by) and not said_it and not looks_after(by, case)


def may_complain(by: Actor, case: Case) -> bool:
    """Complain, or write down a complaint that one has heard."""
    return is_the_customer(by, case) or (isinstance(by, Agent) and by.is_active and may_see(by, case))


def may_judge(by: Actor, involved: Collection[int]) -> bool:
    """Own a complaint: a supervisor whom it is not about (design rule 14).

    Args:
        involved: ids of the agents whom it is about, see ``cases.involvement``.
    """
    return isinstance(by, Agent) and by.can_sign_in and is_supervisor(by) and by.pk not in involved


def owns_complaint(by: Actor, complaint: Complaint) -> bool:
    return isinstance(by, Agent) and by.pk == complaint.owner_id


def may_answer_complaint(by: Actor, complaint: Complaint, involved: Collection[int]) -> bool:
    return owns_complaint(by, complaint) and by.pk not in involved


def may_hand_on_complaint(by: Actor, complaint: Complaint, involved: Collection[int]) -> bool:
    """Its owner, even one who has become involved since: that is when it has to go on; or a supervisor who is not."""
    return owns_complaint(by, complaint) or may_judge(by, involved)


def acts_on_complaint(by: Actor, complaint: Complaint, involved: Collection[int]) -> dict[str, bool]:
    """What this agent may do about a complaint that has not been answered, by the act's name."""
    return {
        "take": complaint.owner.is_fallback and may_judge(by, involved),
        "answer": may_answer_complaint(by, complaint, involved),
        "hand_on": may_hand_on_complaint(by, complaint, involved),
    }


def may_make_right(by: Actor, case: Case) -> bool:
    """Make a broken promise right: a person does, by name."""
    return isinstance(by, Agent) and may_speak(by, case)


def may_give(by: Actor, case: Case) -> bool:
    """Give the customer something, or ask for it: a person does, by name."""
    return isinstance(by, Agent) and may_speak(by, case)


def may_decide(by: Actor, concession: Concession, case: Case, head_id: int | None) -> bool:
    """Decide what goes beyond a mandate: who was asked or the company's head, never who asked, nor the owner (rule 14).

    Args:
        head_id: id of the agent who is the company's head, if there is one.
    """
    is_asked = isinstance(by, Agent) and by.is_active and by.pk in (concession.decider_id, head_id)
    return is_asked and by.pk not in (concession.asked_by_agent_id, case.owner_id) and may_see(by, case)


def may_pass_on(by: Actor, concession: Concession, case: Case) -> bool:
    """Let another person decide what goes beyond a mandate: whoever speaks here, and who was asked."""
    was_asked = isinstance(by, Agent) and by.is_active and by.pk == concession.decider_id
    return isinstance(by, Agent) and may_see(by, case) and (was_asked or may_speak(by, case))


def may_invite(by: Actor, case: Case) -> bool:
    """Let other people take part, and say what they see."""
    return isinstance(by, Agent) and may_speak(by, case)


def is_the_customer(by: Actor, case: Case) -> bool:
    return isinstance(by, Customer) and by.person_id == case.customer.person_id


def may_answer(by: Actor, case: Case, participant: Participant | None) -> bool:
    """Say yes, not yet, or that it is not needed any more.

    Args:
        participant: as what they take part, if they are not the customer.
    """
    return is_the_customer(by, case) or (participant is not None and speaks_for_the_customer(participant, case))


def speaks_for_the_customer(participant: Participant, case: Case) -> bool:
    """Whether who takes part answers for the customer. Whoever answers reads everything: nobody does who takes part in
    a case that was joined into this one, and has not read what was said here before."""
    return participant.speaks_for and participant.case_id == case.pk


def part_of(by: Actor, case: Case) -> Participant | None:
    """As what a person beside the customer takes part, if they do: in the case itself, else in one joined into it."""
    if not isinstance(by, Customer):
        return None
    parts = Participant.objects.taking_part().filter(
        case__in=Case.objects.told_as(case).values("pk"), person__in=Customer.objects.person(by)
    )
    return min(parts, key=lambda part: (part.case_id != case.pk, part.pk), default=None)
