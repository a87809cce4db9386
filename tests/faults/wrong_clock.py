"""A process whose own clock is wrong: every way in which Python asks the machine for the time is off by so much."""

from __future__ import annotations

import datetime as times
import json
import time


def sweep(wrong_by: int) -> None:
    """Sweep under a wrong clock and print what the wall says.

    Args:
        wrong_by: seconds; negative: the clock is slow.
    """
    right = time.time

    class Wrong(times.datetime):
        @classmethod
        def now(cls, tz=None):
            return times.datetime.fromtimestamp(right() + wrong_by, tz)

        @classmethod
        def utcnow(cls):
            return cls.now(times.UTC).replace(tzinfo=None)

    time.time = lambda: right() + wrong_by
    time.time_ns = lambda: int((right() + wrong_by) * 1e9)
    times.datetime = Wrong

    from django.utils import timezone

    timezone.datetime = Wrong

    from escalations.sweep import sweep_now

    sweep_now()
    print(json.dumps({"wall": timezone.now().timestamp()}))
