"""Refusals as problem+json (RFC 9457): one stable ``type`` for each rule, the words that people read, what to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from supportdesk.errors import Refused

log = logging.getLogger(__name__)

TYPE = "application/problem+json"
# What a ``type`` begins with: an address of its own for each rule, that says where it is written down.
RULES = "/api/docs/problems#"
LOCKED = "55P03"
RACES = ("40P01", "40001")


def problem(status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more) -> Response:
    """An answer that says why not.

    Args:
        status: of HTTP.
        code: stable name of the rule, for machines.
        detail: a sentence for people, says what to do.
        **more: further members, such as ``in_the_way``.
    """
    return Response(_body(status, code, detail) | more, status=status, content_type=TYPE, headers=headers)


def answer(failure: Exception, context: dict) -> Response | None:
    """DRF's handler: what each exception is answered with; None: a fault of ours, which nobody may hide."""
    if isinstance(failure, Refused):
        return _refusal(failure)
    if isinstance(failure, exceptions.ValidationError):
        return problem(400, "invalid", "Some of what was sent cannot be read.", fields=_fields(failure.detail))
    if isinstance(failure, Http404):
        return problem(404, "not_found", "There is nothing here, or not for this token.")
    if isinstance(failure, PermissionDenied):
        return problem(403, "not_allowed", "This token may not do that.")
    if isinstance(failure, exceptions.APIException):
        return _of_drf(failure)
    if isinstance(failure, DataError):
        # A number beyond what a column holds, and the like: nobody has such a thing.
        log.warning("The database could not read what was sent: %s", context["request"].path)
        return problem(400, "invalid", "A value is beyond what can be kept.")
    if isinstance(failure, OperationalError):
        return _busy(failure)
    return None


def not_found(request: HttpRequest) -> JsonResponse:
    """For an address below ``/api/`` that leads nowhere."""
    return plain(404, "not_found", "There is no such address.")


def plain(status: int, code: str, detail: str) -> JsonResponse:
    """The same answer outside the API's own views."""
    return JsonResponse(_body(status, code, detail), status=status, content_type=TYPE)


def _body(status: int, code: str, detail: str) -> dict:
    return {"type": RULES + code, "title": code.replace("_", " ").capitalize(), "status": status, "detail": detail}


def _refusal(refusal: Refused) -> Response:
    more: dict = {}
    if refusal.field:
        more["field"] = refusal.field
    if refusal.hindrances:
        more["in_the_way"] = [
            {"type": RULES + one.code, "detail": one.sentence, "anchor": one.anchor} for one in refusal.hindrances
        ]
    if refusal.offers:
        more["offers"] = [{"due_at": one.due_at.isoformat(), "words": one.words} for one in refusal.offers]
    return problem(refusal.status, refusal.code, refusal.sentence, **more)


def _of_drf(failure: exceptions.APIException) -> Response:
    headers = {}
    if getattr(failure, "auth_header", None):
        headers["WWW-Authenticate"] = failure.auth_header
    if getattr(failure, "wait", None) is not None:
        headers["Retry-After"] = str(max(1, round(failure.wait)))
    codes = failure.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    return problem(failure.status_code, code, str(failure.detail), headers=headers)


def _busy(failure: OperationalError) -> Response | None:
    state = getattr(failure.__cause__, "pgcode", None)
    if state in RACES:
        raise failure  # the request is done again from its beginning
    if state == LOCKED:
        sentence = "Somebody is changing this at this moment. Try again in a few seconds."
        return problem(503, "busy", sentence, headers={"Retry-After": "5"})
    return None


def _fields(detail) -> list[dict]:
    """Each thing that could not be read: which field, and why."""
    return list(_walk(detail, ""))


def _walk(detail, path: str):
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _walk(inner, f"{path}.{name}".lstrip(".") if name != "non_field_errors" else path)
    elif isinstance(detail, list):
        for nth, inner in enumerate(detail):
            yield from _walk(inner, path if isinstance(inner, str) else f"{path}[{nth}]")
    else:
        yield {"field": path, "detail": str(detail), "code": getattr(detail, "code", "invalid")}
