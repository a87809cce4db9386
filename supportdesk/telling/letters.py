"""The letter: a digest in words, as plain text and as simple HTML."""

from __future__ import annotations

import unicodedata
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template import Context, engines
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator

from cases import notices
from cases.models import Digest
from cases.notices import Group, Line
from staff.models import Agent
from supportdesk.templatetags.desk import when

MOST = 20
NUMBERS = 3
# No mail client answers it, none sends an absence note (RFC 3834, section 5).
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
# Turn what follows around, and with it what the reader believes to read.
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def write(digest: Digest) -> EmailMultiAlternatives | None:
    """The mail as things stand now: what was read in the page meanwhile, or may not be seen any more, is not in it.

    Args:
        digest: with its agent and their calendar.

    Returns:
        None if nothing is left to tell, or the agent wants no mail any more.
    """
    agent = digest.agent
    if not (agent.wants_mail and agent.is_active and agent.can_sign_in):
        return None
    unread = digest.notices.unread_by(agent)
    count = unread.count()
    if not count:
        return None
    # What comes stands before what was.
    first = unread.order_by(F("promise__due_at").asc(nulls_last=True), "pk")[:MOST]
    with timezone.override(agent.department.calendar.zone):
        groups = notices.grouped(notices.with_rows(first))
        shown = {
            "first_name": agent.first_name,
            "subject": _subject(groups, count),
            "groups": [_shown(group) for group in groups],
            "count": count,
            "more": max(count - MOST, 0),
            "base": settings.BASE_URL,
            "zone": agent.department.calendar.zone,
            "company": settings.COMPANY,
        }
        # Plain text is no HTML: nothing in it is escaped.
        text = engines["django"].engine.get_template("mail/digest.txt").render(Context(shown, autoescape=False))
        page = render_to_string("mail/digest.html", shown)
    letter = EmailMultiAlternatives(
        subject=shown["subject"],
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[_address(agent)],
        headers={"Message-ID": digest.message_id, **HEADERS},
    )
    letter.attach_alternative(page, "text/html")
    return letter


def one_line(words: str) -> str:
    """Words as a header can carry them: one line, nothing that cannot be seen."""
    plain = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in words if sign not in TURNING)
    return " ".join(plain.split())


def _address(agent: Agent) -> str:
    return formataddr((one_line(agent.name), agent.email))


def _subject(groups: list[Group], count: int) -> str:
    """What it is about in a line. Of a confidential case only the number: a subject is read on locked screens."""
    soon = "Due soon: " if any(line.is_due for group in groups for line in group.lines) else ""
    if count == 1:
        group = groups[0]
        if group.case is None:
            return _short(group.lines[0].sentence)
        if group.case.is_confidential:
            return f"{soon}{group.case.number}, something new"
        return _short(f"{group.case.number}: {group.lines[0].sentence}")
    names = [group.case.number if group.case else group.title for group in groups]
    more = " and more" if len(names) > NUMBERS else ""
    return _short(f"{soon}{count} notices: {', '.join(names[:NUMBERS])}{more}")


def _short(words: str) -> str:
    return Truncator(one_line(words)).chars(140)


def _shown(group: Group) -> dict:
    """A group as the letter says it. What is confidential is read on the desk: a mail lies about in other places."""
    confidential = group.case is not None and group.case.is_confidential
    return {
        "title": group.case.number if confidential else one_line(group.title),
        "subject": "confidential" if confidential else one_line(group.subject),
        "url": settings.BASE_URL + group.url,
        "lines": [_said(line, confidential) for line in group.lines],
    }


def _said(line: Line, confidential: bool) -> dict:
    words = one_line(line.sentence)
    if confidential:
        words = f"A promise is due by {when(line.at)}" if line.is_due else "Something new: read it on the desk"
    return {
        "sentence": words,
        "when": "" if line.is_due else when(line.at),
        "why": line.why,
        "url": settings.BASE_URL + line.url,
    }
