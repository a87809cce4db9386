"""What the commands that replay something have in common: options, how it goes, how it ends."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from supportdesk.replay.reading import BadFile
from supportdesk.replay.rows import Format
from supportdesk.replay.running import Interrupted, NotHere, replay

REFUSED, INTERRUPTED = 2, 130
_SECONDS_BETWEEN_LINES = 15
# A file of other rows altogether must not drown the terminal.
_MOST_SKIPPED_TOLD = 1000


class ReplayCommand(BaseCommand):
    """Replays one kind of log; a subclass says which, and tells the figures in words."""

    requires_system_checks = []  # they are about pages, which are not asked for here
    file_help = "CSV or CSV.gz"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help=self.file_help)
        parser.add_argument("--limit", type=positive, metavar="N", help="only the first N cases of the file")
        parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
        parser.add_argument(
            "--processes",
            type=positive,
            metavar="N",
            default=_processes(),
            help="how many write at once (%(default)s)",
        )
        parser.add_argument("--into-live", action="store_true", help="even on a desk with real cases")

    def run(self, form: Format, file: Path, options: dict) -> None:
        """Replay, and leave with a sentence and a code where that does not end well."""
        quiet = options["json"] or not sys.stderr.isatty()
        teller = _Lines(self.stderr) if quiet else _Bar(self.stderr)
        try:
            with teller:
                figures = replay(
                    file,
                    teller,
                    form=form,
                    limit=options["limit"],
                    into_live=options["into_live"],
                    processes=options["processes"],
                )
        except (BadFile, NotHere) as refusal:
            self._leave(str(refusal), REFUSED)
        except Interrupted as stop:
            self._leave(str(stop), INTERRUPTED)
        except KeyboardInterrupt:
            self._leave("Stopped before anything was written.", INTERRUPTED)
        self.stdout.write(json.dumps(figures) if options["json"] else self.in_words(figures))

    def in_words(self, figures: dict) -> str:
        """The figures for people."""
        raise NotImplementedError

    def _leave(self, sentence: str, code: int) -> None:
        self.stderr.write(sentence)
        sys.exit(code)


class ConversationsCommand(ReplayCommand):
    """Replays what people wrote to each other."""

    def in_words(self, figures: dict) -> str:
        return (
            f"{figures['cases']:,} cases of {figures['customers']:,} customers with {figures['messages']:,} messages"
            f" in {figures['seconds']:,} s; {figures['skipped']:,} rows skipped.\n"
            f"Promises: {named(figures['promises'])}.\n"
            f"Flags: {named(figures['flags'])}."
        )


def named(counts: dict[str, int]) -> str:
    """``544 made, 245 kept``."""
    return ", ".join(f"{number:,} {what.replace('_', ' ')}" for what, number in counts.items())


class _Lines:
    """Says now and then how far it is."""

    def __init__(self, stderr):
        self._stderr = stderr
        self._skipped = 0
        self._begun = self._told = time.monotonic()
        self._rows = self._done = 0

    def __enter__(self):
        return self

    def __exit__(self, *failure) -> None:
        if self._skipped > _MOST_SKIPPED_TOLD:
            self._stderr.write(f"{self._skipped - _MOST_SKIPPED_TOLD:,} more rows are skipped.")

    def skipped(self, line: int, reason: str) -> None:
        self._skipped += 1
        if self._skipped <= _MOST_SKIPPED_TOLD:
            self._stderr.write(f"Row {line - 1} (line {line} of the file) is skipped: {reason}.")

    def read(self, cases: int, rows: int) -> None:
        self._rows, self._begun = rows, time.monotonic()

    def replayed(self, rows: int) -> None:
        self._done += rows
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = now
            rate = self._done / (now - self._begun)
            left = (self._rows - self._done) / rate
            self._stderr.write(
                f"{self._done:,} of {self._rows:,} rows, {rate:,.0f} rows a second, {left:,.0f} seconds left."
            )


class _Bar(_Lines):
    """Draws a bar with rate and time left."""

    def __init__(self, stderr):
        super().__init__(stderr)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task("Reading", total=None, rate="")

    def __enter__(self):
        self._progress.start()
        return self

    def __exit__(self, *failure) -> None:
        self._progress.stop()
        super().__exit__(*failure)

    def read(self, cases: int, rows: int) -> None:
        super().read(cases, rows)
        self._progress.reset(self._task, total=rows, description=f"Replaying {cases:,} cases")

    def replayed(self, rows: int) -> None:
        self._done += rows
        rate = self._done / (time.monotonic() - self._begun)
        self._progress.update(self._task, completed=self._done, rate=f"{rate:,.0f} rows/s")


def _processes() -> int:
    """One for each processor, but few enough to stay under 400 MB together."""
    return min(3, os.cpu_count() or 1)


def positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ArgumentTypeError("a number, at least 1")
    return int(text)
