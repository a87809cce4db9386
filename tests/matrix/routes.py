"""Every address of the desk as the URL configuration has it, and how to write one down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

MISSING = 999_999_999
# Addresses that are told by a regular expression, with one that each of them means.
MEANT = {
    "admin:app_list": "admin/staff/",
    "admin:(?P<url>.*)$": "admin/nowhere",
    "portal:^.*/$": "help/no/where/",
    r"^[\s\S]*\Z": "api/no/where",
}
# What an address names otherwise than by the words that stand before it.
CALLED = {
    ("cases:undo_joining", "pk"): "joined",
    ("api:case_undo_joining", "number"): "joined",
    ("escalations:note", "pk"): "case",
    ("escalations:not_needed", "pk"): "case",
    ("escalations:rule", "name"): "rule",
    ("portal:view", "number"): "case",
    ("sign_in_by_link", "token"): "sign_in",
    ("admin:view_on_site", "object_id"): "digest",
}
NAMED = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One address.

    Attributes:
        name: with its namespace; of one without a name the pattern.
        path: the whole pattern.
        methods: which its view answers; none: it does not say.
    """

    name: str
    path: str
    view: Callable
    methods: frozenset[str]

    @property
    def names(self) -> list[str]:
        """What of a thing it names, as ``Scene.rows`` calls it."""
        return [self._called(match) for match in NAMED.finditer(self.path)]

    def to(self, rows: dict[str, int | str]) -> str:
        """The address of these rows."""
        if self.name in MEANT:
            return "/" + MEANT[self.name]
        return "/" + NAMED.sub(lambda match: self._written(match, rows[self._called(match)]), self.path)

    def to_nothing(self) -> str:
        """The same address of what there is not."""
        if self.name in MEANT:
            return "/" + MEANT[self.name]
        return "/" + NAMED.sub(lambda match: self._written(match, MISSING), self.path)

    def _called(self, match: re.Match) -> str:
        name = match[2]
        if (self.name, name) in CALLED:
            return CALLED[self.name, name]
        if name in ("pk", "number"):
            before = self.path[: match.start()].strip("/").split("/")[-1]
            return {"deliveries": "delivery"}.get(before, before.removesuffix("s"))
        if name == "object_id":
            return self.path.split("/")[2]  # of the admin: the model's name
        return {"token": "link"}.get(name, name.removesuffix("_pk"))

    def _written(self, match: re.Match, value: int | str) -> str:
        return f"C-{value}" if match[1] == "case" else str(value)


def routes(patterns=None, before: str = "", namespace: str = "") -> Iterator[Route]:
    """All of them, from the whole configuration."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry.url_patterns, path, inside)
        elif isinstance(entry, URLPattern):
            yield Route(namespace + _name(entry, path), path, entry.callback, methods_of(entry.callback))


def _name(entry: URLPattern, path: str) -> str:
    return entry.name if entry.name and entry.name != "no_such_address" else _unnamed(str(entry.pattern), path)


def _unnamed(pattern: str, path: str) -> str:
    # Django's admin leads the old addresses of a row on without naming them; its models tell them apart.
    return path.removeprefix("admin/") if "object_id" in pattern else pattern


def methods_of(view: Callable) -> frozenset[str]:
    """Which methods a view says that it answers, OPTIONS aside: by its class, or by Django's decorators."""
    of_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if of_class is not None:
        named = {method.upper() for method in of_class.http_method_names if hasattr(of_class, method)}
        return frozenset((named | ({"HEAD"} if "GET" in named else set())) - {"OPTIONS"})
    while view is not None:
        found = dict(zip(view.__code__.co_freevars, view.__closure__ or (), strict=True)) if _is_plain(view) else {}
        if "request_method_list" in found:
            return frozenset(found["request_method_list"].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return frozenset()


def _is_plain(view: Callable) -> bool:
    return hasattr(view, "__code__")
