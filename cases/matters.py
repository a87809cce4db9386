"""What is about the desk itself, told to whoever administers it: as a notice, in page and mail like any other."""

from __future__ import annotations

from django.db import transaction

from cases.models import Matter, Notice
from staff.models import Agent
from supportdesk import clock


@transaction.atomic
def tell_administrators(title: str, words: str, *, path: str) -> Matter:
    """Let every administrator who can sign in know.

    Args:
        title: what it is about, in our own words; ``words``: what happened.
        path: where it can be looked at, without the host.
    """
    now = clock.now()
    matter = Matter.objects.create(title=title[:120], words=words[:300], path=path, at=now)
    administrators = Agent.objects.able_to_work().filter(is_admin=True)
    why = Notice.Why.ADMINISTRATOR
    Notice.objects.bulk_create(
        [Notice(matter=matter, reaction="tell_administrators", why=why, agent=a, made_at=now) for a in administrators]
    )
    return matter
