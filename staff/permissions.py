"""Who may do what about people: one page, asked by verbs and templates alike."""

from __future__ import annotations

from staff.models import Absence, Agent


def supervises(by: Agent) -> bool:
    return by.is_active and by.is_supervisor


def may_keep_absences_of(by: Agent, agent: Agent) -> bool:
    """Say when somebody is away, and who stands in: they themselves, or a supervisor."""
    return by.pk == agent.pk or supervises(by)


def may_see_absence(by: Agent, absence: Absence) -> bool:
    """Read what falls into it: whoever keeps it, and who stands in."""
    return by.pk == absence.cover_id or may_keep_absences_of(by, absence.agent)


def may_look_after_people(by: Agent) -> bool:
    """See who is here, let people in and turn them off, and see them leave: supervisors and administrators."""
    return by.is_active and (by.is_supervisor or by.is_admin)
