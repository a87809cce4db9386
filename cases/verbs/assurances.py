""" "I make sure": who answers a live call without owning the case answers for the owner being in touch."""

from __future__ import annotations

from django.db import transaction

from cases import permissions, timeline
from cases.actors import DESK, Actor
from cases.models import Assurance, Case, Message
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import conversation, next_step, promises, waiting
from cases.verbs.locking import lock
from supportdesk import clock
from supportdesk.errors import Refused


@transaction.atomic
def take_call(case: Case, said: str, *, by: Actor, once: str = "") -> Assurance:
    """Write down what the customer said on the telephone and promise one thing: that the owner will be in touch.

    It stays on the list of who took the call until the owner or a supervisor has spoken to the customer
    (``waiting.end_assurances``). A closed case is open again.

    Args:
        said: the customer's words.
        once: key of the form; the same key is one call.

    Raises:
        NotAllowed: the actor is no agent at work, or may not see the case.
        Refused: no words, too many, or the actor owns the case or stands in for who does.
    """
    case = lock(case)
    permissions.require(
        permissions.may_take_call(by) and Case.objects.visible_to(by).filter(pk=case.pk).exists(),
        "staff_only",
        "Only an agent who may see this case takes a call about it.",
    )
    twin, once = sent_before(Assurance, once, case_id=case.pk, agent_id=by.pk, said=said.strip())
    if twin is not None:
        return twin
    require_not_theirs(case, by=by)
    call = conversation.hear(case, said, channel=Message.Channel.PHONE, listener=by)
    timeline.record(case, Kind.CALL_TAKEN, by=by, message=call)
    waiting.go_on(case, by=by)
    promise = promises.soon_in_touch(case) or promises.add(
        case, promises.Pledge("be in touch with you", promises.first_answer_due(case)), by=DESK
    )
    next_step.refresh(case)
    return Assurance.objects.create(case=case, agent=by, call=call, promise=promise, made_at=clock.now(), once=once)


def require_not_theirs(case: Case, *, by: Actor) -> None:
    """Whoever owns the case, or stands in for who does, answers by themselves.

    Raises:
        Refused: says so, and what to do instead.
    """
    if permissions.looks_after(by, case):
        whose = "It is your own case" if permissions.owns(by, case) else f"You stand in for {case.owner.first_name}"
        raise Refused("owns_it", f"{whose}: answer {case.customer.first_name}, and promise what comes next.")
