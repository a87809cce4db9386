"""What only one may do at a time on the whole desk, each kind with its advisory lock of PostgreSQL."""

from __future__ import annotations

from enum import IntEnum

from django.db import connection


class Alone(IntEnum):
    """A new kind gets the next number: two kinds with one number would wait for each other."""

    REPLAYING = 7_301_001  # held by a session, see supportdesk/replay/running.py
    MERGING = 7_301_002
    JOINING = 7_301_003
    CHANGING_RULES = 7_301_004
    CLAIMING_MAILS = 7_301_005
    CHANGING_WEBHOOKS = 7_301_006
    GIVING_RIGHTS = 7_301_007  # in supportdesk/rights.py, which has to do without Django
    MAKING_THE_DEMO = 7_301_008


def one_at_a_time(what: Alone) -> None:
    """Wait until nobody else does this, and keep them waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [what])
