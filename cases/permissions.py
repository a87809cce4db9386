"""Who may do what to a case: one page, asked by verbs and templates alike.

Every question takes the actor and what the act is about, reads nothing but these, and answers yes or no. The replayed
log acts as a supervisor would; the desk itself is not asked, its acts are called by the rules.
"""

from __future__ import annotations

from cases.actors import LOG, Actor, System
from cases.models import Case, Handover, Subtask
from customers.models import Customer
from staff.models import Agent
from supportdesk.errors import NotAllowed


def require(allowed: bool, code: str, sentence: str) -> None:
    """Raise ``NotAllowed`` with the sentence unless allowed."""
    if not allowed:
        raise NotAllowed(code, sentence)


def is_supervisor(by: Actor) -> bool:
    return by is LOG or (isinstance(by, Agent) and by.is_active and by.is_supervisor)


def owns(by: Actor, case: Case) -> bool:
    return isinstance(by, Agent) and by.pk == case.owner_id


def may_speak(by: Actor, case: Case) -> bool:
    """Write to the customer, promise, ask departments, propose: one voice (design rule 7)."""
    return owns(by, case) or is_supervisor(by)


def may_note(by: Actor) -> bool:
    return isinstance(by, Agent | System)


def may_take(by: Actor) -> bool:
    return isinstance(by, Agent) and by.is_active and by.can_sign_in


def may_take_call(by: Actor) -> bool:
    """Answer a live call, write down what is said, and make sure that the owner is in touch (design rule 7)."""
    return isinstance(by, Agent) and by.is_active and by.can_sign_in


def may_take_over(by: Actor) -> bool:
    return isinstance(by, Agent) and is_supervisor(by)


def may_hand_over(by: Actor, case: Case) -> bool:
    return owns(by, case)


def may_answer_handover(by: Actor, handover: Handover) -> bool:
    return isinstance(by, Agent) and by.pk == handover.to_agent_id


def may_work_on(by: Actor, subtask: Subtask) -> bool:
    """See, accept and finish a department's part."""
    return by is LOG or (isinstance(by, Agent) and by.department_id == subtask.department_id)


def may_close_unheard(by: Actor) -> bool:
    """Close without the customer's yes: as no answer, or by override."""
    return is_supervisor(by)


def may_settle_flag(by: Actor, case: Case, *also_about: int | None) -> bool:
    """Nobody judges their own (design rule 14).

    Args:
        *also_about: ids of agents whom it is about beside the owner: whose act raised it, who owned the case then.
    """
    return isinstance(by, Agent) and is_supervisor(by) and by.pk not in (case.owner_id, *also_about)


def is_the_customer(by: Actor, case: Case) -> bool:
    return isinstance(by, Customer) and by.pk == case.customer_id
