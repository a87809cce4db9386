"""``manage.py replay``: years of real companies' incidents through the desk's own verbs."""

from __future__ import annotations

from pathlib import Path

from supportdesk.replay import bpi2013, bpi2014, helpdesk, uci
from supportdesk.replay.command import ReplayCommand, named

LOGS = {log.name: log for log in (uci.LOG, bpi2013.LOG, bpi2014.LOG, helpdesk.LOG)}


class Command(ReplayCommand):
    help = (
        "Replay a log of incidents through the desk's own rules, at the log's own times. What is there already stays: "
        "an interrupted replay goes on when it is started again."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        titles = "; ".join(f"{name}: {log.title}" for name, log in LOGS.items())
        parser.add_argument("--format", required=True, choices=LOGS, help=titles)

    def handle(self, *args, file: Path, **options) -> None:
        self.run(LOGS[options["format"]], file, options)

    def in_words(self, figures: dict) -> str:
        return (
            f"{figures['cases']:,} cases from {figures['events']:,} rows, {figures['events_applied']:,} of them written"
            f" now in {figures['seconds']:,} s ({figures['events_per_second']:,} rows a second,"
            f" {figures['peak_rss_mb']} MB); {figures['skipped_lines']:,} rows skipped.\n"
            f"People: {figures['customers']:,} customers, {figures['agents']:,} agents of"
            f" {figures['departments']:,} departments.\n"
            f"Sub-tasks: {figures['subtasks']:,}, hand-offs {figures['handoffs']:,}.\n"
            f"Closed: {figures['closed_no_answer']:,} as no answer, {figures['closed_by_override']:,} by override;"
            f" {figures['reopened']:,} cases were reopened.\n"
            f"Promises: {named(figures['promises'])}.\n"
            f"Flags: {named(figures['flags'])}.\n"
            f"Owners changed: {figures['owner_changes']:,}; cases without owner: {figures['cases_without_owner']:,}."
        )
