"""Signatures as Standard Webhooks describes them (https://www.standardwebhooks.com, version 1, symmetric)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
BYTES = 32  # the standard asks for 24 to 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers(event_id: str, at: datetime, body: bytes, signed_with: Sequence[str]) -> dict[str, str]:
    """The three headers of one attempt.

    Args:
        at: when it is sent; aware datetime.
        signed_with: secrets; with several each signs, and one that fits is enough for the receiver.
    """
    timestamp = str(int(at.timestamp()))
    signatures = (signature(event_id, timestamp, body, secret) for secret in signed_with)
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def signature(event_id: str, timestamp: str, body: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()
