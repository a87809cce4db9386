"""The whole log of a real company through the verbs, into a desk of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT.parent / "shared/corpora/log-uci-incident"


def measure() -> dict | None:
    """Replay the whole log into a fresh database.

    Returns:
        The figures of ``manage.py replay --json``, among them ``events_per_second`` and ``peak_rss_mb`` of all its
        processes together; None where the log does not lie beside the project.
    """
    files = sorted(FOLDER.glob("*.csv.gz")) if FOLDER.is_dir() else []
    if not files:
        return None
    with tempfile.TemporaryDirectory(prefix="bench-replay-") as folder:
        environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        environment["DATA_DIR"] = folder
        _manage(environment, "migrate", "--verbosity", "0")
        return json.loads(_manage(environment, "replay", str(files[0]), "--format", "uci", "--json"))


def _manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
