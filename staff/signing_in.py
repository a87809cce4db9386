"""One-time links that bring a new or locked-out agent in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from staff.models import Agent, SignInLink
from supportdesk import clock

# OWASP ASVS 5, 6.5.5: an out-of-band secret lives at most ten minutes.
LIFETIME = timedelta(minutes=10)


def issue(agent: Agent) -> str:
    """A new link token for the agent; works once, for ``LIFETIME``. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(agent=agent, token_hash=_hash(token), expires_at=clock.now() + LIFETIME)
    return token


def usable(token: str) -> SignInLink | None:
    """The link behind a token, if it can still be used."""
    return (
        SignInLink.objects.select_related("agent")
        .filter(token_hash=_hash(token), used_at=None, expires_at__gt=clock.now())
        .filter(agent__is_active=True, agent__can_sign_in=True)
        .first()
    )


def redeem(token: str) -> Agent | None:
    """The agent whom the token signs in, or None if it was used, is too old or never was.

    Of two people who press at the same moment one gets in: the row is claimed by a conditional UPDATE.
    """
    link = usable(token)
    if link is None:
        return None
    claimed = SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=clock.now())
    return link.agent if claimed else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
