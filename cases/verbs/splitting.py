"""Splitting: a second problem gets a case of its own, in the customer's own words."""

from __future__ import annotations

from django.db import transaction

from cases import timeline
from cases.actors import Actor
from cases.models import Case, Message
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import promises
from cases.verbs.locking import lock
from cases.verbs.opening import open_case
from supportdesk import clock
from supportdesk.errors import Refused


@transaction.atomic
def split_off(
    case: Case, problem: str, *, by: Actor, subject: str = "", message: Message | None = None, once: str = ""
) -> Case:
    """Give a second problem a case of its own. The new case is returned; its owner is found by rule.

    Args:
        problem: what the customer wrote about it, word for word.
        subject: one line; empty: the beginning of the problem.
        message: the customer's message in which they wrote it; none: any of theirs.
        once: key of the form; the same key splits once.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: these are not the customer's words, or they are the whole of the first problem.
    """
    case = lock(case)
    promises.require_voice(by, case)
    problem = _one_line_end(problem)
    twin, once = sent_before(Case.objects, once, split_from_id=case.pk, problem=problem)
    if twin is not None:
        return twin
    source = _where_they_wrote(case, problem, message)
    new = open_case(
        case.customer, problem, by=by, subject=subject, channel=source.channel, priority=case.priority, once=once or ""
    )
    _tie(new, case, by)
    timeline.record(case, Kind.SPLIT_OFF, by=by, other_case=new)
    return new


def _where_they_wrote(case: Case, problem: str, message: Message | None) -> Message:
    """The customer's message that contains these words."""
    name = case.customer.first_name
    if not problem:
        raise Refused("words_needed", f"Mark what {name} wrote about the second problem.", field="problem")
    if problem == _one_line_end(case.problem):
        raise Refused(
            "whole_problem",
            "This is the whole of the first problem. Take only what is about the second.",
            field="problem",
        )
    theirs = Message.objects.filter(
        case__in=Case.objects.told_as(case).values("pk"), direction=Message.Direction.IN
    ).order_by("pk")
    if message is not None:
        theirs = theirs.filter(pk=message.pk)
    source = next((said for said in theirs if problem in _one_line_end(said.body)), None)
    if source is None:
        raise Refused(
            "not_their_words",
            f"These are not {name}’s words. Copy them as they stand in {name}’s message.",
            field="problem",
        )
    return source


def _one_line_end(words: str) -> str:
    """A browser sends two characters for each end of line; the words are the same."""
    return words.replace("\r\n", "\n").replace("\r", "\n").strip()


def _tie(new: Case, case: Case, by: Actor) -> None:
    new.split_from = case
    new.save(update_fields=["split_from"])
    if case.confidential_since:
        # What was said in confidence stays so.
        new.confidential_since, new.confidential_reason = clock.now(), case.confidential_reason
        new.save(update_fields=["confidential_since", "confidential_reason"])
        timeline.record(new, Kind.MADE_CONFIDENTIAL, by=by)
