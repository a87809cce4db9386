"""``manage.py restore``: a backup into an empty desk, counted and compared."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from supportdesk.backup import Impossible, restoring


class Command(BaseCommand):
    help = "Bring a backup into an empty DATA_DIR or database, and compare what came with what was written."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")

    def handle(self, *args, path: Path, **options) -> None:
        try:
            wrong = restoring.restore(path.absolute(), self.stdout.write)
        except Impossible as sentence:
            raise CommandError(str(sentence), returncode=2) from None
        if wrong:
            lines = "\n".join(f"  {line}" for line in wrong)
            raise CommandError(f"It is restored, but does not agree with the archive; do not use it:\n{lines}")
        self.stdout.write("Restored: every table has as many rows as were written, and the timeline's digest agrees.")
        self.stdout.write("The next `up` or `migrate` brings it up to date.")
        self.stdout.write("What was erased since: `erasures --again` with erasures.jsonl from the old DATA_DIR.")
