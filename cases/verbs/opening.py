"""Opening: a case has an owner and a first promise from the instant it exists (design rules 1 and 4)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

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

LONGEST_PROBLEM = 20_000
LONGEST_SUBJECT = 120
LONGEST_WISH = 300


@transaction.atomic
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
    if once and (twin := _opened_by_form(once)):
        return twin
    problem = problem.strip()
    _require_possible(problem, subject, preferences)
    now = clock.now()
    department = department or (topic.department if topic else Department.objects.get(is_default=True))
    owner = owner or assignment.find_owner(customer, department, now)
    case = Case.objects.create(
        customer=customer,
        channel=channel,
        subject=subject.strip() or first_line(problem),
        problem=problem,
        desired_outcome=desired_outcome.strip(),
        topic=topic,
        department=department,
        priority=priority,
        owner=owner,
        owned_since=now,
        opened_at=now,
        next_due_at=now,
        latest_words=last_words(problem),
        customer_wrote_at=now,
        origin_ref=origin_ref,
        once=once or None,
    )
    _keep_words(case, channel, now, preferences)
    timeline.record(case, Kind.OPENED, by=by, owner=owner)
    first = promises.add(case, first_promise or _first_promise(case), by=DESK if first_promise is None else by)
    next_step.add(case, first)
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


def _keep_words(case: Case, channel: str, now, preferences: Sequence[str]) -> None:
    wishes = [wish.strip() for wish in preferences if wish.strip()]
    if wishes:
        Preference.objects.bulk_create(
            Preference(case=case, rank=rank, words=wish) for rank, wish in enumerate(wishes, start=1)
        )
    Message.objects.create(
        case=case,
        direction=Message.Direction.IN,
        channel=channel,
        body=case.problem,
        written_at=now,
        send_at=now,
        delivery=Message.Delivery.RECEIVED,
    )


def _opened_by_form(once: str) -> Case | None:
    # There is no case to lock yet: the second of two forms in flight waits here until the first is committed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [once])
    return Case.objects.filter(once=once).first()


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
