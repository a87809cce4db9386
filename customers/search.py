"""Find customers by a mail address, the digits of a number, or the beginning of any word of a name."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Lower

from customers.identity import normalise
from customers.models import BACKWARDS, WORDS_OF_NAME, Address, Customer

FEWEST_DIGITS = 4
PAGE = 50


def find(typed: str, *, also: int | None = None, after: int | None = None) -> tuple[list[Customer], int | None]:
    """A page of the people meant by what somebody typed, by name, and the id behind which the next page begins.

    Args:
        typed: a mail address, a number however written, or the beginning of a name.
        also: id of a customer who is meant in another way, such as by their case's number.
        after: id of the last one of the page before.
    """
    meant = _meant(typed.strip(), also)
    if meant is None:
        return [], None
    people = _by_name().filter(erased_at=None, pk__in=meant)
    if after is not None and (last := _by_name().filter(pk=after).first()):
        people = people.filter(Q(lower__gt=last.lower) | Q(lower=last.lower, pk__gt=last.pk))
    found = list(people.select_related("organisation").order_by("lower", "pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def _by_name() -> QuerySet:
    return Customer.objects.people().annotate(lower=Lower("name"))


def _meant(typed: str, also: int | None) -> QuerySet | None:
    """The ids of the people who are meant; none when nothing was typed that could mean anybody."""
    ways = [way for way in (_by_words(typed), _by_mail(typed), _by_number(typed)) if way is not None]
    if also is not None:
        ways.append(Customer.objects.filter(pk=also))
    if not ways:
        return None
    # Each way is a look into an index of its own; together in one condition they would be a look at every row.
    ids = [way.order_by().values_list(Coalesce("merged_into", "pk"), flat=True) for way in ways]
    return ids[0].union(*ids[1:]) if len(ids) > 1 else ids[0]


def _by_words(typed: str) -> QuerySet | None:
    # In quotes: the database takes a typed word apart as it took the name's.
    words = [word.replace("\\", "").replace("'", "''") for word in typed.split() if re.search(r"\w", word)]
    if not words:
        return None
    beginnings = SearchQuery(" & ".join(f"'{word}':*" for word in words), search_type="raw", config="simple")
    return Customer.objects.annotate(words=WORDS_OF_NAME).filter(words=beginnings)


def _by_mail(typed: str) -> QuerySet | None:
    if "@" not in typed:
        return None
    address = normalise(Address.Kind.MAIL, typed)
    return Customer.objects.filter(
        pk__in=Address.objects.in_use().filter(kind=Address.Kind.MAIL, value=address).values("customer")
    )


def _by_number(typed: str) -> QuerySet | None:
    """A number is compared from its end: +39 06 1234, 0039 06 1234 and 06 1234 are one."""
    digits = re.sub(r"\D", "", typed).lstrip("0")
    if len(digits) < FEWEST_DIGITS or re.search(r"[^\d\s+()/.–-]", typed):
        return None
    numbers = Address.objects.in_use().filter(kind=Address.Kind.PHONE).annotate(backwards=BACKWARDS)
    # All that begin with these digits: the sign behind 9 ends them.
    ending = numbers.filter(backwards__gte=digits[::-1], backwards__lt=f"{digits[::-1]}:")
    return Customer.objects.filter(pk__in=ending.values("customer"))
