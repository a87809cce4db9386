"""Whoever is named for something must be able to do it."""

from __future__ import annotations

from staff.models import Agent
from supportdesk.errors import Refused


def require_able_to_work(agent: Agent | None, field: str, so: str) -> None:
    """Raise unless nobody is named, or somebody who is with us and can sign in.

    Args:
        field: of the form, beside which it is said.
        so: what follows from it: ``could not decide``.

    Raises:
        Refused: they cannot sign in.
    """
    if agent is None or Agent.objects.able_to_work().filter(pk=agent.pk).exists():
        return
    raise Refused(
        "cannot_sign_in", f"{agent.name} cannot sign in, and so {so}. Name somebody who can, or nobody.", field=field
    )
