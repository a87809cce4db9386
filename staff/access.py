"""Tokens for machines: made, recognised and revoked here; and service accounts, which act under a name of their own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from staff.administrators import is_administrator, require_administrator
from staff.models import AccessToken, Agent, Department
from staff.models.tokens import Scope
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused
from supportdesk.statements import built_once

PREFIX = "desk_"
SHOWN = len(PREFIX) + 6
# How exactly it is kept when a token was last used: not every request writes a row.
A_WHILE = timedelta(minutes=5)
LONGEST = timedelta(days=3 * 366)


@transaction.atomic
def make(
    agent: Agent,
    name: str,
    scope: str,
    *,
    by: Agent,
    departments: Iterable[Department] = (),
    expires_at: datetime | None = None,
) -> tuple[AccessToken, str]:
    """A new token.

    Args:
        agent: who acts with it: a service account, or the one who makes it.
        name: what it is for.
        scope: of ``Scope``.
        departments: of whose cases alone it sees anything; none: of all that the agent may see.
        expires_at: aware datetime; none: it holds until it is revoked.

    Returns:
        the token, and its secret: 256 bits, kept nowhere, to be shown once.

    Raises:
        NotAllowed: for somebody else; or for a service account by no administrator.
        Refused: no name, the scope *admin* for who is none, a time that has passed or is too far off, or it is off.
    """
    if agent.pk != by.pk and not (agent.is_service and is_administrator(by)):
        raise NotAllowed("not_yours", "A token is made for oneself, or for a service account by an administrator.")
    now = clock.now()
    # Whoever switches it off at this moment is waited for.
    agent = Agent.objects.select_for_update(no_key=True, of=("self",)).get(pk=agent.pk)
    _require_possible(agent, name, scope, expires_at, now)
    secret = PREFIX + secrets.token_urlsafe(32)
    facts = {"agent": agent, "name": name.strip(), "scope": scope, "expires_at": expires_at}
    facts["departments"] = sorted({department.pk for department in departments})
    token = AccessToken.objects.create(
        **facts, start=secret[:SHOWN], token_hash=hashed(secret), made_at=now, made_by=by
    )
    return token, secret


@transaction.atomic
def revoke(token: AccessToken, *, by: Agent) -> AccessToken:
    """End a token at once.

    Raises:
        NotAllowed: somebody else's, by no administrator.
    """
    token = AccessToken.objects.select_for_update(of=("self",)).select_related("agent").get(pk=token.pk)
    if token.agent_id != by.pk and not is_administrator(by):
        raise NotAllowed("not_yours", "A token is revoked by whose it is, or by an administrator.")
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by = clock.now(), by
        token.save(update_fields=["revoked_at", "revoked_by"])
    return token


@transaction.atomic
def add_service_account(name: str, department: Department, *, administers: bool = False, by: Agent) -> Agent:
    """An actor that is a machine: it signs in nowhere, owns nothing, and stands in the timeline under its name.

    Args:
        administers: it may change how the desk works.

    Raises:
        NotAllowed: no administrator.
        Refused: no name, or one that is taken.
    """
    require_administrator(by)
    name = name.strip()
    if not name:
        raise Refused("name_needed", "Give it a name: it stands beside everything that it does.", field="name")
    if Agent.objects.filter(is_service=True, name__iexact=name).exists():
        raise Refused("name_taken", f"There is a service account “{name}” already.", field="name")
    address = f"service-{secrets.token_hex(8)}@service.invalid"
    what_it_is = {"is_service": True, "can_sign_in": False, "is_admin": administers, "wants_mail": False}
    return Agent.objects.create(email=address, name=name, department=department, **what_it_is)


@transaction.atomic
def switch_off(account: Agent, *, by: Agent) -> Agent:
    """End all tokens of a service account at once; it is given no new one and acts no more, until it is switched on.

    Raises:
        NotAllowed: no administrator.
        Refused: a person: they are signed off.
    """
    account = _lock_service(account, by)
    if account.is_active:
        account.is_active = False
        account.save(update_fields=["is_active"])
    standing = AccessToken.objects.filter(agent=account, revoked_at=None)
    standing.update(revoked_at=clock.now(), revoked_by=by)
    return account


@transaction.atomic
def switch_on(account: Agent, *, by: Agent) -> Agent:
    """Let a service account act again, by new tokens: what was revoked stays so.

    Raises:
        NotAllowed: no administrator.
        Refused: a person.
    """
    account = _lock_service(account, by)
    if not account.is_active:
        account.is_active = True
        account.save(update_fields=["is_active"])
    return account


def kept_by(agent: Agent) -> QuerySet:
    """The tokens that somebody looks after: their own, and for an administrator those of service accounts."""
    kept = Q(agent=agent)
    return AccessToken.objects.filter(kept | Q(agent__is_service=True) if is_administrator(agent) else kept)


def recognise(secret: str) -> AccessToken | None:
    """The usable token with this secret, with its agent; None: there is none."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    found = next(iter(_usable(hashed(secret), clock.at_hand())), None)
    if found is not None:
        clock.came_with(found.read_at)
    return found


@built_once
def _usable(token_hash: str, now: datetime | None):
    """``now``: none where the time is to be read with it."""
    usable = AccessToken.objects.usable(now or clock.DatabaseTime()).filter(token_hash=token_hash)
    return usable.select_related("agent__department").annotate(read_at=clock.DatabaseTime()).order_by()


def note_use(token: AccessToken) -> None:
    """Keep that it was used, to within a few minutes."""
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at > A_WHILE:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def hashed(secret: str) -> str:
    # No slow hash: what is hashed holds 256 random bits, which nobody guesses however fast they are.
    return hashlib.sha256(secret.encode()).hexdigest()


def _lock_service(account: Agent, by: Agent) -> Agent:
    require_administrator(by)
    account = Agent.objects.select_for_update(no_key=True, of=("self",)).get(pk=account.pk)
    if not account.is_service:
        raise Refused("no_machine", f"{account.name} is no service account.")
    return account


def _require_possible(agent: Agent, name: str, scope: str, expires_at: datetime | None, now: datetime) -> None:
    if not agent.is_active:
        raise Refused("switched_off", f"{agent.name} is switched off. Switch it on first.")
    if not name.strip():
        raise Refused("name_needed", "Say what the token is for.", field="name")
    if scope not in Scope.values:
        raise Refused("no_such_scope", "Choose what it may do.", field="scope")
    if scope == Scope.ADMIN and not agent.is_admin:
        raise Refused(
            "no_administrator", f"{agent.name} is no administrator: no token makes one of them.", field="scope"
        )
    if expires_at is not None and not now < expires_at <= now + LONGEST:
        raise Refused("not_then", "A token ends in the future, and within three years.", field="expires_at")
