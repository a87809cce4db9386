"""The two ways in which mail leaves: to a server, or into files. Each knows how far it has come with the last mail.

``handed``: whether the mail server may have taken it. While it is false, failing is safe and can be tried again.
"""

from __future__ import annotations

import os
import re
import smtplib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend

from supportdesk import clock

# So long a mail that became a file can be looked at.
KEPT = timedelta(days=30)
_STAMP = "%Y%m%d-%H%M%S"
_OURS = re.compile(r"\.?(\d{8}-\d{6})-[0-9a-f]{8}\.eml")


class _Watched:
    """Remembers that the words of a mail were begun to be handed over."""

    handed = False

    def sendmail(self, *arguments, **options):
        self.handed = False
        return super().sendmail(*arguments, **options)

    def data(self, words):
        self.handed = True
        return super().data(words)


class _Plain(_Watched, smtplib.SMTP):
    pass


class _Encrypted(_Watched, smtplib.SMTP_SSL):
    pass


class Smtp(smtp.EmailBackend):
    """Django's, which knows whether a connection that broke had begun with the words of the mail."""

    @property
    def connection_class(self):
        return _Encrypted if self.use_ssl else _Plain

    @property
    def handed(self) -> bool:
        return self.connection is not None and self.connection.handed


class Folder(BaseEmailBackend):
    """Writes each mail into a file of its own under ``settings.MAIL_FOLDER``, whole or not at all."""

    handed = False

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = settings.MAIL_FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{clock.now():{_STAMP}}-{uuid.uuid4().hex[:8]}.eml"
            draft = folder / f".{name}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message.message().as_bytes(linesep="\r\n"))
            draft.rename(folder / name)
        return len(email_messages)


def forget_old_files(now: datetime) -> int:
    """Delete what the folder holds for longer than ``KEPT``, also what was never finished; what is not ours stays.

    Args:
        now: aware datetime, UTC.

    Returns:
        how many files are gone.
    """
    if settings.MAIL_FOLDER is None or not settings.MAIL_FOLDER.is_dir():
        return 0
    oldest = f"{now - KEPT:{_STAMP}}"
    old = [file for file in settings.MAIL_FOLDER.iterdir() if (ours := _OURS.fullmatch(file.name)) and ours[1] < oldest]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
