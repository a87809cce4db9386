"""Whether notices come to an agent by mail too."""

from __future__ import annotations

from django.db import transaction

from staff.models import Agent
from supportdesk.errors import NotAllowed


@transaction.atomic
def want_mail(agent: Agent, wants: bool, *, by: Agent) -> Agent:
    """An agent says whether notices come by mail too; what is said twice changes nothing.

    Raises:
        NotAllowed: somebody else than the agent says so.
    """
    agent = Agent.objects.select_for_update(of=("self",), no_key=True).get(pk=agent.pk)
    if by.pk != agent.pk:
        raise NotAllowed("not_yours", f"Only {agent.name} says whether notices come to {agent.name} by mail.")
    if agent.wants_mail == wants:
        return agent
    agent.wants_mail = wants
    agent.save(update_fields=["wants_mail"])
    return agent
