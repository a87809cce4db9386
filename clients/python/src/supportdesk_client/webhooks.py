"""What a desk tells of its own accord, checked: Standard Webhooks (https://www.standardwebhooks.com), version 1."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from supportdesk_client.problems import DeskError

SECONDS = 300.0
_PREFIX = "whsec_"
_SHORTEST = 24  # bytes, as the standard asks


class NotFromTheDesk(DeskError):
    """Nobody who knows the secret has sent this, or not now: answer 401, and do nothing."""


def heard(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    *,
    within: float = SECONDS,
    now: Callable[[], float] = time.time,
) -> dict[str, Any]:
    """What was sent, once it is known to come from the desk.

    The same event may come twice, under the same ``id``: keep what you have had, answer 2xx again, and do nothing.

    Args:
        body: as it came, before anything has read it.
        headers: names in whatever case.
        secret: of the webhook, ``whsec_…``.
        within: how many seconds old it may be, or ahead of this machine's clock.
        now: seconds since 1970, UTC.

    Returns:
        ``id``, ``type``, ``timestamp`` (RFC 3339, UTC) and ``data``.

    Raises:
        NotFromTheDesk: no signature fits, it was sent long ago, or it says nothing of who has sent it.
        ValueError: the secret is none.
    """
    told = {name.lower(): value for name, value in headers.items()}
    event_id, sent = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    if not (event_id and sent.isascii() and sent.isdigit()):
        raise NotFromTheDesk("It does not say which event it is, and when it was sent.")
    right = _signature(f"{event_id}.{sent}.".encode() + body, secret)
    # While a secret is changed two sign.
    given = told.get("webhook-signature", "").split()
    if not any([hmac.compare_digest(right, each.encode()) for each in given]):
        raise NotFromTheDesk("No signature fits.")
    if abs(now() - int(sent)) > within:
        raise NotFromTheDesk("It was sent too long ago: somebody may have kept it.")
    event: dict[str, Any] = json.loads(body)
    return event


def _signature(signed: bytes, secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) < _SHORTEST:  # with no secret everybody could sign
        raise ValueError("A secret looks like whsec_… and is shown when the webhook is made.")
    return b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
