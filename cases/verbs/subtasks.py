"""Sub-tasks: what departments do for the case, rolled up into it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases import permissions, timeline
from cases.actors import Actor, agent_or_none
from cases.models import Case, Subtask
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.sentences import at
from cases.verbs import closing, conversation, promises
from cases.verbs.locking import lock, lock_with
from staff import absences
from staff.models import Agent, Department
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused

LONGEST_PLAIN_WORDS = 200
LONGEST_WAIT = 200


# -- the owner asks ----------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    case: Case,
    department: Department,
    what: str,
    *,
    by: Actor,
    plain_words: str = "",
    after: Subtask | None = None,
    once: str = "",
) -> Subtask:
    """Ask a department to do its part.

    Args:
        what: what is needed.
        plain_words: what the customer reads about it; empty: that the department is working on it.
        after: an open part of this case that has to end first.
        once: key of the form; the same key asks once.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: nothing is asked, too many plain words, what comes first has ended or is of another case, or the case
            is closed.
    """
    case = lock(case)
    promises.require_voice(by, case)
    same = {"ask": what.strip(), "department_id": department.pk, "after_id": after and after.pk}
    twin, once = sent_before(Subtask, once, case_id=case.pk, **same)
    if twin is not None:
        return twin
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed. Reopen it to ask a department.")
    if not what.strip():
        raise Refused("words_needed", f"Say what {department.name} is to do.", field="what")
    if len(plain_words) > LONGEST_PLAIN_WORDS:
        raise Refused("words_too_long", f"Tell it in at most {LONGEST_PLAIN_WORDS} characters.", field="plain_words")
    # Only what is there already and open: so the plan can never run in a circle.
    if after is not None and not case.subtasks.open().filter(pk=after.pk).exists():
        raise Refused("nothing_to_wait_for", "What is to come first has ended. Look at the case anew.", field="after")
    return _ask(case, department, by=by, ask=what.strip(), plain_words=plain_words.strip(), after=after, once=once)


@transaction.atomic
def drop(subtask: Subtask, *, reason: str, by: Actor) -> Subtask:
    """The owner does not need it any more.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it has ended in another way.
        Refused: no reason is given.
    """
    return _end(subtask, Subtask.State.DROPPED, Kind.SUBTASK_DROPPED, reason, "Say why it is not needed.", by=by)


# -- the department works on it ----------------------------------------------------------------------------------------


@transaction.atomic
def see(subtask: Subtask, *, by: Actor) -> Subtask:
    """The department has seen it.

    Raises:
        NotAllowed: the actor is of another department.
    """
    case, subtask = lock_with(subtask)
    _require_department(by, subtask)
    if subtask.seen_at is not None or not subtask.is_open:
        return subtask
    _change(subtask, state=Subtask.State.SEEN, seen_at=clock.now())
    timeline.record(case, Kind.SUBTASK_SEEN, by=by, subtask=subtask)
    return subtask


@transaction.atomic
def accept(subtask: Subtask, *, committed_at: datetime, by: Actor) -> Subtask:
    """Take it into work and say by when it is done. An earlier date moves it at once, and the owner is told.

    Args:
        committed_at: aware datetime, still ahead.

    Raises:
        NotAllowed: the actor is of another department.
        Conflict: it has ended, or a colleague has it.
        Refused: a machine takes it, or the date is past, or later than the one that was given, by whomever: that is
            the owner's decision (``ask_later``).
    """
    case, subtask = lock_with(subtask)
    _require_department(by, subtask)
    _require_running(subtask)
    if permissions.is_a_machine(by):
        raise Refused("needs_a_person", "A machine cannot take this on: a person says by when it is done.")
    taken = subtask.has_a_date
    if taken and subtask.agent_id not in (None, getattr(by, "pk", None)):
        raise Conflict("taken_already", f"{subtask.agent.name} has this already.")
    now = clock.now()
    before = subtask.committed_at
    if taken and subtask.agent_id == getattr(by, "pk", None) and before == committed_at and committed_at > now:
        return subtask
    _require_date_ahead(committed_at, now, "committed_at")
    if taken and committed_at > before:
        _require_no_given_date(case, subtask)
    _change(
        subtask,
        state=Subtask.State.WAITING if subtask.state == Subtask.State.WAITING else Subtask.State.IN_WORK,
        agent=agent_or_none(by),
        committed_at=committed_at,
        seen_at=subtask.seen_at or now,
        later_at=None,
        later_reason="",
    )
    moved = taken and before != committed_at
    kind, dates = (Kind.SUBTASK_DATE_MOVED, {"from": before}) if moved else (Kind.SUBTASK_ACCEPTED, {})
    timeline.record(case, kind, by=by, subtask=subtask, data={**dates, "to": committed_at})
    return subtask


@transaction.atomic
def give(subtask: Subtask, to: Agent | None, *, reason: str, by: Actor) -> Subtask:
    """Put a part that was taken on into other hands of its department. It stays in work, by the date that was given:
    that is the department's word, whoever has it.

    Args:
        to: somebody of the department; None: whoever takes it on there.
        reason: kept as an inside note; whoever has it then begins with it.

    Raises:
        NotAllowed: the actor is neither of the department nor a supervisor.
        Conflict: it has ended.
        Refused: nobody has taken it on, somebody who cannot do it, or no reason.
    """
    case, subtask = lock_with(subtask)
    if not permissions.may_give_part(by, subtask):
        raise NotAllowed("not_your_department", f"Only {subtask.department.name} or a supervisor can do this.")
    _require_running(subtask)
    if subtask.agent_id == (to and to.pk):
        return subtask
    if not subtask.has_a_date:
        raise Refused("not_in_work", f"Nobody has taken this on yet. It waits for {subtask.department.name}.")
    if to is not None:
        # Locked, so that nobody leaves with what they are given at that moment.
        to = absences.lock(to)
        _require_able(to, subtask)
    if not reason.strip():
        raise Refused(
            "reason_needed", "Say why, and how far it is: whoever has it then begins with it.", field="reason"
        )
    had = subtask.agent
    _change(subtask, agent=to)
    note = conversation.jot(case, reason, by=by)
    names = {"from": had.name if had else "", "had": had and had.pk, "to": to.name if to else ""}
    timeline.record(case, Kind.SUBTASK_GIVEN, by=by, subtask=subtask, note=note, data=names)
    return subtask


@transaction.atomic
def wait(subtask: Subtask, what_for: str, *, by: Actor) -> Subtask:
    """It is in work and cannot go on until something has come. The date stays; the owner reads what for.

    Args:
        what_for: what it waits for, continuing "waiting for …".

    Raises:
        NotAllowed: the actor is of another department.
        Conflict: it has ended, or waits for something else already.
        Refused: nothing is named, too many words, or it is not in work.
    """
    case, subtask = lock_with(subtask)
    _require_department(by, subtask)
    _require_running(subtask)
    what_for = " ".join(what_for.split()).rstrip(".")
    if subtask.state == Subtask.State.WAITING:
        if subtask.waiting_for != what_for:
            raise Conflict("waits_already", f"This waits for {subtask.waiting_for} already. Let it go on first.")
        return subtask
    if subtask.state != Subtask.State.IN_WORK:
        raise Refused("not_in_work", "Take it on and give a date first: only what is in work can wait.")
    if not what_for:
        raise Refused("words_needed", "Say what it is waiting for.", field="what_for")
    if len(what_for) > LONGEST_WAIT:
        raise Refused("words_too_long", f"Say it in at most {LONGEST_WAIT} characters.", field="what_for")
    _change(subtask, state=Subtask.State.WAITING, waiting_for=what_for, waiting_since=clock.now())
    note = conversation.jot(case, f"Waiting for {what_for}.", by=by)
    timeline.record(case, Kind.SUBTASK_WAITS, by=by, subtask=subtask, note=note)
    return subtask


@transaction.atomic
def go_on(subtask: Subtask, *, by: Actor) -> Subtask:
    """What it waited for has come: it is in work again, by the date that was given.

    Raises:
        NotAllowed: the actor is of another department.
        Conflict: it has ended.
        Refused: it is not in work yet.
    """
    case, subtask = lock_with(subtask)
    _require_department(by, subtask)
    _require_running(subtask)
    if subtask.state == Subtask.State.IN_WORK:
        return subtask
    if subtask.state != Subtask.State.WAITING:
        raise Refused("not_in_work", "This is not in work yet. Take it on and give a date.")
    _change(subtask, state=Subtask.State.IN_WORK, waiting_for="", waiting_since=None)
    timeline.record(case, Kind.SUBTASK_GOES_ON, by=by, subtask=subtask)
    return subtask


# -- a later date, which is the owner's decision -----------------------------------------------------------------------


@transaction.atomic
def ask_later(subtask: Subtask, later_at: datetime, reason: str, *, by: Actor) -> Subtask:
    """Ask the owner for a later date than the one given. Until it is granted the old one holds; a second ask replaces
    the first. Whoever asks about a part that was given back and that nobody has, has it from then on.

    Args:
        later_at: aware datetime, later than the date that was given.
        reason: why it is needed; the owner reads it.

    Raises:
        NotAllowed: the actor is of another department.
        Conflict: it has ended.
        Refused: no date has been given yet, this one is not later, past or too far, or there is no reason.
    """
    case, subtask = lock_with(subtask)
    _require_department(by, subtask)
    _require_running(subtask)
    takes_it = subtask.agent_id is None and not permissions.is_a_machine(by)
    if (subtask.later_at, subtask.later_reason) == (later_at, reason.strip()) and not takes_it:
        return subtask
    if not subtask.has_a_date:
        raise Refused("no_date_yet", "Take it on first: whatever date you give then is yours.", field="later_at")
    _require_date_ahead(later_at, clock.now(), "later_at")
    if later_at <= subtask.committed_at:
        raise Refused(
            "not_later", "This is not later. An earlier date needs nobody’s yes: just give it.", field="later_at"
        )
    if not reason.strip():
        raise Refused("reason_needed", f"Say why: {_owner(case)} decides with it.", field="reason")
    facts = {"later_at": later_at, "later_reason": reason.strip()}
    if takes_it:
        facts["agent"] = agent_or_none(by)
    _change(subtask, **facts)
    dates = {"from": subtask.committed_at, "to": later_at}
    note = conversation.jot(case, reason, by=by)
    timeline.record(case, Kind.SUBTASK_LATER_ASKED, by=by, subtask=subtask, note=note, data=dates)
    return subtask


@transaction.atomic
def grant_later(subtask: Subtask, later_at: datetime, *, by: Actor) -> Subtask:
    """The owner accepts the later date: it is the department's date now.

    Args:
        later_at: the date as it was read; another one asked meanwhile is not granted unseen.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it has ended, or this date is not asked for any more.
        Refused: the date is past by now.
    """
    case, subtask = lock_with(subtask)
    promises.require_voice(by, case)
    if subtask.later_at is None and subtask.committed_at == later_at:
        return subtask
    _require_asked(subtask, later_at)
    _require_date_ahead(later_at, clock.now(), "later_at")
    dates = {"from": subtask.committed_at, "to": later_at, "granted": True}
    _change(subtask, committed_at=later_at, later_at=None, later_reason="")
    timeline.record(case, Kind.SUBTASK_DATE_MOVED, by=by, subtask=subtask, data=dates)
    return subtask


@transaction.atomic
def refuse_later(subtask: Subtask, later_at: datetime, *, by: Actor, reason: str = "") -> Subtask:
    """The owner keeps the department to the date that it has given.

    Args:
        later_at: the date that was asked for, as it was read.
        reason: why not; the department reads it.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it has ended, was granted, or another date is asked for by now.
    """
    case, subtask = lock_with(subtask)
    promises.require_voice(by, case)
    if subtask.is_open and subtask.later_at is None and subtask.committed_at != later_at:
        return subtask
    _require_asked(subtask, later_at)
    dates = {"from": subtask.committed_at, "to": later_at}
    _change(subtask, later_at=None, later_reason="")
    note = conversation.jot(case, reason, by=by) if reason.strip() else None
    timeline.record(case, Kind.SUBTASK_LATER_REFUSED, by=by, subtask=subtask, note=note, data=dates)
    return subtask


# -- how a department's part ends --------------------------------------------------------------------------------------


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
def could_not_reproduce(subtask: Subtask, tried: str, *, by: Actor) -> Subtask:
    """The first line has tried and not seen it: its second line is asked the same. Never an answer to the customer.

    Args:
        tried: what was tried; the second line begins with it.

    Returns:
        the second line's part.

    Raises:
        NotAllowed: the actor is of another department.
        Conflict: it has ended in another way.
        Refused: nothing was tried, nobody stands behind this department, or the case is closed.
    """
    case, subtask = lock_with(subtask)
    _require_department(by, subtask)
    if _ended_so(subtask, Subtask.State.NOT_REPRODUCED, tried):
        return subtask.followed_by
    _require_running(subtask)
    above = _second_line(subtask)
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed, so nobody else is asked. Say what came of it.")
    if not tried.strip():
        raise Refused("words_needed", f"Say what you tried: {above.name} begins with it.", field="tried")
    _write_end(subtask, Subtask.State.NOT_REPRODUCED, tried, by=by)
    timeline.record(case, Kind.SUBTASK_NOT_REPRODUCED, by=by, subtask=subtask)
    # What came before it comes before its successor, and what comes after it waits for its successor.
    first = subtask.after if subtask.after and subtask.after.is_open else None
    successor = _ask(case, above, by=by, ask=subtask.ask, plain_words=subtask.plain_words, after=first, follows=subtask)
    case.subtasks.open().filter(after=subtask).update(after=successor)
    case.promises.owed().filter(backed_by=subtask).update(backed_by=successor)
    return successor


# -- beats and steps ---------------------------------------------------------------------------------------------------


def _ask(case: Case, department: Department, *, by: Actor, **facts) -> Subtask:
    subtask = Subtask.objects.create(
        case=case, department=department, asked_at=clock.now(), asked_by_agent=agent_or_none(by), **facts
    )
    timeline.record(case, Kind.SUBTASK_ASKED, by=by, subtask=subtask)
    return subtask


def _end(subtask: Subtask, state: str, kind: Kind, words: str, ask_for_words: str, *, by: Actor) -> Subtask:
    case, subtask = lock_with(subtask)
    if state == Subtask.State.DROPPED:
        promises.require_voice(by, case)
    else:
        _require_department(by, subtask)
    if _ended_so(subtask, state, words):
        return subtask
    _require_running(subtask)
    if not words.strip():
        raise Refused("words_needed", ask_for_words, field="words")
    _write_end(subtask, state, words, by=by)
    timeline.record(case, kind, by=by, subtask=subtask)
    closing.close_if_agreed(case)
    return subtask


def _ended_so(subtask: Subtask, state: str, words: str) -> bool:
    """Whether it has ended in this way and words already; in this way with other words is a conflict."""
    if subtask.state != state:
        return False
    if subtask.outcome != words.strip():
        raise Conflict("ended_already", "This has been answered already, in other words. Look at the case anew.")
    return True


def _write_end(subtask: Subtask, state: str, words: str, *, by: Actor) -> None:
    """It ends, and with it whatever it waited for or had asked."""
    now = clock.now()
    _change(
        subtask,
        state=state,
        outcome=words.strip(),
        ended_at=now,
        ended_by_agent=agent_or_none(by),
        seen_at=subtask.seen_at or (None if state == Subtask.State.DROPPED else now),
        waiting_for="",
        waiting_since=None,
        later_at=None,
        later_reason="",
    )


def _second_line(subtask: Subtask) -> Department:
    """Who stands behind this department; it goes upwards only, so never back to who has tried already.

    Raises:
        Refused: nobody does.
    """
    department, tried, part = subtask.department, {subtask.department_id}, subtask
    while part.follows_id:
        part = part.follows
        tried.add(part.department_id)
    if department.second_line is None or department.second_line_id in tried:
        raise Refused(
            "no_second_line",
            f"Nobody stands behind {department.name}. Say what you tried and what you need as “Not ours”: "
            f"it goes back to the owner.",
        )
    return department.second_line


def _change(subtask: Subtask, **facts) -> None:
    for name, value in facts.items():
        setattr(subtask, name, value)
    subtask.save(update_fields=list(facts))


def _require_department(by: Actor, subtask: Subtask) -> None:
    if not permissions.may_work_on(by, subtask):
        raise NotAllowed("not_your_department", f"Only {subtask.department.name} can do this.")


def _require_able(to: Agent, subtask: Subtask) -> None:
    department = subtask.department
    if to.department_id != department.pk:
        raise Refused("not_their_department", f"{to.name} is not in {department.name}. Choose one of them.", field="to")
    if not (to.is_active and to.can_sign_in):
        raise Refused("cannot_work", f"{to.name} cannot sign in. Choose somebody else.", field="to")


def _require_running(subtask: Subtask) -> None:
    if not subtask.is_open:
        raise Conflict("subtask_ended", f"This part has ended: {subtask.get_state_display()}.")


def _require_date_ahead(date: datetime, now: datetime, field: str) -> None:
    if date <= now:
        raise Refused("date_in_the_past", "Give a time that is still ahead.", field=field)
    if date > now + promises.FURTHEST:
        raise Refused("date_too_far", "Give a time within a year.", field=field)


def _require_no_given_date(case: Case, subtask: Subtask) -> None:
    """The date that a department gave is its word, also where who gave it has given the part back."""
    if not subtask.is_at_its_word:
        return
    later = f"A later date is {_owner(case)}’s decision"
    if subtask.agent_id is not None:
        raise Refused("later_is_asked", f"{later}: ask for it.", field="committed_at")
    given = f"{subtask.department.name} has given {at(subtask.committed_at)}"
    raise Refused("later_is_asked", f"{given}. {later}: ask for it as “Other date”.", field="committed_at")


def _require_asked(subtask: Subtask, later_at: datetime) -> None:
    _require_running(subtask)
    if subtask.later_at != later_at:
        raise Conflict(
            "not_asked_any_more",
            f"{subtask.department.name} does not ask for this date any more. Look at the case anew.",
        )


def _owner(case: Case) -> str:
    return "the owner" if case.owner.is_fallback else case.owner.first_name
