"""The customer's link: who holds it sees their problem and may act on it, without an account."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac

from cases.models import Case
from supportdesk import clock

LIVES_AFTER_CLOSING = timedelta(days=90)

_SALT = "portal.links.status"
_SEAL_BYTES = 16
# Both halves are 128 bits in base64url. Anything else never reaches the database, which would stumble over a NUL.
_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})")


def status_path(case: Case) -> str:
    """The path of the customer's page, sealed so that neither the key nor the version alone makes another."""
    return f"/help/c/{case.key}.{_seal(case)}/"


def case_behind(token: str) -> Case | None:
    """The case behind the token of a path, with what the page shows of people and promise.

    The link of a problem that was joined into another leads there. None for anything that is not a link of ours: wrong,
    cut, of an older ``link_version``, or of a case closed more than ``LIVES_AFTER_CLOSING`` ago with every complaint
    answered as long ago. Why is not told.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    key, seal = match.groups()
    cases = Case.objects.select_related("customer", "department", "owner__department__calendar", "next_promise")
    case = cases.filter(key=key).first()
    if case is None or not constant_time_compare(seal, _seal(case)):
        return None
    if case.joined_into_id:
        case = cases.behind(case.pk).get()
    return None if _is_over(case) else case


def _seal(case: Case) -> str:
    value = f"{case.key}.{case.customer_id}.{case.link_version}"
    digest = salted_hmac(_SALT, value, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:_SEAL_BYTES]).decode().rstrip("=")


def _is_over(case: Case) -> bool:
    if case.closed_at is None:
        return False
    since = clock.now() - LIVES_AFTER_CLOSING
    # A complaint outlives the fault: its answer is read here.
    return (
        case.closed_at < since and not case.complaints.filter(Q(answered_at=None) | Q(answered_at__gte=since)).exists()
    )
