"""How words are taken out: of one row, and of everything that hangs on a person."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.contrib.sessions.models import Session
from django.db.models import F

from cases.models import Case, Message, Participant
from cases.verbs.opening import last_words
from customers.models import Address, Customer
from portal import draft
from staff.api import once
from staff.models import DoneOnce
from supportdesk import clock
from supportdesk.privacy import texts

TAKEN_OUT = "[taken out]"
ERASED = "[erased]"
ERASED_PERSON = "Somebody erased"


def take_everything_out(people: list[Customer], theirs: Iterable[Case]) -> None:
    pks = [case.pk for case in theirs]
    addresses = set(Address.objects.filter(customer__in=people).values_list("value", flat=True))
    with texts.lifted():
        texts.put_in_place_of_all(pks, ERASED)
        _erase_what_they_wrote_elsewhere(people, pks)
    Participant.objects.filter(person__in=people).update(relation=ERASED, link_version=F("link_version") + 1)
    Case.objects.filter(pk__in=pks).update(link_version=F("link_version") + 1)
    Address.objects.filter(customer__in=people).delete()
    Customer.objects.filter(pk__in=[person.pk for person in people]).update(
        name=ERASED_PERSON, zone="", language="", best_time="", organisation=None, erased_at=clock.now()
    )
    _forget_sessions(set(pks), addresses)
    forget_what_was_answered()


def forget_what_was_answered() -> None:
    """What the API keeps of its answers for a day tells of cases in their own words. That it was done stays known."""
    DoneOnce.objects.exclude(body=once.FORGOTTEN).update(body=once.FORGOTTEN)


def _erase_what_they_wrote_elsewhere(people: list[Customer], but_not: list[int]) -> None:
    """What these people wrote on other people's problems, wherever it stands."""
    written = Message.objects.filter(participant__person__in=people).exclude(case__in=but_not)
    for message in written:
        # Lists show the last words of a conversation, of a joined case also where it goes on.
        shown_at = Case.objects.filter(pk=message.case_id) | Case.objects.behind(message.case_id)
        shown_at.filter(latest_words=last_words(message.body)).update(latest_words=ERASED)
    written.update(body=ERASED)


def _forget_sessions(cases: set[int], addresses: set[str]) -> None:
    """What browsers' sessions remember of a person: a problem that was sent, or what was typed and not sent yet.

    Args:
        addresses: where they could be reached, normalised.
    """
    for session in Session.objects.iterator(500):
        if draft.tells_of(session.get_decoded(), cases, addresses):
            session.delete()


def take_out(row, names: tuple[str, ...], pattern: re.Pattern) -> list[dict]:
    """Take it out of one row; where it stood, column by column, so that it is found there again without its words."""
    spans, changed = [], []
    for name in names:
        words = getattr(row, name)
        found = [match.span() for match in pattern.finditer(words)]
        if found:
            setattr(row, name, shortened(words, found, row._meta.get_field(name).max_length))
            changed.append(name)
            where = {"table": row._meta.label, "row": row.pk, "column": name}
            spans.append({**where, "length": len(words), "places": found})
    if changed:
        row.save(update_fields=changed)
    return spans


def shortened(words: str, spans: Iterable[tuple[int, int]], most: int | None) -> str:
    """The words with ``[taken out]`` in place of each span, no longer than the column holds."""
    for start, end in sorted(spans, reverse=True):
        words = words[:start] + TAKEN_OUT + words[end:]
    return words if most is None else words[:most]
