"""Lists by key: ``?limit=`` and ``?after=``, with the address of the next page in the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from supportdesk.paging import read_key, write_key

MOST = 100
USUAL = 50


def page_of(
    request: Request,
    rows: QuerySet,
    told: Callable[[object], dict],
    *,
    by: str = "",
    latest_first: bool = False,
    names: Sequence[str] = (),
) -> Response:
    """One page of a list.

    Args:
        rows: in no order yet.
        told: what is said of one row.
        by: a column of instants that orders them before their id does; empty: by id alone.
        latest_first: backwards.
        names: further parameters of the address that this list understands.
    """
    require_known(request, "limit", "after", *names)
    limit, key = _limit(request), _key(request, by)
    found = list(_behind(rows, key, by, latest_first)[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    chosen = _fields(request)
    results = [_sparse(told(row), chosen) for row in found[:limit]]
    return Response({"results": results, "next": _next(request, last, by)})


def require_known(request: Request, *names: str) -> None:
    """Raise 400 if the address has a parameter that nobody here understands: it would be passed over in silence."""
    known = {"fields", *names}
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise ValidationError({unknown[0][:40]: f"Known here: {', '.join(sorted(known))}."})


def sparse(request: Request, told: dict) -> dict:
    """Of one thing only the members that ``?fields=`` names."""
    return _sparse(told, _fields(request))


def _behind(rows: QuerySet, key, by: str, latest_first: bool) -> QuerySet:
    sign, beyond = ("-", "lt") if latest_first else ("", "gt")
    if not by:
        rows = rows.filter(**{f"pk__{beyond}": key[1]}) if key else rows
        return rows.order_by(f"{sign}pk")
    if key:
        at, pk = key
        # Said twice, so that the index is entered at the right place: a row comparison is beyond the ORM.
        rows = rows.filter(**{f"{by}__{beyond}e": at}).filter(~Q(**{by: at}) | Q(**{f"pk__{beyond}": pk}))
    return rows.order_by(f"{sign}{by}", f"{sign}pk")


def _next(request: Request, last, by: str) -> str | None:
    if last is None:
        return None
    given = request.query_params.copy()
    given["after"] = write_key((getattr(last, by) if by else None, last.pk))
    return request.build_absolute_uri(f"{request.path}?{given.urlencode()}")


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST):
        raise ValidationError({"limit": f"A number from 1 to {MOST}."})
    return int(text)


def _key(request: Request, by: str):
    text = request.query_params.get("after")
    if text is None:
        return None
    key = read_key(text)
    if key is None or (key[0] is None) is bool(by):
        raise ValidationError({"after": "Take it from the address in “next”."})
    return key


def _fields(request: Request) -> set[str] | None:
    text = request.query_params.get("fields")
    return None if text is None else {name.strip() for name in text.split(",")}


def _sparse(told: dict, chosen: set[str] | None) -> dict:
    if chosen is None:
        return told
    unknown = sorted(chosen - told.keys())
    if unknown:
        raise ValidationError({"fields": f"There is no “{unknown[0][:40]}”; there is: {', '.join(told)}."})
    return {name: value for name, value in told.items() if name in chosen}
