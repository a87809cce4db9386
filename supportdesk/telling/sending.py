"""Sending: each digest is claimed, handed over and at most once.

``pending`` → ``sending`` (claimed; the server is greeted) → ``uncertain`` (written *before* the mail is handed over) →
``sent``. Whoever dies before the handing over has sent nothing: their claim runs out, and it is tried again. Whoever
dies behind it leaves ``uncertain``, and nobody sends it a second time. What the server refuses for now goes back to
``pending``, what it refuses for good is ``given_up``.
"""

from __future__ import annotations

import contextlib
import logging
import smtplib
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error as DatabaseError
from django.db import transaction

from cases.models import Digest
from supportdesk import clock, crash, leases
from supportdesk.advisory import Alone, one_at_a_time
from supportdesk.telling import letters

log = logging.getLogger(__name__)

# No task lives longer than two minutes, so whoever claimed one longer ago than this is dead or stands still.
LEASE = timedelta(minutes=3)
# A round ends after so many mails or seconds; the next minute's goes on.
MOST, SECONDS = 200, 40
FIRST_GAP, LONGEST_GAP = timedelta(minutes=1), timedelta(hours=1)
# After this it is no news any more; the notices stand in the page.
GIVE_UP_AFTER = timedelta(days=1)

State = Digest.State


class Verdict(Enum):
    """What a failure means: it was not taken and may be later, or never will be; or nobody knows."""

    LATER = "later"
    NEVER = "never"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Failure:
    """Attributes:
    reason: for an administrator, without secrets.
    of_the_server: it would happen to the next mail as well.
    """

    verdict: Verdict
    reason: str
    of_the_server: bool = False


class Line:
    """The way to the mail server, kept open from mail to mail of one round."""

    def __init__(self):
        self._backend: BaseEmailBackend | None = None

    def open(self) -> None:
        """Greet the server, if that has not been done. Whatever goes wrong here, nothing has been handed over."""
        if self._backend is None:
            backend = get_connection(fail_silently=False)
            backend.open()
            self._backend = backend

    def hand_over(self, letter: EmailMessage) -> None:
        if self._backend.send_messages([letter]) == 0:
            raise smtplib.SMTPException("The mail was not taken.")

    @property
    def handed(self) -> bool:
        """Whether the server may have taken the last mail; of a way that does not say so it has to be believed."""
        return getattr(self._backend, "handed", True)

    def drop(self) -> None:
        """Take leave; a server that is gone already is no trouble."""
        if self._backend is not None:
            with contextlib.suppress(Exception):
                self._backend.close()
            self._backend = None


def send_due() -> int:
    """Send what is due, oldest first, in one bounded round; how many were sent.

    Only one sends at a time: a slow server must not keep every worker waiting.
    """
    _take_back()
    sent, line, began = 0, Line(), time.monotonic()
    try:
        for _ in range(MOST):
            digest = _claim() if time.monotonic() - began < SECONDS else None
            if digest is None:
                break
            failure = _send(digest, line)
            if failure is None:
                sent += digest.state == State.SENT
            elif failure.of_the_server:
                break
    finally:
        line.drop()
    return sent


def _take_back() -> None:
    """Whoever claimed these is dead or stands still, and had handed nothing over: they are tried again."""
    for digest in Digest.objects.filter(state=State.SENDING, try_at__lte=clock.now()):
        _later_or_never(digest, "Whoever was to send it died before.")


@transaction.atomic
def _claim() -> Digest | None:
    """The oldest due one, unless somebody is sending; of two who ask at the same moment one is told so."""
    one_at_a_time(Alone.CLAIMING_MAILS)
    now = clock.now()
    if Digest.objects.filter(state__in=(State.SENDING, State.UNCERTAIN), try_at__gt=now).exists():
        return None
    due = Digest.objects.filter(state=State.PENDING, try_at__lte=now).order_by("try_at", "pk")
    return leases.claim(due.select_related("agent__department__calendar"), to=State.SENDING, until=now + LEASE)


def _send(digest: Digest, line: Line) -> Failure | None:
    """Send one that is claimed; None if it was sent, is not needed, or is somebody else's by now."""
    crash.here("mail.claimed")
    try:
        letter = letters.write(digest)
    except DatabaseError:
        raise
    except Exception as wrong:
        log.exception("The mail %s cannot be written.", digest.message_id)
        return _fail(digest, Failure(Verdict.LATER, type(wrong).__name__))
    if letter is None:
        leases.step(digest, State.NOT_NEEDED)
        return None
    try:
        line.open()
    except Exception as away:  # whatever a backend raises: nothing was handed over
        return _fail(digest, Failure(Verdict.LATER, _reason(away), of_the_server=True))
    # From here on nobody else sends it, whatever becomes of us. If our claim has run out it is not ours any more.
    if not leases.step(digest, State.UNCERTAIN, try_at=clock.now() + LEASE):
        return None
    crash.here("mail.handing")
    try:
        line.hand_over(letter)
    except Exception as failed:
        failure = judge(failed, handed=line.handed)
        line.drop()
        return _fail(digest, failure)
    crash.here("mail.accepted")
    leases.step(digest, State.SENT, sent_at=clock.now(), try_at=clock.now(), error="")
    return None


def judge(failed: Exception, *, handed: bool) -> Failure:
    """What a failure of the handing over means.

    Args:
        handed: whether the words of the mail were begun to be handed over.
    """
    reason = _reason(failed)
    code = _code(failed)
    if code is not None:  # an answer of the server: it did not take it
        return Failure(Verdict.NEVER if code >= 500 else Verdict.LATER, reason, of_the_server=code == 421)
    if handed:
        return Failure(Verdict.UNCERTAIN, reason, of_the_server=True)
    if isinstance(failed, smtplib.SMTPNotSupportedError | ValueError):  # the mail itself cannot be sent
        return Failure(Verdict.NEVER, reason)
    return Failure(Verdict.LATER, reason, of_the_server=True)


def _code(failed: Exception) -> int | None:
    """The server's number for why it refused (RFC 5321, section 4.2.1): 4xx for now, 5xx for good."""
    if isinstance(failed, smtplib.SMTPRecipientsRefused):
        return next(iter(failed.recipients.values()))[0]
    return failed.smtp_code if isinstance(failed, smtplib.SMTPResponseException) else None


def _fail(digest: Digest, failure: Failure) -> Failure:
    log.warning("The mail %s was not sent (%s): %s", digest.message_id, failure.verdict.value, failure.reason)
    if failure.verdict is Verdict.LATER:
        _later_or_never(digest, failure.reason)
    elif failure.verdict is Verdict.NEVER:
        leases.step(digest, State.GIVEN_UP, try_at=clock.now(), error=failure.reason)
    else:
        leases.step(digest, State.UNCERTAIN, try_at=clock.now(), error=failure.reason)
    return failure


def _later_or_never(digest: Digest, reason: str) -> None:
    """Try again after a gap that grows, with some chance in it, until it is no news any more."""
    now = clock.now()
    gap = leases.with_chance(min(FIRST_GAP * 2 ** min(digest.attempts - 1, 10), LONGEST_GAP), 0.8, 1.2)
    if now + gap > digest.made_at + GIVE_UP_AFTER:
        leases.step(digest, State.GIVEN_UP, try_at=now, error=reason)
    else:
        leases.step(digest, State.PENDING, try_at=now + gap, error=reason)


def _reason(failed: Exception) -> str:
    """Kind and words of a failure, without the password."""
    if isinstance(failed, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(failed.recipients.values()))
    elif isinstance(failed, smtplib.SMTPResponseException):
        code, said = failed.smtp_code, failed.smtp_error
    else:
        code, said = type(failed).__name__, getattr(failed, "strerror", None) or ""
    said = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    reason = letters.one_line(f"{code} {said}")
    if settings.EMAIL_HOST_PASSWORD:
        reason = reason.replace(settings.EMAIL_HOST_PASSWORD, "…")
    return reason[:300]
