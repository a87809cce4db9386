"""``manage.py erasures``: the list of what was taken out for good, and doing it again after a restore."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from supportdesk.privacy import again


class Command(BaseCommand):
    help = "Print what was taken out for good, a line of JSON for each; with --again do what a list says once more."

    def add_arguments(self, parser):
        parser.add_argument("--again", type=Path, metavar="FILE", help="take out once more what this list names")

    def handle(self, *, again: Path | None, **options):
        if again is None:
            for line in _list():
                self.stdout.write(line)
            return
        self.stdout.write(_said(_repeat(again)))


def _list():
    return again.lines()


def _repeat(file: Path) -> int:
    try:
        return again.do_again(file.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError) as wrong:
        raise CommandError(f"{file} cannot be read as a list of erasures: {wrong}", returncode=2) from wrong


def _said(done: int) -> str:
    return (
        "Nothing had come back." if not done else f"{done} {'erasure was' if done == 1 else 'erasures were'} repeated."
    )
