"""Named places at which a process can be told to die, for the experiments of ``tests/faults``.

Off unless the environment says ``CRASH_AT=name`` (the first time it comes there) or ``CRASH_AT=name:3`` (the third).
With ``STOP_AT`` it stands still there, once, until somebody wakes it. ``check --deploy`` refuses both.
"""

from __future__ import annotations

import os
import signal

_NAME, _, _TIMES = os.environ.get("CRASH_AT", "").partition(":")
_STOP = os.environ.get("STOP_AT", "")
_passed = 0


def here(name: str) -> None:
    """Die at once, as by ``kill -9``, if this is the place and the time."""
    global _passed, _STOP
    if _STOP and name == _STOP:
        _STOP = ""
        os.kill(os.getpid(), signal.SIGSTOP)
    if name == _NAME:
        _passed += 1
        if _passed >= int(_TIMES or 1):
            os.kill(os.getpid(), signal.SIGKILL)
