"""Who may change what is known of customers: everybody on the staff, for all of it is recorded and can be undone."""

from __future__ import annotations

from staff.models import Agent
from supportdesk.errors import NotAllowed


def require_staff(by: object) -> Agent:
    """The active agent who acts.

    Raises:
        NotAllowed: it is anybody else.
    """
    if not (isinstance(by, Agent) and by.is_active):
        raise NotAllowed("staff_only", "Only staff change what is known of customers.")
    return by
