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
    # Locked, so that they do not leave between looking and naming.
    if agent is None or Agent.objects.able_to_work().select_for_update(no_key=True).filter(pk=agent.pk).first():
        return
    raise Refused(
        "cannot_sign_in", f"{agent.name} cannot sign in, and so {so}. Name somebody who can, or nobody.", field=field
    )
