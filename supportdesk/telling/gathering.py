"""Gathering: what an agent has not looked at within two minutes becomes one mail."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from email.utils import parseaddr

from celery import current_app
from django.conf import settings
from django.db import transaction

from cases.models import Digest, Notice
from staff.models import Agent
from supportdesk import clock, crash

log = logging.getLogger(__name__)

WAIT = timedelta(minutes=2)
# Older than this it stands in the page and is no news. It also keeps what nobody wants by mail from being looked
# through for ever.
NEWS = timedelta(days=1)
BATCH = 500


def gather(now: datetime) -> int:
    """Make one digest for each agent of whose notices the oldest has waited long enough, with all that wait.

    Several may do this at once: an agent's notices are gathered by whoever holds the agent.

    Args:
        now: aware datetime.

    Returns:
        how many digests were made.
    """
    made = 0
    while True:
        batch = _gather(now)
        made += batch
        if batch < BATCH:
            return made


def ring_if_some_wait() -> None:
    """Ring the bell of the mails if something has waited long enough; unheard, the minute's rings."""
    if not _ready(clock.now()).exists():
        return
    try:
        current_app.send_task("supportdesk.tell", retry=False, expires=60)
    except Exception as unheard:  # whatever the broker's client raises when nobody is there
        log.warning("The bell of the mails was not heard (%s); the next minute's will be.", type(unheard).__name__)


@transaction.atomic
def _gather(now: datetime) -> int:
    waiting = Agent.objects.filter(pk__in=_ready(now).values("agent")).order_by("pk")
    held = waiting.select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH]
    # Asked again now that they are held: somebody may have gathered in between.
    agents = _ready(now).filter(agent__in=[agent.pk for agent in held]).values_list("agent", flat=True).distinct()
    digests = [
        Digest(agent_id=pk, message_id=_message_id(), made_at=now, try_at=now) for pk in agents.order_by("agent")
    ]
    Digest.objects.bulk_create(digests)
    for digest in digests:
        _waiting(now).filter(agent=digest.agent_id).update(digest=digest)
    crash.here("mail.gathered")
    return len(digests)


def _waiting(now: datetime):
    return Notice.objects.filter(read_at=None, digest=None, made_at__gt=now - NEWS)


def _ready(now: datetime):
    """What has waited long enough and goes to somebody who wants it and can look at it."""
    of_agents = {"agent__wants_mail": True, "agent__is_active": True, "agent__can_sign_in": True}
    return _waiting(now).filter(made_at__lte=now - WAIT, **of_agents).exclude(agent__email__endswith=".invalid")


def _message_id() -> str:
    """The same in every attempt, so that a mail that came twice is known for one."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<digest.{uuid.uuid4().hex}@{domain}>"
