"""What ends when somebody we waited for has spoken: reminders, silence, what was put aside too early; and, where the
owner was waited for, what others had to make sure."""

from __future__ import annotations

from cases import timeline
from cases.actors import Actor, agent_or_none
from cases.holding import held
from cases.models import Assurance, Case, Resolution
from cases.models.timeline import Kind
from cases.verbs.locking import write
from supportdesk import clock
from supportdesk.statements import built_once


def end(case: Case, *, by: Actor) -> None:
    """The customer has spoken, on a locked case: nobody reminds any more, nothing is unconfirmed or stays aside.

    A standing proposal stands: the customer can still say yes to it.
    """
    waive_reminders(case)
    if case.is_open and case.is_ended_by_customer:
        # They had ended it, and have more to say: nothing closes by itself any more.
        case.yes_at = case.withdrawn_at = None
        write(case, "yes_at", "withdrawn_at")
    if (resolution := standing(case)) is not None:
        resolution.unconfirmed_due_at = resolution.unconfirmed_at = resolution.supervisors_by = None
        resolution.save(update_fields=["unconfirmed_due_at", "unconfirmed_at", "supervisors_by"])
    if case.state == Case.State.UNCONFIRMED:
        case.state = Case.State.PROPOSED
        write(case, "state")
    elif case.is_put_aside:
        open_again(case)
        timeline.record(case, Kind.REOPENED, by=by)


def go_on(case: Case, *, by: Actor) -> None:
    """The customer shows that it is not over, on a locked case: as ``end``, and nothing stays closed either."""
    end(case, by=by)
    if not case.is_open:
        open_again(case)
        timeline.record(case, Kind.REOPENED, by=by)


def end_assurances(case: Case, *, by: Actor) -> None:
    """The owner or a supervisor has spoken to the customer, on a locked case: whoever made sure of it is free."""
    if agent_or_none(by) is None:
        return
    standing = _standing_assurances(case.pk)
    if not standing:
        return
    case.assurances.standing().update(ended_at=clock.now())
    agents = sorted({assurance.agent_id for assurance in standing})
    timeline.record(case, Kind.MADE_SURE, by=by, data={"agents": agents})


@built_once
def _standing_assurances(case: int):
    return Assurance.objects.standing().filter(case=case)


def waive_reminders(case: Case) -> None:
    """The reminders that have not gone out are not needed any more."""
    case.reminders.filter(sent_at=None, waived_at=None).update(waived_at=clock.now())


def standing(case: Case) -> Resolution | None:
    """The proposal that the customer has not answered yet, if there is one."""
    in_hand = held(case.pk)
    if in_hand and in_hand.resolution and in_hand.resolution.ended_at is None:
        return in_hand.resolution
    return case.resolutions.filter(ended_at=None).first()


def stand(case: Case, resolution: Resolution) -> None:
    """This proposal, just written, is the standing one."""
    if (in_hand := held(case.pk)) is not None:
        in_hand.resolution = resolution


def end_resolution(case: Case, answer: str = Resolution.Answer.NONE) -> Resolution | None:
    """End the standing proposal, if there is one, and its reminders."""
    resolution = standing(case)
    if resolution is not None:
        # Of an unconfirmed one they have all gone out or been waived.
        if resolution.unconfirmed_at is None:
            waive_reminders(case)
        resolution.ended_at, resolution.answer = clock.now(), answer
        resolution.save(update_fields=["ended_at", "answer"])
    return resolution


def open_again(case: Case) -> None:
    """Back to open with the same owner; what said that it was over is taken back."""
    case.state = Case.State.OPEN
    case.closed_at = case.closed_by_agent = case.yes_at = case.withdrawn_at = case.decide_by = case.joined_into = None
    case.closed_by = case.outcome = case.not_a_case = ""
    write(
        case,
        *("state", "closed_at", "closed_by", "closed_by_agent", "outcome", "not_a_case", "joined_into"),
        *("yes_at", "withdrawn_at", "decide_by"),
    )
