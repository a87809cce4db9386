"""The long forms: ``python -m tests.faults``, with ``FAULTS="F17 F28"`` only these, with ``SEED=…`` the same again."""

from __future__ import annotations

import os
import random
import sys
import time

import pytest

from supportdesk.embedded.addresses import ROOT


def main() -> int:
    seed = os.environ.setdefault("SEED", str(random.SystemRandom().randrange(10**9)))
    os.environ["FAULTS_SIZE"] = "long"
    wanted = os.environ.get("FAULTS", "").lower().split()
    print(f"SEED={seed} FAULTS={os.environ.get('FAULTS') or 'all'}", flush=True)
    chosen = ["-k", " or ".join(f"test_{name}_" for name in wanted)] if wanted else []
    began = time.monotonic()
    code = pytest.main([str(ROOT / "tests" / "faults"), "-v", "-rA", "--tb=short", "-p", "no:cacheprovider", *chosen])
    print(f"SEED={seed}, {time.monotonic() - began:.0f} s. The same again: make faults SEED={seed}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
