"""The last touch to the description: how a token is shown, and what is sent in every answer."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from supportdesk.api.examples import REFUSALS, REQUESTS


class ByToken(OpenApiAuthenticationExtension):
    """Known to drf-spectacular by being there."""

    target_class = "staff.api.authentication.ByToken"
    name = "token"

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "desk_…"}


def complete(result: dict, generator, request, public) -> dict:
    """Hook of drf-spectacular: tags, examples, headers; and what many answers share is written down once."""
    shared = result["components"].setdefault("responses", {})
    for path in result["paths"].values():
        for operation in path.values():
            operation["tags"] = [_tag(operation)]
            _add_example(operation)
            for status, answer in operation["responses"].items():
                _add_headers(answer, status)
                if "application/problem+json" in answer.get("content", {}):
                    shared[f"Problem{status}"] = answer
                    operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    _show_refusals(shared)
    result["components"]["headers"] = {
        name: {"schema": {"type": "string"}, "description": words} for name, words in _HEADERS.items()
    }
    return result


def _add_example(operation: dict) -> None:
    example = REQUESTS.get(operation["operationId"])
    if example is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example


def _show_refusals(shared: dict) -> None:
    for status, example in REFUSALS.items():
        shared[f"Problem{status}"]["content"]["application/problem+json"]["example"] = example


def _tag(operation: dict) -> str:
    words = operation["operationId"].split("_")
    return next((tag for tag in _TAGS if tag in words or tag[:-1] in words), "cases")


def _add_headers(answer: dict, status: str) -> None:
    names = [*_LIMITS]
    if status in ("200", "201", "304"):
        names.append("ETag")
    if status in ("429", "503"):
        names.append("Retry-After")
    if status == "401":
        names.append("WWW-Authenticate")
    answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


_TAGS = (
    "cases", "subtasks", "promises", "handovers", "complaints", "refusals", "concessions", "flags", "customers",
    "agents", "departments", "topics", "calendars", "me",
)  # fmt: skip
_LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_HEADERS = {
    "RateLimit-Limit": "Requests in a minute.",
    "RateLimit-Remaining": "How many are left of this minute.",
    "RateLimit-Reset": "Seconds until the next minute begins.",
    "ETag": "The version that is told, of one thing.",
    "Retry-After": "Seconds.",
    "WWW-Authenticate": "How to say who asks.",
}
