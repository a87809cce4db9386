"""ETags: what somebody has read, and whether it is still so when they act on it (RFC 9110, sections 8.8.3 and 13)."""

from __future__ import annotations

import hashlib

from rest_framework.request import Request

from staff.api.writing import as_json
from supportdesk.errors import Refused


class ChangedMeanwhile(Refused):
    status = 412


# Behind it stands what changes with time and names alone: whether something is late, how somebody is called.
BESIDE = "~"


def version_of(told: dict, state: str = "") -> str:
    """The version of a thing: a hash of all that is told of it.

    Args:
        state: the version of what can be acted on, where that is known; the hash then stands beside it, and whoever
            acts is asked for the state alone.
    """
    found = hashlib.sha256(as_json(told, sort_keys=True)).hexdigest()
    return f"{state}{BESIDE}{found[:8]}" if state else found[:24]


def tag(version: str) -> str:
    return f'"{version}"'


def is_asked(request: Request) -> bool:
    """Whether it is to be done only to the version that was read. What is compared has to be locked first: of two who
    have read the same, the second one then finds it changed.
    """
    return "If-Match" in request.headers


def require_same(request: Request, version: str) -> None:
    """Raise 412 if the request says ``If-Match`` and it is of another version."""
    wanted = request.headers.get("If-Match")
    if wanted is None or _names(wanted, version):
        return
    same = tag(version)[:-1] + BESIDE
    if not any(part.strip().startswith(same) for part in wanted.split(",")):
        raise ChangedMeanwhile("changed_meanwhile", "This has changed since you read it. Read it anew.")


def has_read(request: Request, version: str) -> bool:
    """Whether the asker says that they know this version already (``If-None-Match``)."""
    known = request.headers.get("If-None-Match", "")
    # A proxy that has compressed an answer calls its tag weak; whoever acts must have read the very same.
    return _names(known.replace("W/", ""), version)


def _names(header: str, version: str) -> bool:
    named = {part.strip() for part in header.split(",")}
    return "*" in named or tag(version) in named
