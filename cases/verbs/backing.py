"""What a promise hangs on: a department's part or a decision. Only what is in our power is promised (design rule 6)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from cases import promising
from cases.actors import Actor
from cases.holding import held
from cases.models import Case, Concession, Subtask
from cases.sentences import at
from staff import origins
from staff.businesstime import next_open
from staff.models import Agent, Department
from supportdesk import clock
from supportdesk.errors import Offer, Refused

if TYPE_CHECKING:
    from cases.verbs.promises import Pledge

IN_TOUCH = "be in touch with you"
_ARTICLE = re.compile(r"^(the|our|a|an)\s+", re.IGNORECASE)


def part_behind(case: Case, pledge: Pledge, *, by: Actor) -> Subtask | None:
    """The department's part on which a promise of this locked case hangs: named beside it, or in its words.

    Of several it is the one that is there last.

    Raises:
        Refused: the department has given no date yet, or a later one; what could be promised instead is offered.
    """
    if pledge.backed_by is None and not _may_be_named(case, by):
        return None
    parts = list(case.subtasks.open().select_related("department").order_by("pk"))
    behind = _chosen(parts, pledge)
    chosen = {part.department_id for part in behind}
    behind += [part for part in parts if part.department_id not in chosen and names(pledge.words, part.department)]
    for part in behind:
        _require_accepted_date(case, part, pledge)
    if not behind:
        return None
    last = max(behind, key=lambda part: part.committed_at)
    if pledge.due_at < last.committed_at:
        raise Refused(
            "before_accepted_date",
            f"{last.department.name} has said {at(last.committed_at)}. Promise nothing earlier that hangs on it.",
            field="due_at",
            offers=(Offer(_after(case, last.committed_at)), _in_touch(case, pledge)),
        )
    return last


def decision_behind(case: Case, pledge: Pledge) -> Concession | None:
    """The decision on which a promise of this locked case hangs, if one was named.

    Raises:
        Refused: it was declined, is of another case, or is due later.
    """
    if pledge.backed_by_concession is None:
        return None
    told_as = Case.objects.told_as(case).values("pk")
    decision = Concession.objects.select_related("decider").filter(case__in=told_as)
    decision = decision.filter(pk=pledge.backed_by_concession.pk).first()
    if decision is None:
        raise Refused("not_this_case", "This was asked for on another case.", field="backed_by")
    if decision.granted is False:
        raise Refused(
            "declined",
            f"{decision.decider.name} has said no to this: {decision.answer}",
            field="backed_by",
            offers=(_in_touch(case, pledge),),
        )
    if decision.decided_at is None and pledge.due_at < decision.due_at:
        raise Refused(
            "before_the_decision",
            f"{decision.decider.name} decides by {at(decision.due_at)}. Promise nothing earlier that hangs on it.",
            field="due_at",
            offers=(Offer(_after(case, decision.due_at)), _in_touch(case, pledge)),
        )
    return decision


def ask_about_closed_hours(case: Case, pledge: Pledge, *, by: Actor) -> None:
    """Ask a person once who promises something for a time at which the owner's department is closed.

    Raises:
        Refused: it is closed then, and nobody has said that this is meant.
    """
    if pledge.in_closed_hours or not isinstance(by, Agent) or origins.current():
        return
    department = case.owner.department
    hours = department.calendar.hours
    if promising.in_hours(pledge.due_at, hours):
        return
    opens = next_open(pledge.due_at, hours)
    raise Refused(
        "closed_hours",
        f"{department.name} is closed on {at(pledge.due_at)}, and opens next on {at(opens)}."
        " Choose another time, or say that you mean it.",
        field="due_at",
        offers=(Offer(promising.soonest(opens, hours)),),
    )


def names(words: str, department: Department) -> bool:
    """Whether words name a department, by its own name or the one that customers read, whatever the article."""
    called = (department.name, _ARTICLE.sub("", department.plain_name))
    return any(re.search(rf"(?<!\w){_spaced(name)}(?!\w)", words, re.IGNORECASE) for name in called if name)


# -- steps -------------------------------------------------------------------------------------------------------------


def _may_be_named(case: Case, by: Actor) -> bool:
    """What the desk says by itself, or a log, names nobody; and where nothing is asked, there is nothing to name."""
    # Read with the lock; of a case in hand it may have changed since, and one that was just made has no parts.
    return isinstance(by, Agent) and (held(case.pk) is not None or getattr(case, "has_open_parts", False))


def _chosen(parts: Iterable[Subtask], pledge: Pledge) -> list[Subtask]:
    if pledge.backed_by is None:
        return []
    chosen = [part for part in parts if part.pk == pledge.backed_by.pk]
    if not chosen:
        raise Refused("backing_ended", "What it was to hang on has ended. Look at the case anew.", field="backed_by")
    return chosen


def _require_accepted_date(case: Case, part: Subtask, pledge: Pledge) -> None:
    if part.has_a_date:
        return
    name = part.department.name
    raise Refused(
        "no_accepted_date",
        f"{name} has given no date yet, so this is not in your power. Promise when you will be in touch,"
        f" or wait until {name} has said when.",
        field="words" if pledge.backed_by is None else "backed_by",
        offers=(_in_touch(case, pledge),),
    )


def _in_touch(case: Case, pledge: Pledge) -> Offer:
    """The honest sentence: "I will be in touch by …"."""
    hours = case.owner.department.calendar.hours
    return Offer(promising.in_touch_by(pledge.due_at, clock.now(), hours), IN_TOUCH)


def _after(case: Case, date: datetime) -> datetime:
    return promising.after(date, clock.now(), case.owner.department.calendar.hours)


def _spaced(name: str) -> str:
    return r"\s+".join(re.escape(word) for word in name.split())
