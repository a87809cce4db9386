"""``manage.py load``: made-up cases in bulk."""

from __future__ import annotations

import json
import sys

from django.core.management.base import BaseCommand

from supportdesk.load.checking import Breach
from supportdesk.load.running import NotHere, load
from supportdesk.replay.command import positive

REFUSED, BROKEN = 2, 1


class Command(BaseCommand):
    help = (
        "Bring in made-up cases, to measure speed and to try out lists. Nothing follows from them. Started again with "
        "the same seed it adds only what is missing."
    )
    requires_system_checks = []  # they are about pages, which are not asked for here

    def add_arguments(self, parser) -> None:
        parser.add_argument("--cases", type=positive, required=True, metavar="N", help="how many there shall be")
        parser.add_argument("--seed", type=positive, default=1, metavar="S", help="another seed, other cases")
        parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
        parser.add_argument("--into-live", action="store_true", help="even on a desk with real cases")

    def handle(self, *args, cases: int, seed: int, **options) -> None:
        try:
            figures = load(cases, seed=seed, into_live=options["into_live"], told=self._tell_every(10_000))
        except NotHere as refusal:
            self.stderr.write(str(refusal))
            sys.exit(REFUSED)
        except Breach as breach:
            self.stderr.write(f"What was brought in breaks the desk's rules.\n{breach}")
            sys.exit(BROKEN)
        self.stdout.write(json.dumps(figures) if options["json"] else _in_words(figures))

    def _tell_every(self, step: int):
        def told(there: int) -> None:
            if there % step == 0:
                self.stderr.write(f"{there:,} cases are there.")

        return told


def _in_words(figures: dict) -> str:
    return (
        f"{figures['cases']:,} cases with {figures['messages']:,} messages, {figures['subtasks']:,} sub-tasks and"
        f" {figures['promises']:,} promises in {figures['seconds']:,} s ({figures['peak_rss_mb']} MB)."
    )
