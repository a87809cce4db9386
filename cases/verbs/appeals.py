"""Appeals: the customer asks for someone else, another person answers, and the customer says whether that helped."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from cases import permissions, timeline
from cases.actors import DESK, Actor
from cases.models import Appeal, Case, Promise
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.someone_else import last_rung, someone_for
from cases.verbs import conversation, next_step, promises, waiting
from cases.verbs.locking import lock
from staff.businesstime import add_business_time
from staff.models import Agent, Company
from supportdesk import clock
from supportdesk.errors import Conflict, Refused


@transaction.atomic
def ask(case: Case, words: str = "", *, by: Actor, once: str = "") -> Appeal:
    """A customer needs someone else to look at this; the desk promises by when a person answers who had no part in it.

    Asked again before that, it is the same one; new words go into the conversation. What is closed stays closed: the
    answer is owed all the same. What was put aside is open again.

    Args:
        once: key of the form; the same key asks once.

    Raises:
        NotAllowed: anybody but this customer, or who speaks for them.
        Refused: the words are too long.
    """
    case = lock(case)
    participant = conversation.require_the_customer(by, case)
    twin, key = sent_before(Appeal, once, case_id=case.pk, words=words.strip())
    if twin is not None:
        return twin
    if (standing := open_appeal(case)) is not None:
        if words.strip() and words.strip() != standing.words:
            conversation.customer_writes(case, words, by=by, once=once)
        return standing
    message = conversation.hear(case, words, participant=participant) if words.strip() else None
    waiting.end(case, by=by)
    appeal = _appeal(case, words, "someone else", once=key)
    timeline.record(case, Kind.SOMEONE_ELSE_ASKED, by=by, appeal=appeal, message=message, participant=participant)
    next_step.refresh(case)
    return appeal


@transaction.atomic
def take(appeal: Appeal, *, by: Actor) -> Appeal:
    """Say that one answers: the customer reads the name. Whoever else could may still answer first.

    Raises:
        NotAllowed: the actor had a part in it, or does not look after the desk.
        Conflict: somebody else has taken or answered it; says who.
    """
    case, appeal = _appeal_as_it_is(appeal)
    _require_someone_else(by, case, appeal)
    if appeal.taken_by_agent_id == by.pk:
        return appeal
    _require_unanswered(appeal)
    if appeal.taken_by_agent_id is not None:
        raise Conflict("taken_already", f"{appeal.taken_by_agent.name} answers {case.customer.first_name} already.")
    appeal.taken_at, appeal.taken_by_agent = clock.now(), by
    appeal.save(update_fields=["taken_at", "taken_by_agent"])
    timeline.record(case, Kind.SOMEONE_ELSE_TAKEN, by=by, appeal=appeal)
    return appeal


@transaction.atomic
def answer(appeal: Appeal, words: str, *, by: Actor, next_promise: promises.Pledge | None = None) -> Appeal:
    """Answer the customer as someone who had no part in it. They read it, and are asked whether it helped.

    Args:
        next_promise: what is promised next; needed when this answer was the last promise of an open case.

    Raises:
        NotAllowed: the actor had a part in it, or does not look after the desk.
        Conflict: somebody else has answered; says who.
        Refused: no words, or no promise would be left.
    """
    case, appeal = _appeal_as_it_is(appeal)
    _require_someone_else(by, case, appeal)
    if appeal.answered_by_agent_id == by.pk and appeal.answer.body == words.strip():
        return appeal
    _require_unanswered(appeal)
    if not words.strip():
        raise Refused("words_needed", f"Write what {case.customer.first_name} is to read.", field="words")
    appeal.answer = conversation.say(case, words, by=by)
    appeal.answered_at, appeal.answered_by_agent = clock.now(), by
    appeal.save(update_fields=["answer", "answered_at", "answered_by_agent"])
    timeline.record(case, Kind.SOMEONE_ELSE_ANSWERED, by=by, appeal=appeal, message=appeal.answer)
    promises.end_by_act(case, [appeal.promise], appeal.answer, by=by)
    promises.settle(case, next_promise, by=by)
    return appeal


@transaction.atomic
def helped(appeal: Appeal, *, by: Actor) -> Appeal:
    """The customer says that the answer helped.

    Raises:
        NotAllowed: anybody but this customer, or who speaks for them.
        Conflict: there is no answer yet, or they have said the opposite.
    """
    case, appeal = _appeal_as_it_is(appeal)
    participant = conversation.require_the_customer(by, case)
    if not _is_new(appeal, True):
        return appeal
    appeal.helped, appeal.helped_at = True, clock.now()
    appeal.save(update_fields=["helped", "helped_at"])
    timeline.record(case, Kind.ANSWER_HELPED, by=by, appeal=appeal, participant=participant)
    return appeal


@transaction.atomic
def did_not_help(appeal: Appeal, words: str = "", *, by: Actor) -> Appeal:
    """The customer says that the answer did not help: now the last rung answers, by a time that the desk promises.

    Above the last rung's own answer there is nobody; what the customer says of it is kept, and they read whom to reach.

    Raises:
        NotAllowed: anybody but this customer, or who speaks for them.
        Conflict: there is no answer yet, or they have said the opposite.
    """
    case, appeal = _appeal_as_it_is(appeal)
    participant = conversation.require_the_customer(by, case)
    if not _is_new(appeal, False):
        return appeal
    message = conversation.hear(case, words, participant=participant) if words.strip() else None
    waiting.end(case, by=by)
    was_last = someone_for(appeal, clock.now()).is_last
    appeal.helped, appeal.helped_at = False, clock.now()
    appeal.save(update_fields=["helped", "helped_at"])
    if not was_last and open_appeal(case) is None:
        last = last_rung(Company.objects.the())
        _appeal(case, words, last.name if last else "another supervisor")
    timeline.record(case, Kind.ANSWER_DID_NOT_HELP, by=by, appeal=appeal, message=message, participant=participant)
    next_step.refresh(case)
    return appeal


def open_appeal(case: Case) -> Appeal | None:
    """What the customer has asked for and nobody has answered, also on a case that was joined into this one."""
    return Appeal.objects.open().filter(case__in=Case.objects.told_as(case).values("pk")).order_by("-pk").first()


# -- steps -------------------------------------------------------------------------------------------------------------


def _appeal(case: Case, words: str, who: str, *, once: str | None = None) -> Appeal:
    """Write it down with the promise that somebody answers, in the hours in which supervisors do."""
    hours = Company.objects.the().hours_of_supervisors
    due_at = add_business_time(clock.now(), settings.SOMEONE_ELSE_WITHIN, hours)
    pledge = promises.Pledge(f"have {who} look at this and answer you", due_at, Promise.Kind.OTHER)
    return Appeal.objects.create(
        case=case,
        words=words.strip(),
        asked_at=clock.now(),
        promise=promises.add(case, pledge, by=DESK),
        once=once,
    )


def _appeal_as_it_is(appeal: Appeal) -> tuple[Case, Appeal]:
    case = lock(appeal.case_id)
    about = ("promise", "answer", "answered_by_agent", "taken_by_agent")
    return case, Appeal.objects.select_related(*about).get(pk=appeal.pk)


def _require_someone_else(by: Actor, case: Case, appeal: Appeal) -> None:
    someone = someone_for(appeal, clock.now())
    permissions.require(
        permissions.may_answer_appeal(by, case, someone),
        "not_your_own",
        _why_not(by, case, someone.named),
    )


def _why_not(by: Actor, case: Case, named: Agent | None) -> str:
    if not permissions.looks_after_the_desk(by):
        return f"Only a supervisor who had no part in it answers {case.customer.first_name}."
    if named is not None:
        return f"{named.name} answers this: an answer before has not helped."
    return f"{case.customer.first_name} has asked for someone else: another supervisor has to answer."


def _require_unanswered(appeal: Appeal) -> None:
    if not appeal.is_open:
        raise Conflict("answered_already", f"{appeal.answered_by_agent.name} has answered this already.")


def _is_new(appeal: Appeal, helped: bool) -> bool:
    """Whether the customer says this for the first time."""
    if appeal.is_open:
        raise Conflict("not_answered_yet", "Nobody has answered this yet.")
    if appeal.helped is None:
        return True
    if appeal.helped is not helped:
        raise Conflict("said_otherwise", "You have told us the opposite already. Please read the page anew.")
    return False
