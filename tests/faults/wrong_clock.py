"""A process whose own clock is wrong: what Python's ``time`` and Django's ``timezone`` say is off by so much."""

from __future__ import annotations

import json
import time
from datetime import timedelta

from django.utils import timezone

from escalations.sweep import sweep_now


def sweep(wrong_by: int) -> None:
    """Sweep under a wrong clock and print what the wall says.

    Args:
        wrong_by: seconds; negative: the clock is slow.
    """
    seconds, nanoseconds, instant = time.time, time.time_ns, timezone.now
    time.time = lambda: seconds() + wrong_by
    time.time_ns = lambda: nanoseconds() + wrong_by * 10**9
    timezone.now = lambda: instant() + timedelta(seconds=wrong_by)
    sweep_now()
    print(json.dumps({"wall": timezone.now().timestamp()}))
