"""Sessions lie in the database, as Django keeps them; each request reads its own, and the time, in one statement."""

from __future__ import annotations

from contextlib import suppress

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection

from supportdesk import clock

_READ = """
SELECT session_data, statement_timestamp() FROM django_session
 WHERE session_key = %s AND expire_date > statement_timestamp()
"""


class SessionStore(db.SessionStore):
    def write_now(self) -> None:
        """Write it in this transaction instead of behind the answer. What somebody has ended meanwhile stays ended."""
        with suppress(UpdateError):
            super().save()
            self.modified = False

    def load(self) -> dict:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [self.session_key])
            found = cursor.fetchone()
        if found is None:
            # A key that means nothing is not kept: who has it gets another one.
            self._session_key = None
            return {}
        clock.came_with(found[1])
        return self.decode(found[0])
