"""ETags: what somebody has read, and whether it is still so when they act on it (RFC 9110, sections 8.8.3 and 13)."""

from __future__ import annotations

import hashlib
import json

from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from supportdesk.errors import Refused


class ChangedMeanwhile(Refused):
    status = 412


def version_of(answer: dict) -> str:
    """The version of a thing that has no timeline: a hash of all that is told of it."""
    told = json.dumps(answer, cls=JSONEncoder, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def tag(version: str) -> str:
    return f'"{version}"'


def require_same(request: Request, version: str) -> None:
    """Raise 412 if the request says ``If-Match`` and it is of another version."""
    wanted = request.headers.get("If-Match")
    if wanted is not None and not _names(wanted, version):
        raise ChangedMeanwhile("changed_meanwhile", "This has changed since you read it. Read it anew.")


def has_read(request: Request, version: str) -> bool:
    """Whether the asker says that they know this version already (``If-None-Match``)."""
    known = request.headers.get("If-None-Match", "")
    # A proxy that has compressed an answer calls its tag weak; whoever acts must have read the very same.
    return _names(known.replace("W/", ""), version)


def _names(header: str, version: str) -> bool:
    named = {part.strip() for part in header.split(",")}
    return "*" in named or tag(version) in named
