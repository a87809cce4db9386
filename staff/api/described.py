"""What every address has in its description beside its own words: the refusals, the key, the version."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from staff.api.pages import MOST, USUAL
from staff.api.shapes import Problem, page_shape
from staff.models.tokens import Scope

WHY_NOT = {
    400: "Something that was sent cannot be read; `fields` says what.",
    401: "No token, or one that is unknown, over or revoked.",
    403: "Whoever asks may see this, but not do it; or the token’s scope does not reach.",
    404: "There is no such thing, or not for this token.",
    409: "Somebody else was first, or the state has moved on.",
    412: "It has changed since the version in `If-Match`.",
    413: "More than 1 MB.",
    415: "Something else than `application/json`.",
    422: "A rule says no; `in_the_way` lists what stands in the way.",
    429: "Too many requests; `Retry-After` says when to come again.",
    503: "Somebody is changing this at this moment; try again.",
}


def _refusals(*statuses: int) -> dict:
    return {(status, "application/problem+json"): OpenApiResponse(Problem, WHY_NOT[status]) for status in statuses}


_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same request with the same key is done once; kept for 24 hours.",
)
_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read: done only if it is still so."
)
_FIELDS = OpenApiParameter(
    "fields",
    str,
    description="Only these members, with commas between them. All others are left out, required ones among them.",
)
_LIMIT = OpenApiParameter("limit", int, description=f"How many on a page: 1 to {MOST}; {USUAL} without.")
_AFTER = OpenApiParameter("after", str, description="Where the page begins; taken from `next`.")


def _words(summary: str, description: str, scope: str) -> str:
    return f"{description or summary + '.'}\n\nNeeds the scope `{scope}`."


def reading(name: str, summary: str, shape, description: str = ""):
    """One thing is told."""
    answers = {200: shape, **_refusals(400, 401, 403, 404, 429)}
    answers[304] = OpenApiResponse(description="It is as in the version in `If-None-Match`.")
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=_words(summary, description, Scope.READ),
        responses=answers,
        parameters=[_FIELDS],
    )


def listing(name: str, summary: str, shape, *parameters: OpenApiParameter, description: str = ""):
    """A page is told."""
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=_words(summary, description, Scope.READ),
        responses={200: page_shape(shape), **_refusals(400, 401, 403, 404, 429)},
        parameters=[_LIMIT, _AFTER, _FIELDS, *parameters],
    )


def acting(name: str, summary: str, reads, shape, *, makes: bool = False, description: str = "", scope=Scope.WRITE):
    """Something is done."""
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=_words(summary, description, scope),
        request=reads,
        responses={201 if makes else 200: shape, **_refusals(*WHY_NOT)},
        parameters=[_KEY, _MATCH],
    )
