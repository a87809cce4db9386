"""What tests of webhooks share: a receiver, and a webhook that leads to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels.models import Webhook
from channels.webhooks import verbs
from staff.models import Agent
from tests.channels.receiver import Receiver, opened


@pytest.fixture
def admin(cast) -> Agent:
    """Sam administers the desk."""
    Agent.objects.filter(pk=cast.sam.pk).update(is_admin=True)
    cast.sam.refresh_from_db()
    return cast.sam


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """A real receiver on this machine, to which the desk may go."""
    settings.WEBHOOKS_TO_PRIVATE = True
    with opened() as receiver:
        yield receiver


@pytest.fixture
def hook(admin, receiver, tuesday) -> Webhook:
    """A webhook that hears of everything."""
    return verbs.add("Ledger", receiver.url, kinds=None, by=admin)
