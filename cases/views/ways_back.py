"""Where an act was begun, if not on the case: what is theirs who leave, or the supervisors’ queue. It leads back there.

An address names such a page by a word that stands here, never by an address: ``?leaving=12``, and for the queue
``?back=queue?why=promise_broken&at=C-10427&next=C-10431``, encoded as one value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from cases import permissions
from staff.models import Agent
from staff.permissions import may_look_after_people

_IS_AN_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_LISTS = {"queue": ("escalations:queue", "Escalations"), "last": ("escalations:last", "The last rung")}
# What of a list's own address belongs to the place in it.
_PLACE = ("why", "team", "after")


@dataclass(frozen=True)
class WayBack:
    """Where an act was begun.

    Attributes:
        url: where it leads if it is left; ``done``: once it is done.
        is_a_list: of many cases: what is confirmed there says of which one.
    """

    url: str
    done: str
    title: str
    is_a_list: bool = False


def begun_at(request: HttpRequest) -> WayBack | None:
    """Where the act that is asked for was begun; None: on its case."""
    return _page_of_leaver(request) or _place_in_a_list(request)


def leading_back(word: str, place: Mapping[str, str], at: str, following: str) -> str:
    """The query by which an act leads back to where it was begun in a list.

    Args:
        word: names the list: ``queue``, ``last``.
        place: the list's own query.
        at, following: numbers of the case that the act is about, and of the one to go on with.
    """
    return urlencode({"back": f"{word}?{urlencode(_place(place) | {'at': at, 'next': following})}"})


def _page_of_leaver(request: HttpRequest) -> WayBack | None:
    """The page of somebody who leaves, where the act was begun on it (``?leaving=`` and their id): what is theirs comes
    into other hands there, one after the other."""
    pk = request.GET.get("leaving", "")
    if not _IS_AN_ID.fullmatch(pk) or not may_look_after_people(request.user):
        return None
    leaver = Agent.objects.people().filter(pk=pk, left_at=None).first()
    if leaver is None:
        return None
    url = reverse("cases:leaving", args=[leaver.pk])
    return WayBack(url, url, f"{leaver.name} leaves")


def _place_in_a_list(request: HttpRequest) -> WayBack | None:
    word, _, query = request.GET.get("back", "").partition("?")
    if word not in _LISTS or not permissions.looks_after_the_desk(request.user):
        return None
    name, title = _LISTS[word]
    asked = QueryDict(query)

    def leading_to(number: str) -> str:
        place = urlencode(_place(asked) | ({"at": number} if number else {}))
        return reverse(name) + (f"?{place}" if place else "")

    return WayBack(leading_to(asked.get("at", "")), leading_to(asked.get("next", "")), title, is_a_list=True)


def _place(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in _PLACE if query.get(name)}
