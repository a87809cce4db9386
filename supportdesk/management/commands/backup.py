"""``manage.py backup``: the whole desk in one file, beside a desk that works on."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from supportdesk.backup import Impossible, making


class Command(BaseCommand):
    help = "Write the database and the files that belong to it into one archive, and say what it holds."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE|FOLDER", help="in a folder the file is named by the time")

    def handle(self, *args, path: Path, **options) -> None:
        path = making.place(path.absolute())
        try:
            found = making.make(path)
        except Impossible as sentence:
            raise CommandError(str(sentence), returncode=2) from None
        self.stdout.write(f"{path}: {path.stat().st_size / 1e6:.1f} MB, of {found.made_at}.")
        self.stdout.write(f"{found.cases} cases, {found.entries} entries, timeline {found.timeline}.")
        if os.environ.get("SECRET_KEY"):
            self.stdout.write("SECRET_KEY comes from the environment and is not in it: keep it as well.")
        self.stdout.write("It holds everything, keys included: keep it where nobody else can read it.")
