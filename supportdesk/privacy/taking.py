"""How words are taken out: of one row, and of everything that hangs on a person."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.contrib.sessions.models import Session
from django.db.models import F

from cases.models import Case, Entry, Message, Participant
from customers.models import Address, Customer
from supportdesk import clock
from supportdesk.privacy import texts

TAKEN_OUT = "[taken out]"
ERASED = "[erased]"
ERASED_PERSON = "Somebody erased"


def take_everything_out(people: list[Customer], theirs: Iterable[Case]) -> None:
    pks = [case.pk for case in theirs]
    with texts.lifted():
        texts.put_in_place_of_all(pks, ERASED)
        Message.objects.filter(pk__in=_written_elsewhere(people, pks)).update(body=ERASED)
    Participant.objects.filter(person__in=people).update(relation=ERASED, link_version=F("link_version") + 1)
    Case.objects.filter(pk__in=pks).update(link_version=F("link_version") + 1)
    Address.objects.filter(customer__in=people).delete()
    Customer.objects.filter(pk__in=[person.pk for person in people]).update(
        name=ERASED_PERSON, zone="", language="", best_time="", organisation=None, erased_at=clock.now()
    )
    _forget_sessions(set(pks))


def _written_elsewhere(people: list[Customer], but_not: list[int]) -> list[int]:
    """Ids of the messages that these people wrote on other people's problems."""
    cases = Participant.objects.filter(person__in=people).values("case")
    entries = Entry.objects.filter(case__in=cases, customer__in=people, message__isnull=False)
    return list(entries.exclude(case__in=but_not).values_list("message", flat=True))


def _forget_sessions(cases: set[int]) -> None:
    """What a browser's session remembers of a problem that was sent from it."""
    for session in Session.objects.iterator(500):
        sent = session.get_decoded().get("portal.sent") or {}
        if sent.get("case") in cases:
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
