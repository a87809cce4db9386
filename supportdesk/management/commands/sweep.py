"""``manage.py sweep``: what the minute's sweep does, by hand."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

from django.core.management.base import BaseCommand

from escalations.rules import BY_NAME
from escalations.sweep import Swept, sweep_at, sweep_now


class Command(BaseCommand):
    help = "Break promises, send reminders, raise and settle flags: all that is due now, or at a given time."
    requires_system_checks = []  # they are about pages, which are not asked for here

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--now",
            metavar="ISO",
            help="as of this instant, such as 2026-03-02T09:00:00+01:00; a time without a zone is UTC",
        )
        parser.add_argument("--json", action="store_true", help="print what was raised and settled as one JSON object")

    def handle(self, *args, now: str | None, **options) -> None:
        swept = sweep_now() if now is None else sweep_at(self._instant(now))
        self.stdout.write(json.dumps(asdict(swept)) if options["json"] else _in_words(swept))
        if swept.failed:
            sys.exit(1)

    def _instant(self, text: str) -> datetime:
        try:
            instant = datetime.fromisoformat(text)
            return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.stderr.write(f"“{text}” is no time. Write it like 2026-03-02T09:00:00+01:00.")
            sys.exit(2)


def _in_words(swept: Swept) -> str:
    lines = [f"{what}: {_counts(rules)}." for what, rules in (("Raised", swept.raised), ("Settled", swept.settled))]
    lines += [f"Failed: {step}: {error}" for step, error in swept.failed.items()]
    return "\n".join([*lines, f"{swept.seconds:.3f} seconds."])


def _counts(rules: dict[str, int]) -> str:
    named = [f"{BY_NAME[rule].title.lower()} {number:,}" for rule, number in rules.items() if number]
    return ", ".join(named) or "nothing"
