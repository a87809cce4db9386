"""The links of a problem: the customer's, and one for each person who takes part. Who holds one needs no account."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac

from cases.cover import beside
from cases.models import Appeal, Case, Complaint, Participant
from supportdesk import clock

LIVES_AFTER_CLOSING = timedelta(days=90)

_SALT = "portal.links.status"
_SALT_OF_PARTICIPANTS = "portal.links.participant"
_SEAL_BYTES = 16
# Both halves are 128 bits in base64url. Anything else never reaches the database, which would stumble over a NUL.
_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})")


def status_path(case: Case) -> str:
    """The path of the customer's page, sealed so that neither the key nor the version alone makes another."""
    return f"/help/c/{case.key}.{_seal(case)}/"


def participant_path(participant: Participant) -> str:
    """The path of a participant's own page, sealed for them alone; looks like every other."""
    return f"/help/c/{participant.case.key}.{_seal_of(participant, participant.case)}/"


@dataclass(frozen=True)
class Reader:
    """Who opened a link, and to which case it leads.

    Attributes:
        participant: as what they take part; none: it is the customer.
    """

    case: Case
    participant: Participant | None = None


def reader_behind(token: str) -> Reader | None:
    """Who reads by the token of a path, and which case, with what the page shows of people and promise.

    A link of a problem that was joined into another leads there; how much of it somebody reads who takes part,
    ``portal.sharing`` says. None for anything that is not a link of ours: wrong, cut, of an older ``link_version``, of
    somebody who takes part no more, or of a case closed more than ``LIVES_AFTER_CLOSING`` ago with every complaint and
    every wish for someone else answered as long ago. Why is not told.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    key, seal = match.groups()
    cases = Case.objects.select_related("customer", "department", "owner__department__calendar", "next_promise")
    cases = cases.annotate(**beside(clock.now()))
    case = cases.filter(key=key).first()
    if case is None:
        return None
    survivor = cases.behind(case.pk).get() if case.joined_into_id else case
    if _is_over(survivor):
        return None
    if constant_time_compare(seal, _seal(case)):
        return Reader(survivor)
    # Few people take part in one problem: their seals are tried one after the other.
    for participant in case.participants.taking_part().select_related("person"):
        if constant_time_compare(seal, _seal_of(participant, case)):
            participant.case = case
            return Reader(survivor, participant)
    return None


def case_behind(token: str) -> Case | None:
    """The case behind the customer's own token, see ``reader_behind``."""
    reader = reader_behind(token)
    return reader.case if reader and reader.participant is None else None


def _seal(case: Case) -> str:
    return _sealed(_SALT, f"{case.key}.{case.customer_id}.{case.link_version}")


def _seal_of(participant: Participant, case: Case) -> str:
    person = f"{participant.pk}.{participant.person_id}.{participant.link_version}"
    return _sealed(_SALT_OF_PARTICIPANTS, f"{case.key}.{case.link_version}.{person}")


def _sealed(salt: str, value: str) -> str:
    digest = salted_hmac(salt, value, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:_SEAL_BYTES]).decode().rstrip("=")


def _is_over(case: Case) -> bool:
    if case.closed_at is None:
        return False
    since = clock.now() - LIVES_AFTER_CLOSING
    if case.closed_at >= since:
        return False
    # What went wrong outlives the fault: its answer is read here, also when it was asked for before a joining.
    told_as = Case.objects.told_as(case).values("pk")
    still = Q(case__in=told_as) & (Q(answered_at=None) | Q(answered_at__gte=since))
    return not Complaint.objects.filter(still).exists() and not Appeal.objects.filter(still).exists()
