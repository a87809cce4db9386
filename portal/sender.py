"""From which address a request comes, behind however many proxies of our own."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def sender_of(request: HttpRequest) -> str:
    """The address of whoever sent this, as far as we can trust what we are told.

    Each proxy writes at the end of ``X-Forwarded-For`` who connected to it. Of that list only as many entries from the
    end are ours as there are proxies of ours (``TRUSTED_PROXIES``); whatever stands before them the sender has typed.
    With none, or where the entry is no address, it is whoever is connected to us.
    """
    connected = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES < 1:
        return connected
    told = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    # Fewer entries than proxies: one of ours was not on the way, and the first entry is by another of ours.
    return _address(told[-settings.TRUSTED_PROXIES :][0]) or connected


def _address(entry: str) -> str:
    """An address as proxies write it, some with a port behind it; empty if it is none."""
    bare = entry.removeprefix("[").partition("]")[0] if entry.startswith("[") else entry
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return ""
