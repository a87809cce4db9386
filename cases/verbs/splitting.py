"""Splitting: a second problem gets a case of its own, in the customer's own words."""

from __future__ import annotations

import re

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
    source, words = _in_their_words(case, problem, message)
    twin, once = sent_before(Case, once, split_from_id=case.pk, problem=words)
    if twin is not None:
        return twin
    new = open_case(
        case.customer, words, by=by, subject=subject, channel=source.channel, priority=case.priority, once=once or ""
    )
    _tie(new, case, by)
    timeline.record(case, Kind.SPLIT_OFF, by=by, other_case=new)
    return new


def _in_their_words(case: Case, problem: str, message: Message | None) -> tuple[Message, str]:
    """The customer's message in which this stands, and the words as they stand there.

    Blanks and ends of lines may differ: copied from a page, a new paragraph is one blank.
    """
    name = case.customer.first_name
    if not problem.strip():
        raise Refused("words_needed", f"Mark what {name} wrote about the second problem.", field="problem")
    if problem.split() == case.problem.split():
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
    pattern = re.compile(r"\s+".join(map(re.escape, problem.split())))
    for source in theirs:
        if found := pattern.search(source.body):
            return source, found[0]
    raise Refused(
        "not_their_words",
        f"These are not {name}’s words. Copy them as they stand in {name}’s message.",
        field="problem",
    )


def _tie(new: Case, case: Case, by: Actor) -> None:
    new.split_from = case
    new.save(update_fields=["split_from"])
    if case.confidential_since:
        # What was said in confidence stays so.
        new.confidential_since, new.confidential_reason = clock.now(), case.confidential_reason
        new.save(update_fields=["confidential_since", "confidential_reason"])
        timeline.record(new, Kind.MADE_CONFIDENTIAL, by=by)
