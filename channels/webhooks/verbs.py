"""Changing who is told outside the house: administrators alone. Switching off is also the desk's own act."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from cases import matters
from cases.actors import DESK, Actor, agent_or_none
from cases.models.timeline import Kind
from channels.models import Delivery, Webhook
from channels.webhooks import addresses, wanting
from channels.webhooks.signatures import new_secret
from staff.administrators import require_administrator
from supportdesk import clock
from supportdesk.advisory import Alone, one_at_a_time
from supportdesk.errors import Refused

log = logging.getLogger(__name__)

MOST = 50
LONGEST_NAME = 80
BOTH_SIGN_FOR = timedelta(hours=24)


def add(name: str, url: str, *, kinds: Collection[str] | None, sends_confidential: bool = False, by: Actor) -> Webhook:
    """Let a program elsewhere hear from now on. Its secret is on the row that is returned, to be shown once.

    Args:
        kinds: the kinds of entries it wants; None: every kind.
        sends_confidential: whether it hears of confidential cases too.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: no name or one that is taken, an address it cannot go to, no kind, or there are too many already.
    """
    require_administrator(by)
    facts = _facts(name, url, kinds, sends_confidential)
    with transaction.atomic():
        one_at_a_time(Alone.CHANGING_WEBHOOKS)
        _require_own_name(facts["name"])
        if Webhook.objects.count() >= MOST:
            raise Refused("too_many", f"There are {MOST} webhooks already. Change one that is off.")
        webhook = Webhook.objects.create(**facts, secret=new_secret(), made_at=clock.now(), made_by=by)
    log.info("Agent %s has added webhook %s.", by.pk, webhook.pk)
    return webhook


def change(
    webhook: Webhook, *, name: str, url: str, kinds: Collection[str] | None, sends_confidential: bool, by: Actor
) -> Webhook:
    """Give it another name or address, or let it hear of other things. What waits goes to the new address.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: as for ``add``.
    """
    require_administrator(by)
    facts = _facts(name, url, kinds, sends_confidential)
    with transaction.atomic():
        one_at_a_time(Alone.CHANGING_WEBHOOKS)
        webhook = _locked(webhook)
        changed = {field: value for field, value in facts.items() if getattr(webhook, field) != value}
        if not changed:
            return webhook
        _require_own_name(facts["name"], but=webhook)
        for field, value in changed.items():
            setattr(webhook, field, value)
        webhook.save(update_fields=changed.keys())
    log.info("Agent %s has changed webhook %s: %s.", by.pk, webhook.pk, ", ".join(changed))
    return webhook


@transaction.atomic
def rotate(webhook: Webhook, *, by: Actor) -> Webhook:
    """Make a new secret. For a day both sign, so that the receiver can change over without missing anything.

    Raises:
        NotAllowed: the actor is no administrator.
    """
    webhook = _locked(webhook)
    require_administrator(by)
    webhook.old_secret, webhook.old_secret_until = webhook.secret, clock.now() + BOTH_SIGN_FOR
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
    log.info("Agent %s has made a new secret for webhook %s.", by.pk, webhook.pk)
    return webhook


@transaction.atomic
def switch_off(webhook: Webhook, *, why: str = Webhook.Off.BY_HAND, by: Actor) -> Webhook:
    """Send nothing any more; what waits is stopped. Off already, nothing changes.

    Args:
        why: where the desk itself does it; administrators are told then.

    Raises:
        NotAllowed: the actor is neither an administrator nor the desk.
    """
    webhook = _locked(webhook)
    if by is not DESK:
        require_administrator(by)
    if not webhook.is_on:
        return webhook
    webhook.is_on, webhook.off_at, webhook.off_why, webhook.off_by = False, clock.now(), why, agent_or_none(by)
    webhook.save(update_fields=["is_on", "off_at", "off_why", "off_by"])
    webhook.deliveries.filter(state=Delivery.State.PENDING).update(state=Delivery.State.STOPPED)
    log.warning("Webhook %s is switched off: %s.", webhook.pk, why)
    if by is DESK:
        words = f"The webhook was switched off: {webhook.get_off_why_display()}"
        matters.tell_administrators(
            f"Webhook “{webhook.name}”", words, path=reverse("webhooks:webhook", args=[webhook.pk])
        )
    return webhook


@transaction.atomic
def switch_on(webhook: Webhook, *, by: Actor) -> Webhook:
    """Send again, first what was stopped. What happened while it was off was not written down for it.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: its address leads nowhere that a webhook can go.
    """
    require_administrator(by)
    addresses.require_reachable(webhook.url)
    webhook = _locked(webhook)
    if webhook.is_on:
        return webhook
    webhook.is_on, webhook.off_at, webhook.off_why, webhook.off_by = True, None, "", None
    webhook.failing_since = None
    webhook.save(update_fields=["is_on", "off_at", "off_why", "off_by", "failing_since"])
    now, stopped = clock.now(), webhook.deliveries.filter(state=Delivery.State.STOPPED)
    stopped.update(state=Delivery.State.PENDING, try_at=now)
    wanting.ring_on_commit()
    log.info("Agent %s has switched webhook %s on.", by.pk, webhook.pk)
    return webhook


# -- rules -------------------------------------------------------------------------------------------------------------


def _facts(name: str, url: str, kinds: Collection[str] | None, sends_confidential: bool) -> dict:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused("no_name", f"Give it a name of at most {LONGEST_NAME} characters.", field="name")
    if kinds is not None and (not kinds or set(kinds) - set(Kind.values)):
        raise Refused("no_kinds", "Choose at least one thing that it hears of.", field="kinds")
    return {
        "name": name,
        "url": addresses.require_reachable(url).url,
        "every_kind": kinds is None,
        "kinds": [kind for kind in Kind.values if kind in kinds] if kinds is not None else [],
        "sends_confidential": bool(sends_confidential),
    }


def _require_own_name(name: str, but: Webhook | None = None) -> None:
    others = Webhook.objects.filter(name__iexact=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise Refused("name_taken", "Another webhook has this name. Choose one of its own.", field="name")


def _locked(webhook: Webhook) -> Webhook:
    return Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
