"""Notices about absences: who stands in is told when one is announced or changes, whoever is away when somebody else
said so. That it begins or ends is told by ``cases.verbs.absences``.

A notice keeps no words: they are said from the absence as it is when somebody reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.urls import reverse
from django.utils import dateformat, timezone

from cases.models import Notice
from staff.models import Absence


@dataclass(frozen=True)
class Told:
    """What a notice about an absence says: ``words``, and ``url`` where it leads."""

    title: str
    words: str
    url: str


def tell_due(now: datetime) -> int:
    """Tell whoever should know of an absence what was announced, and tell them again what has changed since.

    Args:
        now: aware datetime.

    Returns:
        how many were told.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TELL_AGAIN, {"now": now})
        told = cursor.rowcount
        cursor.execute(_TELL, {"now": now})
        return told + cursor.rowcount


def said(notice: Notice, now: datetime) -> Told:
    """What a notice about an absence says at ``now``.

    Args:
        notice: with its absence, and the absence's agent, cover and announcer.
    """
    absence: Absence = notice.absence
    who = absence.agent.first_name
    url = reverse("cases:absence", args=[absence.pk])
    if notice.reaction == "welcome_back":
        words = f"What happened to your cases {_span(absence)}"
        return Told("Welcome back", words, reverse("cases:absence_summary", args=[absence.pk]))
    if notice.reaction == "said_to_be_away":
        if absence.is_called_off:
            return Told("You are not away", f"What {absence.announced_by.name} had announced was called off", url)
        return Told("You are away", f"{absence.announced_by.name} has said so: {_span(absence)}", url)
    if absence.is_called_off:
        return Told(absence.agent.name, f"{who} is not away after all: nobody has to stand in", url)
    if absence.cover_id != notice.agent_id:
        instead = absence.cover.name if absence.cover else "Nobody"
        return Told(absence.agent.name, f"{instead} stands in for {who} now, not you", url)
    if absence.is_over(now):
        return Told(absence.agent.name, f"{who} is back. You stood in {_span(absence)}", url)
    if absence.is_at(now):
        return Told(absence.agent.name, f"You stand in for {who} {_until(absence)}: {who}’s cases are among yours", url)
    return Told(absence.agent.name, f"You stand in for {who} {_span(absence)}", url)


def _span(absence: Absence) -> str:
    return f"from {_at(absence.starts_at)} {_until(absence)}"


def _until(absence: Absence) -> str:
    return f"until {_at(absence.ends_at)}" if absence.ends_at else "until further notice"


def _at(value: datetime) -> str:
    """``Tue 25 Nov, 15:00`` in the reader's zone."""
    return dateformat.format(timezone.localtime(value), "D j M, H:i")


_TELL_AGAIN = """
UPDATE cases_notice n SET made_at = %(now)s, read_at = NULL, digest_id = NULL
  FROM staff_absence a
 WHERE n.absence_id = a.id AND n.reaction IN ('stands_in', 'said_to_be_away')
   AND a.ended_at IS NULL AND a.changed_at > n.made_at
"""

# Nobody is told what they have done themselves, nor what is over.
_TELL = """
INSERT INTO cases_notice (absence_id, reaction, why, agent_id, made_at)
SELECT a.id, told.reaction, told.why, told.agent_id, %(now)s
  FROM staff_absence a
 CROSS JOIN LATERAL (VALUES ('stands_in', 'cover', a.cover_id),
                            ('said_to_be_away', 'own', a.agent_id)) told (reaction, why, agent_id)
  JOIN staff_agent g ON g.id = told.agent_id AND g.can_sign_in
 WHERE a.ended_at IS NULL AND (a.ends_at IS NULL OR a.ends_at > %(now)s AND a.ends_at > a.starts_at)
   AND told.agent_id <> a.announced_by_id
   AND NOT EXISTS (SELECT 1 FROM cases_notice n
                    WHERE n.absence_id = a.id AND n.reaction = told.reaction AND n.agent_id = told.agent_id)
    ON CONFLICT DO NOTHING
"""
