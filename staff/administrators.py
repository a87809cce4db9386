"""Who may change how the desk works: administrators. Everybody on the staff may read it."""

from __future__ import annotations

from staff.models import Agent
from supportdesk.errors import NotAllowed


def is_administrator(by: object) -> bool:
    return isinstance(by, Agent) and by.is_active and by.is_admin


def require_administrator(by: object) -> Agent:
    """The active administrator who acts.

    Raises:
        NotAllowed: it is anybody else.
    """
    if not is_administrator(by):
        raise NotAllowed("administrators_only", "Only an administrator changes this. Ask one of them.")
    return by
