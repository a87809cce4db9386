"""Leaving: somebody goes for good, once everything that is theirs is in other hands."""

from __future__ import annotations

from django.db import transaction

from cases.actors import Actor
from cases.leaving import still_theirs
from staff import absences, permissions
from staff.models import Agent
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused


@transaction.atomic
def leave(agent: Agent, *, by: Actor) -> Agent:
    """See somebody off: they can no longer sign in, and own nothing new.

    Whoever has to go this minute is signed off instead (``staff.absences.sign_off``), which is never refused.

    Raises:
        NotAllowed: neither a supervisor nor an administrator.
        Refused: something is still theirs; says each, as far as it is shown.
    """
    # Locked, so that nothing is given to them between looking and leaving.
    agent = absences.lock(agent)
    if not (isinstance(by, Agent) and permissions.may_look_after_people(by)):
        raise NotAllowed("not_yours", "Only a supervisor or an administrator sees somebody off.")
    if agent.left_at is not None:
        return agent
    if agent.is_fallback:
        raise Refused("nobody", "This is nobody: what nobody owns yet has to be somewhere.")
    now = clock.now()
    hindrances = still_theirs(agent, now).hindrances()
    if hindrances:
        raise Refused(
            "still_theirs",
            f"{agent.name} cannot leave yet: each of these needs somebody else first.",
            hindrances=hindrances,
        )
    absences.let_go(agent, now, by)
    return agent
