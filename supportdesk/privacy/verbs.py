"""The two verbs that may change what is written once: take a passage out of a case, erase a person (design rule 9)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from cases import timeline
from cases.actors import Actor, agent_or_none
from cases.models import Case
from cases.models.timeline import Kind
from cases.verbs.locking import lock
from customers.models import Customer
from staff.models import Agent
from supportdesk import clock
from supportdesk.errors import Hindrance, NotAllowed, Refused
from supportdesk.models import Erasure
from supportdesk.privacy import again, taking, texts

SHORTEST, LONGEST = 3, 2_000


@transaction.atomic
def redact(case: Case, passage: str, *, grounds: str, by: Actor) -> int:
    """Take a passage out of everything that is written on a case, for good.

    A card number, a password, somebody else's illness: it is looked for in every text that hangs on the case, however
    its letters are written and its words spaced, and ``[taken out]`` stands in its place. The entry says who, when and
    on what grounds, never what it was.

    Args:
        passage: the words to take out, 3 to 2,000 characters.
        grounds: one of ``Erasure.Grounds``.

    Returns:
        in how many places it stood; with 0 nothing is recorded.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: nothing to look for, or no grounds.
    """
    case = lock(case)
    _require_administrator(by)
    _require_grounds(grounds)
    pattern = _pattern(passage)
    family = _family(case)
    with texts.lifted():
        spans = [span for row, names in texts.each(family) for span in taking.take_out(row, names, pattern)]
    places = sum(len(span["places"]) for span in spans)
    if places:
        taking.forget_what_was_answered()
        timeline.record(case, Kind.REDACTED, by=by, data={"what": "a passage", "grounds": grounds, "places": places})
        _remember(Erasure.What.PASSAGE, grounds, by, case=case, spans=spans)
    return places


@transaction.atomic
def erase(customer: Customer, *, grounds: str, by: Actor) -> Customer:
    """Erase a person: name, addresses, and every word on all their problems. What stays says nothing about anybody.

    Cases, times, owners, promises kept and broken stay as figures. Links of the person are dead at once. In problems of
    other people, what this person wrote goes.

    Args:
        grounds: one of ``Erasure.Grounds``.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: a problem of theirs is still open (each is named), or no grounds.
    """
    _require_administrator(by)
    _require_grounds(grounds)
    people = _locked_rows_of(customer)
    if all(person.erased_at for person in people):
        return people[0]
    theirs = list(Case.objects.select_for_update(no_key=True).filter(customer__in=people).order_by("pk"))
    _require_nothing_open(theirs)
    taking.take_everything_out(people, theirs)
    for case in theirs:
        timeline.record(case, Kind.ERASED, by=by, data={"grounds": grounds})
    _remember(Erasure.What.PERSON, grounds, by, customer=people[0], people=[person.pk for person in people])
    return people[0]


# -- steps -------------------------------------------------------------------------------------------------------------


def _locked_rows_of(customer: Customer) -> list[Customer]:
    """The person and every row that turned out to be the same person, locked."""
    pks = {customer.pk}
    while (
        more := set(
            Customer.objects.filter(
                Q(merged_into__in=pks) | Q(pk__in=Customer.objects.filter(pk__in=pks).values("merged_into"))
            ).values_list("pk", flat=True)
        )
        - pks
    ):
        pks |= more
    return list(Customer.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def _family(case: Case) -> list[int]:
    """The case and what was joined into it, however often."""
    pks = [case.pk]
    newest = pks
    while newest := list(Case.objects.filter(joined_into__in=newest).values_list("pk", flat=True)):
        pks += newest
    return pks


def _pattern(passage: str) -> re.Pattern:
    words = passage.split()
    if len("".join(words)) < SHORTEST:
        raise Refused("passage_needed", f"Name what is to go, at least {SHORTEST} characters.", field="passage")
    if len(passage) > LONGEST:
        raise Refused("passage_too_long", f"Take out at most {LONGEST:,} characters at a time.", field="passage")
    return re.compile(r"\s+".join(re.escape(word) for word in words), re.IGNORECASE)


def _require_administrator(by: Actor) -> None:
    if not (isinstance(by, Agent) and by.is_active and by.is_admin):
        raise NotAllowed("administrators_only", "Only an administrator can take something out for good.")


def _require_grounds(grounds: str) -> None:
    if grounds not in Erasure.Grounds.values:
        raise Refused("grounds_needed", "Say on what grounds.", field="grounds")


def _require_nothing_open(theirs: Iterable[Case]) -> None:
    still_open = [case for case in theirs if case.is_open]
    if still_open:
        raise Refused(
            "still_open",
            "A problem is still open. End it first: without words nobody could help any more.",
            hindrances=tuple(
                Hindrance("open_case", f"{case.number}: {case.subject}", case.get_absolute_url()) for case in still_open
            ),
        )


def _remember(what: str, grounds: str, by: Actor, *, spans=(), people=(), **about) -> None:
    again.keep(
        Erasure.objects.create(
            what=what,
            grounds=grounds,
            at=clock.now(),
            by=agent_or_none(by),
            spans=list(spans),
            people=list(people),
            **about,
        )
    )
