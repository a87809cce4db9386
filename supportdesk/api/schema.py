"""The last touch to the description: how a token is shown, and what is sent in every answer."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ByToken(OpenApiAuthenticationExtension):
    """Known to drf-spectacular by being there."""

    target_class = "staff.api.authentication.ByToken"
    name = "token"

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "desk_…"}


def complete(result: dict, generator, request, public) -> dict:
    """Hook of drf-spectacular."""
    for path in result["paths"].values():
        for operation in path.values():
            operation["tags"] = [_tag(operation)]
            for status, answer in operation["responses"].items():
                _add_headers(answer, status)
    return result


def _tag(operation: dict) -> str:
    words = operation["operationId"].split("_")
    return next((tag for tag in _TAGS if tag in words or tag[:-1] in words), "cases")


def _add_headers(answer: dict, status: str) -> None:
    headers = answer.setdefault("headers", {})
    for name, description in _LIMITS.items():
        headers[name] = {"schema": {"type": "string"}, "description": description}
    if status in ("200", "201", "304"):
        headers["ETag"] = {"schema": {"type": "string"}, "description": "The version that is told, of one thing."}
    if status in ("429", "503"):
        headers["Retry-After"] = {"schema": {"type": "string"}, "description": "Seconds."}


_TAGS = (
    "cases", "subtasks", "promises", "handovers", "complaints", "refusals", "concessions", "flags", "customers",
    "agents", "departments", "topics", "calendars", "me",
)  # fmt: skip
_LIMITS = {
    "RateLimit-Limit": "Requests in a minute.",
    "RateLimit-Remaining": "How many are left of this minute.",
    "RateLimit-Reset": "Seconds until the next minute begins.",
}
