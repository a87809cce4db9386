"""Sub-tasks: what departments do for the case, rolled up into it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases import permissions, timeline
from cases.actors import Actor, agent_or_none
from cases.models import Case, Subtask
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import closing, promises
from cases.verbs.locking import as_it_is, lock
from staff.models import Department
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused

LONGEST_PLAIN_WORDS = 200


@transaction.atomic
def ask(case: Case, department: Department, what: str, *, by: Actor, plain_words: str = "", once: str = "") -> Subtask:
    """Ask a department to do its part.

    Args:
        what: what is needed.
        plain_words: what the customer reads about it; empty: that the department is working on it.
        once: key of the form; the same key asks once.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: nothing is asked, too many plain words, or the case is closed.
    """
    case = lock(case)
    promises.require_voice(by, case)
    twin, once = sent_before(Subtask.objects, once, case_id=case.pk, ask=what.strip(), department_id=department.pk)
    if twin is not None:
        return twin
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed. Reopen it to ask a department.")
    if not what.strip():
        raise Refused("words_needed", f"Say what {department.name} is to do.", field="what")
    if len(plain_words) > LONGEST_PLAIN_WORDS:
        raise Refused("words_too_long", f"Tell it in at most {LONGEST_PLAIN_WORDS} characters.", field="plain_words")
    subtask = Subtask.objects.create(
        case=case,
        department=department,
        ask=what.strip(),
        plain_words=plain_words.strip(),
        asked_at=clock.now(),
        asked_by_agent=agent_or_none(by),
        once=once,
    )
    timeline.record(case, Kind.SUBTASK_ASKED, by=by, subtask=subtask)
    return subtask


@transaction.atomic
def see(subtask: Subtask, *, by: Actor) -> Subtask:
    """The department has seen it.

    Raises:
        NotAllowed: the actor is of another department.
    """
    case, subtask = _part(subtask)
    _require_department(by, subtask)
    if subtask.seen_at is not None or not subtask.is_open:
        return subtask
    _change(subtask, state=Subtask.State.SEEN, seen_at=clock.now())
    timeline.record(case, Kind.SUBTASK_SEEN, by=by, subtask=subtask)
    return subtask


@transaction.atomic
def accept(subtask: Subtask, *, committed_at: datetime, by: Actor) -> Subtask:
    """Take it into work and say by when it is done. With another date later: the date moves, and the owner is told.

    Args:
        committed_at: aware datetime, still ahead.

    Raises:
        NotAllowed: the actor is of another department.
        Conflict: it has ended, or a colleague has it.
        Refused: the date is past.
    """
    case, subtask = _part(subtask)
    _require_department(by, subtask)
    _require_running(subtask)
    in_work = subtask.state == Subtask.State.IN_WORK
    if in_work and subtask.agent_id not in (None, getattr(by, "pk", None)):
        raise Conflict("taken_already", f"{subtask.agent.name} has this already.")
    now = clock.now()
    if in_work and subtask.committed_at == committed_at and committed_at > now:
        return subtask
    if committed_at <= now:
        raise Refused("date_in_the_past", "Give a time that is still ahead.", field="committed_at")
    if committed_at > now + promises.FURTHEST:
        raise Refused("date_too_far", "Give a time within a year.", field="committed_at")
    before = subtask.committed_at
    _change(
        subtask,
        state=Subtask.State.IN_WORK,
        agent=agent_or_none(by),
        committed_at=committed_at,
        seen_at=subtask.seen_at or now,
    )
    if in_work:
        timeline.record(
            case, Kind.SUBTASK_DATE_MOVED, by=by, subtask=subtask, data={"from": before, "to": committed_at}
        )
    else:
        timeline.record(case, Kind.SUBTASK_ACCEPTED, by=by, subtask=subtask, data={"to": committed_at})
    return subtask


@transaction.atomic
def done(subtask: Subtask, *, outcome: str, by: Actor) -> Subtask:
    """The department has done its part; the owner is told what came of it.

    Raises:
        NotAllowed: the actor is of another department.
        Conflict: it has ended in another way.
        Refused: no outcome is given.
    """
    return _end(subtask, Subtask.State.DONE, Kind.SUBTASK_DONE, outcome, "Say what came of it.", by=by)


@transaction.atomic
def not_ours(subtask: Subtask, *, reason: str, by: Actor) -> Subtask:
    """It is not this department's: back to the owner, never silently on to another.

    Raises:
        NotAllowed: the actor is of another department.
        Conflict: it has ended in another way.
        Refused: no reason is given.
    """
    return _end(subtask, Subtask.State.NOT_OURS, Kind.SUBTASK_NOT_OURS, reason, "Say why it is not yours.", by=by)


@transaction.atomic
def drop(subtask: Subtask, *, reason: str, by: Actor) -> Subtask:
    """The owner does not need it any more.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it has ended in another way.
        Refused: no reason is given.
    """
    return _end(subtask, Subtask.State.DROPPED, Kind.SUBTASK_DROPPED, reason, "Say why it is not needed.", by=by)


def _end(subtask: Subtask, state: str, kind: Kind, words: str, ask_for_words: str, *, by: Actor) -> Subtask:
    case, subtask = _part(subtask)
    if state == Subtask.State.DROPPED:
        promises.require_voice(by, case)
    else:
        _require_department(by, subtask)
    if subtask.state == state:
        if subtask.outcome != words.strip():
            raise Conflict("ended_already", "This has been answered already, in other words. Look at the case anew.")
        return subtask
    _require_running(subtask)
    if not words.strip():
        raise Refused("words_needed", ask_for_words, field="words")
    now = clock.now()
    _change(
        subtask,
        state=state,
        outcome=words.strip(),
        ended_at=now,
        ended_by_agent=agent_or_none(by),
        seen_at=subtask.seen_at or (None if state == Subtask.State.DROPPED else now),
    )
    timeline.record(case, kind, by=by, subtask=subtask)
    closing.close_if_agreed(case)
    return subtask


def _part(subtask: Subtask) -> tuple[Case, Subtask]:
    case = lock(subtask.case_id)
    return case, as_it_is(subtask)


def _change(subtask: Subtask, **facts) -> None:
    for name, value in facts.items():
        setattr(subtask, name, value)
    subtask.save(update_fields=list(facts))


def _require_department(by: Actor, subtask: Subtask) -> None:
    if not permissions.may_work_on(by, subtask):
        raise NotAllowed("not_your_department", f"Only {subtask.department.name} can do this.")


def _require_running(subtask: Subtask) -> None:
    if not subtask.is_open:
        raise Conflict("subtask_ended", f"This part has ended: {subtask.get_state_display()}.")
