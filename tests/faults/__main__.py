"""The long forms: ``python -m tests.faults``, with ``FAULTS="F17 machines"`` only some, ``SEED=…`` the same."""

from __future__ import annotations

import os
import random
import re
import sys
import time
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent  # importing anything of ours would choose the real desk's settings
WHERE = (
    TESTS / "faults",
    TESTS / "stack" / "test_cluster.py",
    TESTS / "supportdesk" / "test_backup.py",
    TESTS / "supportdesk" / "test_rights.py",
    TESTS / "staff" / "test_businesstime.py",
    TESTS / "api" / "test_machines.py",
)


def _name(fault: str) -> str:
    """``F1`` is ``test_f01_…``; ``A64`` too can be asked for, and any other test by a word of its name."""
    number = re.fullmatch(r"([A-Z])(\d+)", fault)
    return f"test_{number[1].lower()}{int(number[2]):02}_" if number else fault


def main() -> int:
    seed = os.environ.setdefault("SEED", str(random.SystemRandom().randrange(10**9)))
    os.environ["FAULTS_SIZE"] = "long"
    wanted = [_name(each) for each in os.environ.get("FAULTS", "").split()]
    print(f"SEED={seed} FAULTS={os.environ.get('FAULTS') or 'all'}", flush=True)
    chosen = ["-k", " or ".join(wanted)] if wanted else []
    began = time.monotonic()
    code = pytest.main([*map(str, WHERE), "-v", "--tb=short", "-p", "no:cacheprovider", *chosen])
    print(f"SEED={seed}, {time.monotonic() - began:.0f} s. The same again: make faults SEED={seed}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
