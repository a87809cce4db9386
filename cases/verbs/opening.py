"""Opening: a case has an owner and a first promise from the instant it exists (design rules 1 and 4)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from cases import assignment, timeline
from cases.actors import DESK, Actor
from cases.models import Case, Message, Preference
from cases.models.timeline import Kind
from cases.verbs import next_step, promises
from customers.models import Customer
from staff import origins
from staff.models import Agent, Department, Topic
from supportdesk import clock
from supportdesk.errors import Refused
from supportdesk.statements import built_once, insert

LONGEST_PROBLEM = 20_000
LONGEST_SUBJECT = 120
LONGEST_WISH = 300


def open_case(
    customer: Customer,
    problem: str,
    *,
    by: Actor,
    desired_outcome: str = "",
    preferences: Sequence[str] = (),
    subject: str = "",
    topic: Topic | None = None,
    priority: int = 3,
    channel: str = Case.Channel.PORTAL,
    first_promise: promises.Pledge | None = None,
    owner: Agent | None = None,
    department: Department | None = None,
    origin_ref: str = "",
    once: str = "",
) -> Case:
    """Open a case: keep the customer's words, find its owner by rule, promise a first answer.

    Args:
        problem: the customer's own words, kept as given.
        preferences: up to four acceptable resolutions, the dearest first.
        subject: one line; empty: the beginning of the problem.
        topic: leads to the department; none: the default department.
        first_promise: in place of the desk's own (the owner is in touch within four business hours).
        owner, department, origin_ref: only for what is brought in from elsewhere.
        once: key of the form; the same key opens one case.

    Raises:
        Refused: no words, too many words (also in a wish or the subject), or more than four preferences.
        ValueError: an owner given for a case that is made here.
    """
    if (owner or department) and origins.current() == origins.Origin.LIVE:
        raise ValueError("The owner of a new case is found by rule.")
    problem = problem.strip()
    _require_possible(problem, subject, preferences)
    facts = {
        "customer": customer,
        "channel": channel,
        "subject": subject.strip() or first_line(problem),
        "problem": problem,
        "desired_outcome": desired_outcome.strip(),
        "topic": topic,
        "priority": priority,
        "origin_ref": origin_ref,
        "once": once or None,
    }
    try:
        with transaction.atomic(), timeline.written_together():
            case = _write(facts, owner, department)
            _keep_words(case, preferences)
            timeline.record(case, Kind.OPENED, by=by, owner=case.owner)
            first = promises.add(case, first_promise or _first_promise(case), by=DESK if first_promise is None else by)
            next_step.add(case, first)
    except IntegrityError:
        # There is no case to lock yet: the key says that this very form, sent twice, was first elsewhere.
        twin = Case.objects.filter(once=once).first() if once else None
        if twin is None:
            raise
        return twin
    return case


def first_line(words: str, most: int = 70) -> str:
    """The beginning of someone's words as one line, cut between words."""
    line = " ".join(words.split())
    sentence = next((line[: i + 1] for i, letter in enumerate(line) if letter in ".!?" and i > 8), line)
    if len(sentence) <= most:
        return sentence.rstrip(".")
    return sentence[:most].rsplit(" ", 1)[0] + "…"


def last_words(words: str) -> str:
    """What a list shows of someone's words: one line, at most 300 characters."""
    line = " ".join(words.split())
    return line if len(line) <= 300 else line[:299] + "…"


def _write(facts: dict, owner: Agent | None, department: Department | None) -> Case:
    """The case's own row; owner and department are found by rule unless they come from elsewhere."""
    now = clock.now()
    if department is None or owner is None:
        departments = _departments()
        topic: Topic | None = facts["topic"]
        department = department or next(
            each for each in departments if (each.pk == topic.department_id if topic else each.is_default)
        )
        owner = owner or assignment.find_owner(facts["customer"], department, now, departments)
        # The calendar by which the first answer is promised is at hand.
        owner.department = next(each for each in departments if each.pk == owner.department_id)
    case = Case(
        **facts,
        department=department,
        owner=owner,
        owned_since=now,
        opened_at=now,
        next_due_at=now,
        latest_words=last_words(facts["problem"]),
        customer_wrote_at=now,
    )
    insert(case)
    return case


@built_once
def _departments():
    return Department.objects.with_hours()


def _keep_words(case: Case, preferences: Sequence[str]) -> None:
    wishes = [wish.strip() for wish in preferences if wish.strip()]
    if wishes:
        insert(*(Preference(case=case, rank=rank, words=wish) for rank, wish in enumerate(wishes, start=1)))
    insert(
        Message(
            case=case,
            direction=Message.Direction.IN,
            channel=case.channel,
            body=case.problem,
            written_at=case.opened_at,
            send_at=case.opened_at,
            delivery=Message.Delivery.RECEIVED,
        )
    )


def _first_promise(case: Case) -> promises.Pledge:
    return promises.Pledge("be in touch with you", promises.first_answer_due(case))


def _require_possible(problem: str, subject: str, preferences: Sequence[str]) -> None:
    if not problem:
        raise Refused("words_needed", "Tell us what happened, in your own words.", field="problem")
    if len(problem) > LONGEST_PROBLEM:
        raise Refused("words_too_long", f"Please tell it in at most {LONGEST_PROBLEM:,} characters.", field="problem")
    if len([wish for wish in preferences if wish.strip()]) > Preference.MOST:
        raise Refused("too_many_wishes", f"Name at most {Preference.MOST} wishes.", field="preferences")
    if any(len(wish.strip()) > LONGEST_WISH for wish in preferences):
        raise Refused(
            "words_too_long", f"Please say each wish in at most {LONGEST_WISH} characters.", field="preferences"
        )
    if len(subject.strip()) > LONGEST_SUBJECT:
        raise Refused("words_too_long", f"A subject has at most {LONGEST_SUBJECT} characters.", field="subject")
